// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Time passes, in small steps: in each the composer works within its budget, then the player plays what falls into it, then
// the clocks go on. No step goes over the beginning of a beat, so what a block contains does not depend on how long it is.

#include "plugin.h"

/// Longest step, in frames.
enum { STEP_FRAMES = 256 };

/// The clock in charge.
static const struct clock *
host_clock(const struct audio *const audio) REALTIME
{
  return audio->synced ? &audio->transport.clock : &audio->own;
}

const struct clock *
plugin_clock(struct audio *const audio) REALTIME
{
  clock_scale(&audio->music, host_clock(audio), (enum rate)audio->settings.performance.rate);
  return &audio->music;
}

/// The place of `clock` in the song, the last tick that has come; the song's start in a pre-roll.
static struct position
place_of(const struct clock *const clock) REALTIME
{
  if (clock->bar < 0 || clock->bar > INT32_MAX) {
    return (struct position){0, 0};
  }
  const double place = clock_bar_tick(clock);
  int64_t tick = place > 0.0 ? (int64_t)place : 0;
  if (clock_is_rolling(clock)) {
    tick = clock_first_tick(clock, clock->now + 1) - 1 - clock->bar_start;
  }
  return (struct position){(uint32_t)clock->bar, tick > 0 ? (uint32_t)tick : 0U};
}

/// The metre of the bar at `place`. A bar that the clock has come to since the host last had its say is taken to be as it is in
/// the take, if it is there: hosts tell of another metre only in the block after its bar line.
static struct metre
metre_of(const struct audio *const audio, const struct position place) REALTIME
{
  const bool is_new = audio->synced && audio->transport.clock.bar != audio->told_bar;
  const struct take_bar *const bar = is_new ? take_bar(composer_take(audio->composer), place.bar) : NULL;
  return bar ? bar->metre : host_clock(audio)->metre;
}

/// How far to compose ahead, in ticks of the music, for as many beats of the host.
static uint32_t
look_ahead_ticks(struct audio *const audio) REALTIME
{
  const uint32_t ticks = audio->settings.look_ahead * metre_beat_ticks(metre_of(audio, place_of(plugin_clock(audio))));
  const uint8_t rate = audio->settings.performance.rate;
  return rate == RATE_DOUBLE ? 2 * ticks : rate == RATE_HALF ? ticks / 2 : ticks;
}

void
plugin_jump(struct audio *const audio, const struct clock *const before) REALTIME
{
  listening_end(&audio->listening, before, audio->composer);
  const struct clock *const clock = plugin_clock(audio);
  plugin_silence(audio);
  player_locate(&audio->player, clock);
  composer_locate(audio->composer, place_of(clock), clock->metre);
}

void
plugin_tell_controls(struct audio *const audio) REALTIME
{
  const struct settings *const settings = &audio->settings;
  const struct controls controls = {
      .sampling = {.temperature = settings->temperature, .top_p = settings->top_p},
      .style = audio->cast.styles[settings->style],
      .key = settings->key,
      .density = settings->density,
      .originality = settings->originality,
      .seed = settings->seed,
      .loop_bars = settings->loop_bars,
      .ending = settings->ending,
      .look_ahead = look_ahead_ticks(audio),
      .limits = settings->limits,
      .surprise = settings->surprise,
      .recall = recall_step(settings->recall),
  };
  composer_set_controls(audio->composer, &controls);
}

void
plugin_apply_settings(struct plugin *const plugin) REALTIME
{
  struct audio *const audio = &plugin->audio;
  struct settings *const settings = &audio->settings;
  const uint8_t rate = settings->performance.rate;
  const struct clock before = *plugin_clock(audio);
  const bool was_enabled = settings->enabled;
  const enum input_mode input = settings->input;
  settings_read(settings, plugin->ports);

  player_set_performance(&audio->player, &settings->performance);
  transport_set_own_tempo(&audio->transport, settings->bpm);
  if (settings->sync != audio->synced || settings->performance.rate != rate) {
    audio->synced = settings->sync;
    plugin_jump(audio, &before);
  }
  listening_set(&audio->listening, settings->input, settings->limits.hands, plugin_clock(audio), audio->composer);
  if ((was_enabled && !settings->enabled) || input != settings->input) {
    plugin_silence(audio);
  }
  plugin_tell_controls(audio);
  if (audio->synced && audio->transport.is_ardour) { // It reads automation at the beginning of blocks
    composer_begin_block(audio->composer, place_of(plugin_clock(audio)));
  }
  plugin_apply_requests(plugin);
}

