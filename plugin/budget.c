// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How much the composer may work.

#include "budget.h"

/// Seconds over which the load is smoothed.
static const double LOAD_SECONDS = 0.5;

void
budget_init(struct budget *const budget, const double frames_per_second) REALTIME
{
  *budget = (struct budget){.frames_per_second = frames_per_second};
}

void
budget_locate(struct budget *const budget) REALTIME
{
  budget->burst = (int64_t)(budget->frames_per_second * BUDGET_BURST_MS / 1000.0);
}

static void
smooth_load(struct budget *const budget, const double used, const double plain, const uint32_t frames) REALTIME
{
  const double share = plain > 0.0 ? used / plain : 0.0;
  const double weight = (double)frames / (LOAD_SECONDS * budget->frames_per_second);
  budget->load += (share - budget->load) * (weight < 1.0 ? weight : 1.0);
}

/// Work until the take is filled, however long that takes.
static void
fill(struct composer *const composer) REALTIME
{
  while (!composer_is_filled(composer) && composer_work(composer, UINT32_MAX / 2) > 0) {
  }
}

void
budget_spend(struct budget *const budget, struct composer *const composer, const uint32_t frames, const bool unlimited)
    REALTIME
{
  const double plain = (double)frames * BUDGET_PER_SECOND / budget->frames_per_second;
  if (unlimited) {
    fill(composer);
    budget->burst = 0;
    budget->credit = 0;
    return;
  }
  if (composer_is_filled(composer)) {
    budget->burst = 0;
  }
  budget->credit += (int64_t)(budget->burst > 0 ? plain * BUDGET_BURST : plain);
  budget->burst = budget->burst > frames ? budget->burst - frames : 0;
  const uint32_t spent = budget->credit > 0 ? composer_work(composer, (uint32_t)budget->credit) : 0;
  budget->credit -= spent;
  if (budget->credit > 0) {
    budget->credit = 0;
  }
  smooth_load(budget, spent, plain, frames);
}
