// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The ports, all of them, in one table: what the plugin reads, what the description (TTL) says, what presets hold and what
// the window shows come from here. Indices, symbols, ranges, steps and defaults are final, for sessions and automation of
// users stand on them; new ports come at the end.

#ifndef RITORNELLO_PORTS_H
#define RITORNELLO_PORTS_H

#include "engine/realtime.h"
#include "styles.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum port_type {
  ATOM_INPUT,
  ATOM_OUTPUT,
  CONTROL_INPUT,
  CONTROL_OUTPUT,
};

enum port_property {
  PORT_INTEGER = 1 << 0,
  PORT_TOGGLED = 1 << 1,
  PORT_ENUMERATION = 1 << 2,
  PORT_TRIGGER = 1 << 3,
  PORT_LOGARITHMIC = 1 << 4,
  PORT_HIDDEN = 1 << 5,   ///< For hosts, not for people (pprops:notOnGUI)
  PORT_UNSTORED = 1 << 6, ///< Not part of presets: a matter of the moment or of the host
};

enum port_unit {
  UNIT_NONE,
  UNIT_BEATS,
  UNIT_BARS,
  UNIT_BPM,
  UNIT_PERCENT,
  UNIT_MIDI_NOTE,
  UNIT_BITS,
  UNIT_EVENTS,
  UNIT_FACTOR, ///< A number of no dimension
};

enum port_group {
  GROUP_NONE,
  GROUP_MUSIC,
  GROUP_NOTES,
  GROUP_PLAYING,
  GROUP_TIME,
  GROUP_TAKE,
  GROUP_METERS,
  GROUP_COUNT
};

/// Named values; the generator and the window list them.
enum port_points {
  POINTS_NONE,
  POINTS_STYLES,
  POINTS_KEYS,
  POINTS_DENSITY,
  POINTS_RATE,
  POINTS_HANDS,
  POINTS_INPUT,
  POINTS_LEFT_CHANNEL,
  POINTS_COUNT
};

