// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Editing one line of text. Positions are bytes, always at the beginning of a character.

#include "entry.h"

#include "paint.h"

#include <math.h>
#include <string.h>

static const double TEXT_SIDE = 6.0;

struct entry {
  struct widget widget;
  char text[ENTRY_SIZE];
  size_t cursor;
  size_t anchor; ///< Where the selection began; as the cursor: nothing is selected
  double scroll; ///< Pixels of text that are out of sight on the left
  bool is_popup;
  struct box place; ///< Of a popup
  struct entry_listener listener;
};

static size_t
smaller(const size_t a, const size_t b)
{
  return a < b ? a : b;
}

static size_t
larger(const size_t a, const size_t b)
{
  return a > b ? a : b;
}

static bool
is_inside_character(const char byte)
{
  return ((unsigned char)byte & 0xC0U) == 0x80U;
}

static size_t
left_of(const struct entry *const entry, size_t at)
{
  while (at > 0 && is_inside_character(entry->text[--at])) {
  }
  return at;
}

static size_t
right_of(const struct entry *const entry, size_t at)
{
  if (entry->text[at] == '\0') {
    return at;
  }
  ++at;
  while (is_inside_character(entry->text[at])) {
    ++at;
  }
  return at;
}

/// Width of the first `length` bytes.
static double
width_before(const struct entry *const entry, cairo_t *const cairo, const size_t length)
{
  char part[ENTRY_SIZE];
  memcpy(part, entry->text, length);
  part[length] = '\0';
  return theme_text_width(cairo, FONT_NORMAL, part);
}

/// Keep the cursor in sight.
static void
show_cursor(struct entry *const entry)
{
  cairo_t *const gauge = entry->widget.stage ? entry->widget.stage->gauge : NULL;
  if (!gauge) {
    return;
  }
  const double room = entry->widget.box.width - 2.0 * TEXT_SIDE;
  const double x = width_before(entry, gauge, entry->cursor);
  const double whole = width_before(entry, gauge, strlen(entry->text));
  entry->scroll = fmin(entry->scroll, x);
  entry->scroll = fmax(entry->scroll, x - room);
  entry->scroll = fmax(0.0, fmin(entry->scroll, whole - room));
}

static void
changed(struct entry *const entry)
{
  show_cursor(entry);
  widget_damage(&entry->widget);
  if (entry->listener.changed) {
    entry->listener.changed(entry->listener.handle, entry->text);
  }
}

/// Replace what is selected by `length` bytes; what has no room is left out.
static void
replace(struct entry *const entry, const char *const text, size_t length)
{
  const size_t from = smaller(entry->cursor, entry->anchor);
  const size_t to = larger(entry->cursor, entry->anchor);
  const size_t rest = strlen(entry->text + to) + 1;
  if (from + length + rest > ENTRY_SIZE) {
    length = ENTRY_SIZE - from - rest;
    while (length > 0 && is_inside_character(text[length])) {
      --length;
    }
  }
  memmove(entry->text + from + length, entry->text + to, rest);
  memcpy(entry->text + from, text, length);
  entry->cursor = from + length;
  entry->anchor = entry->cursor;
  changed(entry);
}

static void
move_cursor(struct entry *const entry, const size_t to, const bool is_selecting)
{
  entry->cursor = to;
  if (!is_selecting) {
    entry->anchor = to;
  }
  show_cursor(entry);
  widget_damage(&entry->widget);
}

/// Delete the selection, or the characters up to `to`.
static void
erase(struct entry *const entry, const size_t to)
{
  if (entry->cursor == entry->anchor) {
    entry->cursor = to;
  }
  replace(entry, "", 0);
}

static void
finish(struct entry *const entry)
{
  if (entry->is_popup) {
    stage_close(entry->widget.stage, &entry->widget);
    entry->is_popup = false; // Once is enough
  }
  if (entry->listener.done) {
    entry->listener.done(entry->listener.handle, entry->text);
  }
}

