// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "sample.h"

#include "composing.h"

#include "engine/composer.h"
#include "engine/take_export.h"
#include "engine/weights.h"

enum { LOOK_AHEAD = 16 * TICKS_PER_QUARTER, TEMPO = 120 };

static enum status
write_take(struct take *const take, const char *const path, struct error *const error)
{
  struct take_export exported;
  struct midi_file file;
  enum status status = take_export_bars(take, 0, SAMPLE_BARS, NULL, &exported, error);
  if (status) {
    return status;
  }
  status = take_export_file(&exported, "In training", TEMPO, &file, error);
  take_export_free(&exported);
  if (!status) {
    status = midi_file_write(path, &file, error);
    midi_file_free(&file);
  }
  return status;
}

enum status
sample_write(const char *const path_of_weights, const char *const path, struct error *const error)
{
  const struct controls controls = {
      .sampling = {.temperature = 1.0F, .top_p = 1.0F}, .seed = 1, .look_ahead = LOOK_AHEAD};
  struct weights *weights = NULL;
  struct composer *composer = NULL;
  enum status status = weights_load(path_of_weights, &weights, error);
  if (!status) {
    status = composer_new(&composer, error);
  }
  if (!status) {
    composer_set_controls(composer, &controls);
    composer_set_weights(composer, weights);
    status = composing_run(composer, (struct metre){4, 4}, SAMPLE_BARS, false, error);
  }
  if (!status) {
    status = write_take(composer_take(composer), path, error);
  }
  composer_free(composer);
  weights_free(weights);
  return status;
}
