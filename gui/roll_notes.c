// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Notes: the hand gives the colour, the velocity its strength. What has been heard is filled, what is composed ahead is
// hollow, what sounds now is lit.

#include "roll_view_private.h"
#include "theme.h"

#include <math.h>

enum { BARS_BEFORE = 7 }; // A note sounds into so many bars at most

static const double QUOTATION_HEIGHT = 3.0;

static void
note_path(cairo_t *const cairo, const struct roll_rect *const rect, const double inset)
{
  const double width = rect->width - 2.0 * inset;
  const double height = rect->height - 2.0 * inset;
  if (height > 4.0 && width > 4.0) {
    theme_rounded(cairo, rect->x + inset, rect->y + inset, width, height, 2.0);
  } else {
    cairo_rectangle(cairo, rect->x + inset, rect->y + inset, width, height);
  }
}

/// The colour of a note that is heard as strongly as it can be: the hand's, lighter if the user has played it.
static void
set_hand(cairo_t *const cairo, const struct roll_note *const note, const double strength)
{
  const enum theme_colour hand = note->is_left ? THEME_LEFT_HAND : THEME_RIGHT_HAND;
  if (note->is_played) {
    theme_set_mix(cairo, hand, THEME_PLAYHEAD, 0.35 + 0.35 * strength);
  } else {
    theme_set_mix(cairo, THEME_WELL, hand, strength);
  }
}

/// Filled, in the colour of the hand, stronger for a louder note.
static void
draw_heard(cairo_t *const cairo, const struct roll_rect *const rect, const struct roll_note *const note)
{
  set_hand(cairo, note, 0.5 + 0.5 * note->velocity / 127.0);
  note_path(cairo, rect, 0.0);
  cairo_fill(cairo);
}

/// Composed, not yet heard.
static void
draw_ahead(cairo_t *const cairo,
           const struct roll_rect *const rect,
           const struct roll_note *const note,
           const bool stale)
{
  const enum theme_colour hand = stale ? THEME_STALE : note->is_left ? THEME_LEFT_HAND : THEME_RIGHT_HAND;
  const double strength = 0.45 + 0.55 * note->velocity / 127.0;
  theme_set_mix(cairo, THEME_WELL, hand, 0.3 * strength);
  note_path(cairo, rect, 0.0);
  cairo_fill(cairo);
  theme_set_mix(cairo, THEME_WELL, hand, stale ? 0.6 : 0.35 + 0.6 * strength);
  cairo_set_line_width(cairo, rect->height > 3.0 ? 1.0 : 0.75);
  note_path(cairo, rect, 0.5);
  cairo_stroke(cairo);
}

/// Sounding.
static void
draw_lit(cairo_t *const cairo, const struct roll_rect *const rect, const struct roll_note *const note)
{
  const enum theme_colour hand = note->is_left ? THEME_LEFT_HAND : THEME_RIGHT_HAND;
  theme_set_alpha(cairo, hand, 0.28);
  theme_rounded(cairo, rect->x - 3.0, rect->y - 3.0, rect->width + 6.0, rect->height + 6.0, 5.0);
  cairo_fill(cairo);
  theme_set_mix(cairo, hand, THEME_PLAYHEAD, 0.6);
  note_path(cairo, rect, 0.0);
  cairo_fill(cairo);
}

static void
draw_note(const struct roll_view *const view,
          cairo_t *const cairo,
          const struct roll_bar *const bar,
          const double bar_x,
          const struct roll_note *const note)
{
  struct roll_rect rect;
  roll_view_note_rect(view, bar_x, note, &rect);
  const struct roll_rect glow = {rect.x - 3.0, rect.y - 3.0, rect.width + 6.0, rect.height + 6.0};
  if (roll_is_clipped_out(cairo, &glow)) {
    return;
  }
  const bool is_past = roll_view_is_past(view, bar->number, note->tick);
  const struct roll_axis axis = roll_view_axis(view);
  const double playhead = roll_axis_x(&axis, view->present.bar, view->present.tick);
  const double end = bar_x + (note->tick + note->sounding) * axis.pixels_per_tick;
  if (is_past && end > playhead && (view->present.flags & MOMENT_IS_PLAYING)) {
    draw_lit(cairo, &rect, note);
  } else if (is_past) {
    draw_heard(cairo, &rect, note);
  } else {
    draw_ahead(cairo, &rect, note, (bar->flags & BAR_IS_STALE) != 0);
  }
}