static bool
copy(struct entry *const entry)
{
  const size_t from = smaller(entry->cursor, entry->anchor);
  const size_t to = larger(entry->cursor, entry->anchor);
  if (from < to) {
    stage_copy(entry->widget.stage, entry->text + from, to - from);
  }
  return true;
}

/// Control and a letter.
static bool
command(struct entry *const entry, const char letter)
{
  switch (letter) {
  case 'a':
    entry->anchor = 0;
    move_cursor(entry, strlen(entry->text), true);
    return true;
  case 'c':
    return copy(entry);
  case 'x':
    copy(entry);
    replace(entry, "", 0);
    return true;
  case 'v':
    stage_paste(entry->widget.stage);
    return true;
  default:
    return false;
  }
}

static bool
key(struct entry *const entry, const struct input *const input)
{
  const bool is_selecting = (input->modifiers & INPUT_SHIFT) != 0;
  if (entry->listener.key && entry->listener.key(entry->listener.handle, input)) {
    return true;
  }
  switch (input->key) {
  case KEY_TEXT:
    if (input->modifiers & (INPUT_CONTROL | INPUT_ALT)) {
      return command(entry, input->text[0]);
    }
    replace(entry, input->text, strlen(input->text));
    return true;
  case KEY_LEFT:
    move_cursor(entry, left_of(entry, entry->cursor), is_selecting);
    return true;
  case KEY_RIGHT:
    move_cursor(entry, right_of(entry, entry->cursor), is_selecting);
    return true;
  case KEY_HOME:
    move_cursor(entry, 0, is_selecting);
    return true;
  case KEY_END:
    move_cursor(entry, strlen(entry->text), is_selecting);
    return true;
  case KEY_BACKSPACE:
    erase(entry, left_of(entry, entry->cursor));
    return true;
  case KEY_DELETE:
    erase(entry, right_of(entry, entry->cursor));
    return true;
  case KEY_ENTER:
    finish(entry);
    return true;
  default:
    return false;
  }
}

/// The place in the text nearest to `x`.
static size_t
place_at(const struct entry *const entry, const double x)
{
  const double wanted = x - entry->widget.box.x - TEXT_SIDE + entry->scroll;
  size_t at = 0;
  while (entry->text[at] != '\0') {
    const size_t next = right_of(entry, at);
    const double middle =
        (width_before(entry, entry->widget.stage->gauge, at) + width_before(entry, entry->widget.stage->gauge, next)) /
        2.0;
    if (wanted < middle) {
      break;
    }
    at = next;
  }
  return at;
}

static bool
press(struct entry *const entry, const struct input *const input)
{
  if (!box_has(&entry->widget.box, input->x, input->y)) {
    finish(entry); // A click elsewhere
    return true;
  }
  if (input->button == BUTTON_LEFT && input->clicks == 2) {
    entry->anchor = 0;
    move_cursor(entry, strlen(entry->text), true);
  } else if (input->button == BUTTON_LEFT) {
    move_cursor(entry, place_at(entry, input->x), (input->modifiers & INPUT_SHIFT) != 0);
  } else if (input->button == BUTTON_MIDDLE) {
    stage_paste(entry->widget.stage);
  }
  return true;
}

static bool
entry_input(struct widget *const widget, const struct input *const input)
{
  struct entry *const entry = (struct entry *)widget;
  switch (input->kind) {
  case INPUT_PRESS:
    return press(entry, input);
  case INPUT_MOVE:
    if (widget_is_pressed(widget)) {
      move_cursor(entry, place_at(entry, input->x), true);
    }
    return true;
  case INPUT_KEY:
    return key(entry, input);
  default:
    return true;
  }
}

static double
entry_min_width(struct widget *const widget, cairo_t *const gauge)
{
  (void)widget;
  return ceil(theme_text_width(gauge, FONT_NORMAL, "0000")) + 2.0 * TEXT_SIDE;
}