/// Let the own clock run if it may: it begins once its first beat is composed, so that no note is lost at the start.
static void
run_own_clock(struct audio *const audio) REALTIME
{
  if (!audio->own_started && !audio->synced && audio->cast.delivery) {
    const struct position ready = composer_ready(audio->composer);
    const struct position place = place_of(plugin_clock(audio));
    audio->own_started =
        composer_is_filled(audio->composer) || ready.bar > place.bar || ready.tick >= place.tick + TICKS_PER_QUARTER;
  }
  const bool runs = audio->own_started && !audio->synced;
  clock_set_tempo(&audio->own, runs ? audio->settings.bpm / 60.0 * TICKS_PER_QUARTER : 0.0);
}

/// Play, or keep silent and only go along.
static void
play(struct audio *const audio, const uint32_t offset, const uint32_t frames) REALTIME
{
  const struct clock *const clock = plugin_clock(audio);
  const bool plays = audio->settings.enabled && clock_is_rolling(clock) && audio->cast.delivery;
  if (plays && !audio->playing) {
    player_locate(&audio->player, clock);
  } else if (!plays && audio->playing) {
    listening_end(&audio->listening, clock, audio->composer);
    plugin_silence(audio);
  }
  audio->playing = plays;
  if (sounding_flush(&audio->player.sounding, offset)) {
    thru_flush(&audio->thru, &audio->player.sounding, offset);
  }
  if (plays) {
    player_run(&audio->player, clock, audio->composer, offset, frames);
  }
}

/// Latch the present controls for what the playhead comes to in the next `frames`, wherever the block ends.
static void
reach(struct audio *const audio, const uint32_t frames) REALTIME
{
  struct clock last = *plugin_clock(audio);
  if (clock_is_rolling(&last)) {
    clock_advance(&last, frames - 1);
    composer_reach(audio->composer, place_of(&last));
  }
}

/// How many of the next `most` frames make a step: none goes over the beginning of a beat. So the composer is told of every
/// beat when it begins, wherever blocks end.
static uint32_t
step_frames(const struct clock *const clock, const uint32_t most) REALTIME
{
  if (!clock_is_rolling(clock)) {
    return most;
  }
  const int64_t beat = metre_beat_ticks(clock->metre);
  const int64_t past = clock_first_tick(clock, clock->now + 1) - 1 - clock->bar_start;
  const int64_t next = clock->bar_start + (past >= 0 ? past / beat + 1 : 0) * beat;
  const int64_t frames = clock_frame_of(clock, next) - clock->now;
  return frames > 0 && frames < (int64_t)most ? (uint32_t)frames : most;
}

/// Whether the composer is to be told where the clock is: a restored take waits for what the host says of place and metre.
static bool
knows_place(const struct audio *const audio) REALTIME
{
  return !audio->synced || audio->transport.known || !composer_has_take(audio->composer);
}

bool
plugin_move(struct audio *const audio) REALTIME
{
  const bool is_known = knows_place(audio);
  if (is_known) {
    const struct position place = place_of(plugin_clock(audio));
    const struct metre metre = metre_of(audio, place);
    if (!metre_equals(metre, audio->metre)) {
      audio->metre = metre;
      plugin_tell_controls(audio); // Beats, in which the look-ahead is told, are of another length now
    }
    composer_move(audio->composer, place, metre);
  }
  return is_known;
}

void
plugin_pass(struct audio *const audio, const uint32_t begin, const uint32_t end) REALTIME
{
  for (uint32_t at = begin; at < end;) {
    run_own_clock(audio);
    const struct clock *const clock = plugin_clock(audio);
    const uint32_t frames = step_frames(clock, end - at < STEP_FRAMES ? end - at : STEP_FRAMES);
    if (plugin_move(audio)) {
      listening_wait(&audio->listening, clock, audio->composer);
      reach(audio, frames);
    }
    if (clock_is_rolling(clock)) {
      audio->requests.bpm = host_clock(audio)->ticks_per_second * 60.0 / TICKS_PER_QUARTER;
    }
    budget_spend(&audio->budget, audio->composer, frames, audio->settings.freewheel);
    play(audio, at, frames);
    clock_advance(&audio->transport.clock, frames);
    clock_advance(&audio->own, frames);
    at += frames;
  }
}
