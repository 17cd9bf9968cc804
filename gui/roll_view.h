// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The piano roll: draws what a roll_model knows. From left to right: the keyboard, the song with bars and beats, past notes,
// the playhead, what is composed ahead; above the notes the arcs of recall; at the right edge the quotation meter. Pure cairo,
// in logical pixels like all views (theme.h): whoever draws scales the context. It keeps where it is scrolled and zoomed to,
// and which parts of the picture are out of date.
//
//     a message came, or a frame's time has passed:  roll_view_advance()
//     it has damage:                                 draw with the context clipped to roll_view_damage()

#ifndef RITORNELLO_ROLL_VIEW_H
#define RITORNELLO_ROLL_VIEW_H

#include "roll_model.h"

#include <cairo.h>

#include <stdbool.h>
#include <stdint.h>

enum {
  ROLL_VIEW_WIDTH_LEAST = 320, ///< Below this size nothing sensible is drawn, but nothing breaks either
  ROLL_VIEW_HEIGHT_LEAST = 160,
  ROLL_VIEW_DAMAGES = 16, ///< Rectangles of damage at most
};

/// A part of the view, in logical pixels from its upper left corner.
struct roll_rect {
  double x, y, width, height;
};

struct roll_view;

/// Make a view of `model`, which stays alive longer.
struct roll_view *roll_view_new(const struct roll_model *model);
void roll_view_free(struct roll_view *view);

void roll_view_resize(struct roll_view *view, double width, double height);

/// Look at the model as it is at `now`, seconds of any clock that goes on: the playhead moves on between messages, the roll
/// glides along with it, what has changed becomes damage.
void roll_view_advance(struct roll_view *view, double now);

/// Return whether the picture will change though no message comes: ask for frames then, at 30 per second or so; otherwise a
/// call of roll_view_advance() after each message is enough.
bool roll_view_is_moving(const struct roll_view *view);

/// Take the damage since the last call: rectangles to draw anew, which may overlap, in `rects`; return how many, 0 if the
/// picture is as it was drawn.
uint32_t roll_view_damage(struct roll_view *view, struct roll_rect rects[ROLL_VIEW_DAMAGES]);

/// Draw, at the context's origin, what lies within its clip.
void roll_view_draw(struct roll_view *view, cairo_t *cairo);

/// Where the user looks. Zooming keeps what is at `x` where it is; `factor` above 1 comes closer. Scrolling by hand (`pixels`
/// to the right) ends following.
void roll_view_zoom(struct roll_view *view, double factor, double x);
void roll_view_scroll(struct roll_view *view, double pixels);

/// Follow the playhead, as it does from the beginning; or not.
void roll_view_follow(struct roll_view *view, bool follows);
bool roll_view_is_following(const struct roll_view *view);

/// Return the pixels per quarter note, 4 to 400, to be kept from one opening of the window to the next; and set them.
double roll_view_zoom_level(const struct roll_view *view);
void roll_view_set_zoom_level(struct roll_view *view, double pixels_per_quarter);

/// Return the first bar that is in sight, and set `count` to how many are, for roll_link_message().
int32_t roll_view_sight(const struct roll_view *view, int32_t *count);

/// Return the bar at a point (0: the song's first), or -1 if none is there: over the keyboard or the meter, before bar 1.
int32_t roll_view_bar_at(const struct roll_view *view, double x, double y);

/// Show these bars as chosen by the user; `count` 0: none.
void roll_view_choose_bars(struct roll_view *view, int32_t first, int32_t count);

/// The pointer is at this point: the bar under it is shown as one that can be clicked. Outside the view: at none.
void roll_view_hover(struct roll_view *view, double x, double y);

/// Write what is at a point in words for a tooltip into `text` (`size` bytes): "Bar 12, locked"; "" if there is nothing to say.
void roll_view_describe(const struct roll_view *view, double x, double y, char *text, uint32_t size);

#endif // RITORNELLO_ROLL_VIEW_H
