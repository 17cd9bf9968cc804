// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "schedule.h"

#include "engine/random.h"

#include <stdlib.h>
#include <string.h>

// Shares of playings (per pass and stream) in which a condition is left free, so that any can be left open in composing
static const float free_style = 0.15F;
static const float free_key = 0.3F;
static const float free_density = 0.4F;
static const float free_metre = 0.2F;

static const uint32_t NOTHING = UINT32_MAX;

// How far an input event may be wrong in training, in semitones and in classes of duration
enum { WRONG_PITCH = 12, WRONG_DURATION = 3 };

// What random numbers are drawn for
enum {
  DRAW_ORDER = 1,
  DRAW_PLAYING,
  DRAW_PASS,
  DRAW_COLD,
  DRAW_WRONG,
  DRAW_STUTTER,
  DRAW_FOLD,
  DRAW_ALTER,
  DRAW_STYLE
};

enum status
schedule_new(const struct corpus *const corpus,
             const uint8_t *const held,
             const uint8_t want,
             const size_t streams,
             const uint64_t seed,
             const bool training,
             struct schedule *const schedule,
             struct error *const error)
{
  *schedule = (struct schedule){
      .corpus = corpus,
      .training = training,
      .seed = seed,
      .pieces = calloc(corpus->piece_count + 1, sizeof(uint32_t)),
      .stream_count = streams,
      .streams = calloc(streams, sizeof(struct schedule_stream)),
  };
  if (!schedule->pieces || !schedule->streams) {
    schedule_free(schedule);
    return error_set(error, STATUS_NO_MEMORY, "no memory for a schedule of %zu pieces", corpus->piece_count);
  }
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    if (!held || held[i] == want) {
      schedule->pieces[schedule->count++] = (uint32_t)i;
    }
  }
  for (size_t i = 0; i < streams; ++i) {
    schedule->streams[i].piece = NOTHING;
  }
  schedule->next = training ? schedule->count : 0;
  return STATUS_SUCCESS;
}

void
schedule_free(struct schedule *const schedule)
{
  free(schedule->pieces);
  free(schedule->streams);
  memset(schedule, 0, sizeof(*schedule));
}

