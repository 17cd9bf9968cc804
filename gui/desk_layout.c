// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The layout, from top to bottom: what is played (weights, style, key, density), the roll, what to do with the take, the
// controls in groups, and how it is going.

#include "desk_layout.h"

#include "button.h"
#include "choice.h"
#include "label.h"
#include "layout.h"
#include "valuator.h"

#include <stdio.h>

static const double DESK_WIDTH = 720.0; ///< At least, without margins

/// Add `child`, which takes that share of the room left.
static struct widget *
add_stretched(struct widget *const parent, struct widget *const child, const double stretch)
{
  child->stretch = stretch;
  return widget_add(parent, child);
}

/// Keep what comes after it at the bottom of the column.
static void
add_spring(struct widget *const column)
{
  widget_add(column, spacer_new(0.0, 1.0));
}

/// Add a row of knobs, evenly spread.
static void
add_knobs(struct widget *const column,
          struct values *const values,
          const enum port_index *const ports,
          const size_t count)
{
  struct widget *const row = widget_add(column, row_new("", ROW_TOP, THEME_GAP));
  for (size_t i = 0; i < count; ++i) {
    add_stretched(row, knob_new(values, ports[i]), 1.0);
  }
}

static struct widget *
header(struct desk *const desk)
{
  struct values *const values = &desk->values;
  struct widget *const flow = flow_new("header", THEME_MARGIN);
  struct widget *const name = row_new("", ROW_BOTTOM, THEME_MARGIN);
  widget_add(name, label_new("name", FONT_TITLE, THEME_TEXT, "Ritornello"));
  desk->presets = picker_new("presets", "Preset", "Schumann: Character", desk_open_presets, desk);
  desk->presets->tip = "Settings to begin with, by composer and character. A star: changed since.";
  add_stretched(name, desk->presets, 1.0);
  desk->weights = picker_new("weights", "Weights", "A title of some words", desk_open_weights, desk);
  desk->weights->tip = "The trained network that composes: those beside the plugin, your own, or any file.";
  add_stretched(name, desk->weights, 1.0);
  add_stretched(flow, name, 2.0);

  struct widget *const music = row_new("", ROW_BOTTOM, THEME_GAP);
  add_stretched(music, choice_new(values, PORT_STYLE), 1.0);
  widget_add(music, choice_new(values, PORT_KEY));
  widget_add(music, choice_new(values, PORT_DENSITY));
  add_stretched(flow, music, 1.0);

  struct widget *const window = row_new("", ROW_BOTTOM, THEME_GAP);
  widget_add(window, switch_new(values, PORT_ENABLED));
  widget_add(window, spacer_new(0.0, 1.0));
  desk->zoom_button = widget_add(window, button_new("zoom", ICON_NONE, "100 %", desk_press_zoom, desk));
  desk->zoom_button->tip = "Size of everything in this window. Also control with + and -.";
  struct widget *const about = widget_add(window, button_new("about", ICON_NONE, "About", desk_press_about, desk));
  about->tip = "What this is, and what you may do with the music.";
  widget_add(flow, window);
  return flow;
}

static struct widget *
take_bar(struct desk *const desk)
{
  struct values *const values = &desk->values;
  struct widget *const flow = flow_new("take", THEME_GAP);
  struct widget *const big = row_new("", ROW_CENTRE, THEME_GAP);
  struct widget *const regenerate =
      widget_add(big, button_new("regenerate", ICON_REGENERATE, "Regenerate", desk_press_regenerate, desk));
  struct widget *const undo = widget_add(big, button_new("undo", ICON_UNDO, "Undo", desk_press_undo, desk));
  struct widget *const save =
      button_new("save", ICON_SAVE, "Save take as MIDI file\xe2\x80\xa6", desk_press_save, desk);
  regenerate->tip = port_descriptions[PORT_REGENERATE].comment;
  undo->tip = port_descriptions[PORT_UNDO].comment;
  save->tip = "Write all bars composed so far into a MIDI file, as they are heard. Also control with S.";
  button_make_big(regenerate);
  button_make_big(undo);
  button_make_big(save);
  widget_add(big, lock_button_new(values, PORT_LOCK, "Lock", "Locked"));
  widget_add(big, spacer_new(0.0, 1.0));
  add_stretched(flow, big, 1.0);

  struct widget *const file = row_new("", ROW_CENTRE, THEME_GAP);
  widget_add(file, switch_new(values, PORT_ENDING));
  widget_add(file, spacer_new(0.0, 1.0));
  widget_add(file, save);
  widget_add(flow, file);
  return flow;
}

static struct widget *
imagination(struct desk *const desk)
{
  struct values *const values = &desk->values;
  static const enum port_index knobs[] = {PORT_TEMPERATURE, PORT_TOP_P, PORT_SURPRISE};
  struct widget *const column = column_new("", THEME_GAP);
  add_knobs(column, values, knobs, sizeof knobs / sizeof knobs[0]);
  add_spring(column);
  struct widget *const seed = widget_add(column, row_new("", ROW_BOTTOM, THEME_GAP));
  add_stretched(seed, number_new(values, PORT_SEED), 1.0);
  struct widget *const dice = widget_add(seed, button_new("dice", ICON_DICE, "Another", desk_press_dice, desk));
  dice->tip = "Another seed: other music.";
  return panel_new("imagination", "IMAGINATION", column);
}

