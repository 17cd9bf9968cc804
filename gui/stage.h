// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The window's content as a whole: the tree of widgets, what lies over it (menus, dialogs, entries), who gets input, the
// tooltip, and what has changed since it was last drawn. The clock is handed in, so tests need not wait.

#ifndef RITORNELLO_STAGE_H
#define RITORNELLO_STAGE_H

#include "widget.h"

enum {
  STAGE_DAMAGES = 24,
  STAGE_OVERLAYS = 4,
  STAGE_TIP_DELAY = 600,    ///< Milliseconds that the pointer rests before a tooltip appears
  STAGE_DOUBLE_CLICK = 400, ///< Milliseconds between the clicks of a double click at most
};

/// Something over the rest, which gets all input until it is closed.
struct overlay {
  struct widget *widget;
  struct widget *focus_before;
  struct box (*place)(struct widget *widget, const struct stage *stage); ///< Where it should be
  bool is_closed;                                                        ///< To be freed
};

/// What the stage needs of the window that shows it. Each may be NULL.
struct stage_listener {
  void *handle;
  void (*copy)(void *handle, const char *text, size_t length); ///< Put this into the clipboard
  void (*paste)(void *handle);                                 ///< Ask for what is there, for stage_pasted()
};

struct stage {
  struct widget *root;
  struct stage_listener listener;
  struct overlay overlays[STAGE_OVERLAYS]; ///< [overlay_count], topmost last
  unsigned overlay_count;
  struct box size;             ///< Of the window; x and y are 0
  struct widget *hover;        ///< Under the pointer
  struct widget *grab;         ///< Pressed: gets the pointer until it is released
  struct widget *focus;        ///< Gets keys
  bool is_focus_shown;         ///< The keyboard is in use
  double pointer_x, pointer_y; ///< Where the pointer was last
  struct box damage[STAGE_DAMAGES];
  unsigned damage_count;        ///< [damage_count] are to be drawn anew
  cairo_t *gauge;               ///< Measures text
  uint32_t now;                 ///< Milliseconds
  uint32_t rest_since;          ///< When the pointer came to rest
  bool is_tip_due;              ///< A tooltip is to appear
  struct box tip;               ///< Where it is; without width: nowhere
  const struct widget *tip_of;  ///< Whose it is
  uint32_t press_time;          ///< Of the last press, for double clicks
  unsigned press_button;        ///< As well
  const struct widget *pressed; ///< As well
};

/// Make `stage` empty but for `root`, which it owns then.
void stage_init(struct stage *stage, struct widget *root);
void stage_free(struct stage *stage);

/// Return the least size that holds everything, uncut.
void stage_min_size(struct stage *stage, double *width, double *height);

/// Place everything in a window of that size; all is to be drawn then.
void stage_resize(struct stage *stage, double width, double height);

/// Place everything anew, as something has another size now.
void stage_rearrange(struct stage *stage);

/// Hand out input. Return whether it meant something to somebody.
bool stage_input(struct stage *stage, const struct input *input);

/// Let time pass: tooltips come.
void stage_tick(struct stage *stage, uint32_t now);

/// Say that a part must be drawn anew.
void stage_damage(struct stage *stage, const struct box *box);
void stage_damage_all(struct stage *stage);

/// Draw what is inside `clip`.
void stage_draw(struct stage *stage, struct painter *painter, const struct box *clip);

/// Show `widget`, which the stage owns then, over everything at the box that `place` finds, and give it all input. If too
/// many things lie there already, it is freed at once; return whether it is shown.
bool stage_open(struct stage *stage,
                struct widget *widget,
                struct box (*place)(struct widget *widget, const struct stage *stage));

/// Close `widget` and what was opened after it, at the end of the present input.
void stage_close(struct stage *stage, struct widget *widget);

/// The topmost overlay, NULL if none.
struct widget *stage_top(const struct stage *stage);

/// Put text into the clipboard; ask for what is there; and hand it to who has the focus.
void stage_copy(struct stage *stage, const char *text, size_t length);
void stage_paste(struct stage *stage);
void stage_pasted(struct stage *stage, const char *text);

/// Give the keyboard to `widget` (NULL: to none).
void stage_focus(struct stage *stage, struct widget *widget);

/// Forget `widget`, which is about to be freed.
void stage_forget(struct stage *stage, const struct widget *widget);

/// Move `box` so that it lies within the window, if it can.
struct box stage_fit(const struct stage *stage, struct box box);

#endif // RITORNELLO_STAGE_H
