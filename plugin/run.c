// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A block of audio: events are taken in at their frames, and between them time passes (passing.c).

#include "atoms.h"
#include "plugin.h"
#include "uris.h"

/// Take in a position of the host.
static void
read_position(struct plugin *const plugin, const LV2_Atom_Object *const position) REALTIME
{
  struct audio *const audio = &plugin->audio;
  const struct clock before = *plugin_clock(audio);
  const unsigned changes = transport_update(&audio->transport, &plugin->uris, position);
  if (audio->synced && (changes & TRANSPORT_LOCATED)) {
    plugin_jump(audio, &before);
  }
  audio->told_bar = audio->transport.clock.bar;
  plugin_tell_controls(audio); // Beats may be of another length now
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
      plugin_pass(&plugin->audio, at, until);
      at = until;
    }
    read_event(plugin, event, at < frames ? at : frames - (frames > 0));
  }
  plugin_pass(&plugin->audio, at, frames);
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

void
plugin_claim_budget(struct audio *const audio) REALTIME
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
    plugin_jump(audio, plugin_clock(audio));
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

void
plugin_run(struct plugin *const plugin, const uint32_t frames) REALTIME
{
  sounding_begin(&plugin->audio.player.sounding, plugin->ports[PORT_MIDI_OUT], frames);
  if (!keeping_begin(&plugin->keeping, frames)) {
    run_aside(plugin, frames);
    return;
  }
  catch_up(&plugin->audio);
  plugin_receive(plugin);
  plugin_claim_budget(&plugin->audio);
  plugin_apply_settings(plugin);
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
