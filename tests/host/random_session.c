// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Random sessions: playing a plan, and what must hold meanwhile.

#include "random_session.h"

#include "engine/take.h"
#include "ports.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/// Frames by which an onset may miss its tick.
static const double GRID = 0.6;

enum { ENDING_BLOCKS = 4096, PASS_NOTES = 4096 };

/// A note of a pass.
struct pass_note {
  int64_t tick;
  uint8_t bytes[3];
};

/// A plan while it is played.
struct session {
  const struct plan *plan;
  const struct fixture *fixture;
  struct minihost *host;
  bool is_twin;    ///< The second instance of PLAN_TWINS
  bool exports;    ///< Freewheels all the time
  bool confused;   ///< The host has told nonsense: nobody knows where the song is
  bool saved;      ///< There is something to restore
  bool resumed;    ///< It was stopped and goes on: a note just before that place may be played again
  uint32_t block;  ///< Frames
  uint32_t offset; ///< Of a change in the next block
  size_t checked;  ///< Events that have been checked
  float late;      ///< As last seen
  unsigned passes; ///< That have been played
  size_t pass_count;
  struct pass_note pass[PASS_NOTES];
  char *failure;
};

/// Say what did not hold, if it is the first.
__attribute__((format(printf, 2, 3))) static void
fail(struct session *const session, const char *const format, ...)
{
  if (session->failure[0] == '\0') {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(session->failure, PLAN_FAILURE, format, arguments);
    va_end(arguments);
  }
}

/// The value of a port as the plugin must understand it.
static float
setting(const struct session *const session, const enum port_index index)
{
  return port_clamp(index, minihost_get(session->host, port_descriptions[index].symbol));
}

static void
set(const struct session *const session, const enum port_index index, const double value)
{
  if (index == PORT_FREEWHEEL && session->exports) {
    return;
  }
  minihost_set(session->host, port_descriptions[index].symbol, (float)value);
}

// What must hold

static void
check_meters(struct session *const session)
{
  const float load = minihost_get(session->host, "load");
  const float late = minihost_get(session->host, "late");
  const float bars = minihost_get(session->host, "bars");
  if (!(load >= 0.0F && load <= 100.0F)) {
    fail(session, "load is %g", (double)load);
  }
  if (!(bars >= 0.0F && bars <= (float)TAKE_BARS)) {
    fail(session, "bars is %g", (double)bars);
  }
  if (!(late >= session->late)) {
    fail(session, "late goes from %g to %g", (double)session->late, (double)late);
  }
  if (session->plan->is_exact && late > 0.0F) {
    fail(session, "%g notes are late at frame %lld", (double)late, (long long)minihost_song(session->host)->frame);
  }
  session->late = late;
}

/// Whether what is played goes on to the output, wherever it is played.
static bool
passes_on(const struct session *const session)
{
  const int input = (int)setting(session, PORT_INPUT);
  return input == 1 || input == 3;
}

/// Whether onsets must be on the host's grid.
static bool
has_grid(const struct session *const session)
{
  return session->plan->is_exact && !session->confused && setting(session, PORT_SYNC) > 0.0F &&
         setting(session, PORT_HUMANIZE) == 0.0F && setting(session, PORT_RATE) == 1.0F && !passes_on(session);
}

/// Whether no note may begin.
static bool
is_silent(const struct session *const session)
{
  const struct song *const song = minihost_song(session->host);
  const bool is_host = setting(session, PORT_SYNC) > 0.0F && !session->confused;
  return !(setting(session, PORT_ENABLED) > 0.0F) ||
         (is_host && !passes_on(session) && (!song->rolling || song_place_at(song, song->frame).bar < 0));
}

