// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Names of values and groups. Those of the styles stand in a table of their own.

#include "points.h"

#include <stddef.h>

static const char *const key_names[] = {
    "Free",          "C major", "D flat major", "D major", "E flat major", "E major",       "F major",
    "F sharp major", "G major", "A flat major", "A major", "B flat major", "B major",       "C minor",
    "C sharp minor", "D minor", "E flat minor", "E minor", "F minor",      "F sharp minor", "G minor",
    "G sharp minor", "A minor", "B flat minor", "B minor",
};
static const char *const density_names[] = {"Free", "Sparsest", "Sparse", "Light",  "Moderate",
                                            "Full", "Busy",     "Dense",  "Densest"};
static const char *const rate_names[] = {"Half time", "Normal", "Double time"};
static const char *const hand_names[] = {"Both hands", "Right hand", "Left hand"};
static const char *const input_names[] = {"Nothing", "Continue what I play", "Follow the held chord", "Accompany me"};
static const char *const left_channel_names[] = {"Same as right"};

static const struct {
  const char *const *names;
  unsigned count;
} lists[POINTS_COUNT] = {
    [POINTS_KEYS] = {key_names, sizeof key_names / sizeof key_names[0]},
    [POINTS_DENSITY] = {density_names, sizeof density_names / sizeof density_names[0]},
    [POINTS_RATE] = {rate_names, sizeof rate_names / sizeof rate_names[0]},
    [POINTS_HANDS] = {hand_names, sizeof hand_names / sizeof hand_names[0]},
    [POINTS_INPUT] = {input_names, sizeof input_names / sizeof input_names[0]},
    [POINTS_LEFT_CHANNEL] = {left_channel_names, 1},
};

const struct group_description group_descriptions[GROUP_COUNT] = {
    [GROUP_MUSIC] = {"music", "Music"}, [GROUP_NOTES] = {"notes", "Notes"}, [GROUP_PLAYING] = {"playing", "Playing"},
    [GROUP_TIME] = {"timing", "Time"},  [GROUP_TAKE] = {"take", "Take"},    [GROUP_METERS] = {"meters", "Meters"},
};

unsigned
point_count(const enum port_points points)
{
  return points == POINTS_STYLES ? STYLE_COUNT + 1 : lists[points].count;
}

const char *
point_name(const enum port_points points, const unsigned value)
{
  if (value >= point_count(points)) {
    return NULL;
  }
  return points == POINTS_STYLES ? style_descriptions[value].label : lists[points].names[value];
}
