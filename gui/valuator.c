// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How values on a scale are worked.

#include "valuator.h"

#include "entry.h"
#include "stage.h"
#include "theme.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static const double DRAG_PIXELS = 180.0; ///< For the whole range
static const double FINE = 0.1;
static const double FEW_STEPS = 24.0; ///< Ranges of fewer steps take less way
static const double ENTRY_WIDTH = 76.0;

/// Pixels for the whole range.
static double
drag_range(const enum port_index port)
{
  const struct port_description *const description = &port_descriptions[port];
  const double range = (double)description->maximum - (double)description->minimum;
  const bool is_whole = (description->properties & PORT_INTEGER) != 0;
  if (is_whole && range > 1000.0) {
    return range / 2.0; // Two for each pixel: a seed
  }
  return is_whole && range < FEW_STEPS ? fmax(60.0, range * 8.0) : DRAG_PIXELS;
}

static bool
begin_drag(struct valuator *const valuator, const struct input *const input)
{
  values_touch(valuator->values, valuator->port);
  valuator->is_dragged = true;
  valuator->drag_x = input->x;
  valuator->drag_y = input->y;
  valuator->drag_position = value_position(valuator->port, valuator->values->now[valuator->port]);
  return true;
}

static bool
drag(struct valuator *const valuator, const struct input *const input)
{
  if (!valuator->is_dragged) {
    return false;
  }
  const double pixels = (input->x - valuator->drag_x) + (valuator->drag_y - input->y);
  const double way = pixels * (input->modifiers & INPUT_SHIFT ? FINE : 1.0) / drag_range(valuator->port);
  valuator->drag_x = input->x;
  valuator->drag_y = input->y;
  valuator->drag_position = fmax(0.0, fmin(1.0, valuator->drag_position + way));
  values_set(valuator->values, valuator->port, value_at(valuator->port, valuator->drag_position));
  return true;
}

static bool
end_drag(struct valuator *const valuator)
{
  if (valuator->is_dragged) {
    valuator->is_dragged = false;
    values_release(valuator->values, valuator->port);
  }
  return true;
}

static bool
press(struct valuator *const valuator, const struct input *const input)
{
  if (input->button == BUTTON_RIGHT) {
    const struct box box = valuator_value_box(valuator);
    valuator_type(valuator, &box, NULL);
    return true;
  }
  if (input->button != BUTTON_LEFT) {
    return false;
  }
  if (input->clicks == 2 || input->modifiers & INPUT_CONTROL) {
    values_change(valuator->values, valuator->port, port_descriptions[valuator->port].normal);
    return true;
  }
  return begin_drag(valuator, input);
}

static void
step(struct valuator *const valuator, const double steps, const bool is_fine)
{
  const float way = (float)steps * value_step(valuator->port, is_fine);
  values_change(valuator->values, valuator->port, valuator->values->now[valuator->port] + way);
}

/// Whether a value can begin with that letter.
static bool
begins_value(const struct valuator *const valuator, const char *const text)
{
  const bool is_note = port_descriptions[valuator->port].unit == UNIT_MIDI_NOTE;
  return isdigit((unsigned char)text[0]) || strchr("-.,", text[0]) || (is_note && strchr("abcdefgABCDEFG", text[0]));
}

static bool
type(struct valuator *const valuator, const char *const first)
{
  const struct box box = valuator_value_box(valuator);
  valuator_type(valuator, &box, first);
  return true;
}

static bool
key(struct valuator *const valuator, const struct input *const input)
{
  const struct port_description *const description = &port_descriptions[valuator->port];
  const bool is_fine = (input->modifiers & INPUT_SHIFT) != 0;
  switch (input->key) {
  case KEY_UP:
  case KEY_RIGHT:
    step(valuator, 1.0, is_fine);
    return true;
  case KEY_DOWN:
  case KEY_LEFT:
    step(valuator, -1.0, is_fine);
    return true;
  case KEY_PAGE_UP:
    step(valuator, 10.0, is_fine);
    return true;
  case KEY_PAGE_DOWN:
    step(valuator, -10.0, is_fine);
    return true;
  case KEY_HOME:
    values_change(valuator->values, valuator->port, description->minimum);
    return true;
  case KEY_END:
    values_change(valuator->values, valuator->port, description->maximum);
    return true;
  case KEY_DELETE:
  case KEY_BACKSPACE:
    values_change(valuator->values, valuator->port, description->normal);
    return true;
  case KEY_ENTER:
    return type(valuator, NULL);
  case KEY_TEXT:
    return !(input->modifiers & (INPUT_CONTROL | INPUT_ALT)) && begins_value(valuator, input->text) &&
           type(valuator, input->text);
  default:
    return false;
  }
}

bool
valuator_input(struct widget *const widget, const struct input *const input)
{
  struct valuator *const valuator = (struct valuator *)widget;
  switch (input->kind) {
  case INPUT_PRESS:
    return press(valuator, input);
  case INPUT_MOVE:
    return drag(valuator, input);
  case INPUT_RELEASE:
    return end_drag(valuator);
  case INPUT_SCROLL:
    if (!valuator->is_dragged) {
      step(valuator, input->scroll, (input->modifiers & INPUT_SHIFT) != 0);
    }
    return true;
  case INPUT_KEY:
    return key(valuator, input);
  default:
    return false;
  }
}

double
valuator_value_width(struct valuator *const valuator, cairo_t *const gauge)
{
  const struct port_description *const description = &port_descriptions[valuator->port];
  const float range = description->maximum - description->minimum;
  const float samples[] = {description->minimum, description->maximum, description->normal,
                           description->minimum + 0.477F * range, // No round number
                           description->minimum + value_step(valuator->port, true)};
  double width = 0.0;
  for (size_t i = 0; i < sizeof samples / sizeof samples[0]; ++i) {
    char text[VALUE_TEXT];
    value_format(valuator->port, port_round(valuator->port, samples[i]), text);
    width = fmax(width, theme_text_width(gauge, FONT_SMALL, text));
  }
  valuator->value_width = ceil(width) + 1.0;
  return valuator->value_width;
}

/// What was typed is done.
static void
finish_typing(void *const handle, const char *const text)
{
  struct valuator *const valuator = handle;
  float value = 0.0F;
  if (value_parse(valuator->port, text, &value)) {
    values_change(valuator->values, valuator->port, value);
  }
}

void
valuator_type(struct valuator *const valuator, const struct box *const box, const char *const first)
{
  char text[VALUE_TEXT];
  value_format_plain(valuator->port, valuator->values->now[valuator->port], text);
  const double width = fmax(box->width, ENTRY_WIDTH);
  const struct box place = {box->x + (box->width - width) / 2.0, box->y + (box->height - THEME_ROW) / 2.0, width,
                            THEME_ROW};
  entry_popup(valuator->widget.stage, &place, first ? first : text, first == NULL,
              &(struct entry_listener){.handle = valuator, .done = finish_typing});
}