/// Check what was recorded since the last check. `steady`: nothing of the transport changed meanwhile.
static void
check(struct session *const session, const bool steady)
{
  // Where the host jumps to a place just behind a note, the note is still played
  const struct song *const song = minihost_song(session->host);
  const double slack = GRID + (steady ? 0.0 : 0.02 * song->unit / 96.0 * 60.0 * song->rate / song->bpm);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(session->host, &count);
  const bool on_grid = has_grid(session) && !fixture_is_slow(); // Or else a note may be a little late
  const bool silent = is_silent(session) && steady;
  for (; session->checked < count; ++session->checked) {
    const struct minihost_event *const event = &events[session->checked];
    if ((event->bytes[0] & 0xF0U) != 0x90U) {
      continue;
    }
    if (on_grid && !(event->off_grid >= -GRID && event->off_grid <= slack)) {
      fail(session, "the note-on at frame %lld is %g frames off tick %lld", (long long)event->frame, event->off_grid,
           (long long)event->tick);
    }
    if (silent) {
      fail(session, "a note begins at frame %lld where nothing may sound", (long long)event->frame);
    }
  }
  if (minihost_faults(session->host) > 0) {
    fail(session, "MIDI out is broken near frame %lld", (long long)minihost_song(session->host)->frame);
  }
  if (silent && session->plan->host.output_size == 0 && minihost_sounding(session->host) > 0) {
    fail(session, "%u notes sound at frame %lld where nothing may", minihost_sounding(session->host),
         (long long)minihost_song(session->host)->frame);
  }
  check_meters(session);
}

// Actions

static void
run(struct session *const session, const int64_t frames)
{
  minihost_run(session->host, frames);
  check(session, !session->resumed);
  session->resumed = false;
}

/// Let `delay` frames pass before a change of the transport. It comes inside a block then if exports are compared, which have
/// all the time they need; live, what is left of the block may be too short to compose the first note in.
static void
approach(struct session *const session, const uint32_t delay)
{
  const bool inside = !session->plan->is_exact || session->plan->exports;
  const uint32_t whole = inside ? delay / session->block * session->block : delay;
  if (whole > 0) {
    run(session, whole);
  }
  minihost_delay(session->host, delay - whole);
  session->offset = delay - whole;
}

/// Let the change come.
static void
change(struct session *const session)
{
  minihost_run(session->host, session->offset + (int64_t)(minihost_song(session->host)->rate / 200.0));
  session->offset = 0;
  check(session, false);
}

/// Jump, and not by so little that it could be a host's rounding.
static void
locate(struct session *const session, const int64_t bar, const double beat)
{
  const struct song *const song = minihost_song(session->host);
  const struct song_place place = song_place_at(song, song->frame + session->offset); // Where it will be then
  const double wanted = beat < song->beats ? beat : 0.0;
  const double ticks = ((double)(bar - place.bar) * song->beats + wanted - place.beat) * 96.0 / song->unit;
  minihost_locate(session->host, fabs(ticks) < 6.0 ? bar + 3 : bar, wanted);
}

/// Set the tempo, but where nothing may be late, to no more than 1000 quarters per minute: the budget is for music.
static void
set_tempo(const struct session *const session, const double bpm, const int unit)
{
  const bool is_live = session->plan->is_exact && !session->plan->exports;
  const double most = 250.0 * unit;
  minihost_tempo(session->host, is_live && bpm > most ? most : bpm);
}

/// Return how many bars to jump on: from near by, it would be no jump; and beyond what is composed ahead where another instance is
/// to do the same, which has maybe composed less by now, or more.
static int64_t
bars_away(const struct session *const session)
{
  return session->plan->kind == PLAN_TWINS ? 100 : 3;
}

/// Change the metre as hosts do: at a bar line. What was composed ahead is composed anew; where that is to be as an export
/// has it, it gets a moment.
static void
change_metre(struct session *const session, const struct action *const action)
{
  const struct song *const song = minihost_song(session->host);
  const struct song_place place = song_place_at(song, song->frame);
  const double frames = ceil((song->beats - place.beat) * 60.0 * song->rate / song->bpm);
  const bool waits = session->plan->is_exact && !session->plan->exports;
  const bool rolls = song->rolling;
  if (rolls && frames < song->rate) {
    run(session, (int64_t)frames);
  } else {
    minihost_locate(session->host, place.bar + bars_away(session), 0.0);
  }
  if (rolls && waits) {
    minihost_stop(session->host);
  }
  set_tempo(session, song->bpm, action->second);
  minihost_metre(session->host, action->first, action->second);
  change(session);
  if (rolls && waits) {
    run(session, (int64_t)(song->rate / 4.0));
    minihost_play(session->host);
    change(session);
  }
}

