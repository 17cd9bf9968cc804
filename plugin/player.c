// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The player.

#include "player.h"

/// Ticks by which the place after a locate may miss a note that stands there: hosts round.
static const double PLACE_SLACK = 0.02;

/// What player_run() works on.
struct span {
  const struct clock *clock;
  const struct composer *composer;
  struct take *take;
  struct position ready; ///< Where the take is final up to
  int64_t limit;         ///< Run tick that the span ends before
  int64_t begin;         ///< Frames, by the clock
  int64_t end;
  uint32_t offset; ///< Of `begin` in the block
};

void
player_init(struct player *const player, const struct uris *const uris) REALTIME
{
  *player = (struct player){.press = PLAYER_NEVER};
  sounding_init(&player->sounding, uris->atom_sequence, uris->midi_event);
}

void
player_silence(struct player *const player) REALTIME
{
  player->press = PLAYER_NEVER;
  sounding_end_all(&player->sounding);
}

void
player_locate(struct player *const player, const struct clock *const clock) REALTIME
{
  const double tick = clock_bar_tick(clock) - PLACE_SLACK;
  player->bar = clock->bar;
  player->bar_start = clock->bar_start;
  player->tick = tick <= 0.0 ? 0 : (int64_t)tick + 1;
  player->dealt = 0;
  player->struck = INT64_MIN;
}

void
player_set_performance(struct player *const player, const struct performance *const performance) REALTIME
{
  if (performance->channel != player->performance.channel ||
      performance->left_channel != player->performance.left_channel) {
    player_silence(player);
  } else if (!performance->pedal && player->performance.pedal) {
    player->press = PLAYER_NEVER;
    sounding_lift(&player->sounding);
  }
  player->performance = *performance;
}

/// The place in the block of run tick `tick`, or the span's first frame if that is past.
static uint32_t
frame_in_block(const struct span *const span, const int64_t tick) REALTIME
{
  const int64_t frame = clock_frame_of(span->clock, tick);
  return span->offset + (frame > span->begin ? (uint32_t)(frame - span->begin) : 0U);
}

/// Press the pedal, or lift it, at `frame` of the block. False if the buffer is full.
static bool
play_pedal(struct player *const player, const uint32_t frame, const bool is_pressed) REALTIME
{
  uint8_t channels[PEDAL_CHANNELS];
  const uint32_t count = performance_channels(&player->performance, channels);
  for (uint32_t i = 0; i < count; ++i) {
    if (!sounding_pedal(&player->sounding, frame, channels[i], is_pressed)) {
      return false;
    }
  }
  return true;
}

/// Send the offs that are due before run tick `limit`, in their order, and press the pedal among them. False if the buffer is
/// full.
static bool
play_ends(struct player *const player, const struct span *const span, const int64_t limit) REALTIME
{
  for (;;) {
    struct sounding_note *const note = sounding_first(&player->sounding);
    const int64_t end = note ? note->end : PLAYER_NEVER;
    if (player->press < limit && player->press < end) {
      if (!play_pedal(player, frame_in_block(span, player->press), true)) {
        return false;
      }
      player->press = PLAYER_NEVER;
    } else if (!note || end >= limit) {
      return true;
    } else if (!sounding_stop(&player->sounding, frame_in_block(span, end), note)) {
      return false;
    }
  }
}

/// Lift the pedal at run tick `onset`, where the harmony changes, to be pressed again soon. False if the buffer is full.
static bool
change_pedal(struct player *const player, const struct span *const span, const int64_t onset) REALTIME
{
  if (!player->performance.pedal) {
    return true;
  }
  if (!play_ends(player, span, onset + 1) || !play_pedal(player, frame_in_block(span, onset), false)) {
    return false;
  }
  player->press = onset + PEDAL_PRESS;
  return true;
}

/// The frame of a note whose onset is run tick `onset`, delayed by parts of a tick; no later than the next tick.
static int64_t
delayed_frame(const struct clock *const clock, const int64_t onset, const uint8_t delay) REALTIME
{
  const int64_t frame = clock_frame_of(clock, onset);
  if (delay == 0) {
    return frame;
  }
  const double frames_per_tick = clock->frames_per_second / clock->ticks_per_second;
  const int64_t delayed = frame + (int64_t)(frames_per_tick * delay / FINE_TICKS);
  const int64_t next = clock_frame_of(clock, onset + 1);
  return delayed < next ? delayed : next;
}

/// Deal with one note whose onset is run tick `onset` and that is played as `performed`. False if it must wait: the buffer is
/// full, or its delay leads beyond the span.
static bool
play_note(struct player *const player,
          const struct span *const span,
          const struct take_note *const note,
          const struct performed_note *const performed,
          const int64_t onset) REALTIME
{
  // What was played by hand is not delayed, but may stand above a composed note of the same tick that is: then they sound together
  const int64_t due = delayed_frame(span->clock, onset, performed->delay);
  const int64_t frame = due > player->struck ? due : player->struck;
  const bool late = frame < span->begin;
  if ((double)(span->begin - frame) * 1000.0 >= PLAYER_LATE_MS * span->clock->frames_per_second) {
    ++player->late;
    return true;
  }
  if (frame >= span->end) {
    return false;
  }
  // A late note begins where the span does, and keeps its length
  const int64_t begin = late ? clock_first_tick(span->clock, span->begin) : onset;
  if (!play_ends(player, span, late ? begin : onset + 1)) {
    return false;
  }
  const uint32_t at = late ? span->offset : span->offset + (uint32_t)(frame - span->begin);
  player->struck = frame;
  return sounding_start(&player->sounding, at, performed->channel, performed->pitch, performed->velocity,
                        begin + note->sounding);
}

