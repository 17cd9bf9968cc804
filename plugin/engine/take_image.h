// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A copy of a take with all that makes it replay and go on: every version of its bars that a view shows, the views, and the
// controls that its notes were composed under. The audio thread makes it in slices while music is composed: bars that change
// meanwhile are copied again, and the copy is complete at a moment when none is left over. From a copy a new take is made,
// which is how a saved one comes back.

#ifndef RITORNELLO_TAKE_IMAGE_H
#define RITORNELLO_TAKE_IMAGE_H

#include "bar_set.h"
#include "composer.h"
#include "latches.h"
#include "performance.h"
#include "realtime.h"
#include "status.h"
#include "take.h"
#include "take_view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Where making an image has come to.
enum image_progress {
  IMAGE_BARS, ///< All bars are copied for the first time
  IMAGE_SETS, ///< The sets of controls are copied, and bars that have changed
  IMAGE_COMPLETE,
  IMAGE_NO_ROOM, ///< There are more notes than it has room for
};

/// The copy. Arrays are its own.
struct take_image {
  uint32_t bar_count;
  uint32_t bar_room;
  struct take_bar *bars; ///< [bar_count]; `first` is an index into `notes`, where a bar's notes stand in a row
  uint32_t note_count;
  uint32_t note_room;
  struct take_note *notes; ///< [note_count]; `latched` is an index into `sets`, `next` says nothing
  uint32_t set_count;
  struct controls *sets; ///< [set_count]
  struct view view;
  struct view history[TAKE_UNDO];
  uint32_t history_count;
  uint32_t versions;
  uint32_t acceptances;
  uint32_t salt; ///< The composer's, as what follows
  struct bar_set locked;
  struct position unheard_from; ///< What was composed while the transport stands, of bars shown, from here on
  uint32_t unheard_end;         ///< to before this bar. 0: nothing; left out by take_image_finish()

  enum image_progress progress; ///< While it is made
  uint32_t next;                ///< Slot or set that is looked at next
};

/// Make room for an image of a take that has `bars` slots and about `notes` notes.
enum status take_image_new(struct take_image *image, uint32_t bars, uint32_t notes, struct error *error);
void take_image_free(struct take_image *image);

/// Begin to copy `take`, which is watched until the image is complete.
void take_image_begin(struct take_image *image, struct take *take) REALTIME;

/// Go on, looking at about `entries` bars and notes. Other threads must not touch take and latches meanwhile. Ends the watching.
enum image_progress
take_image_fill(struct take_image *image, struct take *take, const struct latches *latches, uint32_t entries) REALTIME;

/// Put a complete image in order: bars by age, without those that no view shows and what nobody has heard, and no set that no
/// note has.
enum status take_image_finish(struct take_image *image, struct error *error);

/// Return whether any bar is shown.
bool take_image_is_empty(const struct take_image *image);

/// Make a take with room for `bars` bars and `notes` notes out of a finished image, and the latches of its notes (if not NULL).
enum status take_image_restore(const struct take_image *image,
                               uint32_t bars,
                               uint32_t notes,
                               struct take **take,
                               struct latches **latches,
                               struct error *error);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_TAKE_IMAGE_H