static int
compare_indices(const void *const a, const void *const b)
{
  const uint32_t x = *(const uint32_t *)a;
  const uint32_t y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

// A new epoch: the same pieces in an order that depends on seed and epoch alone (Fisher and Yates, from sorted order).
static void
shuffle(struct schedule *const schedule)
{
  const uint64_t key = random_key(random_key(schedule->seed, DRAW_ORDER), ++schedule->epoch);
  qsort(schedule->pieces, schedule->count, sizeof(uint32_t), compare_indices);
  for (size_t i = schedule->count; i > 1; --i) {
    const uint32_t j = random_below(key, i, (uint32_t)i);
    const uint32_t swapped = schedule->pieces[i - 1];
    schedule->pieces[i - 1] = schedule->pieces[j];
    schedule->pieces[j] = swapped;
  }
  schedule->next = 0;
}

// A transposition of -6 to 5 semitones that keeps the piece on the piano, by an octave the other way where it must be.
static int
draw_transposition(const struct piece *const piece, const uint64_t key)
{
  uint8_t low = PITCH_HIGHEST;
  uint8_t high = PITCH_LOWEST;
  for (uint32_t i = 0; i < piece->count; ++i) {
    low = piece->events[i].pitch < low ? piece->events[i].pitch : low;
    high = piece->events[i].pitch > high ? piece->events[i].pitch : high;
  }
  int semitones = (int)random_below(key, 0, 12) - 6;
  if (semitones < 0 && low + semitones < PITCH_LOWEST) {
    semitones += 12;
  } else if (semitones > 0 && high + semitones > PITCH_HIGHEST) {
    semitones -= 12;
  }
  return low + semitones < PITCH_LOWEST || high + semitones > PITCH_HIGHEST ? 0 : semitones;
}

// Return whether this playing of the stream's piece is altered.
static bool
is_altered(const struct schedule *const schedule, const struct schedule_stream *const stream)
{
  return schedule->training && random_uniform(random_key(stream->key, DRAW_ALTER), 0) < schedule->alter;
}

// Pitch of an event as it is played: transposed, and in an altered playing a semitone higher or lower for half of the pitch
// classes, the same all through. What comes back comes back as it was, but it can't be known by heart.
static uint8_t
played_pitch(const struct schedule *const schedule, const struct schedule_stream *const stream, const uint8_t pitch)
{
  static const int alterations[] = {-1, 0, 0, 1};
  const int played = pitch + stream->semitones;
  if (!is_altered(schedule, stream)) {
    return (uint8_t)played;
  }
  const uint64_t key = random_key(random_key(stream->key, DRAW_ALTER), 1);
  const int altered = played + alterations[random_below(key, (uint64_t)(played % 12), 4)];
  return (uint8_t)(altered < PITCH_LOWEST || altered > PITCH_HIGHEST ? played : altered);
}

// Let a stream that has come to an end begin its next piece, if there is one.
static void
begin_piece(struct schedule *const schedule, struct schedule_stream *const stream)
{
  if (schedule->next == schedule->count && schedule->training) {
    shuffle(schedule);
  }
  if (schedule->next == schedule->count) {
    stream->piece = NOTHING;
    return;
  }
  const uint64_t playing = random_key(random_key(schedule->seed, DRAW_PLAYING), schedule->epoch);
  stream->key = random_key(playing, schedule->next);
  stream->piece = schedule->pieces[schedule->next++];
  stream->event = 0;
  stream->origin = 0;
  stream->heard_bar = 0;
  stream->stutter = (struct stutter){0};
  stream->semitones =
      schedule->training ? draw_transposition(&schedule->corpus->pieces[stream->piece], stream->key) : 0;
}

// Conditions of one pass of one stream, for the classes of `piece`; density and metre are 1 where they are to be told.
static struct conditions
draw_conditions(const struct schedule *const schedule, const struct schedule_stream *const stream, const uint64_t key)
{
  const struct piece *const piece = &schedule->corpus->pieces[stream->piece];
  const struct conditions told = {
      .style = (uint8_t)(piece->style + 1),
      .key = key_transpose(piece->key, stream->semitones),
      .density = 0,
      .metre = 1,
  };
  if (!schedule->training) {
    return told;
  }
  return (struct conditions){
      .style = random_uniform(key, 1) < free_style ? 0 : told.style,
      .key = random_uniform(key, 2) < free_key ? 0 : told.key,
      .density = random_uniform(key, 3) >= free_density,
      .metre = random_uniform(key, 4) >= free_metre,
  };
}

static void
fill_nothing(struct batch *const batch, const size_t row)
{
  for (int i = 0; i < BATCH_INPUTS; ++i) {
    batch->inputs[i][row] = BATCH_NONE;
  }
  for (int field = 0; field < FIELD_COUNT; ++field) {
    batch->targets[field][row] = BATCH_NONE;
  }
  batch->bars[row] = 0;
  batch->slot_bars[row] = 0;
  batch->events[row] = UINT32_MAX;
}

// What the network is told that came before. Composing, it will hear its own mistakes, so in training it hears some: now and
// then an event's pitch, duration and hand are not those that were played.
static struct event
heard_event(const struct schedule *const schedule,
            const struct schedule_stream *const stream,
            const struct piece *const piece,
            const uint32_t index)
{
  struct event event = piece->events[index];
  int pitch = played_pitch(schedule, stream, event.pitch);
  const uint64_t key = random_key(random_key(stream->key, DRAW_WRONG), index);
  if (schedule->training && random_uniform(key, 0) < schedule->noise) {
    const int duration =
        (int)duration_class(event.duration) + (int)random_below(key, 1, 2 * WRONG_DURATION + 1) - WRONG_DURATION;
    const int wrong = pitch + (int)random_below(key, 2, 2 * WRONG_PITCH + 1) - WRONG_PITCH;
    pitch = wrong < PITCH_LOWEST || wrong > PITCH_HIGHEST ? pitch : wrong;
    event.duration = duration_ticks((unsigned)(duration < 0                  ? 0
                                               : duration < DURATION_CLASSES ? duration
                                                                             : DURATION_CLASSES - 1));
    event.hand = event.hand == HAND_UNTOLD ? HAND_UNTOLD : (uint8_t)random_below(key, 3, HAND_CLASSES);
  }
  event.pitch = (uint8_t)pitch;
  return event;
}

static void
fill_input(const struct schedule *const schedule,
           const struct schedule_stream *const stream,
           struct batch *const batch,
           const size_t row,
           const struct piece *const piece,
           const uint32_t target,
           const struct conditions conditions)
{
  for (int table = TENSOR_EMBED_HAND; table <= TENSOR_EMBED_START; ++table) {
    batch->inputs[table][row] = BATCH_NONE;
  }
  if (target == stream->origin) {
    batch->inputs[TENSOR_EMBED_START][row] = 0;
  } else {
    const struct event event = heard_event(schedule, stream, piece, stutter_heard(&stream->stutter, target));
    for (int field = 0; field < FIELD_COUNT; ++field) {
      batch->inputs[TENSOR_EMBED_HAND + field][row] = (uint16_t)event_class(&event, (enum field)field);
    }
  }
  uint16_t tick = 0;
  batch->bars[row] = (int32_t)stutter_place(&stream->stutter, piece, target, &tick);
  batch->slot_bars[row] = (int32_t)stream->heard_bar;
  const struct place place = place_make(piece->metres[target], tick);
  batch->inputs[TENSOR_PLACE_TICK][row] = place.tick;
  batch->inputs[TENSOR_PLACE_BEAT][row] = place.beat;
  batch->inputs[TENSOR_PLACE_LENGTH][row] = place.length;
  batch->inputs[TENSOR_CONDITION_STYLE][row] = conditions.style;
  batch->inputs[TENSOR_CONDITION_KEY][row] = conditions.key;
  batch->inputs[TENSOR_CONDITION_DENSITY][row] = conditions.density ? piece->densities[target] : 0;
  batch->inputs[TENSOR_CONDITION_METRE][row] = conditions.metre ? metre_class(piece->metres[target]) : 0;
}

static void
fill_target(struct batch *const batch,
            const size_t row,
            const struct piece *const piece,
            const uint32_t target,
            const uint8_t pitch)
{
  struct event event = piece->events[target];
  event.pitch = pitch;
  for (int field = 0; field < FIELD_COUNT; ++field) {
    const unsigned value = event_class(&event, (enum field)field);
    batch->targets[field][row] = value < field_classes((enum field)field) ? (uint16_t)value : BATCH_NONE;
  }
  batch->events[row] = target;
}

// Sections of the plugin begin anywhere, so in training music does too: at some passes that happen to begin on a beat, the
// stream forgets all that came before. Not in an altered playing, which is there to be remembered.
static bool
begins_cold(const struct schedule *const schedule, const struct schedule_stream *const stream, const uint64_t key)
{
  const struct piece *const piece = &schedule->corpus->pieces[stream->piece];
  const uint32_t event = stream->event;
  return schedule->training && !is_altered(schedule, stream) && event > 0 && event < piece->count &&
         piece->events[event - 1].advance > 0 && piece->ticks[event] % metre_beat_ticks(piece->metres[event]) == 0 &&
         random_uniform(random_key(key, DRAW_COLD), 0) < schedule->cold;
}

// Return whether the stream's next event is learned from. Some playings leave verbatim repeats out; altered ones leave all
// else out, for nobody wrote it so.
static bool
teaches(const struct schedule *const schedule,
        const struct schedule_stream *const stream,
        const struct piece *const piece)
{
  if (stutter_is_on(&stream->stutter)) {
    return false;
  }
  const bool repeats = piece->repeats[stream->event];
  if (is_altered(schedule, stream)) {
    return repeats;
  }
  return !repeats || random_uniform(random_key(stream->key, DRAW_FOLD), 0) >= schedule->fold;
}

// Perhaps go back from the event that would be next.
static void
stutter(const struct schedule *const schedule, struct schedule_stream *const stream, const struct piece *const piece)
{
  if (schedule->training && schedule->stutter > 0.0F) {
    const uint64_t key = random_key(random_key(stream->key, DRAW_STUTTER), stream->event);
    stream->event = stutter_begin(&stream->stutter, piece, stream->origin, stream->event, schedule->stutter, key);
  }
}

static void
fill_stream(struct schedule *const schedule,
            struct schedule_stream *const stream,
            struct batch *const batch,
            const size_t b)
{
  if (stream->piece == NOTHING || stream->event >= schedule->corpus->pieces[stream->piece].count) {
    begin_piece(schedule, stream);
  }
  const uint64_t key = random_key(random_key(stream->key, DRAW_PASS), stream->event);
  if (stream->piece != NOTHING && begins_cold(schedule, stream, key)) {
    stream->origin = stream->event;
    stutter_end(&stream->stutter, &schedule->corpus->pieces[stream->piece], stream->event);
  }
  batch->keys[b] = key;
  batch->resets[b] = stream->piece == NOTHING || stream->event == stream->origin;
  const struct piece *const piece = stream->piece == NOTHING ? NULL : &schedule->corpus->pieces[stream->piece];
  const struct conditions conditions = piece ? draw_conditions(schedule, stream, key) : (struct conditions){0};
  for (size_t t = 0; t < batch->steps; ++t) {
    const size_t row = t * batch->streams + b;
    if (!piece || stream->event >= piece->count) {
      fill_nothing(batch, row);
      continue;
    }
    batch->pieces[row] = (uint16_t)stream->piece;
    stutter(schedule, stream, piece);
    fill_input(schedule, stream, batch, row, piece, stream->event, conditions);
    const uint8_t pitch = played_pitch(schedule, stream, piece->events[stream->event].pitch);
    fill_target(batch, row, piece, stream->event, pitch);
    if (!teaches(schedule, stream, piece)) {
      for (int field = 0; field < FIELD_COUNT; ++field) {
        batch->targets[field][row] = BATCH_NONE;
      }
    } else {
      ++batch->notes;
    }
    stream->heard_bar = (uint32_t)batch->bars[row];
    stream->event = stutter_next(&stream->stutter, piece, stream->event + 1);
  }
}

// Draw a style, as a condition, for a playing of `piece`: another than its own if there is another, each as likely as it has
// notes.
static uint16_t
draw_other_style(const struct schedule *const schedule, const uint32_t piece, const uint64_t key)
{
  const uint16_t own = schedule->corpus->pieces[piece].style;
  uint64_t notes = 0;
  for (size_t i = 0; i < schedule->count; ++i) {
    const struct piece *const other = &schedule->corpus->pieces[schedule->pieces[i]];
    notes += other->style == own ? 0 : other->count;
  }
  uint64_t left = notes ? random_below(key, DRAW_STYLE, notes < UINT32_MAX ? (uint32_t)notes : UINT32_MAX) : 0;
  for (size_t i = 0; notes && i < schedule->count; ++i) {
    const struct piece *const other = &schedule->corpus->pieces[schedule->pieces[i]];
    const uint64_t count = other->style == own ? 0 : other->count;
    if (left < count) {
      return (uint16_t)(other->style + 1);
    }
    left -= count;
  }
  return (uint16_t)(own + 1);
}

// Fill stream `b` with what the one before it hears, told another style wherever that is told its own.
static void
fill_twin(const struct schedule *const schedule,
          struct schedule_stream *const stream,
          struct batch *const batch,
          const size_t b)
{
  *stream = stream[-1];
  batch->keys[b] = batch->keys[b - 1];
  batch->resets[b] = batch->resets[b - 1];
  const uint16_t other = stream->piece == NOTHING ? 0 : draw_other_style(schedule, stream->piece, stream->key);
  for (size_t row = b; row < batch->steps * batch->streams; row += batch->streams) {
    for (int i = 0; i < BATCH_INPUTS; ++i) {
      batch->inputs[i][row] = batch->inputs[i][row - 1];
    }
    for (int field = 0; field < FIELD_COUNT; ++field) {
      batch->targets[field][row] = batch->targets[field][row - 1];
    }
    batch->bars[row] = batch->bars[row - 1];
    batch->slot_bars[row] = batch->slot_bars[row - 1];
    batch->events[row] = batch->events[row - 1];
    batch->pieces[row] = batch->pieces[row - 1];
    uint16_t *const style = &batch->inputs[TENSOR_CONDITION_STYLE][row];
    *style = *style && *style != BATCH_NONE ? other : *style;
  }
}

bool
schedule_next(struct schedule *const schedule, struct batch *const batches, const size_t batch_count)
{
  size_t stream = 0;
  size_t notes = 0;
  for (size_t i = 0; i < batch_count; ++i) {
    batches[i].notes = 0;
    batches[i].style_noise = schedule->training ? schedule->style_noise : 0.0F;
    batches[i].has_twins = schedule->training && schedule->twins;
    for (size_t b = 0; b < batches[i].streams && stream < schedule->stream_count; ++b, ++stream) {
      if (batches[i].has_twins && b % 2) {
        fill_twin(schedule, &schedule->streams[stream], &batches[i], b);
      } else {
        fill_stream(schedule, &schedule->streams[stream], &batches[i], b);
      }
    }
    notes += batches[i].notes;
  }
  ++schedule->passes;
  return notes > 0;
}

void
schedule_tell(const struct schedule *const schedule, struct schedule_place *const place)
{
  place->epoch = schedule->epoch;
  place->next = schedule->next;
  place->passes = schedule->passes;
  for (size_t i = 0; i < schedule->stream_count; ++i) {
    const struct schedule_stream *const stream = &schedule->streams[i];
    place->streams[i][0] = stream->piece;
    place->streams[i][1] = stream->event;
    place->streams[i][2] = stream->key;
    place->streams[i][3] = stream->origin;
    place->streams[i][4] = stream->stutter.first;
    place->streams[i][5] = stream->stutter.end;
    place->streams[i][6] = stream->stutter.left;
    place->streams[i][7] = stream->stutter.ticks;
    place->streams[i][8] = stream->stutter.shift;
    place->streams[i][9] = stream->stutter.bars;
    place->streams[i][10] = stream->heard_bar;
  }
}

// Whether a stream of this schedule can be there
static bool
stream_fits(const struct schedule *const schedule, const uint64_t values[SCHEDULE_STREAM_VALUES])
{
  if (values[0] == NOTHING) {
    return true;
  }
  bool listed = false;
  for (size_t i = 0; !listed && i < schedule->count; ++i) {
    listed = schedule->pieces[i] == values[0];
  }
  for (size_t i = 4; listed && i < SCHEDULE_STREAM_VALUES; ++i) {
    listed = values[i] <= UINT32_MAX;
  }
  return listed && values[1] <= schedule->corpus->pieces[values[0]].count && values[3] <= values[1] &&
         (!values[6] || (values[3] < values[4] && values[4] <= values[1] && values[1] < values[5]));
}

bool
schedule_go_to(struct schedule *const schedule, const struct schedule_place *const place)
{
  bool fits = place->next <= schedule->count;
  for (size_t i = 0; fits && i < schedule->stream_count; ++i) {
    fits = stream_fits(schedule, place->streams[i]);
  }
  if (!fits) {
    return false;
  }
  if (place->epoch) {
    schedule->epoch = place->epoch - 1;
    shuffle(schedule);
  }
  schedule->next = (size_t)place->next;
  schedule->passes = place->passes;
  for (size_t i = 0; i < schedule->stream_count; ++i) {
    const uint64_t *const values = place->streams[i];
    struct schedule_stream *const stream = &schedule->streams[i];
    *stream = (struct schedule_stream){
        .piece = (uint32_t)values[0],
        .event = (uint32_t)values[1],
        .key = values[2],
        .origin = (uint32_t)values[3],
        .stutter = {(uint32_t)values[4], (uint32_t)values[5], (uint32_t)values[6], (uint32_t)values[7],
                    (uint32_t)values[8], (uint32_t)values[9]},
        .heard_bar = (uint32_t)values[10],
    };
    if (stream->piece != NOTHING) {
      stream->semitones = draw_transposition(&schedule->corpus->pieces[stream->piece], stream->key);
    }
  }
  return true;
}
