// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The list of files.

#include "file_list.h"

#include "paint.h"
#include "stage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const double LINE = 20.0;
static const double WIDTH = 460.0;
static const double SIDE = 8.0;
static const double ICON_WIDTH = 20.0;
static const double INSET = 4.0;
enum { LINES = 9 };

struct file_list {
  struct widget widget;
  const char *extension;
  struct folder_list folder;
  char prefix[FOLDER_PATH]; ///< Of the names shown
  size_t top;               ///< First shown
  int lit;                  ///< Of those shown; -1: none
  void (*choose)(void *handle, const char *path, enum file_choice choice);
  void *handle;
};

static bool
is_listed(const struct file_list *const list, const size_t index)
{
  return !strncasecmp(list->folder.entries[index].name, list->prefix, strlen(list->prefix));
}

/// The entry that is `number`-th of those listed; NULL if there are fewer.
static const struct folder_entry *
listed(const struct file_list *const list, const size_t number)
{
  size_t found = 0;
  for (size_t i = 0; i < list->folder.count; ++i) {
    if (is_listed(list, i) && found++ == number) {
      return &list->folder.entries[i];
    }
  }
  return NULL;
}

static size_t
listed_count(const struct file_list *const list)
{
  size_t count = 0;
  for (size_t i = 0; i < list->folder.count; ++i) {
    count += is_listed(list, i);
  }
  return count;
}

static double
list_min_width(struct widget *const widget, cairo_t *const gauge)
{
  (void)widget;
  (void)gauge;
  return WIDTH;
}

static double
list_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return LINES * LINE + 2.0 * INSET;
}

static void
draw_line(const struct file_list *const list, struct painter *const painter, const size_t line, const bool is_lit)
{
  const struct folder_entry *const entry = listed(list, list->top + line);
  const struct box *const box = &list->widget.box;
  const struct box row = {box->x + INSET, box->y + INSET + LINE * (double)line, box->width - 2.0 * INSET, LINE};
  if (is_lit) {
    paint_box(painter, &row, THEME_BUTTON);
  }
  theme_set(painter->cairo, entry->is_folder ? THEME_ACCENT_DIM : THEME_TEXT_DIM);
  paint_icon(painter, entry->is_folder ? ICON_FOLDER : ICON_NOTE, row.x + SIDE + 4.0, row.y + LINE / 2.0, 12.0);
  const struct box text = {row.x + SIDE + ICON_WIDTH, row.y, row.width - 2.0 * SIDE - ICON_WIDTH, row.height};
  const unsigned cut = painter->cut_texts;
  paint_text(painter, FONT_NORMAL, THEME_TEXT, &text, ALIGN_LEFT, entry->name);
  painter->cut_texts = cut; // Names of files are as long as they are
}

static void
list_draw(struct widget *const widget, struct painter *const painter)
{
  const struct file_list *const list = (const struct file_list *)widget;
  const size_t count = listed_count(list);
  paint_well(painter, &widget->box);
  for (size_t line = 0; line < LINES && list->top + line < count; ++line) {
    draw_line(list, painter, line, list->lit >= 0 && (size_t)list->lit == list->top + line);
  }
  if (count > LINES) {
    const double way = widget->box.height - 2.0 * INSET;
    cairo_rectangle(painter->cairo, widget->box.x + widget->box.width - 5.0,
                    widget->box.y + INSET + way * (double)list->top / (double)count, 3.0, way * LINES / (double)count);
    theme_set(painter->cairo, THEME_TRACK);
    cairo_fill(painter->cairo);
  }
}

static void
list_destroy(struct widget *const widget)
{
  folder_list_free(&((struct file_list *)widget)->folder);
}

static void
tell(const struct file_list *const list, const size_t number, const enum file_choice choice)
{
  const struct folder_entry *const entry = listed(list, number);
  char path[2 * FOLDER_PATH];
  if (entry) {
    snprintf(path, sizeof path, "%s%s", list->folder.folder, entry->name);
    list->choose(list->handle, path, choice == FILE_TAKEN && entry->is_folder ? FILE_CLICKED : choice);
  }
}

static bool
press(struct file_list *const list, const struct input *const input)
{
  const double line = floor((input->y - list->widget.box.y - INSET) / LINE);
  if (line >= 0.0 && line < LINES && listed(list, list->top + (size_t)line)) {
    list->lit = (int)(list->top + (size_t)line);
    widget_damage(&list->widget);
    tell(list, (size_t)list->lit, input->clicks == 2 ? FILE_TAKEN : FILE_CLICKED);
  }
  return true;
}

static void
scroll(struct file_list *const list, const int lines)
{
  const size_t count = listed_count(list);
  const long most = count > LINES ? (long)(count - LINES) : 0;
  const long wanted = (long)list->top + lines;
  list->top = (size_t)(wanted < 0 ? 0 : wanted > most ? most : wanted);
  widget_damage(&list->widget);
}

static bool
list_input(struct widget *const widget, const struct input *const input)
{
  struct file_list *const list = (struct file_list *)widget;
  if (input->kind == INPUT_PRESS) {
    return press(list, input);
  }
  if (input->kind == INPUT_SCROLL) {
    scroll(list, input->scroll > 0.0 ? -3 : 3);
  }
  return input->kind != INPUT_KEY;
}

static const struct widget_class list_class = {
    .min_width = list_min_width,
    .height = list_height,
    .draw = list_draw,
    .input = list_input,
    .destroy = list_destroy,
};

struct widget *
file_list_new(const char *const name,
              const char *const extension,
              void (*const choose)(void *handle, const char *path, enum file_choice choice),
              void *const handle)
{
  struct widget *const widget = widget_new(sizeof(struct file_list), &list_class, name);
  struct file_list *const list = (struct file_list *)widget;
  list->extension = extension;
  list->choose = choose;
  list->handle = handle;
  list->lit = -1;
  return widget;
}

void
file_list_show(struct widget *const widget, const char *const path)
{
  struct file_list *const list = (struct file_list *)widget;
  const char *const name = path_name(path);
  char folder[FOLDER_PATH];
  snprintf(folder, sizeof folder, "%.*s", (int)(name - path), path);
  if (strcmp(folder, list->folder.folder) != 0) {
    folder_list_free(&list->folder);
    folder_list_read(&list->folder, folder, list->extension);
  }
  snprintf(list->prefix, sizeof list->prefix, "%s", name);
  list->top = 0;
  list->lit = -1;
  widget_damage(widget);
}

bool
file_list_is_readable(const struct widget *const widget)
{
  return ((const struct file_list *)widget)->folder.is_readable;
}

const struct folder_list *
file_list_folder(const struct widget *const widget)
{
  return &((const struct file_list *)widget)->folder;
}

void
file_list_step(struct widget *const widget, const int step)
{
  struct file_list *const list = (struct file_list *)widget;
  const int count = (int)listed_count(list);
  if (count == 0) {
    return;
  }
  const int wanted = list->lit < 0 ? (step > 0 ? 0 : count - 1) : list->lit + step;
  list->lit = wanted < 0 ? 0 : wanted >= count ? count - 1 : wanted;
  if ((size_t)list->lit < list->top) {
    list->top = (size_t)list->lit;
  } else if ((size_t)list->lit >= list->top + LINES) {
    list->top = (size_t)list->lit - LINES + 1;
  }
  widget_damage(widget);
  tell(list, (size_t)list->lit, FILE_REACHED);
}
