// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "mirostat.h"

#include "kernels.h"

static const float LN_2 = 0x1.62e430p-1F;

/// Octaves per bit of error: some twenty notes until a new target is reached.
static const float RATE = 0.02F;

static const float ERROR_MOST = 16.0F; // Bits; one odd note is not to throw the level about

float
mirostat_temperature(const int16_t level, const float temperature) REALTIME
{
  if (level == 0) {
    return temperature;
  }
  const struct kernel_mode mode = kernel_mode_enter();
  const float factor = kernel_exp((float)level * (LN_2 / MIROSTAT_OCTAVE));
  kernel_mode_leave(mode);
  return temperature * factor;
}

int16_t
mirostat_next(const int16_t level, const float target, const uint32_t notes, const float bits) REALTIME
{
  if (!(target > 0.0F)) {
    return 0;
  }
  const float error = target * (float)(notes ? notes : 1) - bits;
  const float bounded = error > ERROR_MOST ? ERROR_MOST : error > -ERROR_MOST ? error : -ERROR_MOST;
  const float moved = (float)level + bounded * (RATE * MIROSTAT_OCTAVE);
  const float next = moved > MIROSTAT_HIGHEST ? MIROSTAT_HIGHEST : moved < MIROSTAT_LOWEST ? MIROSTAT_LOWEST : moved;
  return (int16_t)(next < 0.0F ? next - 0.5F : next + 0.5F);
}
