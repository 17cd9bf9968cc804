// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The composer's take, copied to be saved, and another one in its place. All for the audio thread, or for whoever keeps it
// from running meanwhile.

#ifndef RITORNELLO_COMPOSER_IMAGE_H
#define RITORNELLO_COMPOSER_IMAGE_H

#include "composer.h"
#include "latches.h"
#include "realtime.h"
#include "take_image.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Begin to copy the take into `image`; one image at a time.
void composer_image_begin(struct composer *composer, struct take_image *image) REALTIME;

/// Go on, by about `entries` bars and notes. No other image must be begun before it is complete or out of room, nor the take
/// be exchanged.
enum image_progress composer_image_fill(struct composer *composer, struct take_image *image, uint32_t entries) REALTIME;

/// Return whether the composer has a take: one that was heard or given to it, not only what it composed while standing.
bool composer_has_take(const struct composer *composer) REALTIME;

/// Return whether the take was full, and the oldest of its bars have left.
bool composer_has_lost_bars(const struct composer *composer) REALTIME;

/// Use `*take` and the latches of its notes from now on; both are then those used before. `salt` is that of the last
/// regeneration. The playhead stays, and so do all bars, in whatever metre.
void composer_exchange(struct composer *composer, struct take **take, struct latches **latches, uint32_t salt) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_COMPOSER_IMAGE_H
