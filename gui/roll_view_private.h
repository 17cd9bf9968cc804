// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The roll view's inside, shared by its parts: roll_view.c (what is where, what the user asks), roll_time.c (the playhead,
// scrolling along), roll_damage.c (what is out of date), roll_focus.c (what is heard now), roll_draw.c (the picture from its
// parts), roll_notes.c (notes), roll_recall.c (arcs), roll_side.c (keyboard and quotation meter).

#ifndef RITORNELLO_ROLL_VIEW_PRIVATE_H
#define RITORNELLO_ROLL_VIEW_PRIVATE_H

#include "roll_axis.h"
#include "roll_view.h"

enum {
  ROLL_SEEN_BARS = 512,    ///< Bars in sight at most
  ROLL_LONGEST_NOTE = 576, ///< Ticks
  ROLL_FOCUS = 48,         ///< Notes in focus
  ROLL_TARGETS = 32,       ///< Places that they look back at, as far as those are shown among the notes
};

/// Where the parts are. All of the same height or width as the view where they meet its edges.
struct roll_areas {
  struct roll_rect ruler;    ///< Bar numbers, above recall and notes
  struct roll_rect recall;   ///< Arcs, between ruler and notes
  struct roll_rect notes;    ///< By time and pitch
  struct roll_rect keyboard; ///< To the left of the notes
  struct roll_rect meter;    ///< Right edge, all of the height
};

/// A place that a note heard now looked back at, as it is shown among the notes.
struct roll_target {
  struct roll_rect rect;
  double share; ///< Of 255
};

/// The quiet arcs of complete bars as they were drawn (roll_recall.c).
struct roll_kept {
  cairo_surface_t *picture; ///< NULL: none
  double scale;             ///< Device pixels per pixel
  int32_t left_bar;         ///< Where the roll was then
  double left_tick;
  double pixels_per_quarter;
  double width;
  double height;
  int32_t first; ///< The bars in it
  int32_t end;
  uint64_t state; ///< Of those
};

struct roll_view {
  const struct roll_model *model;
  double width;
  double height;
  double pixels_per_quarter;

  int32_t left_bar; ///< The place at the left edge of the notes
  double left_tick;
  bool follows;
  bool glides; ///< To `left_goal`, from `glide_ticks` before or after it, since `glide_begin`
  int32_t left_goal;
  double glide_ticks;
  double glide_begin;

  double now;                 ///< Of the last roll_view_advance(); below 0: none yet
  uint32_t seen_moment;       ///< Revision of the moment that was looked at
  struct roll_moment present; ///< It, but the playhead's place is the one shown
  int lowest;                 ///< Pitches shown
  int highest;

  int32_t chosen_first;
  int32_t chosen_count;
  int32_t hovered; ///< Bar, or -1

  uint32_t seen_model;                ///< Revision
  uint32_t seen_bars[ROLL_SEEN_BARS]; ///< Revisions, by number % ROLL_SEEN_BARS
  uint16_t seen_quotation;
  int32_t seen_onset_bar; ///< The onset that the playhead came over last
  int32_t seen_onset_tick;
  uint32_t target_count;
  struct roll_target targets[ROLL_TARGETS]; ///< [target_count] As drawn
  bool recall_is_due;                       ///< The arcs are out of date
  double recall_drawn;                      ///< When the arcs became damage last

  uint8_t seen_keys[128]; ///< As roll_view_keys() says

  struct roll_kept kept;

  uint32_t damage_count;
  struct roll_rect damages[ROLL_VIEW_DAMAGES];
};

/// A note that arcs are drawn of.
struct roll_focus {
  int32_t bar;
  const struct roll_note *note;
  double strength; ///< 0 to 1
  bool is_heard;   ///< At the playhead; else it is the one composed last
};

struct roll_areas roll_view_areas(const struct roll_view *view);
struct roll_axis roll_view_axis(const struct roll_view *view);

static inline double
roll_view_pixels_per_tick(const struct roll_view *const view)
{
  return view->pixels_per_quarter / ROLL_TICKS_PER_QUARTER;
}

/// Put a place at the left edge; not before the song's beginning.
void roll_view_set_left(struct roll_view *view, int32_t bar, double tick);

/// Return where the playhead is.
double roll_view_playhead_x(const struct roll_view *view);

/// Make all of the view damage; or all that moves when the roll scrolls; or the columns of a bar.
void roll_damage_all(struct roll_view *view);
void roll_damage_song(struct roll_view *view);
void roll_damage_bar(struct roll_view *view, int32_t number);

/// Make damage of what is not as it was drawn. The moment was `before`, and the playhead at `from`.
void roll_view_look(struct roll_view *view, const struct roll_moment *before, double from);

/// Set `bar` and `tick` to the last onset that the playhead came over; bar -1: none near.
void roll_view_last_onset(const struct roll_view *view, int32_t *bar, int32_t *tick);

/// Return the height of a key's row, and the top of that of `pitch`.
double roll_view_row(const struct roll_view *view);
double roll_view_pitch_y(const struct roll_view *view, int pitch);

/// Set `rect` to where a note is.
void
roll_view_note_rect(const struct roll_view *view, double bar_x, const struct roll_note *note, struct roll_rect *rect);

/// Collect the notes in focus into `focus`, return how many: those of the last onsets before the playhead, while time goes on,
/// and those composed last.
uint32_t roll_view_focus(const struct roll_view *view, struct roll_focus focus[ROLL_FOCUS]);

/// Collect what the last onset before the playhead looked back at, while time goes on; return how many.
uint32_t roll_view_targets(const struct roll_view *view, struct roll_target targets[ROLL_TARGETS]);

/// Return whether the place is before the playhead.
bool roll_view_is_past(const struct roll_view *view, int32_t bar, double tick);

/// Set `keys` [128], by pitch, to 1 or 2 where the right or left hand's note sounds at the playhead, to 0 elsewhere.
void roll_view_keys(const struct roll_view *view, uint8_t keys[128]);

/// Return the longest quotation that the notes heard last are in, or WINDOW_UNKNOWN.
uint16_t roll_view_quotation(const struct roll_view *view);

void roll_draw_bars(const struct roll_view *view, cairo_t *cairo);
void roll_draw_notes(const struct roll_view *view, cairo_t *cairo);
void roll_draw_ruler(const struct roll_view *view, cairo_t *cairo);
void roll_draw_recall(struct roll_view *view, cairo_t *cairo);
void roll_draw_targets(const struct roll_view *view, cairo_t *cairo);
void roll_draw_keyboard(const struct roll_view *view, cairo_t *cairo);
void roll_draw_meter(const struct roll_view *view, cairo_t *cairo);

/// Free the picture that is kept.
void roll_recall_forget(struct roll_view *view);

/// Return whether the clip of `cairo` meets a rectangle.
bool roll_is_clipped_out(cairo_t *cairo, const struct roll_rect *rect);

/// Clip to a rectangle.
void roll_clip(cairo_t *cairo, const struct roll_rect *rect);

#endif // RITORNELLO_ROLL_VIEW_PRIVATE_H
