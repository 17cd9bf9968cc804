// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How much the composer may work.

#include "budget.h"

#include <stdatomic.h>

/// Seconds over which the load is smoothed.
static const double LOAD_SECONDS = 0.5;

/// What all instances of the process need together, in operations per second. The one thing that they share.
static atomic_uint_fast64_t needed_by_all;

void
budget_init(struct budget *const budget, const double frames_per_second, const double speed)
{
  *budget = (struct budget){.frames_per_second = frames_per_second, .speed = speed};
}

void
budget_claim(struct budget *const budget, const uint32_t operations) REALTIME
{
  const uint64_t need = (uint64_t)operations * BUDGET_STEPS;
  if (need != budget->need) {
    atomic_fetch_add(&needed_by_all, need - budget->need); // Modulo 2^64, so that it may be less
    budget->need = need;
  }
}

double
budget_rate(const struct budget *const budget) REALTIME
{
  const double need = (double)budget->need;
  const double all = (double)atomic_load(&needed_by_all);
  const double hard = need < budget->speed * BUDGET_HARD / 100.0 ? need : budget->speed * BUDGET_HARD / 100.0;
  const double usual = budget->speed * BUDGET_MOST / 100.0;
  const double alone = hard > usual ? hard : usual;
  const double shared = all > 0.0 ? budget->speed * BUDGET_ALL / 100.0 * need / all : alone;
  return alone < shared ? alone : shared;
}

static void
smooth_load(struct budget *const budget, const double used, const double allowed, const uint32_t frames) REALTIME
{
  const double share = allowed > 0.0 ? used / allowed : 0.0;
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

/// Return what the present block loses of the operations `allowed`.
static double
cold_loss(const struct budget *const budget, const double allowed) REALTIME
{
  const double most = allowed / 2.0;
  return budget->is_at_work ? 0.0 : most < BUDGET_COLD ? most : BUDGET_COLD;
}

void
budget_spend(struct budget *const budget, struct composer *const composer, const uint32_t frames, const bool unlimited)
    REALTIME
{
  if (unlimited) {
    fill(composer);
    budget->credit = 0;
    budget->is_at_work = true;
    return;
  }
  const double allowed = (double)frames / budget->frames_per_second * budget_rate(budget);
  budget->credit += (int64_t)(allowed - cold_loss(budget, allowed)) + 1;
  const uint32_t most = budget->credit < INT32_MAX ? (uint32_t)(budget->credit > 0 ? budget->credit : 0) : INT32_MAX;
  const uint32_t spent = most > 0 ? composer_work(composer, most) : 0;
  budget->credit -= spent;
  budget->is_at_work = spent > 0 || most == 0;
  if (budget->credit > 0) {
    budget->credit = 0;
  }
  smooth_load(budget, spent, allowed, frames);
}
