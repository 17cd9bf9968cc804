// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Menus.

#include "menu.h"

#include "paint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const double ITEM_HEIGHT = 22.0;
static const double ITEM_SIDE = 8.0;
static const double TICK_WIDTH = 16.0;
static const double BORDER = 4.0;
static const double DIVIDER = 7.0;
static const double BAR_WIDTH = 3.0; ///< Of what shows how far it is scrolled
enum { COLUMN_ROWS = 14 };

struct menu {
  struct widget widget;
  struct menu_item *items; ///< [count]
  unsigned count;
  unsigned columns;
  unsigned rows;    ///< In a column
  unsigned visible; ///< Rows that are in sight
  unsigned top;     ///< First of them
  int lit;          ///< Item that Enter would choose; -1: none
  double item_width;
  struct box anchor;
  char typed[MENU_LABEL]; ///< First letters
  uint32_t typed_at;
  void (*choose)(void *handle, int value);
  void *handle;
};

static struct menu *
menu_of(struct widget *const widget)
{
  return (struct menu *)widget;
}

static bool
has_dividers(const struct menu *const menu)
{
  for (unsigned i = 0; i < menu->count; ++i) {
    if (menu->items[i].is_divided) {
      return true;
    }
  }
  return false;
}

/// Where item `index` is drawn; not in sight if it has no height.
static struct box
item_box(const struct menu *const menu, const unsigned index)
{
  const unsigned row = index % menu->rows;
  const unsigned column = index / menu->rows;
  if (row < menu->top || row >= menu->top + menu->visible) {
    return (struct box){0};
  }
  double y = menu->widget.box.y + BORDER + ITEM_HEIGHT * (row - menu->top);
  for (unsigned i = menu->top + column * menu->rows; menu->columns == 1 && i <= index; ++i) {
    y += menu->items[i].is_divided && i > menu->top ? DIVIDER : 0.0;
  }
  return (struct box){menu->widget.box.x + BORDER + menu->item_width * column, y, menu->item_width, ITEM_HEIGHT};
}

static double
menu_min_width(struct widget *const widget, cairo_t *const gauge)
{
  struct menu *const menu = menu_of(widget);
  double width = menu->anchor.width - 2.0 * BORDER;
  for (unsigned i = 0; i < menu->count; ++i) {
    const double label = theme_text_width(gauge, FONT_NORMAL, menu->items[i].label);
    width = fmax(width, ceil(label) + 2.0 * ITEM_SIDE + TICK_WIDTH);
  }
  menu->item_width = width;
  return width + 2.0 * BORDER;
}

static double
menu_height(struct widget *const widget, const double width)
{
  (void)width;
  const struct menu *const menu = menu_of(widget);
  double height = ITEM_HEIGHT * menu->visible + 2.0 * BORDER;
  for (unsigned i = 1; menu->columns == 1 && i < menu->visible; ++i) {
    height += menu->items[i].is_divided ? DIVIDER : 0.0;
  }
  return height;
}

/// Keep the lit item in sight.
static void
show_lit(struct menu *const menu)
{
  if (menu->lit >= 0) {
    const unsigned row = (unsigned)menu->lit % menu->rows;
    menu->top = row < menu->top ? row : menu->top;
    menu->top = row >= menu->top + menu->visible ? row - menu->visible + 1 : menu->top;
  }
  widget_damage(&menu->widget);
}

/// As many columns as are useful and have room; below the anchor, above it, or where there is room.
static struct box
menu_place(struct widget *const widget, const struct stage *const stage)
{
  struct menu *const menu = menu_of(widget);
  const double room = stage->size.width - 2.0 * (THEME_GAP + BORDER);
  const unsigned fitting = (unsigned)fmax(1.0, floor(room / menu->item_width));
  const unsigned wanted = has_dividers(menu) ? 1 : (menu->count + COLUMN_ROWS - 1) / COLUMN_ROWS;
  const double high = stage->size.height - 2.0 * (THEME_GAP + BORDER);
  menu->columns = wanted < fitting ? wanted : fitting;
  menu->rows = (menu->count + menu->columns - 1) / menu->columns;
  const unsigned fitting_rows = (unsigned)fmax(1.0, floor(high / ITEM_HEIGHT));
  menu->visible = menu->rows < fitting_rows ? menu->rows : fitting_rows;
  show_lit(menu);
  struct box box = {menu->anchor.x, menu->anchor.y + menu->anchor.height + 2.0,
                    menu->item_width * menu->columns + 2.0 * BORDER, menu_height(widget, 0.0)};
  const double above = menu->anchor.y - 2.0 - box.height;
  if (box.y + box.height > stage->size.height - THEME_GAP && above >= THEME_GAP) {
    box.y = above;
  }
  return stage_fit(stage, box);
}

static void
draw_item(const struct menu *const menu, struct painter *const painter, const unsigned index)
{
  const struct menu_item *const item = &menu->items[index];
  const struct box box = item_box(menu, index);
  if (box.height <= 0.0) {
    return;
  }
  const bool is_lit = menu->lit == (int)index;
  if (item->is_divided && menu->columns == 1 && index > menu->top) {
    cairo_rectangle(painter->cairo, box.x + ITEM_SIDE, box.y - DIVIDER / 2.0 - 0.5, box.width - 2.0 * ITEM_SIDE, 1.0);
    theme_set(painter->cairo, THEME_TRACK);
    cairo_fill(painter->cairo);
  }
  if (is_lit) {
    paint_box(painter, &box, THEME_BUTTON_HOVER);
  }
  if (item->is_chosen) {
    theme_set(painter->cairo, THEME_ACCENT);
    paint_icon(painter, ICON_TICK, box.x + ITEM_SIDE + 4.0, box.y + box.height / 2.0, 11.0);
  }
  const struct box text = {box.x + ITEM_SIDE + TICK_WIDTH, box.y, box.width - 2.0 * ITEM_SIDE - TICK_WIDTH + 1.0,
                           box.height};
  paint_text(painter, FONT_NORMAL, item->is_dim ? THEME_TEXT_OFF : THEME_TEXT, &text, ALIGN_LEFT, item->label);
}