static struct widget *
memory(struct values *const values)
{
  static const enum port_index knobs[] = {PORT_RECALL, PORT_ORIGINALITY};
  struct widget *const column = column_new("", THEME_GAP);
  add_knobs(column, values, knobs, sizeof knobs / sizeof knobs[0]);
  add_spring(column);
  widget_add(column, number_new(values, PORT_LOOP_BARS));
  return panel_new("memory", "MEMORY", column);
}

static struct widget *
notes(struct values *const values)
{
  struct widget *const row = row_new("", ROW_TOP, THEME_MARGIN);
  struct widget *const range = add_stretched(row, column_new("", THEME_UNIT), 1.0);
  widget_add(range, slider_new(values, PORT_LOW_NOTE));
  widget_add(range, slider_new(values, PORT_HIGH_NOTE));
  widget_add(row, knob_new(values, PORT_POLYPHONY));
  struct widget *const column = column_new("", THEME_GAP);
  widget_add(column, row);
  add_spring(column);
  struct widget *const more = widget_add(column, row_new("", ROW_BOTTOM, THEME_MARGIN));
  add_stretched(more, choice_new(values, PORT_HANDS), 1.0);
  widget_add(more, switch_new(values, PORT_SCALE_LOCK));
  return panel_new("notes", "NOTES", column);
}

static struct widget *
playing(struct values *const values)
{
  struct widget *const column = column_new("", THEME_UNIT);
  widget_add(column, slider_new(values, PORT_VELOCITY));
  widget_add(column, slider_new(values, PORT_HUMANIZE));
  add_spring(column);
  widget_add(column, switch_new(values, PORT_PEDAL));
  return panel_new("playing", "PLAYING", column);
}

static struct widget *
timing(struct values *const values)
{
  static const enum port_index knobs[] = {PORT_BPM, PORT_LOOK_AHEAD};
  struct widget *const column = column_new("", THEME_GAP);
  add_knobs(column, values, knobs, sizeof knobs / sizeof knobs[0]);
  add_spring(column);
  struct widget *const more = widget_add(column, row_new("", ROW_BOTTOM, THEME_MARGIN));
  add_stretched(more, choice_new(values, PORT_RATE), 1.0);
  widget_add(more, switch_new(values, PORT_SYNC));
  return panel_new("timing", "TIME", column);
}

static struct widget *
midi(struct values *const values)
{
  struct widget *const column = column_new("", THEME_GAP);
  widget_add(column, choice_new(values, PORT_INPUT));
  add_spring(column);
  struct widget *const channels = widget_add(column, row_new("", ROW_BOTTOM, THEME_GAP));
  add_stretched(channels, number_new(values, PORT_CHANNEL), 1.0);
  add_stretched(channels, number_new(values, PORT_LEFT_CHANNEL), 1.0);
  return panel_new("midi", "MIDI", column);
}

static struct widget *
panels(struct desk *const desk)
{
  struct values *const values = &desk->values;
  struct widget *const flow = flow_new("panels", THEME_GAP);
  widget_add(flow, imagination(desk));
  widget_add(flow, memory(values));
  widget_add(flow, notes(values));
  widget_add(flow, playing(values));
  widget_add(flow, timing(values));
  widget_add(flow, midi(values));
  return flow;
}

static struct widget *
status_line(struct desk *const desk)
{
  struct widget *const row = row_new("status_line", ROW_CENTRE, THEME_MARGIN);
  desk->status = widget_add(row, label_new("status", FONT_NORMAL, THEME_TEXT_DIM, ""));
  label_make_elastic(desk->status);
  widget_add(row, meter_new(&desk->values, PORT_BARS));
  widget_add(row, meter_new(&desk->values, PORT_LATE));
  widget_add(row, meter_new(&desk->values, PORT_LOAD));
  return row;
}

struct widget *
desk_layout(struct desk *const desk)
{
  struct widget *const column = column_new("desk", THEME_GAP);
  widget_add(column, header(desk));
  desk->roll = add_stretched(column, music_pane_new("roll", desk->music, desk_act_on_bars, desk), 1.0);
  widget_add(column, take_bar(desk));
  widget_add(column, panels(desk));
  widget_add(column, status_line(desk));
  widget_add(column, spacer_new(DESK_WIDTH, 0.0));
  return margin_new(THEME_MARGIN, column);
}

void
desk_set_zoom(struct desk *const desk, const double zoom)
{
  desk->zoom = zoom;
  snprintf(desk->zoom_text, sizeof desk->zoom_text, "%.0f %%", zoom * 100.0);
  button_set_text(desk->zoom_button, desk->zoom_text);
}
