// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The control ports as the plugin uses them.

#include "settings.h"

#include <stddef.h>

/// The value of control port `index`.
static float
port_value(void *const *const ports, const enum port_index index) REALTIME
{
  const float *const port = ports[index];
  return port ? port_clamp(index, *port) : port_descriptions[index].normal;
}

/// The same on a step, for controls that music is latched under: nobody turns a knob back more exactly than that.
static float
port_step(void *const *const ports, const enum port_index index) REALTIME
{
  return port_round(index, port_value(ports, index));
}

static bool
port_is_on(void *const *const ports, const enum port_index index) REALTIME
{
  return port_value(ports, index) > 0.0F;
}

void
settings_read(struct settings *const settings, void *const *const ports) REALTIME
{
  *settings = (struct settings){
      .enabled = port_is_on(ports, PORT_ENABLED),
      .freewheel = port_is_on(ports, PORT_FREEWHEEL),
      .sync = port_is_on(ports, PORT_SYNC),
      .temperature = port_step(ports, PORT_TEMPERATURE),
      .top_p = port_step(ports, PORT_TOP_P),
      .bpm = port_value(ports, PORT_BPM),
      .style = (uint32_t)port_value(ports, PORT_STYLE),
      .key = (uint8_t)port_value(ports, PORT_KEY),
      .density = (uint8_t)port_value(ports, PORT_DENSITY),
      .originality = (uint8_t)port_value(ports, PORT_ORIGINALITY),
      .channel = (uint8_t)(port_value(ports, PORT_CHANNEL) - 1.0F),
      .look_ahead = (uint32_t)port_value(ports, PORT_LOOK_AHEAD),
      .seed = (uint32_t)port_value(ports, PORT_SEED),
      .loop_bars = (uint32_t)port_value(ports, PORT_LOOP_BARS),
      .ending = port_is_on(ports, PORT_ENDING),
      .lock = port_is_on(ports, PORT_LOCK),
      .regenerate = port_is_on(ports, PORT_REGENERATE),
      .undo = port_is_on(ports, PORT_UNDO),
  };
}
