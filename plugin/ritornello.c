// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The plugin's life, and run(): events are taken in at their frames, and between them time passes in small steps. In each
// step the composer works within its budget, then the player plays what falls into it, then the clocks go on. So what a
// block contains does not depend on how long it is.

#include "atoms.h"
#include "plugin.h"
#include "speed.h"
#include "uris.h"

#include <lv2/core/lv2.h>
#include <lv2/core/lv2_util.h>

#include <stdlib.h>
#include <string.h>

/// Longest step, in frames.
enum { STEP_FRAMES = 256 };

/// Frames per second that a host may have.
enum { RATE_LEAST = 1000, RATE_MOST = 10000000 };

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

/// The playhead is somewhere else than it was: where `before` says.
static void
jump(struct audio *const audio, const struct clock *const before) REALTIME
{
  listening_end(&audio->listening, before, audio->composer);
  const struct clock *const clock = plugin_clock(audio);
  plugin_silence(audio);
  player_locate(&audio->player, clock);
  composer_locate(audio->composer, place_of(clock), clock->metre);
}

/// Tell the composer what the ports ask for, in the bars that the clock is in.
static void
tell_controls(struct audio *const audio) REALTIME
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

/// Take in the control ports.
static void
apply_settings(struct plugin *const plugin) REALTIME
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
    jump(audio, &before);
  }
  listening_set(&audio->listening, settings->input, settings->limits.hands, plugin_clock(audio), audio->composer);
  if ((was_enabled && !settings->enabled) || input != settings->input) {
    plugin_silence(audio);
  }
  tell_controls(audio);
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
      tell_controls(audio); // Beats, in which the look-ahead is told, are of another length now
    }
    composer_move(audio->composer, place, metre);
  }
  return is_known;
}

/// Let the frames from `begin` to `end` of the block pass.
static void
render(struct audio *const audio, const uint32_t begin, const uint32_t end) REALTIME
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

/// Take in a position of the host.
static void
read_position(struct plugin *const plugin, const LV2_Atom_Object *const position) REALTIME
{
  struct audio *const audio = &plugin->audio;
  const struct clock before = *plugin_clock(audio);
  const unsigned changes = transport_update(&audio->transport, &plugin->uris, position);
  if (audio->synced && (changes & TRANSPORT_LOCATED)) {
    jump(audio, &before);
  }
  audio->told_bar = audio->transport.clock.bar;
  tell_controls(audio); // Beats may be of another length now
}

/// Return the object that `event` is, or NULL if it is none or not whole.
static const LV2_Atom_Object *
object_of(const struct uris *const uris, const LV2_Atom_Event *const event) REALTIME
{
  const bool is_object = event->body.type == uris->atom_object || event->body.type == uris->atom_blank;
  const LV2_Atom_Object *const object = is_object ? (const LV2_Atom_Object *)&event->body : NULL;
  return object && atom_object_is_whole(object) ? object : NULL;
}

/// Return the position that `event` is, or NULL.
static const LV2_Atom_Object *
position_of(const struct uris *const uris, const LV2_Atom_Event *const event) REALTIME
{
  const LV2_Atom_Object *const object = object_of(uris, event);
  return object && object->body.otype == uris->time_position ? object : NULL;
}

static void
read_event(struct plugin *const plugin, const LV2_Atom_Event *const event, const uint32_t frame) REALTIME
{
  if (event->body.type == plugin->uris.midi_event) {
    plugin_hear(plugin, (const uint8_t *)LV2_ATOM_BODY_CONST(&event->body), event->body.size, frame);
    return;
  }
  const LV2_Atom_Object *const object = object_of(&plugin->uris, event);
  if (object && object->body.otype == plugin->uris.time_position) {
    read_position(plugin, object);
  } else if (object && !window_link_read(&plugin->audio.window, object)) {
    plugin_read_patch(plugin, object);
  }
}

