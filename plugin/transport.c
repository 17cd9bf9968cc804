// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The host's transport.

#include "transport.h"

#include <string.h>

/// Differences from the own clock, in ticks: below the first the own clock is the better one; below the second the host's
/// place is taken over without a jump (its tempo was rounded); below the third too, if its tempo or metre has just changed
/// (some hosts tell so only in the next block); anything more is a locate.
static const double JITTER = 0.25;
static const double DRIFT = 1.5;
static const double CHANGE = 6.0;

/// Bounds of what is believed.
static const double BAR_MOST = 1e9;
static const double BPM_LEAST = 1.0;
static const double BPM_MOST = 2000.0;
static const double SKIP_SECONDS_MOST = 0.5;

/// The properties of one position that were there and made sense.
struct fields {
  bool has_bar, has_bar_beat, has_bpm, has_speed, has_beats_per_bar, has_beat_unit, has_frame;
  double bar, bar_beat, bpm, speed, beats_per_bar, beat_unit, frame;
};

/// Read any number atom; false if it is none, or not finite.
static bool
read_number(const struct uris *const uris, const LV2_Atom *const atom, double *const number) REALTIME
{
  if (atom->type == uris->atom_int && atom->size >= sizeof(int32_t)) {
    *number = ((const LV2_Atom_Int *)atom)->body;
  } else if (atom->type == uris->atom_long && atom->size >= sizeof(int64_t)) {
    *number = (double)((const LV2_Atom_Long *)atom)->body;
  } else if (atom->type == uris->atom_float && atom->size >= sizeof(float)) {
    *number = ((const LV2_Atom_Float *)atom)->body;
  } else if (atom->type == uris->atom_double && atom->size >= sizeof(double)) {
    *number = ((const LV2_Atom_Double *)atom)->body;
  } else {
    return false;
  }
  return *number - *number == 0.0;
}

static bool
within(const double value, const double least, const double most) REALTIME
{
  return value >= least && value <= most;
}

static void
read_field(struct fields *const fields, const struct uris *const uris, const LV2_Atom_Property_Body *const property)
    REALTIME
{
  double number = 0.0;
  if (!read_number(uris, &property->value, &number)) {
    return;
  }
  if (property->key == uris->time_bar && within(number, -BAR_MOST, BAR_MOST)) {
    fields->has_bar = true;
    fields->bar = number;
  } else if (property->key == uris->time_bar_beat && within(number, -BAR_MOST, BAR_MOST)) {
    fields->has_bar_beat = true;
    fields->bar_beat = number;
  } else if (property->key == uris->time_beats_per_minute && within(number, BPM_LEAST, BPM_MOST)) {
    fields->has_bpm = true;
    fields->bpm = number;
  } else if (property->key == uris->time_speed) {
    fields->has_speed = true;
    fields->speed = number;
  } else if (property->key == uris->time_beats_per_bar && number > 0.0) {
    fields->has_beats_per_bar = true;
    fields->beats_per_bar = number;
  } else if (property->key == uris->time_beat_unit && number > 0.0) {
    fields->has_beat_unit = true;
    fields->beat_unit = number;
  } else if (property->key == uris->time_frame) {
    fields->has_frame = true;
    fields->frame = number;
  }
}

static void
read_fields(struct fields *const fields, const struct uris *const uris, const LV2_Atom_Object *const position) REALTIME
{
  *fields = (struct fields){.has_bar = false};
  LV2_ATOM_OBJECT_FOREACH(position, property)
  {
    read_field(fields, uris, property);
  }
}

/// Ticks per second that the clock must run at in bars of `metre`.
static double
tempo_of(const struct transport *const transport, const struct metre metre) REALTIME
{
  if (!(transport->speed > 0.0)) {
    return 0.0;
  }
  const double ticks_per_minute =
      transport->bpm > 0.0 ? transport->bpm * metre_beat_ticks(metre) : transport->own_bpm * TICKS_PER_QUARTER;
  return ticks_per_minute / 60.0 * (transport->speed < 16.0 ? transport->speed : 16.0);
}

void
transport_init(struct transport *const transport, const double frames_per_second) REALTIME
{
  *transport = (struct transport){.own_bpm = 120.0, .beats_per_bar = 4.0, .beat_unit = 4.0};
  clock_init(&transport->clock, frames_per_second);
}

void
transport_set_own_tempo(struct transport *const transport, const double bpm) REALTIME
{
  transport->own_bpm = bpm;
  clock_set_tempo(&transport->clock, tempo_of(transport, transport->clock.metre));
}

