// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The control ports as the plugin uses them: read once per block, made safe (unconnected ports, NaN, values out of range).

#ifndef RITORNELLO_SETTINGS_H
#define RITORNELLO_SETTINGS_H

#include "engine/composer.h"
#include "engine/constraints.h"
#include "engine/performance.h"
#include "engine/realtime.h"
#include "ports.h"

struct settings {
  bool enabled;
  bool freewheel;
  bool sync;
  float temperature;
  float top_p;
  float bpm;           ///< Quarters per minute
  uint32_t style;      ///< Number in styles.h
  uint8_t key;         ///< As in struct conditions
  uint8_t density;     ///< As in struct conditions
  uint8_t originality; ///< As in struct controls
  uint32_t look_ahead; ///< Beats
  uint32_t seed;
  struct limits limits;
  struct performance performance;
  float surprise; ///< Bits per note; 0: off
  float recall;
  uint32_t loop_bars; ///< 0: off
  bool ending;
  enum input_mode input;
  bool lock;
  bool regenerate; ///< Counts when it rises
  bool undo;       ///< As well
};

/// Fill `settings` from the connected `ports` [PORT_COUNT], of which any may be NULL.
void settings_read(struct settings *settings, void *const *ports) REALTIME;

#endif // RITORNELLO_SETTINGS_H
