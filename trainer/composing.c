// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "composing.h"

#include "progress.h"

#include <stdio.h>

enum { WORK_SLICE = 1 << 26 }; // Multiply-adds between two looks at the clock

enum status
composing_run(struct composer *const composer,
              const struct metre metre,
              const uint32_t bars,
              const bool show,
              struct error *const error)
{
  const double begin = progress_seconds();
  struct progress progress;
  progress_begin(&progress, stderr);
  composer_locate(composer, (struct position){0, 0}, metre);
  for (uint32_t bar = 0; composer_ready(composer).bar < bars;) {
    const uint32_t spent = composer_work(composer, WORK_SLICE);
    if (composer_is_filled(composer)) {
      composer_move(composer, (struct position){++bar, 0}, metre);
    } else if (spent == 0) {
      break;
    }
    if (show && progress_seconds() - begin > 1.0) {
      progress_show(&progress, "bar %u of %u", composer_ready(composer).bar, bars);
    }
  }
  progress_end(&progress);
  return take_bar(composer_take(composer), 0)
             ? STATUS_SUCCESS
             : error_set(error, STATUS_TOO_LARGE, "%u bars of this music are too much for one take; ask for fewer bars",
                         bars);
}
