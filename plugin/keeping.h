// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The take on its way into a saved state, and back.
//
// Saving. LV2 lets a host call save() beside run(), or while run() is not called at all. So a copy of the take (an image,
// engine/take_image.h) is made by whoever holds the lease on what the audio thread uses. run() takes it for as long as it
// runs, and copies some bars at its end. If no run() comes for longer than blocks last, or the last one was in the very
// thread that saves, the saving thread takes the lease and copies all at once. A run() that comes at that very moment does
// not wait: its block lets time pass in silence, keeps what comes in (missed.h), and the next one goes on from there. Nobody
// ever waits for run() for ever.
//
// Restoring. The restoring thread makes a whole new take out of the file and puts it into a slot; the audio thread exchanges
// it for its own, if that is not worth keeping, and gives back what it no longer uses.

#ifndef RITORNELLO_KEEPING_H
#define RITORNELLO_KEEPING_H

#include "engine/composer_image.h"
#include "engine/midi_file.h"
#include "engine/performance.h"
#include "engine/realtime.h"
#include "engine/status.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct plugin;

/// Who may touch struct audio.
enum lease { LEASE_FREE, LEASE_RUN, LEASE_SAVE };

/// A take to be saved.
struct kept_take {
  struct take_image image;
  struct performance performance; ///< For the tracks that other programs play
  double bpm;                     ///< As well
  char title[128];                ///< As well
  bool is_begun;
  atomic_int progress; ///< enum image_progress; once it is complete, the image is the saving thread's
};

/// A restored take, or one that is no longer used.
struct given_take {
  struct given_take *next; ///< In the list of spent ones
  struct take *take;       ///< NULL: there is none, for this reason:
  struct latches *latches;
  uint32_t salt;
  struct bar_set locked;
  char locked_text[BAR_SET_TEXT];
  char error[ERROR_TEXT_SIZE]; ///< Why there is none, or ""
};

struct keeping {
  atomic_uint lease;
  atomic_uint runs;                   ///< How often run() was called
  atomic_uint frames;                 ///< In its last block
  _Atomic(pthread_t) runner;          ///< The thread it was in
  atomic_uint notes;                  ///< In the take
  atomic_bool has_take;               ///< composer_has_take()
  atomic_bool is_unsaved;             ///< The last time the take was to be saved, it could not be
  atomic_bool is_starved;             ///< There was no memory to restore a take; the audio thread takes this down
  _Atomic(struct kept_take *) wanted; ///< To be filled by whoever has the lease
  _Atomic(struct given_take *) given;
  _Atomic(struct given_take *) spent;
  pthread_mutex_t lock;      ///< Guards what follows, and lets one thread save or restore at a time
  struct take_image pending; ///< What is in `given`, as long as it is there
};

enum status keeping_init(struct keeping *keeping);

/// Free what is on its way. No other thread may use `keeping` any more.
void keeping_free(struct keeping *keeping);

/// In run(): take the lease. False if the take is being saved at this very moment.
bool keeping_begin(struct keeping *keeping, uint32_t frames) REALTIME;

/// Give it back.
void keeping_end(struct keeping *keeping) REALTIME;

/// Take a restored take out of the slot, or NULL.
struct given_take *keeping_take(struct keeping *keeping) REALTIME;

/// Give back what is no longer used.
void keeping_spend(struct keeping *keeping, struct given_take *given) REALTIME;

/// Return whether anything waits to be freed.
bool keeping_has_spent(struct keeping *keeping) REALTIME;

/// Free one that nobody else has.
void given_take_free(struct given_take *given);

/// Free what was given back.
void keeping_collect(struct keeping *keeping);

/// With the lease: go on with what is to be saved, looking at about `entries` bars and notes (keeping_save.c).
void plugin_keep(struct plugin *plugin, uint32_t entries) REALTIME;

/// Make a MIDI file of the plugin's take; without notes if it has none. Free it with midi_file_free().
enum status plugin_save_take(struct plugin *plugin, struct midi_file *file, struct error *error);

/// Let the plugin have the take in `file`, unless it has one. If `error` says that there is none in it, say so in #status.
void plugin_restore_take(struct plugin *plugin, const struct midi_file *file, const struct error *error);

#endif // RITORNELLO_KEEPING_H