/// Read the messages that came in while blocks were missed.
static void
read_missed(struct plugin *const plugin) REALTIME
{
  uint32_t offset = 0;
  for (const LV2_Atom_Event *event; (event = missed_next(&plugin->audio.missed, &offset));) {
    read_event(plugin, event, 0);
  }
  missed_forget(&plugin->audio.missed);
}

/// Take in all events at their frames, and let time pass between them.
static void
process(struct plugin *const plugin, const uint32_t frames) REALTIME
{
  struct atom_events events = atom_events_of(plugin->ports[PORT_EVENTS_IN], plugin->uris.atom_sequence);
  uint32_t at = 0;
  plugin->audio.told_bar = plugin->audio.transport.clock.bar;
  read_missed(plugin);
  for (const LV2_Atom_Event *event = NULL; (event = atom_events_next(&events));) {
    const int64_t frame = event->time.frames;
    if (frame > (int64_t)at) {
      const uint32_t until = frame < (int64_t)frames ? (uint32_t)frame : frames;
      render(&plugin->audio, at, until);
      at = until;
    }
    read_event(plugin, event, at < frames ? at : frames - (frames > 0));
  }
  render(&plugin->audio, at, frames);
}

static void
set_output(struct plugin *const plugin, const enum port_index index, const float value) REALTIME
{
  float *const port = plugin->ports[index];
  if (port) {
    *port = port_clamp(index, value);
  }
}

static void
write_meters(struct plugin *const plugin) REALTIME
{
  struct audio *const audio = &plugin->audio;
  set_output(plugin, PORT_LOAD, (float)(audio->budget.load * 100.0));
  set_output(plugin, PORT_LATE, (float)audio->player.late);
  set_output(plugin, PORT_BARS, (float)take_bar_count(composer_take(audio->composer)));
}

/// Be counted among the instances that compose.
static void
claim_budget(struct audio *const audio) REALTIME
{
  const struct delivery *const delivery = audio->cast.delivery;
  budget_claim(&audio->budget, delivery ? delivery->weights->network->step_operations : 0);
}

/// Let time pass until `frame` of the block, without a sound.
static uint32_t
pass_time(struct audio *const audio, const uint32_t at, const uint32_t frame) REALTIME
{
  if (frame > at) {
    clock_advance(&audio->transport.clock, frame - at);
    clock_advance(&audio->own, frame - at);
  }
  return frame > at ? frame : at;
}

/// The take is being saved at this very moment: only time passes, and messages wait. The next block goes on from there.
static void
run_aside(struct plugin *const plugin, const uint32_t frames) REALTIME
{
  struct audio *const audio = &plugin->audio;
  struct missed *const missed = &audio->missed;
  struct atom_events events = atom_events_of(plugin->ports[PORT_EVENTS_IN], plugin->uris.atom_sequence);
  uint32_t at = 0;
  for (const LV2_Atom_Event *event = NULL; (event = atom_events_next(&events));) {
    const LV2_Atom_Object *const position = position_of(&plugin->uris, event);
    if (position) {
      const int64_t frame = event->time.frames > 0 ? event->time.frames : 0;
      at = pass_time(audio, at, frame < (int64_t)frames ? (uint32_t)frame : frames);
      const unsigned changes = transport_update(&audio->transport, &plugin->uris, position);
      missed->has_jumped = missed->has_jumped || (audio->synced && (changes & TRANSPORT_LOCATED));
    } else {
      missed_keep(missed, event);
    }
  }
  pass_time(audio, at, frames);
  struct settings settings;
  settings_read(&settings, plugin->ports);
  missed_watch(missed, &missed->regenerate, settings.regenerate, audio->requests.regenerate);
  missed_watch(missed, &missed->undo, settings.undo, audio->requests.undo);
  missed->has_passed = true;
  plugin_write_nothing(plugin);
}