/// The colour of a quotation of `notes`.
static enum theme_colour
quotation_colour(const uint16_t notes)
{
  return notes >= 32 ? THEME_ERROR : notes >= 16 ? THEME_WARNING : THEME_GOOD;
}

/// A line along the lower edge wherever music is quoted.
static void
draw_quotations(const struct roll_view *const view,
                cairo_t *const cairo,
                const struct roll_bar *const bar,
                const double bar_x)
{
  const struct roll_rect notes = roll_view_areas(view).notes;
  const double scale = view->pixels_per_quarter / ROLL_TICKS_PER_QUARTER;
  for (uint32_t i = 0; i < bar->count; ++i) {
    const uint16_t quotation = bar->notes[i].quotation;
    if (quotation == WINDOW_UNKNOWN || quotation < 9) {
      continue;
    }
    const bool has_next = i + 1 < bar->count;
    const double end = has_next ? bar->notes[i + 1].tick : bar->notes[i].tick + bar->notes[i].sounding;
    theme_set_alpha(cairo, quotation_colour(quotation), 0.85);
    cairo_rectangle(cairo, bar_x + bar->notes[i].tick * scale, notes.y + notes.height - QUOTATION_HEIGHT,
                    fmax(1.0, (end - bar->notes[i].tick) * scale), QUOTATION_HEIGHT);
    cairo_fill(cairo);
  }
}

void
roll_draw_notes(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_axis axis = roll_view_axis(view);
  int32_t count = 0;
  const int32_t sight = roll_view_sight(view, &count);
  const int32_t first = sight > BARS_BEFORE ? sight - BARS_BEFORE : 0;
  double x = roll_axis_x(&axis, first, 0.0);
  for (int32_t number = first; number < sight + count; ++number) {
    const struct roll_bar *const bar = roll_model_bar(view->model, number);
    const double width = roll_bar_ticks(roll_model_metre(view->model, number)) * axis.pixels_per_tick;
    const struct roll_rect reach = {x - 4.0, 0.0, width + ROLL_LONGEST_NOTE * axis.pixels_per_tick, view->height};
    if (bar && !roll_is_clipped_out(cairo, &reach)) {
      for (uint32_t i = 0; i < bar->count; ++i) {
        draw_note(view, cairo, bar, x, &bar->notes[i]);
      }
      draw_quotations(view, cairo, bar, x);
    }
    x += width;
  }
}

uint32_t
roll_view_targets(const struct roll_view *const view, struct roll_target targets[ROLL_TARGETS])
{
  const struct roll_bar *const bar = roll_model_bar(view->model, view->seen_onset_bar);
  const struct roll_axis axis = roll_view_axis(view);
  const double row = roll_view_row(view);
  const double width = fmax(12.0, view->pixels_per_quarter / 4.0);
  uint32_t count = 0;
  for (uint32_t i = 0; bar && view->present.ticks_per_second > 0.0 && i < bar->count; ++i) {
    const struct roll_note *const note = &bar->notes[i];
    for (uint32_t g = 0; note->tick == view->seen_onset_tick && g < note->glance_count && count < ROLL_TARGETS; ++g) {
      const struct roll_glance *const glance = &note->glances[g];
      const double x = roll_axis_x(&axis, glance->bar, glance->tick);
      if (glance->pitch != 0 && x > -width) {
        const double y = roll_view_pitch_y(view, glance->pitch);
        targets[count++] = (struct roll_target){{x - 3.0, y - 3.0, width, row + 6.0}, glance->share};
      }
    }
  }
  return count;
}

void
roll_draw_targets(const struct roll_view *const view, cairo_t *const cairo)
{
  struct roll_target targets[ROLL_TARGETS];
  const uint32_t count = roll_view_targets(view, targets);
  for (uint32_t i = 0; i < count; ++i) {
    const struct roll_rect *const rect = &targets[i].rect;
    theme_set_alpha(cairo, THEME_RECALL, fmin(0.75, 0.2 + 0.8 * targets[i].share / NOTE_SHARE_WHOLE));
    theme_rounded(cairo, rect->x, rect->y, rect->width, rect->height, 4.0);
    cairo_fill(cairo);
  }
}
