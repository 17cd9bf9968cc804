// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What widgets are drawn of: texts in boxes, wells, buttons, icons.

#ifndef RITORNELLO_PAINT_H
#define RITORNELLO_PAINT_H

#include "theme.h"
#include "widget.h"

enum alignment {
  ALIGN_LEFT,
  ALIGN_CENTRE,
  ALIGN_RIGHT,
};

/// Draw one line of `text` in `box`, in the middle of its height. A text that is too wide is shortened, ends in "…" and is
/// counted in painter->cut_texts.
void paint_text(struct painter *painter,
                enum theme_font font,
                enum theme_colour colour,
                const struct box *box,
                enum alignment alignment,
                const char *text);

/// Draw it, broken into lines at spaces and "\n", from the top of `box`; what does not fit is counted as cut.
void paint_paragraph(
    struct painter *painter, enum theme_font font, enum theme_colour colour, const struct box *box, const char *text);

/// Return the height of that paragraph when it may be `max_width` wide, and set `*width` to what it takes of it.
double paint_paragraph_size(cairo_t *gauge, enum theme_font font, double max_width, const char *text, double *width);

/// Fill a rounded box.
void paint_box(struct painter *painter, const struct box *box, enum theme_colour fill);

/// Draw a well: where a value or a text is shown.
void paint_well(struct painter *painter, const struct box *box);

/// Draw something that lies over the rest, with its edge.
void paint_raised(struct painter *painter, const struct box *box);

/// Draw a line one device pixel wide around `box`, inside of it.
void paint_edge(struct painter *painter, const struct box *box, enum theme_colour colour, double radius);

/// Draw the ring that shows where the keyboard acts.
void paint_focus(struct painter *painter, const struct box *box);

/// The face of a button: as `widget` is hovered, pressed, on.
void paint_button(struct painter *painter, const struct widget *widget, bool is_on);

enum icon {
  ICON_NONE,
  ICON_REGENERATE,
  ICON_UNDO,
  ICON_LOCK,
  ICON_UNLOCK,
  ICON_DICE,
  ICON_SAVE,
  ICON_DOWN, ///< There is a menu
  ICON_FOLDER,
  ICON_NOTE,
  ICON_TICK,
};

/// Draw an icon of `size` around (`x`, `y`) in the present source colour.
void paint_icon(struct painter *painter, enum icon icon, double x, double y, double size);

#endif // RITORNELLO_PAINT_H