static void
loop(struct session *const session, const struct action *const action)
{
  const struct song *const song = minihost_song(session->host);
  const double frames = action->number * 60.0 * song->rate / song->bpm;
  const double most = song->rate / 2.0;
  for (int i = 0; i < action->first; ++i) {
    locate(session, action->bar, action->other);
    change(session);
    run(session, (int64_t)(frames < most ? frames : most));
  }
}

/// The notes that began in `bars` bars from `bar` on, among the events from number `first`.
static size_t
read_pass(const struct session *const session,
          const size_t first,
          const struct action *const action,
          struct pass_note notes[PASS_NOTES])
{
  const struct song *const song = minihost_song(session->host);
  const int64_t bar_ticks = 96 / song->unit * song->beats;
  size_t count = 0;
  size_t read = 0;
  const struct minihost_event *const events = minihost_events(session->host, &count);
  for (size_t i = first; i < count && read < PASS_NOTES; ++i) {
    const bool inside =
        events[i].tick >= action->bar * bar_ticks && events[i].tick < (action->bar + action->first) * bar_ticks;
    if (inside && (events[i].bytes[0] & 0xF0U) == 0x90U) {
      notes[read].tick = events[i].tick;
      memcpy(notes[read++].bytes, events[i].bytes, 3);
    }
  }
  return read;
}

/// The first of two passes is remembered, the second compared.
static void
compare_pass(struct session *const session, const size_t first, const struct action *const action)
{
  if (session->passes++ == 0) {
    session->pass_count = read_pass(session, first, action, session->pass);
    return;
  }
  struct pass_note *const again = calloc(PASS_NOTES, sizeof *again);
  const size_t count = read_pass(session, first, action, again);
  for (size_t i = 0; i < count && i < session->pass_count; ++i) {
    const struct pass_note *const a = &session->pass[i];
    const struct pass_note *const b = &again[i];
    if (a->tick != b->tick || memcmp(a->bytes, b->bytes, 3) != 0) {
      fail(session, "note %zu of the bars comes back as pitch %d at tick %lld, but was %d at %lld", i, b->bytes[1],
           (long long)b->tick, a->bytes[1], (long long)a->tick);
    }
  }
  if (count != session->pass_count) {
    fail(session, "%zu notes in the bars come back as %zu", session->pass_count, count);
  }
  free(again);
}

static void
pass(struct session *const session, const struct action *const action)
{
  const struct song *const song = minihost_song(session->host);
  const double beats = (double)action->first * song->beats;
  const double wanted = beats * 60.0 / (session->passes ? 2.0 : 3.0);
  const double bpm = wanted < 30.0 ? 30.0 : wanted > 900.0 ? 900.0 : floor(wanted);
  size_t first = 0;
  set(session, PORT_ENABLED, 1.0);
  minihost_locate(session->host, action->bar + 50, 0.0); // From near by, it would be no jump
  change(session);
  minihost_events(session->host, &first);
  set_tempo(session, bpm, song->unit);
  minihost_locate(session->host, action->bar, 0.0);
  minihost_play(session->host);
  change(session);
  run(session, (int64_t)(beats * 60.0 * song->rate / song->bpm) + 1);
  compare_pass(session, first, action);
}

static void
send_midi(const struct session *const session, const struct action *const action)
{
  const uint8_t pitch = (uint8_t)action->second;
  const uint8_t messages[][3] = {
      {0x90, pitch, 100}, {0x80, pitch, 64},   {0xB0, 64, pitch},
      {0x90, pitch, 0},   {0xF0, pitch, 0xF7}, {0xFF, 0xFF, 0xFF},
  };
  const uint32_t sizes[] = {3, 3, 3, 3, 3, 1};
  minihost_send_midi(session->host, messages[action->first], sizes[action->first]);
}

