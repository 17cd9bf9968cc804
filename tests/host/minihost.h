// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A host for tests: loads the plugin from a bundle through lilv, drives it block by block with a scripted transport in the
// ways that real hosts do (a position in every block or only on change, as atom:Object or atom:Blank, changes inside
// blocks), runs its worker, saves and restores its state, and records its MIDI with absolute frames. All rules that hold
// for every output are checked while recording (minihost_faults()).

#ifndef RITORNELLO_MINIHOST_H
#define RITORNELLO_MINIHOST_H

#include "song.h"

#include <lv2/atom/atom.h>
#include <lv2/urid/urid.h>

#include <stddef.h>
#include <stdint.h>

#define MINIHOST_PLUGIN "urn:ritornello:lv2"

enum minihost_worker {
  MINIHOST_WORKER_SYNC,   ///< Work is done within schedule_work(), as hosts do when freewheeling
  MINIHOST_WORKER_THREAD, ///< Work is done in a thread of its own
  MINIHOST_WORKER_NONE,   ///< The host has no worker
};

enum minihost_positions {
  MINIHOST_POSITIONS_EACH_BLOCK, ///< While rolling, as Ardour and Carla do; and on change
  MINIHOST_POSITIONS_ON_CHANGE,  ///< As jalv does
  MINIHOST_POSITIONS_NONE,       ///< A host without a transport
};

enum minihost_marks {
  MINIHOST_NO_MARKS,
  MINIHOST_MARKS,     ///< A system call before and after every block, for system_calls.sh
  MINIHOST_MARKS_BAD, ///< And another one between
};

struct minihost_options {
  const char *bundle;   ///< Folder ending in .lv2
  double rate;          ///< Frames per second; 0: 48000
  uint32_t block;       ///< Frames per block; 0: 256
  uint32_t output_size; ///< Bytes of the atom output buffers; 0: 32768
  enum minihost_worker worker;
  enum minihost_positions positions;
  int blank;          ///< Positions as atom:Blank
  int inline_display; ///< The host shows inline displays
  enum minihost_marks marks;
};

/// A recorded MIDI message.
struct minihost_event {
  int64_t frame;   ///< Since the start
  int64_t tick;    ///< Nearest tick of the song then (song_frames_from_tick())
  double off_grid; ///< Frames from it
  uint8_t bytes[3];
};

struct minihost;

/// Make a host with an activated instance; NULL (and a line on stderr) on failure.
struct minihost *minihost_new(const struct minihost_options *options);
void minihost_free(struct minihost *host);

/// Set a control port by its symbol; stops the test program if there is none of that name.
void minihost_set(struct minihost *host, const char *symbol, float value);
float minihost_get(struct minihost *host, const char *symbol);

/// The plugin's own handle, for tests that look inside.
void *minihost_handle(struct minihost *host);

/// Whether the plugin has a port that tells a latency.
int minihost_has_latency(const struct minihost *host);

/// Connect port `index` to nothing; false if there is none of that number. What it has sent of MIDI is not recorded then.
int minihost_disconnect(struct minihost *host, uint32_t index);

/// The transport. Each takes effect at the next frame that runs; minihost_delay() lets it be inside a block.
void minihost_play(struct minihost *host);
void minihost_stop(struct minihost *host);
void minihost_locate(struct minihost *host, int64_t bar, double beat);
void minihost_tempo(struct minihost *host, double bpm);
void minihost_metre(struct minihost *host, int beats, int unit);

/// Let the next changes of the transport be `frames` into the next block (less than its length).
void minihost_delay(struct minihost *host, uint32_t frames);

/// The timeline, for reading.
const struct song *minihost_song(const struct minihost *host);

/// Run `frames`, in blocks of the chosen length (the last may be shorter).
void minihost_run(struct minihost *host, int64_t frames);

/// From now on note what every block costs: the share of its time that run() takes of a processor, in the next place of `costs`
/// (NULL: no more) as long as there are any. Where the machine is busy, caches are cold and shares are higher.
void minihost_measure(struct minihost *host, double *costs, size_t room);

/// How many have been noted.
size_t minihost_measured(const struct minihost *host);

/// Change the length of blocks.
void minihost_block(struct minihost *host, uint32_t block);

void minihost_deactivate(struct minihost *host);
void minihost_activate(struct minihost *host);

/// Wait until the worker has nothing to do.
void minihost_wait_for_worker(struct minihost *host);

// Requests, as a window makes them: one per block, the last counts. These four may be made in any thread.

/// Ask the plugin to load a weight file (patch:Set), in the next block.
void minihost_set_weights(struct minihost *host, const char *path);

