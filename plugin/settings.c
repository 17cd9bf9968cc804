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

static struct limits
limits_read(void *const *const ports) REALTIME
{
  return (struct limits){
      .low = (uint8_t)port_value(ports, PORT_LOW_NOTE),
      .high = (uint8_t)port_value(ports, PORT_HIGH_NOTE),
      .scale = (uint8_t)(port_is_on(ports, PORT_SCALE_LOCK) ? port_value(ports, PORT_KEY) : 0.0F),
      .polyphony = (uint8_t)port_value(ports, PORT_POLYPHONY),
      .hands = (uint8_t)port_value(ports, PORT_HANDS),
  };
}

static struct performance
performance_read(void *const *const ports) REALTIME
{
  const float rate = port_value(ports, PORT_RATE);
  return (struct performance){
      .velocity = (int8_t)port_value(ports, PORT_VELOCITY),
      .humanize = (uint8_t)(port_value(ports, PORT_HUMANIZE) + 0.5F),
      .channel = (uint8_t)(port_value(ports, PORT_CHANNEL) - 1.0F),
      .left_channel = (uint8_t)port_value(ports, PORT_LEFT_CHANNEL),
      .rate = rate > 1.0F   ? RATE_DOUBLE
              : rate < 1.0F ? RATE_HALF
                            : RATE_NORMAL,
      .pedal = port_is_on(ports, PORT_PEDAL),
      .seed = (uint32_t)port_value(ports, PORT_SEED),
  };
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
      .look_ahead = (uint32_t)port_value(ports, PORT_LOOK_AHEAD),
      .seed = (uint32_t)port_value(ports, PORT_SEED),
      .limits = limits_read(ports),
      .performance = performance_read(ports),
      .surprise = port_value(ports, PORT_SURPRISE),
      .recall = port_value(ports, PORT_RECALL),
      .loop_bars = (uint32_t)port_value(ports, PORT_LOOP_BARS),
      .ending = port_is_on(ports, PORT_ENDING),
      .input = (enum input_mode)port_value(ports, PORT_INPUT),
      .lock = port_is_on(ports, PORT_LOCK),
      .regenerate = port_is_on(ports, PORT_REGENERATE),
      .undo = port_is_on(ports, PORT_UNDO),
  };
}
