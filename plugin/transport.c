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

/// What is measured of the host's tempo: ticks that have to pass for its rounding to be small, how far from a note value is
/// still the same, and the values.
static const double MEASURE_TICKS = 0.25;
static const double MEASURE_SLACK = 0.1;
static const double NOTE_VALUES[] = {6.0, 9.0, 12.0, 18.0, 24.0, 36.0, 48.0, 72.0, 96.0};

/// Bounds of what is believed.
static const double BAR_MOST = 1e9;
static const double BPM_LEAST = 1.0;
static const double BPM_MOST = 2000.0;
static const double SPEED_LEAST = 1e-3; // Slower is standing
static const double SPEED_MOST = 16.0;
static const double SKIP_SECONDS_MOST = 0.5;
static const double MEASURE_SECONDS_MOST = 0.5;

/// The properties of one position that were there and made sense.
struct fields {
  bool is_ardour, has_bar, has_bar_beat, has_bpm, has_speed, has_beats_per_bar, has_beat_unit, has_frame;
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

static double
distance(const double a, const double b) REALTIME
{
  return a < b ? b - a : a - b;
}

/// Whole part of `value`, towards minus infinity.
static double
whole_below(const double value) REALTIME
{
  const int64_t truncated = (int64_t)value;
  return (double)truncated > value ? (double)truncated - 1.0 : (double)truncated;
}

static void
read_field(struct fields *const fields, const struct uris *const uris, const LV2_Atom_Property_Body *const property)
    REALTIME
{
  double number = 0.0;
  if (property->key == uris->ardour_scale) {
    fields->is_ardour = true;
  }
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

/// Ticks of the note that the host's tempo counts.
static double
counted_ticks(const struct transport *const transport, const struct metre metre) REALTIME
{
  if (transport->counted > 0.0) {
    return transport->counted;
  }
  return transport->in_quarters ? TICKS_PER_QUARTER : metre_beat_ticks(metre);
}

/// Ticks per second that the clock must run at in bars of `metre`.
static double
tempo_of(const struct transport *const transport, const struct metre metre) REALTIME
{
  if (!(transport->speed >= SPEED_LEAST)) {
    return 0.0;
  }
  const double ticks_per_minute =
      transport->bpm > 0.0 ? transport->bpm * counted_ticks(transport, metre) : transport->own_bpm * TICKS_PER_QUARTER;
  return ticks_per_minute / 60.0 * (transport->speed < SPEED_MOST ? transport->speed : SPEED_MOST);
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

/// Notice a host that tells parts of beats in quarters, and one that can't, as they are longer than a beat.
static void
note_quarters(struct transport *const transport, const struct fields *const fields, const struct metre metre) REALTIME
{
  const double part = fields->bar_beat - whole_below(fields->bar_beat);
  if (fields->is_ardour && fields->has_bar_beat && part * TICKS_PER_QUARTER > metre_beat_ticks(metre) + JITTER) {
    transport->in_beats = true;
  }
  transport->is_ardour = fields->is_ardour;
  transport->in_quarters = fields->is_ardour && !transport->in_beats;
}

/// Ticks of a bar of `metre` at which the host says that it is. In quarters, a place past the middle of a half note is also
/// one in the note after it: then that is taken which is nearer to the clock, if that is rolling.
static double
host_tick(const struct transport *const transport, const struct fields *const fields, const struct metre metre) REALTIME
{
  const double beat_ticks = metre_beat_ticks(metre);
  if (!transport->in_quarters || fields->bar_beat < 0.0) {
    return fields->bar_beat * beat_ticks;
  }
  const double here = clock_bar_tick(&transport->clock);
  double tick = 0.0;
  for (int64_t beat = (int64_t)fields->bar_beat, first = beat; beat >= 0; --beat) {
    const double part = (fields->bar_beat - (double)beat) * TICKS_PER_QUARTER;
    const double place = (double)beat * beat_ticks + part;
    if (beat != first && (part >= beat_ticks || !clock_is_rolling(&transport->clock))) {
      break;
    }
    tick = beat == first || distance(place, here) < distance(tick, here) ? place : tick;
  }
  return tick;
}

/// Where `fields` says that the song is: fills `bar` and `tick` in a bar of `metre`.
static void
host_place(const struct transport *const transport,
           const struct fields *const fields,
           const struct metre metre,
           int64_t *const bar,
           double *const tick) REALTIME
{
  const struct clock *const clock = &transport->clock;
  const double length = metre_bar_ticks(metre);
  *tick = fields->has_bar_beat ? host_tick(transport, fields, metre) : 0.0;
  if (fields->has_bar) {
    *bar = (int64_t)whole_below(fields->bar);
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

/// The host's frames from its last position to this one that did not pass at its speed: 0 if it did not jump.
static double
jumped_frames(const struct transport *const transport, const struct fields *const fields) REALTIME
{
  const double passed = (double)(transport->clock.now - transport->frame_now) * transport->frame_speed;
  return fields->frame - transport->frame - passed;
}

/// The ticks of the frames that the host has skipped since its last position, 0 if it has skipped none.
static double
skipped_ticks(const struct transport *const transport, const struct fields *const fields) REALTIME
{
  const struct clock *const clock = &transport->clock;
  if (!transport->has_frame || !fields->has_frame || !clock_is_rolling(clock)) {
    return 0.0;
  }
  const double seconds = jumped_frames(transport, fields) / clock->frames_per_second;
  return seconds > 0.0 && seconds < SKIP_SECONDS_MOST ? seconds * clock->ticks_per_second : 0.0;
}

/// Note value nearest to `ticks`, or 0 if none is near.
static double
note_value(const double ticks) REALTIME
{
  for (size_t i = 0; i < sizeof NOTE_VALUES / sizeof NOTE_VALUES[0]; ++i) {
    if (within(ticks / NOTE_VALUES[i], 1.0 - MEASURE_SLACK, 1.0 + MEASURE_SLACK)) {
      return NOTE_VALUES[i];
    }
  }
  return 0.0;
}

/// Whether the host has rolled on from the anchor to this position without a jump, in one metre.
static bool
goes_on(const struct transport *const transport, const struct fields *const fields, const struct metre metre) REALTIME
{
  const struct transport_anchor *const anchor = &transport->anchor;
  const double seconds = (fields->frame - anchor->frame) / transport->clock.frames_per_second;
  return anchor->is_set && transport->has_frame && within(seconds, 0.0, MEASURE_SECONDS_MOST) &&
         within(jumped_frames(transport, fields), -0.5, 0.5) && metre_equals(metre, transport->clock.metre);
}

/// Measure which note the host's tempo counts, from the anchor to this position; true if it is another one than was thought,
/// for the second time: once might be a jump in a host whose frames do not.
static bool
measure_counted(struct transport *const transport, const struct fields *const fields, const struct metre metre) REALTIME
{
  struct transport_anchor *const anchor = &transport->anchor;
  if (!fields->has_frame || !fields->has_bar || !fields->has_bar_beat || !(transport->bpm > 0.0)) {
    anchor->is_set = false;
    return false;
  }
  struct transport_anchor here = {.is_set = true, .frame = fields->frame, .bpm = transport->bpm};
  host_place(transport, fields, metre, &here.bar, &here.tick);

  bool is_other = false;
  if (goes_on(transport, fields, metre)) {
    const double minutes = (here.frame - anchor->frame) / transport->clock.frames_per_second / 60.0;
    const double counted = counted_ticks(transport, metre);
    const double expected = minutes * anchor->bpm * counted;
    const double passed = (double)(here.bar - anchor->bar) * metre_bar_ticks(metre) + here.tick - anchor->tick;
    if (expected < MEASURE_TICKS && passed < MEASURE_TICKS) {
      return false;
    }
    here.counted = note_value(counted * passed / expected);
    is_other = here.counted > 0.0 && here.counted != counted && here.counted == anchor->counted;
    if (is_other) {
      transport->counted = 0.0;
      transport->counted = here.counted == counted_ticks(transport, metre) ? 0.0 : here.counted;
    }
  }
  *anchor = here;
  return is_other;
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

/// Bring the clock to the host's place; true if that was a jump, that is further than `tolerance` ticks.
static bool
follow_place(struct transport *const transport,
             const struct fields *const fields,
             const struct metre metre,
             const double tolerance) REALTIME
{
  struct clock *const clock = &transport->clock;
  int64_t bar = 0;
  double tick = 0.0;
  host_place(transport, fields, metre, &bar, &tick);

  double ahead = (double)(bar - clock->bar) * metre_bar_ticks(clock->metre) + tick - clock_bar_tick(clock);
  const double skipped = skipped_ticks(transport, fields);
  const bool is_stale = skipped > 0.0 && ahead > -skipped / 2.0 && ahead < skipped / 2.0;
  if (is_stale) {
    ahead += skipped;
    tick += skipped;
  }
  const double away = distance(ahead, 0.0);
  if (!transport->known || away > tolerance) {
    transport->known = true;
    clock_locate(clock, bar, tick, metre);
    return true;
  }
  if (tolerance > DRIFT || is_stale || away > JITTER || !clock_is_rolling(clock)) {
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
  note_quarters(transport, &fields, metre);
  const bool was_wrong = measure_counted(transport, &fields, metre);
  const double tempo = tempo_of(transport, metre);

  unsigned changes = 0;
  if (fields.has_bar || fields.has_bar_beat) {
    const bool changing = metre_changes || tempo != clock->ticks_per_second;
    const double tolerance = was_wrong ? BAR_MOST : changing ? CHANGE : DRIFT;
    changes |= follow_place(transport, &fields, metre, tolerance) ? TRANSPORT_LOCATED : 0U;
  }
  clock_set_metre(clock, metre);
  clock_set_tempo(clock, tempo);
  note_frame(transport, &fields);
  const bool rolls = clock_is_rolling(clock);
  changes |= rolls && !was_rolling ? TRANSPORT_STARTED : 0U;
  changes |= was_rolling && !rolls ? TRANSPORT_STOPPED : 0U;
  return changes;
}
