// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A view of the take: which version of every bar is the present one. Composing a stretch of bars anew gives it a new
// version and leaves the old bars where they are, so going back is taking up the view of before. A view is a list of ranges
// of bars, small enough to be copied.

#ifndef RITORNELLO_TAKE_VIEW_H
#define RITORNELLO_TAKE_VIEW_H

#include "realtime.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { VIEW_RANGES = 64 };

/// Bars of one version; the range goes up to where the next begins.
struct view_range {
  uint32_t first;
  uint32_t version;  ///< Which of the bars of one number
  uint32_t salt;     ///< 0, or what random numbers of bars composed here differ by (take_bar.salt)
  uint32_t accepted; ///< Counts how often undo brought the range back (take_bar.accepted)
};

struct view {
  uint32_t count;
  struct view_range ranges[VIEW_RANGES]; ///< [count], by rising `first`, which begins at 0
};

/// Make a view of version 0 alone.
void view_init(struct view *view) REALTIME;

/// Return the range that `bar` is in.
const struct view_range *view_at(const struct view *view, uint32_t bar) REALTIME;

/// Let bars `first` to `end - 1` (`end` UINT32_MAX: and all after them) be as `range`, whose `first` means nothing. If there
/// are too many ranges, the new one swallows its neighbours.
void view_assign(struct view *view, uint32_t first, uint32_t end, struct view_range range) REALTIME;

/// Copy the ranges of bars `first` to `end - 1` from one view to another.
void view_copy(struct view *to, const struct view *from, uint32_t first, uint32_t end) REALTIME;

/// Return the first bar that is of another version in one view than in the other; UINT32_MAX if none is.
uint32_t view_first_difference(const struct view *a, const struct view *b) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_TAKE_VIEW_H
