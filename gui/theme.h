// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How the window looks: colours, fonts and distances, for every view. Lengths are logical pixels everywhere in gui/; whoever
// makes the cairo context scales it (HiDPI, zoom), so that views know nothing of it.

#ifndef RITORNELLO_THEME_H
#define RITORNELLO_THEME_H

#include <cairo.h>

/// X(NAME, 0xRRGGBB): what it is for.
// clang-format off
#define THEME_COLOURS(X) \
  X(BACKGROUND,    0x25272b) /* Behind everything */ \
  X(PANEL,         0x2e3136) /* A group of controls */ \
  X(PANEL_EDGE,    0x3a3d44) /* Its outline, and lines between things */ \
  X(WELL,          0x191b1e) /* Where music, text or a value is shown */ \
  X(WELL_EDGE,     0x3a3d44) \
  X(GRID_BAR,      0x44484f) /* Bar lines */ \
  X(GRID_BEAT,     0x292c30) /* Beat lines */ \
  X(GRID_BLACK,    0x161719) /* Rows of black keys in a WELL */ \
  X(TEXT,          0xe9e5dc) \
  X(TEXT_DIM,      0xa9a69e) /* Labels, units, what is less important */ \
  X(TEXT_OFF,      0x6d6e72) /* What can't be used now */ \
  X(TEXT_ON_ACCENT,0x1d1a14) /* On ACCENT, GOOD, ... */ \
  X(BUTTON,        0x3b3f46) \
  X(BUTTON_HOVER,  0x484d55) \
  X(BUTTON_DOWN,   0x2b2e33) \
  X(TRACK,         0x4a4e56) /* The part of a knob's or slider's way not gone */ \
  X(ACCENT,        0xe0ab4c) /* Gold: values, what is on */ \
  X(ACCENT_DIM,    0x8d7140) \
  X(FOCUS,         0x8fb8de) /* Ring around what the keyboard acts on */ \
  X(RIGHT_HAND,    0xe6b65c) /* Notes */ \
  X(LEFT_HAND,     0x62aecb) \
  X(RECALL,        0xb990e0) /* Arcs to what attention looks at */ \
  X(PLAYHEAD,      0xf6f2ea) \
  X(LOCKED,        0x7cba85) /* Bars that stay */ \
  X(STALE,         0x9a8f78) /* Bars to be composed anew */ \
  X(GOOD,          0x74b583) /* Meters */ \
  X(WARNING,       0xe3a53f) \
  X(ERROR,         0xe8695c)
// clang-format on

#define THEME_COLOUR_ID(name, value) THEME_##name,

enum theme_colour { THEME_COLOURS(THEME_COLOUR_ID) THEME_COLOUR_COUNT };

#undef THEME_COLOUR_ID

/// Set the source of `cairo` to a colour, fully opaque.
void theme_set(cairo_t *cairo, enum theme_colour colour);

/// As well, `alpha` from 0 (nothing is drawn) to 1.
void theme_set_alpha(cairo_t *cairo, enum theme_colour colour, double alpha);

/// Set the source to what lies between two colours: `part` 0 is `from`, 1 is `to`.
void theme_set_mix(cairo_t *cairo, enum theme_colour from, enum theme_colour to, double part);

/// Add a colour stop to a gradient, as theme_set_alpha() sets a colour.
void theme_add_stop(cairo_pattern_t *pattern, double offset, enum theme_colour colour, double alpha);

/// Distances.
enum {
  THEME_UNIT = 4,     ///< All gaps are multiples of it
  THEME_GAP = 8,      ///< Between neighbours
  THEME_MARGIN = 12,  ///< Around the window's content
  THEME_PADDING = 10, ///< Between a panel's edge and what is in it
  THEME_ROW = 24,     ///< Height of a button, a drop-down, an entry
  THEME_RADIUS = 4,   ///< Of rounded corners
};

/// Fonts, all of the DejaVu family (theme.c falls back on what fontconfig has instead).
enum theme_font {
  FONT_TINY,    ///< Bar numbers, key names
  FONT_SMALL,   ///< Labels of controls, values
  FONT_NORMAL,  ///< Buttons, entries, menus, the status line
  FONT_STRONG,  ///< The same, bold
  FONT_HEADING, ///< Titles of panels
  FONT_TITLE,   ///< The name of the plugin
  FONT_COUNT
};

/// Choose a font for the text functions of cairo, and how it is drawn: the same at every scale.
void theme_font(cairo_t *cairo, enum theme_font font);

/// Height of a line, and where its baseline lies below the line's top.
double theme_line_height(enum theme_font font);
double theme_baseline(enum theme_font font);

/// Width of `text` (UTF-8).
double theme_text_width(cairo_t *cairo, enum theme_font font, const char *text);

/// Draw `text` in the present source colour, its line's left end at `x`, the top of its line at `y`.
void theme_text(cairo_t *cairo, enum theme_font font, double x, double y, const char *text);

/// Draw it with its middle at (`x`, `y`): of its width, and of the height of its capital letters.
void theme_text_centred(cairo_t *cairo, enum theme_font font, double x, double y, const char *text);

/// Add a rectangle with rounded corners to the path.
void theme_rounded(cairo_t *cairo, double x, double y, double width, double height, double radius);

#endif // RITORNELLO_THEME_H