static double
entry_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return THEME_ROW;
}

static void
entry_draw(struct widget *const widget, struct painter *const painter)
{
  const struct entry *const entry = (const struct entry *)widget;
  cairo_t *const cairo = painter->cairo;
  const bool is_focused = widget->stage && widget->stage->focus == widget;
  const double left = widget->box.x + TEXT_SIDE - entry->scroll;
  const double line = theme_line_height(FONT_NORMAL);
  const double top = widget->box.y + (widget->box.height - line) / 2.0;
  paint_well(painter, &widget->box);
  if (is_focused) {
    paint_focus(painter, &widget->box);
  }
  cairo_rectangle(cairo, widget->box.x + 3.0, widget->box.y, widget->box.width - 6.0, widget->box.height);
  cairo_clip(cairo);
  if (entry->cursor != entry->anchor && is_focused) {
    const double from = width_before(entry, cairo, smaller(entry->cursor, entry->anchor));
    const double to = width_before(entry, cairo, larger(entry->cursor, entry->anchor));
    cairo_rectangle(cairo, left + from, top, to - from, line);
    theme_set(cairo, THEME_ACCENT_DIM);
    cairo_fill(cairo);
  }
  theme_set(cairo, THEME_TEXT);
  theme_text(cairo, FONT_NORMAL, left, top, entry->text);
  if (is_focused) {
    cairo_rectangle(cairo, left + width_before(entry, cairo, entry->cursor) - 0.5, top, 1.0, line);
    cairo_fill(cairo);
  }
}

static void
entry_arrange(struct widget *const widget)
{
  show_cursor((struct entry *)widget);
}

static void
entry_paste(struct widget *const widget, const char *const text)
{
  replace((struct entry *)widget, text, strcspn(text, "\r\n"));
}

static const struct widget_class entry_class = {
    .min_width = entry_min_width,
    .height = entry_height,
    .arrange = entry_arrange,
    .draw = entry_draw,
    .input = entry_input,
    .paste = entry_paste,
};

struct widget *
entry_new(const char *const name,
          const char *const text,
          const bool is_selected,
          const struct entry_listener *const listener)
{
  struct widget *const widget = widget_new(sizeof(struct entry), &entry_class, name);
  struct entry *const entry = (struct entry *)widget;
  entry->listener = *listener;
  widget->is_focusable = true;
  widget->stretch = 1.0;
  entry_set_text(widget, text);
  if (is_selected) {
    entry->anchor = 0;
  }
  return widget;
}

const char *
entry_text(const struct widget *const widget)
{
  return ((const struct entry *)widget)->text;
}

void
entry_set_text(struct widget *const widget, const char *const text)
{
  struct entry *const entry = (struct entry *)widget;
  size_t length = strnlen(text, ENTRY_SIZE - 1);
  while (length > 0 && is_inside_character(text[length])) {
    --length;
  }
  memcpy(entry->text, text, length);
  entry->text[length] = '\0';
  entry->cursor = length;
  entry->anchor = length;
  show_cursor(entry);
  widget_damage(widget);
}

void
entry_select(struct widget *const widget, const size_t from)
{
  struct entry *const entry = (struct entry *)widget;
  entry->anchor = smaller(from, entry->cursor);
  widget_damage(widget);
}

static struct box
place_popup(struct widget *const widget, const struct stage *const stage)
{
  return stage_fit(stage, ((const struct entry *)widget)->place);
}

void
entry_popup(struct stage *const stage,
            const struct box *const box,
            const char *const text,
            const bool is_selected,
            const struct entry_listener *const listener)
{
  struct widget *const widget = entry_new("entry", text, is_selected, listener);
  struct entry *const entry = (struct entry *)widget;
  entry->is_popup = true;
  entry->place = *box;
  stage_open(stage, widget, place_popup);
}