/// Go on after blocks that were missed: the music where time has led to, keys and requests where they are.
static void
catch_up(struct audio *const audio) REALTIME
{
  const struct missed *const missed = &audio->missed;
  if (!missed->has_passed) {
    return;
  }
  if (missed->is_full) {
    plugin_let_go(audio); // Who knows which keys are down
    plugin_silence(audio);
  }
  if (missed->has_jumped) {
    jump(audio, plugin_clock(audio));
  } else {
    sounding_end_composed(&audio->player.sounding);
    player_locate(&audio->player, plugin_clock(audio));
  }
  audio->requests.regenerate = missed->regenerate.is_high;
  audio->requests.undo = missed->undo.is_high;
  audio->requests.regenerate_due = missed->regenerate.has_risen;
  audio->requests.undo_due = missed->undo.has_risen;
}

enum { KEEP_ENTRIES = 256, KEEP_ENTRIES_PER_FRAME = 8 }; ///< Of the take, copied in one block while it is saved

/// Let others know of the take, and save it if they ask for that.
static void
keep(struct plugin *const plugin, const uint32_t frames) REALTIME
{
  const struct composer *const composer = plugin->audio.composer;
  plugin_tell_take(&plugin->audio);
  atomic_store(&plugin->keeping.notes, take_note_count(composer_take(plugin->audio.composer)));
  atomic_store(&plugin->keeping.has_take, composer_has_take(composer));
  plugin_keep(plugin, KEEP_ENTRIES + KEEP_ENTRIES_PER_FRAME * frames);
}

static void run(LV2_Handle instance, uint32_t frames) REALTIME;

static void
run(const LV2_Handle instance, const uint32_t frames) REALTIME
{
  struct plugin *const plugin = instance;
  sounding_begin(&plugin->audio.player.sounding, plugin->ports[PORT_MIDI_OUT], frames);
  if (!keeping_begin(&plugin->keeping, frames)) {
    run_aside(plugin, frames);
    return;
  }
  catch_up(&plugin->audio);
  plugin_receive(plugin);
  claim_budget(&plugin->audio);
  apply_settings(plugin);
  process(plugin, frames);
  plugin_continue_export(plugin);
  keep(plugin, frames);
  plugin_update_status(plugin);
  plugin_write_announcements(plugin);
  plugin_request_collection(plugin);
  inline_display_look(&plugin->inline_display, plugin->audio.composer, plugin_clock(&plugin->audio),
                      plugin->audio.own.now);
  write_meters(plugin);
  keeping_end(&plugin->keeping);
}

static void
connect_port(const LV2_Handle instance, const uint32_t port, void *const data)
{
  struct plugin *const plugin = instance;
  if (port < PORT_COUNT) {
    plugin->ports[port] = data;
  }
}

/// Take over what has been loaded, and be counted before anybody runs: all instances may begin in the same block.
static void
activate(const LV2_Handle instance)
{
  struct plugin *const plugin = instance;
  plugin_receive(plugin);
  claim_budget(&plugin->audio);
}

/// What sounded when the plugin was stopped ends in the first block after it.
static void
deactivate(const LV2_Handle instance)
{
  struct plugin *const plugin = instance;
  plugin_let_go(&plugin->audio);
  plugin_silence(&plugin->audio);
  plugin->audio.playing = false;
  plugin->audio.requests.known = false;
  budget_claim(&plugin->audio.budget, 0);
}

static void
cleanup(const LV2_Handle instance)
{
  struct plugin *const plugin = instance;
  budget_claim(&plugin->audio.budget, 0);
  composer_free(plugin->audio.composer);
  if (plugin->audio.cast.delivery) {
    loading_retire(&plugin->loading, plugin->audio.cast.delivery);
  }
  loading_free(&plugin->loading);
  export_job_free(plugin->audio.requests.job);
  exporting_free(&plugin->exporting);
  keeping_free(&plugin->keeping);
  inline_display_clear(&plugin->inline_display);
  free(plugin);
}