/// Ask for the take to be written to `path`, in the next block.
void minihost_export(struct minihost *host, const char *path);

/// Write bars to `name`, "lockBars" or "regenerateBars", in the next block.
void minihost_set_bars(struct minihost *host, const char *name, const char *bars);

/// Send the plugin `size` bytes (at most 256) of MIDI at the beginning of the next block. Does nothing if too much waits.
void minihost_send_midi(struct minihost *host, const uint8_t *bytes, uint32_t size);

/// Send the plugin a MIDI message of three bytes at `frame` (since the start, not before now), wherever in a block that is; of
/// one block, after the transport's changes. Does nothing if too many wait.
void minihost_send_midi_at(struct minihost *host, int64_t frame, int status, int first, int second);

/// Write the truth value `value` to the property of that name, in the next block.
void minihost_set_truth(struct minihost *host, const char *name, int value);

/// One property of a position: the local name in LV2's time vocabulary and a number as an atom of a type.
struct minihost_property {
  const char *name;
  char type; ///< i: Int, l: Long, f: Float, d: Double, u: URID, s: String (where a number should be)
  double number;
};

/// Send the plugin a time:Position of its own at the beginning of the next block, whatever the transport is at. Does nothing
/// if too much waits.
void minihost_send_position(struct minihost *host, const struct minihost_property *properties, size_t count);

/// Send the plugin an atom, as a window does, at the beginning of the next block. Does nothing if too much waits.
void minihost_send_atom(struct minihost *host, const LV2_Atom *atom);

/// Let `hear` be called with `data` for every atom that the plugin writes into `notify`; NULL: nobody.
void minihost_listen(struct minihost *host, void (*hear)(void *data, const LV2_Atom *atom), void *data);

/// A picture of the inline display.
struct minihost_picture {
  const uint32_t *pixels; ///< [height][width], 0xAARRGGBB; valid until the next one
  int width;
  int height;
};

/// Ask for the inline display, in any thread but only one at a time. Returns 0 on success.
int minihost_render(struct minihost *host, uint32_t width, uint32_t height_most, struct minihost_picture *picture);

/// How often the plugin has asked for it to be drawn.
unsigned minihost_draws(const struct minihost *host);

/// The host's numbers for URIs.
LV2_URID_Map *minihost_map(struct minihost *host);

/// Forget what the plugin has told of its properties, and ask for all of them (patch:Get) in the next block.
void minihost_ask(struct minihost *host);

/// What the plugin last told of its property `name` ("status", "title", "weights", "styles", "lockBars"); "" if nothing.
const char *minihost_property(const struct minihost *host, const char *name);

/// How many state:StateChanged it has sent.
unsigned minihost_changes(const struct minihost *host);

/// Save the state into the folder `folder`/state.ttl; 0 on success.
int minihost_save(struct minihost *host, const char *folder);

/// Restore it; port values too.
int minihost_restore(struct minihost *host, const char *folder);

/// Restore only a weights path, without any feature, as Ardour does on session load.
int minihost_restore_bare(struct minihost *host, const char *path);

/// Restore only a weights path that is relative to `folder`, with state:mapPath, as Carla does.
int minihost_restore_relative(struct minihost *host, const char *folder, const char *name);

/// A state as a host keeps it that knows no files: what the plugin has stored, under its keys. Begin with all 0.
enum { MINIHOST_ITEMS = 8 };
struct minihost_state {
  size_t count;
  struct minihost_item {
    char *key; ///< URI
    char *type;
    void *value;
    size_t size;
  } items[MINIHOST_ITEMS];
};

/// Have the plugin save into `state`, without any feature. May be called in any thread, beside all but saving and restoring.
int minihost_save_bare(struct minihost *host, struct minihost_state *state);

/// Have it restore `state`, without any feature. As above.
int minihost_restore_state(struct minihost *host, const struct minihost_state *state);

/// Set the item of `state` whose key ends with `name`, to a path.
void minihost_state_set(struct minihost_state *state, const char *name, const char *path);
void minihost_state_free(struct minihost_state *state);

/// Apply the preset of that URI.
int minihost_preset(struct minihost *host, const char *uri);

/// What was recorded.
const struct minihost_event *minihost_events(const struct minihost *host, size_t *count);
void minihost_forget_events(struct minihost *host);

/// Return how many notes sound according to what was recorded.
unsigned minihost_sounding(const struct minihost *host);

/// Return the number of broken rules: an off without an on, an on of a note that sounds, an event outside its block or
/// before the one before it, a message that is not well-formed. Each is a line on stderr.
unsigned minihost_faults(const struct minihost *host);

#endif // RITORNELLO_MINIHOST_H