/// Where `fields` says that the song is: fills `bar` and `tick` in a bar of `metre`.
static void
host_place(const struct fields *const fields,
           const struct clock *const clock,
           const struct metre metre,
           int64_t *const bar,
           double *const tick) REALTIME
{
  const double length = metre_bar_ticks(metre);
  *tick = fields->has_bar_beat ? fields->bar_beat * metre_beat_ticks(metre) : 0.0;
  if (fields->has_bar) {
    const int64_t truncated = (int64_t)fields->bar;
    *bar = (double)truncated > fields->bar ? truncated - 1 : truncated;
  } else {
    // Without a bar number, the bar in which the place is nearest to where we are
    const double away = clock_bar_tick(clock) - *tick;
    *bar = clock->bar + (away > length / 2.0 ? 1 : away < -length / 2.0 ? -1 : 0);
  }
  // A beat beyond the bar (metres that we can only come near to) belongs to the next one
  if (*tick >= length) {
    const int64_t bars = (int64_t)(*tick / length);
    *bar += bars;
    *tick -= (double)bars * length;
  }
  if (*tick < 0.0) {
    *tick = 0.0;
  }
}

/// The ticks of the frames that the host has skipped since its last position, 0 if it has skipped none.
static double
skipped_ticks(const struct transport *const transport, const struct fields *const fields) REALTIME
{
  const struct clock *const clock = &transport->clock;
  if (!transport->has_frame || !fields->has_frame || !clock_is_rolling(clock)) {
    return 0.0;
  }
  const double passed = (double)(clock->now - transport->frame_now) * transport->frame_speed;
  const double seconds = (fields->frame - transport->frame - passed) / clock->frames_per_second;
  return seconds > 0.0 && seconds < SKIP_SECONDS_MOST ? seconds * clock->ticks_per_second : 0.0;
}

/// Remember the host's frame, to see whether it skips any.
static void
note_frame(struct transport *const transport, const struct fields *const fields) REALTIME
{
  transport->has_frame = fields->has_frame && clock_is_rolling(&transport->clock);
  transport->frame = fields->frame;
  transport->frame_now = transport->clock.now;
  transport->frame_speed = transport->speed;
}

/// Bring the clock to the host's place; true if that was a jump.
static bool
follow_place(struct transport *const transport,
             const struct fields *const fields,
             const struct metre metre,
             const bool changing) REALTIME
{
  struct clock *const clock = &transport->clock;
  int64_t bar = 0;
  double tick = 0.0;
  host_place(fields, clock, metre, &bar, &tick);

  double ahead = (double)(bar - clock->bar) * metre_bar_ticks(clock->metre) + tick - clock_bar_tick(clock);
  const double skipped = skipped_ticks(transport, fields);
  const bool is_stale = skipped > 0.0 && ahead > -skipped / 2.0 && ahead < skipped / 2.0;
  if (is_stale) {
    ahead += skipped;
    tick += skipped;
  }
  const double distance = ahead < 0.0 ? -ahead : ahead;
  if (!transport->known || distance > (changing ? CHANGE : DRIFT)) {
    transport->known = true;
    clock_locate(clock, bar, tick, metre);
    return true;
  }
  if (changing || is_stale || distance > JITTER || !clock_is_rolling(clock)) {
    clock_adjust(clock, bar, tick);
  }
  return false;
}

unsigned
transport_update(struct transport *const transport,
                 const struct uris *const uris,
                 const LV2_Atom_Object *const position) REALTIME
{
  struct fields fields;
  read_fields(&fields, uris, position);

  struct clock *const clock = &transport->clock;
  const bool was_rolling = clock_is_rolling(clock);
  transport->speed = fields.has_speed ? fields.speed : transport->speed;
  transport->bpm = fields.has_bpm ? fields.bpm : transport->bpm;
  transport->beats_per_bar = fields.has_beats_per_bar ? fields.beats_per_bar : transport->beats_per_bar;
  transport->beat_unit = fields.has_beat_unit ? fields.beat_unit : transport->beat_unit;

  const struct metre metre = metre_make(transport->beats_per_bar, transport->beat_unit);
  const bool metre_changes = !metre_equals(metre, clock->metre);
  const double tempo = tempo_of(transport, metre);

  unsigned changes = 0;
  if (fields.has_bar || fields.has_bar_beat) {
    const bool changing = metre_changes || tempo != clock->ticks_per_second;
    changes |= follow_place(transport, &fields, metre, changing) ? TRANSPORT_LOCATED : 0U;
  }
  clock_set_metre(clock, metre);
  clock_set_tempo(clock, tempo);
  note_frame(transport, &fields);
  const bool rolls = clock_is_rolling(clock);
  changes |= rolls && !was_rolling ? TRANSPORT_STARTED : 0U;
  changes |= was_rolling && !rolls ? TRANSPORT_STOPPED : 0U;
  return changes;
}