static void
menu_draw(struct widget *const widget, struct painter *const painter)
{
  const struct menu *const menu = menu_of(widget);
  paint_raised(painter, &widget->box);
  for (unsigned i = 0; i < menu->count; ++i) {
    draw_item(menu, painter, i);
  }
  if (menu->visible < menu->rows) {
    const double way = widget->box.height - 2.0 * BORDER;
    cairo_rectangle(painter->cairo, widget->box.x + widget->box.width - BAR_WIDTH - 1.0,
                    widget->box.y + BORDER + way * menu->top / menu->rows, BAR_WIDTH, way * menu->visible / menu->rows);
    theme_set(painter->cairo, THEME_ACCENT_DIM);
    cairo_fill(painter->cairo);
  }
}

static void
menu_destroy(struct widget *const widget)
{
  free(menu_of(widget)->items);
}

static int
item_at(const struct menu *const menu, const double x, const double y)
{
  for (unsigned i = 0; i < menu->count; ++i) {
    const struct box box = item_box(menu, i);
    if (box_has(&box, x, y)) {
      return (int)i;
    }
  }
  return -1;
}

static void
light(struct menu *const menu, const int index)
{
  if (menu->lit != index) {
    menu->lit = index;
    show_lit(menu);
  }
}

static bool
choose(struct menu *const menu, const int index)
{
  if (index >= 0) {
    stage_close(menu->widget.stage, &menu->widget);
    menu->choose(menu->handle, menu->items[index].value);
  }
  return true;
}

static void
scroll(struct menu *const menu, const double notches)
{
  const int most = (int)(menu->rows - menu->visible);
  const int wanted = (int)menu->top - (int)(notches * 3.0);
  menu->top = (unsigned)(wanted < 0 ? 0 : wanted > most ? most : wanted);
  widget_damage(&menu->widget);
}

/// Light the first item that begins with what has been typed within a second.
static void
find(struct menu *const menu, const char *const text, const uint32_t time)
{
  if (time - menu->typed_at > 1000) {
    menu->typed[0] = '\0';
  }
  menu->typed_at = time;
  strncat(menu->typed, text, sizeof menu->typed - 1 - strlen(menu->typed));
  for (unsigned i = 0; i < menu->count; ++i) {
    if (!strncasecmp(menu->items[i].label, menu->typed, strlen(menu->typed))) {
      light(menu, (int)i);
      return;
    }
  }
}

static bool
key(struct menu *const menu, const struct input *const input)
{
  const int last = (int)menu->count - 1;
  const int rows = (int)menu->rows;
  switch (input->key) {
  case KEY_UP:
    light(menu, menu->lit > 0 ? menu->lit - 1 : last);
    return true;
  case KEY_DOWN:
    light(menu, menu->lit < last ? menu->lit + 1 : 0);
    return true;
  case KEY_LEFT:
    light(menu, menu->lit >= rows ? menu->lit - rows : menu->lit);
    return true;
  case KEY_RIGHT:
    light(menu, menu->lit + rows <= last ? menu->lit + rows : menu->lit);
    return true;
  case KEY_HOME:
    light(menu, 0);
    return true;
  case KEY_END:
    light(menu, last);
    return true;
  case KEY_ENTER:
    return choose(menu, menu->lit);
  case KEY_TEXT:
    find(menu, input->text, input->time);
    return true;
  default:
    return false;
  }
}

static bool
menu_input(struct widget *const widget, const struct input *const input)
{
  struct menu *const menu = menu_of(widget);
  switch (input->kind) {
  case INPUT_PRESS:
    if (!box_has(&widget->box, input->x, input->y)) {
      stage_close(widget->stage, widget);
    }
    return true;
  case INPUT_RELEASE:
    return choose(menu, item_at(menu, input->x, input->y));
  case INPUT_MOVE:
    if (box_has(&widget->box, input->x, input->y)) {
      light(menu, item_at(menu, input->x, input->y));
    }
    return true;
  case INPUT_SCROLL:
    scroll(menu, input->scroll);
    return true;
  case INPUT_KEY:
    return key(menu, input);
  default:
    return true;
  }
}

static const struct widget_class menu_class = {
    .min_width = menu_min_width,
    .height = menu_height,
    .draw = menu_draw,
    .input = menu_input,
    .destroy = menu_destroy,
};

void
menu_open(struct stage *const stage,
          const struct box *const anchor,
          const struct menu_item *const items,
          const unsigned count,
          void (*const choose_value)(void *handle, int value),
          void *const handle)
{
  if (count == 0) {
    return;
  }
  struct widget *const widget = widget_new(sizeof(struct menu), &menu_class, "menu");
  struct menu *const menu = menu_of(widget);
  menu->items = calloc(count, sizeof *items);
  if (!menu->items) {
    widget_free(widget); // No menu opens
    return;
  }
  memcpy(menu->items, items, count * sizeof *items);
  menu->count = count;
  menu->rows = count;
  menu->visible = count;
  menu->columns = 1;
  menu->lit = -1;
  for (unsigned i = 0; i < count; ++i) {
    menu->lit = items[i].is_chosen ? (int)i : menu->lit;
  }
  menu->anchor = *anchor;
  menu->choose = choose_value;
  menu->handle = handle;
  widget->is_focusable = true;
  stage_open(stage, widget, menu_place);
}