/// X(ID, symbol, name, type, minimum, maximum, default, steps, unit, points, properties, group, designation, comment).
/// `steps` is how many equal steps the range has (0: by the property or continuous).
// clang-format off
#define PORTS(X) \
  X(EVENTS_IN, "events_in", "Events In", ATOM_INPUT, 0, 0, 0, 0, UNIT_NONE, POINTS_NONE, 0, GROUP_NONE, "control", \
    "MIDI, the host's transport, and messages that set the weight file.") \
  X(MIDI_OUT, "midi_out", "MIDI Out", ATOM_OUTPUT, 0, 0, 0, 0, UNIT_NONE, POINTS_NONE, 0, GROUP_NONE, NULL, \
    "The music.") \
  X(NOTIFY, "notify", "Notify", ATOM_OUTPUT, 0, 0, 0, 0, UNIT_NONE, POINTS_NONE, 0, GROUP_NONE, "control", \
    "Messages to the window and the host: weight file, title, status, styles.") \
  X(ENABLED, "enabled", "Enabled", CONTROL_INPUT, 0, 1, 1, 0, UNIT_NONE, POINTS_NONE, \
    PORT_TOGGLED | PORT_UNSTORED, GROUP_PLAYING, "enabled", \
    "Off: nothing sounds and every sounding note is ended. Time goes on.") \
  X(FREEWHEEL, "freewheel", "Freewheel", CONTROL_INPUT, 0, 1, 0, 0, UNIT_NONE, POINTS_NONE, \
    PORT_TOGGLED | PORT_HIDDEN | PORT_UNSTORED, GROUP_TIME, "freeWheeling", \
    "Set by the host while it exports: the composer takes all the time it needs.") \
  X(TEMPERATURE, "temperature", "Temperature", CONTROL_INPUT, 0, 2, 1, 200, UNIT_FACTOR, POINTS_NONE, 0, GROUP_MUSIC, NULL, \
    "How daring: 0 always takes what is likeliest, 1 is as learned, 2 is wild.") \
  X(TOP_P, "top_p", "Nucleus", CONTROL_INPUT, 0.01, 1, 1, 99, UNIT_FACTOR, POINTS_NONE, 0, GROUP_MUSIC, NULL, \
    "Choose only among the likeliest possibilities that together have this probability; 1 is off.") \
  X(SURPRISE, "surprise", "Surprise", CONTROL_INPUT, 0, 8, 0, 80, UNIT_BITS, POINTS_NONE, 0, GROUP_MUSIC, NULL, \
    "Bits of surprise per note to steer to, by the temperature; 0 is off.") \
  X(RECALL, "recall", "Recall", CONTROL_INPUT, 0, 4, 1, 80, UNIT_FACTOR, POINTS_NONE, 0, GROUP_MUSIC, NULL, \
    "How firmly earlier music comes back: 0 blurs all of it, 1 is as learned, 4 insists.") \
  X(STYLE, "style", "Style", CONTROL_INPUT, 0, STYLE_COUNT, 0, 0, UNIT_NONE, POINTS_STYLES, \
    PORT_INTEGER | PORT_ENUMERATION, GROUP_MUSIC, NULL, \
    "Whose music it is like. A style that the weight file does not know counts as free.") \
  X(KEY, "key", "Key", CONTROL_INPUT, 0, 24, 0, 0, UNIT_NONE, POINTS_KEYS, \
    PORT_INTEGER | PORT_ENUMERATION, GROUP_MUSIC, NULL, "Key to compose in, or free.") \
  X(DENSITY, "density", "Density", CONTROL_INPUT, 0, 8, 0, 0, UNIT_NONE, POINTS_DENSITY, \
    PORT_INTEGER | PORT_ENUMERATION, GROUP_MUSIC, NULL, "How many notes: 1 is few, 8 is many, 0 leaves it open.") \
  X(LOW_NOTE, "low_note", "Lowest Note", CONTROL_INPUT, 21, 108, 21, 0, UNIT_MIDI_NOTE, POINTS_NONE, \
    PORT_INTEGER, GROUP_NOTES, NULL, "Lowest note that is composed.") \
  X(HIGH_NOTE, "high_note", "Highest Note", CONTROL_INPUT, 21, 108, 108, 0, UNIT_MIDI_NOTE, POINTS_NONE, \
    PORT_INTEGER, GROUP_NOTES, NULL, "Highest note that is composed.") \
  X(POLYPHONY, "polyphony", "Polyphony", CONTROL_INPUT, 1, 16, 16, 0, UNIT_EVENTS, POINTS_NONE, \
    PORT_INTEGER, GROUP_NOTES, NULL, "Most notes that sound together; 16 is without a limit.") \
  X(SCALE_LOCK, "scale_lock", "Scale Lock", CONTROL_INPUT, 0, 1, 0, 0, UNIT_NONE, POINTS_NONE, \
    PORT_TOGGLED, GROUP_NOTES, NULL, "Only notes of the key's scale, where a key is chosen.") \
  X(ORIGINALITY, "originality", "Originality", CONTROL_INPUT, 0, 64, 0, 0, UNIT_EVENTS, POINTS_NONE, \
    PORT_INTEGER, GROUP_MUSIC, NULL, \
    "Longest run of notes (8 or more) that may stand in the training music too; 0 is off.") \
  X(VELOCITY, "velocity", "Velocity", CONTROL_INPUT, -64, 64, 0, 0, UNIT_NONE, POINTS_NONE, \
    PORT_INTEGER, GROUP_PLAYING, NULL, "Louder or softer than composed.") \
  X(HUMANIZE, "humanize", "Humanize", CONTROL_INPUT, 0, 100, 0, 100, UNIT_PERCENT, POINTS_NONE, 0, GROUP_PLAYING, NULL, \
    "Looseness of a player's hands: up to 1/24 of a quarter later, and a little louder or softer; 0 is exactly on the grid.") \
  X(RATE, "rate", "Rate", CONTROL_INPUT, 0, 2, 1, 0, UNIT_NONE, POINTS_RATE, \
    PORT_INTEGER | PORT_ENUMERATION, GROUP_TIME, NULL, "The music in half, normal or double time against the host's.") \
  X(PEDAL, "pedal", "Pedal", CONTROL_INPUT, 0, 1, 0, 0, UNIT_NONE, POINTS_NONE, \
    PORT_TOGGLED, GROUP_PLAYING, NULL, "Change the sustain pedal with the harmony.") \
  X(HANDS, "hands", "Hands", CONTROL_INPUT, 0, 2, 0, 0, UNIT_NONE, POINTS_HANDS, \
    PORT_INTEGER | PORT_ENUMERATION, GROUP_PLAYING, NULL, "Compose for both hands or one of them.") \
  X(CHANNEL, "channel", "Channel", CONTROL_INPUT, 1, 16, 1, 0, UNIT_NONE, POINTS_NONE, \
    PORT_INTEGER, GROUP_PLAYING, NULL, "MIDI channel of the music.") \
  X(LEFT_CHANNEL, "left_channel", "Left Channel", CONTROL_INPUT, 0, 16, 0, 0, UNIT_NONE, POINTS_LEFT_CHANNEL, \
    PORT_INTEGER, GROUP_PLAYING, NULL, \
    "MIDI channel of the left hand; 0 is the same as of the right.") \
  X(INPUT, "input", "Input", CONTROL_INPUT, 0, 3, 0, 0, UNIT_NONE, POINTS_INPUT, \
    PORT_INTEGER | PORT_ENUMERATION, GROUP_PLAYING, NULL, \
    "What you play: nothing; a phrase that is continued when you pause; a chord that the music keeps to; a hand that the other one accompanies.") \
  X(SYNC, "sync", "Sync", CONTROL_INPUT, 0, 1, 1, 0, UNIT_NONE, POINTS_NONE, \
    PORT_TOGGLED, GROUP_TIME, NULL, "On: follow the host's transport. Off: play by itself, at the tempo set here.") \
  X(BPM, "bpm", "Tempo", CONTROL_INPUT, 20, 300, 120, 280, UNIT_BPM, POINTS_NONE, 0, GROUP_TIME, NULL, \
    "Tempo in quarter notes per minute where the host gives none or sync is off.") \
  X(LOOK_AHEAD, "look_ahead", "Look Ahead", CONTROL_INPUT, 1, 32, 4, 0, UNIT_BEATS, POINTS_NONE, \
    PORT_INTEGER, GROUP_TIME, NULL, "Beats composed ahead: how soon a change is heard.") \
  X(SEED, "seed", "Seed", CONTROL_INPUT, 0, 16777215, 1, 0, UNIT_NONE, POINTS_NONE, \
    PORT_INTEGER, GROUP_MUSIC, NULL, "The number that the music comes from: the same number gives the same music.") \
  X(LOCK, "lock", "Lock", CONTROL_INPUT, 0, 1, 0, 0, UNIT_NONE, POINTS_NONE, \
    PORT_TOGGLED | PORT_UNSTORED, GROUP_TAKE, NULL, "Keep what is composed as it is, whatever changes.") \
  X(REGENERATE, "regenerate", "Regenerate", CONTROL_INPUT, 0, 1, 0, 0, UNIT_NONE, POINTS_NONE, \
    PORT_TOGGLED | PORT_TRIGGER | PORT_UNSTORED, GROUP_TAKE, NULL, \
    "Compose anew from the next bar line, differently.") \
  X(UNDO, "undo", "Undo", CONTROL_INPUT, 0, 1, 0, 0, UNIT_NONE, POINTS_NONE, \
    PORT_TOGGLED | PORT_TRIGGER | PORT_UNSTORED, GROUP_TAKE, NULL, "Go back to the music before it was composed anew; up to eight times.") \
  X(LOOP_BARS, "loop_bars", "Loop Bars", CONTROL_INPUT, 0, 64, 0, 0, UNIT_BARS, POINTS_NONE, \
    PORT_INTEGER, GROUP_TAKE, NULL, "Come back to the same bars, so many, again and again; 0 is off.") \
  X(ENDING, "ending", "Ending", CONTROL_INPUT, 0, 1, 0, 0, UNIT_NONE, POINTS_NONE, \
    PORT_TOGGLED, GROUP_TAKE, NULL, \
    "End the piece when the music wants to, then begin the next one after a bar of rest; off: go on for ever.") \
  X(LOAD, "load", "Load", CONTROL_OUTPUT, 0, 100, 0, 0, UNIT_PERCENT, POINTS_NONE, 0, GROUP_METERS, NULL, \
    "Share of the budget of operations that composing uses.") \
  X(LATE, "late", "Late Notes", CONTROL_OUTPUT, 0, 16777215, 0, 0, UNIT_EVENTS, POINTS_NONE, \
    PORT_INTEGER, GROUP_METERS, NULL, "Notes left out because they were composed too late.") \
  X(BARS, "bars", "Bars", CONTROL_OUTPUT, 0, 16777215, 0, 0, UNIT_BARS, POINTS_NONE, \
    PORT_INTEGER, GROUP_METERS, NULL, "Bars in the take, with those that undo keeps.")
// clang-format on

#define PORT_ID(ID, ...) PORT_##ID,

/// Indices: PORT_EVENTS_IN, PORT_MIDI_OUT, PORT_NOTIFY, PORT_ENABLED, ...
enum port_index { PORTS(PORT_ID) PORT_COUNT };

#undef PORT_ID

/// Bytes that the atom ports ask for (rsz:minimumSize).
enum { PORT_ATOM_SIZE = 8192 };

struct port_description {
  const char *symbol;
  const char *name;
  enum port_type type;
  float minimum;
  float maximum;
  float normal; ///< The default
  uint32_t steps;
  enum port_unit unit;
  enum port_points points;
  uint32_t properties; ///< Of enum port_property
  enum port_group group;
  const char *designation; ///< Local name in LV2's core vocabulary, or NULL
  const char *comment;
};

/// [PORT_COUNT], by index.
extern const struct port_description port_descriptions[PORT_COUNT];

/// Return `value` as port `index` may have it: in its range, whole if it is an integer, the default for NaN.
float port_clamp(enum port_index index, float value) REALTIME;

/// The same, and on one of its steps, if it has any.
float port_round(enum port_index index, float value) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_PORTS_H
