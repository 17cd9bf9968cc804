// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "roll_link.h"

#include <string.h>

/// Seconds after which everything is asked for again if messages are still missed.
static const double ASK_SECONDS = 1.0;

/// Seconds between two messages because of what is in sight.
static const double SIGHT_SECONDS = 0.1;

void
roll_link_init(struct roll_link *const link, LV2_URID_Map *const map, const uint32_t window)
{
  *link = (struct roll_link){.said = -1.0, .asked = -1.0, .is_fresh = true};
  memcpy(&link->window, &window, sizeof link->window);
  window_uris_map(&link->uris, map);
  lv2_atom_forge_init(&link->forge, map);
}

static const LV2_Atom *
write_message(struct roll_link *const link, const LV2_URID kind, const int32_t *const ints, const uint32_t count)
{
  lv2_atom_forge_set_buffer(&link->forge, link->message.bytes, sizeof link->message.bytes);
  window_message_write(&link->uris, &link->forge, kind, ints, count);
  return &link->message.atom;
}

/// Whether it is time to say that the window looks.
static bool
is_due(const struct roll_link *const link, const int32_t first_bar, const int32_t bar_count, const double now)
{
  const bool looks_elsewhere = first_bar != link->first_bar || bar_count != link->bar_count;
  return link->said < 0.0 || now < link->said || now - link->said >= WINDOW_LOOK_SECONDS ||
         (link->is_fresh && (link->asked < 0.0 || now - link->asked >= ASK_SECONDS)) ||
         (looks_elsewhere && now - link->said >= SIGHT_SECONDS);
}

const LV2_Atom *
roll_link_message(struct roll_link *const link,
                  struct roll_model *const model,
                  const int32_t first_bar,
                  const int32_t bar_count,
                  const double now)
{
  const int32_t first = first_bar < 0 ? 0 : first_bar < WINDOW_BAR_LAST ? first_bar : WINDOW_BAR_LAST - 1;
  const int32_t count = bar_count < 0 ? 0 : bar_count < WINDOW_LOOK_BARS ? bar_count : WINDOW_LOOK_BARS;
  if (roll_model_has_gap(model) && !link->is_fresh) {
    roll_model_clear(model);
    link->is_fresh = true;
  }
  if (!is_due(link, first, count, now)) {
    return NULL;
  }
  const int32_t ints[LOOK_SIZE] = {
      [LOOK_WINDOW] = link->window,
      [LOOK_FIRST_BAR] = first,
      [LOOK_BAR_COUNT] = count,
      [LOOK_FRESH] = link->is_fresh,
  };
  link->said = now;
  link->asked = link->is_fresh ? now : link->asked;
  link->is_fresh = false;
  link->first_bar = first;
  link->bar_count = count;
  return write_message(link, link->uris.look, ints, LOOK_SIZE);
}

const LV2_Atom *
roll_link_goodbye(struct roll_link *const link)
{
  const int32_t ints[GOODBYE_SIZE] = {[GOODBYE_WINDOW] = link->window};
  return write_message(link, link->uris.goodbye, ints, GOODBYE_SIZE);
}