/// Load the bundle's own weights, so that a fresh instance plays whatever the host does about states.
static void
load_default(struct plugin *const plugin)
{
  char path[PATH_SIZE + sizeof RITORNELLO_DEFAULT_WEIGHTS];
  const size_t length = strlen(plugin->loading.bundle);
  memcpy(path, plugin->loading.bundle, length);
  memcpy(path + length, RITORNELLO_DEFAULT_WEIGHTS, sizeof RITORNELLO_DEFAULT_WEIGHTS);
  loading_load(&plugin->loading, loading_request(&plugin->loading), path, NULL);
}

static void
audio_init(struct plugin *const plugin, const double sample_rate, LV2_URID_Map *const map)
{
  struct audio *const audio = &plugin->audio;
  transport_init(&audio->transport, sample_rate);
  clock_init(&audio->own, sample_rate);
  budget_init(&audio->budget, sample_rate, speed_measure());
  player_init(&audio->player, &plugin->uris);
  listening_init(&audio->listening);
  thru_init(&audio->thru);
  atomic_init(&plugin->passes_on, true);
  lv2_atom_forge_init(&audio->forge, map);
  window_link_init(&audio->window, map);
  audio->announcements = ANNOUNCE_ALL;
  memcpy(audio->requests.locked, "none", sizeof "none");
  audio->synced = true;
  settings_read(&audio->settings, plugin->ports);
  jump(audio, &audio->own);
}

static LV2_Handle
instantiate(const LV2_Descriptor *const descriptor,
            const double sample_rate,
            const char *const bundle,
            const LV2_Feature *const *const features)
{
  (void)descriptor;
  LV2_URID_Map *map = NULL;
  const LV2_Worker_Schedule *schedule = NULL;
  const struct inline_host *inline_host = NULL;
  lv2_features_query(features, LV2_URID__map, &map, true, LV2_WORKER__schedule, &schedule, false,
                     INLINE_DISPLAY_QUEUE_DRAW, &inline_host, false, NULL);
  const bool is_rate = sample_rate >= RATE_LEAST && sample_rate <= RATE_MOST;
  struct plugin *const plugin = map && is_rate ? calloc(1, sizeof *plugin) : NULL;
  if (!plugin) {
    return NULL;
  }
  plugin->sample_rate = sample_rate;
  plugin->schedule = schedule;
  inline_display_init(&plugin->inline_display, inline_host);
  exporting_init(&plugin->exporting);
  uris_map(&plugin->uris, map);
  if (loading_init(&plugin->loading, bundle) != STATUS_SUCCESS) {
    free(plugin);
    return NULL;
  }
  if (keeping_init(&plugin->keeping) != STATUS_SUCCESS) {
    loading_free(&plugin->loading);
    free(plugin);
    return NULL;
  }
  if (composer_new(&plugin->audio.composer, NULL) != STATUS_SUCCESS) {
    keeping_free(&plugin->keeping);
    loading_free(&plugin->loading);
    free(plugin);
    return NULL;
  }
  audio_init(plugin, sample_rate, map);
  load_default(plugin);
  return plugin;
}

static struct inline_surface *
render_inline(const LV2_Handle instance, const uint32_t width, const uint32_t height_most)
{
  struct plugin *const plugin = instance;
  return inline_display_render(&plugin->inline_display, width, height_most);
}

static const void *
extension_data(const char *const uri)
{
  if (!strcmp(uri, LV2_WORKER__interface)) {
    return plugin_worker_interface();
  }
  if (!strcmp(uri, LV2_STATE__interface)) {
    return plugin_state_interface();
  }
  if (!strcmp(uri, INLINE_DISPLAY_INTERFACE)) {
    static const struct inline_interface interface = {render_inline};
    return &interface;
  }
  return NULL;
}

LV2_SYMBOL_EXPORT const LV2_Descriptor *
lv2_descriptor(const uint32_t index)
{
  static const LV2_Descriptor descriptor = {
      RITORNELLO_URI, instantiate, connect_port, activate, run, deactivate, cleanup, extension_data,
  };
  return index == 0 ? &descriptor : NULL;
}
