// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "composing.h"

#include "../plugin/engine/take_export.h"
#include "piece.h"
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

// Read the first `bars` bars of `take` as a piece.
static enum status
take_piece(struct take *const take, const uint32_t bars, struct piece *const piece, struct error *const error)
{
  struct take_export exported;
  struct midi_file file;
  uint64_t left_out = 0;
  enum status status = take_export_bars(take, 0, bars, &exported, error);
  if (status) {
    return status;
  }
  status = take_export_file(&exported, NULL, 120.0, &file, error);
  take_export_free(&exported);
  if (!status) {
    status = piece_make(&file, "composed", piece, &left_out, error);
    midi_file_free(&file);
  }
  return status;
}

enum status
composing_piece(struct weights *const weights,
                const struct controls *const controls,
                const struct metre metre,
                const uint32_t bars,
                struct piece *const piece,
                struct error *const error)
{
  struct composer *composer = NULL;
  enum status status = composer_new(&composer, error);
  if (!status) {
    composer_set_controls(composer, controls);
    composer_set_weights(composer, weights);
    status = composing_run(composer, metre, bars, false, error);
  }
  if (!status) {
    status = take_piece(composer_take(composer), bars, piece, error);
  }
  composer_free(composer);
  return status;
}
