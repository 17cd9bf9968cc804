// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Dialogs, and the one that says what this is.

#include "dialog.h"

#include "button.h"
#include "label.h"
#include "layout.h"
#include "paint.h"

#include <math.h>

static const double PADDING = 16.0;
static const double ABOUT_WIDTH = 440.0;

struct dialog {
  struct widget widget;
  const char *title;
};

static double
title_height(void)
{
  return theme_line_height(FONT_STRONG) + THEME_MARGIN;
}

static double
dialog_min_width(struct widget *const widget, cairo_t *const gauge)
{
  const struct dialog *const dialog = (const struct dialog *)widget;
  const double title = theme_text_width(gauge, FONT_STRONG, dialog->title);
  return ceil(fmax(title, widget->first->min_width)) + 2.0 * PADDING;
}

static double
dialog_height(struct widget *const widget, const double width)
{
  struct widget *const content = widget->first;
  return content->class->height(content, width - 2.0 * PADDING) + title_height() + 2.0 * PADDING;
}

static void
dialog_arrange(struct widget *const widget)
{
  struct box inside = box_inset(&widget->box, PADDING);
  inside.y += title_height();
  inside.height -= title_height();
  widget_place(widget->first, &inside);
}

static void
dialog_draw(struct widget *const widget, struct painter *const painter)
{
  const struct dialog *const dialog = (const struct dialog *)widget;
  struct box title = box_inset(&widget->box, PADDING);
  title.height = theme_line_height(FONT_STRONG);
  paint_box(painter, &widget->box, THEME_PANEL);
  paint_edge(painter, &widget->box, THEME_TRACK, THEME_RADIUS);
  paint_text(painter, FONT_STRONG, THEME_ACCENT, &title, ALIGN_LEFT, dialog->title);
}

/// Nothing behind it gets anything.
static bool
dialog_input(struct widget *const widget, const struct input *const input)
{
  (void)widget;
  return input->kind != INPUT_KEY;
}

static const struct widget_class dialog_class = {
    .min_width = dialog_min_width,
    .height = dialog_height,
    .arrange = dialog_arrange,
    .draw = dialog_draw,
    .input = dialog_input,
};

struct widget *
dialog_new(const char *const name, const char *const title, struct widget *const content)
{
  struct widget *const widget = widget_new(sizeof(struct dialog), &dialog_class, name);
  ((struct dialog *)widget)->title = title;
  widget_add(widget, content);
  return widget;
}

static struct box
place(struct widget *const widget, const struct stage *const stage)
{
  const double width = widget->min_width;
  const double height = widget->class->height(widget, width);
  const struct box box = {round((stage->size.width - width) / 2.0), round((stage->size.height - height) / 2.0), width,
                          height};
  return stage_fit(stage, box);
}

bool
dialog_open(struct stage *const stage, struct widget *const dialog)
{
  return stage_open(stage, dialog, place);
}

static void
close_top(void *const handle)
{
  struct stage *const stage = handle;
  stage_close(stage, stage_top(stage));
}

void
about_open(struct stage *const stage, const char *const version)
{
  struct widget *const content = column_new("", THEME_MARGIN);
  widget_add(content, label_new("version", FONT_NORMAL, THEME_TEXT_DIM, version));
  widget_add(content,
             paragraph_new("what", THEME_TEXT, ABOUT_WIDTH,
                           "The little thing that returns: composes classical piano music while the host plays, "
                           "remembers what it has played, and brings it back."));
  widget_add(content,
             paragraph_new("music", THEME_TEXT, ABOUT_WIDTH,
                           "Music that you make with it is yours. A network can still repeat a phrase that it has "
                           "learned: the quotation meter shows it, and Originality limits it. Listen before you "
                           "publish."));
  widget_add(content,
             paragraph_new("weights", THEME_TEXT_DIM, ABOUT_WIDTH,
                           "The bundled weights were trained on MIDI files by Bernd Krueger (www.piano-midi.de, CC "
                           "BY-SA 3.0 Germany) and by the typesetters of the Mutopia Project (public domain, CC BY "
                           "and CC BY-SA). They are licensed under CC BY-SA 4.0; other weight files have licences "
                           "of their own."));
  widget_add(content, paragraph_new("licence", THEME_TEXT_DIM, ABOUT_WIDTH,
                                    "The plugin is free software under the ISC licence. Copyright 2026 The Ritornello "
                                    "authors."));
  struct widget *const buttons = row_new("", ROW_FILL, THEME_GAP);
  widget_add(buttons, spacer_new(0.0, 1.0));
  widget_add(buttons, button_new("close", ICON_NONE, "Close", close_top, stage));
  widget_add(content, buttons);
  dialog_open(stage, dialog_new("about", "Ritornello", content));
}
