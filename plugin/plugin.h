// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// One instance of the plugin. `struct audio` is all that run() touches, and nobody else does without the lease (keeping.h);
// `loading`, `exporting` and `keeping` are shared with the worker, save and restore (their headers say how); the rest is set
// when the instance is made.

#ifndef RITORNELLO_PLUGIN_H
#define RITORNELLO_PLUGIN_H

#include "budget.h"
#include "exporting.h"
#include "forge.h"
#include "inline_display.h"
#include "keeping.h"
#include "listening.h"
#include "loading.h"
#include "missed.h"
#include "player.h"
#include "settings.h"
#include "thru.h"
#include "transport.h"
#include "window_link.h"

#include <lv2/worker/worker.h>

/// What the window and the host are still to be told; bits.
enum announcement {
  ANNOUNCE_WEIGHTS = 1 << 0,
  ANNOUNCE_TITLE = 1 << 1,
  ANNOUNCE_STATUS = 1 << 2,
  ANNOUNCE_STYLES = 1 << 3,
  ANNOUNCE_LOCKS = 1 << 4,
  ANNOUNCE_THRU = 1 << 5,
  ANNOUNCE_ALL = 63,
  ANNOUNCE_CHANGE = 1 << 6, ///< The state is not what was saved (state:StateChanged)
};

/// The weights in use, and what is told about them.
struct cast {
  struct delivery *delivery;       ///< With weights; NULL before the first
  uint32_t serial;                 ///< Of the newest request that was answered
  char path[PATH_SIZE];            ///< That it asked for
  char error[ERROR_TEXT_SIZE];     ///< Why it could not be had, or ""
  uint8_t styles[STYLE_COUNT + 1]; ///< Style number (styles.h) to the weights' own
};

/// What the user asks of the take (requests.c).
struct requests {
  bool known;                     ///< The two below are what the ports were, not a beginning
  bool regenerate;                ///< The port in the block before
  bool undo;                      ///< As well
  bool regenerate_due;            ///< It rose in a block that was missed
  bool undo_due;                  ///< As well
  bool bad_bars;                  ///< The last bars written were none
  char locked[BAR_SET_TEXT];      ///< The bars locked, as written
  struct export_job *job;         ///< Being filled, or NULL
  bool job_waits;                 ///< One is gathered, of which the worker has not been told
  double bpm;                     ///< Tempo when time last ran; 0: never
  char exported[ERROR_TEXT_SIZE]; ///< What became of the last export, or ""
  char lost[ERROR_TEXT_SIZE];     ///< Why there is no take in what was restored last, or ""
  uint32_t kept_notes;            ///< Notes in the take when it was saved or restored
  uint32_t kept_changes;          ///< And its take_changes()
  bool change_told;               ///< The host has been told that it is another one now
};

struct audio {
  struct settings settings;
  struct transport transport; ///< The host's
  struct clock own;           ///< For playing by itself
  struct clock music;         ///< The one in charge, at the rate of the music
  bool own_started;           ///< `own` has begun: it waits for the first beat to be composed
  bool synced;                ///< `transport` is in charge, not `own`
  bool playing;               ///< Notes may sound
  struct missed missed;       ///< Blocks that have passed without composer and player
  int64_t told_bar;           ///< The bar that the host last had its say in
  struct metre metre;         ///< That the composer was told last
  struct composer *composer;
  struct budget budget;
  struct player player;
  struct listening listening;
  struct thru thru;
  struct cast cast;
  struct requests requests;
  struct window_link window;
  LV2_Atom_Forge forge; ///< Of the notify port
  unsigned announcements;
  char status[ERROR_TEXT_SIZE];
};

struct plugin {
  struct uris uris;
  double sample_rate;
  const LV2_Worker_Schedule *schedule; ///< NULL without a worker
  struct loading loading;
  struct exporting exporting;
  struct keeping keeping;
  void *ports[PORT_COUNT];
  atomic_bool passes_on; ///< #thru: what is played goes on to the output
  struct inline_display inline_display;
  atomic_bool restored; ///< A state was restored: ports that stand high now have not risen
  struct audio audio;
};