/// Deal with `note` of the cursor's bar, number `number` of those at its tick; with it the harmony changes or not. False if
/// it must wait.
static bool
perform_note(struct player *const player,
             const struct span *const span,
             const struct take_bar *const bar,
             const struct take_note *const note,
             const uint32_t number,
             const bool changes) REALTIME
{
  const int64_t onset = player->bar_start + note->tick;
  if (changes && !change_pedal(player, span, onset)) {
    return false;
  }
  // A note that sounds for no time is struck again at the same onset: a rest is one too
  if (note->sounding == 0 || composer_has_heard(span->composer, bar, note)) {
    return true;
  }
  const struct performed_note performed = performance_note(&player->performance, (uint32_t)player->bar, note, number);
  return play_note(player, span, note, &performed, onset);
}

/// Whether `note`, number `at_tick` of those at the cursor's tick, lies behind the cursor.
static bool
is_behind(const struct player *const player, const struct take_note *const note, const uint32_t at_tick) REALTIME
{
  return note->tick < player->tick || (note->tick == player->tick && at_tick < player->dealt);
}

/// Move the cursor behind `note`.
static void
pass_note(struct player *const player, const struct take_note *const note) REALTIME
{
  if (note->tick != player->tick) {
    player->tick = note->tick;
    player->dealt = 0;
  }
  ++player->dealt;
}

/// Play the notes of the cursor's bar from the cursor to tick `limit` of the bar; the cursor follows. False if one must
/// wait.
static bool
play_bar(struct player *const player, const struct span *const span, const int64_t limit) REALTIME
{
  const struct take_bar *const bar = player->bar < 0 ? NULL : take_bar(span->take, (uint32_t)player->bar);
  struct harmony harmony = {0};
  int64_t tick = -1;
  uint32_t number = 0; // Of the note among those at its tick
  for (uint32_t index = bar ? bar->first : TAKE_NONE; index != TAKE_NONE;) {
    const struct take_note *const note = take_note(span->take, index);
    if (note->tick >= limit) {
      break;
    }
    number = note->tick == tick ? number + 1 : 0;
    tick = note->tick;
    const bool changes = harmony_hear(&harmony, note, bar->metre);
    if (!is_behind(player, note, number)) {
      if (!perform_note(player, span, bar, note, number, changes)) {
        return false;
      }
      pass_note(player, note);
    }
    index = note->next;
  }
  player->tick = limit;
  player->dealt = 0;
  return true;
}

/// The ticks of the cursor's bar.
static int64_t
bar_length(const struct player *const player, const struct span *const span) REALTIME
{
  if (player->bar == span->clock->bar || player->bar < 0) {
    return metre_bar_ticks(span->clock->metre);
  }
  const struct take_bar *const bar = take_bar(span->take, (uint32_t)player->bar);
  return metre_bar_ticks(bar ? bar->metre : span->clock->metre);
}

/// The tick of the cursor's bar that playing may go to, at most `length`.
static int64_t
bar_limit(const struct player *const player, const struct span *const span, const int64_t length) REALTIME
{
  int64_t limit = span->limit - player->bar_start;
  if (player->bar >= (int64_t)span->ready.bar) {
    const int64_t ready = player->bar == (int64_t)span->ready.bar ? (int64_t)span->ready.tick : 0;
    limit = limit < ready ? limit : ready;
  }
  return limit < length ? limit : length;
}

/// Play all bars from the cursor to the span's end or to where the composer is ready.
static void
play_span(struct player *const player, const struct span *const span) REALTIME
{
  for (;;) {
    if (player->bar == span->clock->bar) {
      player->bar_start = span->clock->bar_start;
    }
    const int64_t length = bar_length(player, span);
    const int64_t limit = bar_limit(player, span, length);
    if (limit > player->tick && !play_bar(player, span, limit)) {
      return;
    }
    if (player->tick < length) {
      return;
    }
    ++player->bar;
    player->bar_start += length;
    player->tick = 0;
    player->dealt = 0;
  }
}

void
player_run(struct player *const player,
           const struct clock *const clock,
           struct composer *const composer,
           const uint32_t offset,
           const uint32_t frames) REALTIME
{
  if (!sounding_flush(&player->sounding, offset) || !clock_is_rolling(clock)) {
    return;
  }
  struct span span = {
      .clock = clock,
      .composer = composer,
      .take = composer_take(composer),
      .ready = composer_ready(composer),
      .begin = clock->now,
      .end = clock->now + frames,
      .offset = offset,
  };
  span.limit = clock_first_tick(clock, span.end);
  play_span(player, &span);
  play_ends(player, &span, span.limit);
}