/// Send a position of what `bits` draw: some properties, of some types, with some numbers.
static void
send_position(struct session *const session, uint32_t bits)
{
  static const char *const names[] = {"bar", "barBeat", "beatsPerMinute", "speed", "beatsPerBar", "beatUnit", "frame"};
  static const double numbers[] = {0, 1, 4, -1, 120, 0.5, NAN, INFINITY, -1e18, 1e18, 3, 1e9, -0.25, 16, 1e-9, 2000};
  static const char types[] = "ilfdfdus";
  struct minihost_property properties[7];
  size_t count = 0;
  for (size_t i = 0; i < 7; ++i) {
    if (bits >> i & 1U) {
      const uint32_t draw = (bits >> (i + 3)) * 2654435761U;
      properties[count++] = (struct minihost_property){names[i], types[draw >> 29], numbers[draw >> 20 & 15U]};
    }
  }
  session->confused = true;
  minihost_send_position(session->host, properties, count);
}

static void
state_folder(const struct session *const session, char path[FIXTURE_PATH + 16])
{
  snprintf(path, FIXTURE_PATH + 16, "%s/state", session->fixture->folder);
  mkdir(path, 0777);
}

static void
save(struct session *const session, const bool restore)
{
  char path[FIXTURE_PATH + 16];
  state_folder(session, path);
  session->saved = minihost_save(session->host, path) == 0;
  if (!session->saved) {
    fail(session, "the state cannot be saved");
  }
  if (restore && minihost_restore(session->host, path) != 0) {
    fail(session, "the state cannot be restored");
  }
}

static void
restore(struct session *const session)
{
  char path[FIXTURE_PATH + 16];
  state_folder(session, path);
  if (session->saved && minihost_restore(session->host, path) != 0) {
    fail(session, "the state cannot be restored");
  }
}

static void
choose_preset(struct session *const session, const int number)
{
  char uri[128];
  snprintf(uri, sizeof uri, "%s#preset-%s", MINIHOST_PLUGIN, style_descriptions[1 + number % STYLE_COUNT].name);
  minihost_preset(session->host, uri); // Not every style has one
}

static void
act(struct session *const session, const struct action *const action)
{
  struct minihost *const host = session->host;
  approach(session, action->delay);
  switch (action->kind) {
  case ACTION_RUN:
    run(session, action->frames);
    break;
  case ACTION_BLOCK:
    if (!session->is_twin) {
      minihost_block(host, action->frames);
      session->block = action->frames;
    }
    break;
  case ACTION_PLAY:
    minihost_play(host);
    change(session);
    break;
  case ACTION_STOP:
    minihost_stop(host);
    change(session);
    break;
  case ACTION_LOCATE:
    locate(session, action->bar, action->number);
    change(session);
    break;
  case ACTION_TEMPO:
    set_tempo(session, action->number, minihost_song(host)->unit);
    change(session);
    break;
  case ACTION_METRE:
    change_metre(session, action);
    break;
  case ACTION_LOOP:
    loop(session, action);
    break;
  case ACTION_PASS:
    pass(session, action);
    break;
  case ACTION_PORT:
    session->resumed = session->resumed || action->first == PORT_ENABLED;
    set(session, (enum port_index)action->first, action->number);
    break;
  case ACTION_PRESET:
    choose_preset(session, action->first);
    break;
  case ACTION_WEIGHTS:
    minihost_set_weights(host, action->first == 0   ? session->fixture->weights
                               : action->first == 1 ? session->fixture->other
                                                    : "/nowhere/at-all.safetensors");
    break;
  case ACTION_SAVE:
    save(session, action->first != 0);
    break;
  case ACTION_RESTORE:
    restore(session);
    break;
  case ACTION_MIDI:
    send_midi(session, action);
    break;
  case ACTION_POSITION:
    send_position(session, (uint32_t)action->first);
    break;
  case ACTION_REACTIVATE:
    minihost_deactivate(host);
    minihost_activate(host);
    session->resumed = true;
    break;
  case ACTION_ASK:
    minihost_ask(host);
    break;
  case ACTION_KINDS:
    break;
  }
}