/// A block of audio (run.c).
void plugin_run(struct plugin *plugin, uint32_t frames) REALTIME;

/// Be counted among the instances that compose (run.c).
void plugin_claim_budget(struct audio *audio) REALTIME;

/// The clock in charge, at the rate of the music (passing.c).
const struct clock *plugin_clock(struct audio *audio) REALTIME;

/// Tell the composer where that clock is, and return true; false where it is not known yet (passing.c).
bool plugin_move(struct audio *audio) REALTIME;

/// The playhead is somewhere else than it was: where `before` says (passing.c).
void plugin_jump(struct audio *audio, const struct clock *before) REALTIME;

/// Tell the composer what the ports ask for, in the bars that the clock is in (passing.c).
void plugin_tell_controls(struct audio *audio) REALTIME;

/// Take in the control ports (passing.c).
void plugin_apply_settings(struct plugin *plugin) REALTIME;

/// Let the frames from `begin` to `end` of the block pass (passing.c).
void plugin_pass(struct audio *audio, uint32_t begin, uint32_t end) REALTIME;

/// Everything that sounds ends, what is played too (hearing.c).
void plugin_silence(struct audio *audio) REALTIME;

/// Take in a MIDI message of `size` bytes, at `frame` of the block.
void plugin_hear(struct plugin *plugin, const uint8_t *bytes, uint32_t size, uint32_t frame) REALTIME;

/// All keys go up.
void plugin_let_go(struct audio *audio) REALTIME;

/// Take over what has been loaded (delivery.c).
void plugin_receive(struct plugin *plugin) REALTIME;

/// Remember the take as it is, to tell the host when it is no longer that (requests.c), and tell it.
void plugin_note_take(struct audio *audio) REALTIME;
void plugin_tell_take(struct audio *audio) REALTIME;

/// Ask the worker to load the file at `path`; false if there is no worker or it has no room (worker.c).
bool plugin_request(struct plugin *plugin, const char *path, uint32_t length) REALTIME;

/// Have the worker write what is gathered; false if it has no room (worker.c).
bool plugin_request_writing(struct plugin *plugin) REALTIME;

/// Have the worker prepare an export to that path.
bool plugin_request_export(struct plugin *plugin, const char *path, uint32_t length) REALTIME;

/// Have the worker free what is no longer used, if there is something.
void plugin_request_collection(struct plugin *plugin) REALTIME;

/// Read one patch message (patch.c).
void plugin_read_patch(struct plugin *plugin, const LV2_Atom_Object *message) REALTIME;

/// Write what is to be told into the notify port, as far as there is room.
void plugin_write_announcements(struct plugin *plugin) REALTIME;

/// Leave the notify port empty.
void plugin_write_nothing(struct plugin *plugin) REALTIME;

/// Do what the ports ask of the take (requests.c): `lock`, and `regenerate` and `undo` when they rise.
void plugin_apply_requests(struct plugin *plugin) REALTIME;

/// Lock the bars written in the `length` bytes at `text`, and no others.
void plugin_lock_bars(struct plugin *plugin, const char *text, uint32_t length) REALTIME;

/// Compose the bars written there anew.
void plugin_regenerate_bars(struct plugin *plugin, const char *text, uint32_t length) REALTIME;

/// Export to that path.
void plugin_export(struct plugin *plugin, const char *path, uint32_t length) REALTIME;

/// Go on with an export, if there is one.
void plugin_continue_export(struct plugin *plugin) REALTIME;

/// Keep `#status` up to date (status_line.c).
void plugin_update_status(struct plugin *plugin) REALTIME;

/// What extension_data() returns.
const void *plugin_worker_interface(void);
const void *plugin_state_interface(void);

#endif // RITORNELLO_PLUGIN_H
