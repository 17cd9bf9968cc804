// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The composer's take, copied to be saved, and another one in its place.

#include "composer_image.h"

#include "composer_private.h"

void
composer_image_begin(struct composer *const composer, struct take_image *const image) REALTIME
{
  take_image_begin(image, composer->take);
}

enum image_progress
composer_image_fill(struct composer *const composer, struct take_image *const image, const uint32_t entries) REALTIME
{
  struct composer *const c = composer;
  const enum image_progress progress = take_image_fill(image, c->take, c->latches, entries);
  image->salt = c->salt;
  image->locked = c->locked;
  composer_unheard(c, &image->unheard_from, &image->unheard_end);
  return progress;
}

bool
composer_has_take(const struct composer *const composer) REALTIME
{
  return composer->has_take;
}

void
composer_exchange(struct composer *const composer,
                  struct take **const take,
                  struct latches **const latches,
                  const uint32_t salt) REALTIME
{
  struct composer *const c = composer;
  struct take *const old_take = c->take;
  struct latches *const old_latches = c->latches;
  take_succeed(*take, old_take);
  c->take = *take;
  c->latches = *latches;
  *take = old_take;
  *latches = old_latches;
  c->salt = salt;
  c->fork.is_open = false;
  c->has_take = true;
  c->present = latches_number(c->latches, &c->controls);
  c->has_lost_bars = false;
  ++c->pass; // Its bars are of former times
  section_lose(&c->section);
  c->frontier = c->playhead;
  c->is_settled = false;
  c->is_arriving = false;
  composer_land(c);
  if (c->weights) {
    composer_settle(c);
  }
}

bool
composer_has_lost_bars(const struct composer *const composer) REALTIME
{
  return composer->has_lost_bars;
}