/// Everything must fall silent, however small the buffers are.
static void
finish(struct session *const session)
{
  if (session->plan->seed % 2 == 0 && !session->confused) {
    minihost_stop(session->host);
    set(session, PORT_SYNC, 1.0);
  } else {
    set(session, PORT_ENABLED, 0.0);
  }
  if (passes_on(session)) {
    set(session, PORT_INPUT, 0.0); // Keys that are down sound on while the song stands
  }
  const bool has_room = session->plan->host.output_size == 0 || session->plan->host.output_size >= 8 + 8 + 24;
  minihost_block(session->host, 64);
  session->block = 64;
  change(session);
  for (int i = 0; i < ENDING_BLOCKS && has_room && minihost_sounding(session->host) > 0; ++i) {
    run(session, 64);
  }
  if (has_room && minihost_sounding(session->host) > 0) {
    fail(session, "%u notes hang at the end", minihost_sounding(session->host));
  }
}

/// Play the plan on a host of `options`; the caller frees the host, with what it recorded.
static struct minihost *
play(const struct plan *const plan,
     const struct fixture *const fixture,
     const struct minihost_options *const options,
     const bool is_twin,
     char *const failure)
{
  struct minihost_options chosen = *options;
  chosen.bundle = fixture->bundle;
  struct session *const session = calloc(1, sizeof *session);
  *session = (struct session){.plan = plan, .fixture = fixture, .failure = failure};
  session->host = minihost_new(&chosen);
  if (!session->host) {
    fail(session, "there is no instance");
    free(session);
    return NULL;
  }
  session->is_twin = is_twin;
  session->block = chosen.block;
  set(session, PORT_FREEWHEEL, is_twin || plan->exports);
  session->exports = is_twin || plan->exports;
  for (size_t i = 0; i < plan->count && failure[0] == '\0'; ++i) {
    act(session, &plan->actions[i]);
  }
  if (failure[0] == '\0') {
    finish(session);
  }
  struct minihost *const host = session->host;
  free(session);
  return host;
}

/// Compare what two hosts recorded.
static void
compare_twins(const struct minihost *const a, const struct minihost *const b, char failure[PLAN_FAILURE])
{
  size_t count_a = 0;
  size_t count_b = 0;
  const struct minihost_event *const events_a = minihost_events(a, &count_a);
  const struct minihost_event *const events_b = minihost_events(b, &count_b);
  for (size_t i = 0; i < count_a && i < count_b; ++i) {
    if (events_a[i].frame != events_b[i].frame || memcmp(events_a[i].bytes, events_b[i].bytes, 3) != 0) {
      snprintf(failure, PLAN_FAILURE, "event %zu is %02x %d at frame %lld, but %02x %d at %lld in an export", i,
               events_a[i].bytes[0], events_a[i].bytes[1], (long long)events_a[i].frame, events_b[i].bytes[0],
               events_b[i].bytes[1], (long long)events_b[i].frame);
      return;
    }
  }
  if (count_a != count_b) {
    snprintf(failure, PLAN_FAILURE, "%zu events, but %zu in an export", count_a, count_b);
  }
}

bool
plan_play(const struct plan *const plan, const struct fixture *const fixture, char failure[PLAN_FAILURE])
{
  failure[0] = '\0';
  struct minihost *const host = play(plan, fixture, &plan->host, false, failure);
  if (host && failure[0] == '\0' && plan->kind == PLAN_TWINS) {
    struct minihost *const twin = play(plan, fixture, &plan->twin, true, failure);
    if (twin && failure[0] == '\0') {
      compare_twins(host, twin, failure);
    }
    minihost_free(twin);
  }
  minihost_free(host);
  return failure[0] == '\0';
}
