// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The trainer's doors: a piece of music, a table of sources, the options and the checkpoint of a training that goes on, and
// the weights that one begins with. The first byte says which of them the rest is.

#include "fuzz.h"

#include "corpus.h"
#include "fine_tuning.h"
#include "sources.h"
#include "training_config.h"

#include <stdlib.h>
#include <string.h>

enum door { DOOR_PIECE, DOOR_SOURCES, DOOR_CONFIG, DOOR_FROM, DOORS };

static void
read_piece(const char *const path)
{
  struct piece piece;
  struct error error = {.status = STATUS_SUCCESS};
  const enum status status = piece_read(path, &piece, &error);
  fuzz_must(!status || error.text[0] != '\0', "a failure is told");
  for (uint32_t i = 0; !status && i < piece.count; ++i) {
    fuzz_must(event_is_valid(&piece.events[i]) || piece.events[i].hand == HAND_UNTOLD, "events are valid");
    fuzz_must(metre_is_valid(piece.metres[i]) && piece.ticks[i] < metre_bar_ticks(piece.metres[i]),
              "onsets are in their bars");
  }
  if (!status) {
    fuzz_must(piece.count > 0 && piece.events[piece.count - 1].advance == ADVANCE_END, "a piece ends");
    piece_free(&piece);
  }
}

static void
read_sources(const char *const path)
{
  struct sources sources;
  struct error error = {.status = STATUS_SUCCESS};
  if (sources_read(path, &sources, &error)) {
    fuzz_must(error.text[0] != '\0', "a failure is told");
    return;
  }
  for (size_t i = 0; i < sources.count; ++i) {
    fuzz_must(sources_find(&sources, sources.items[i].fields[SOURCE_PATH]) != NULL, "what is there is found");
    free(source_attribution(&sources.items[i]));
  }
  sources_free(&sources);
}

static void
read_config(const char *const path)
{
  struct training_options options;
  struct training_options other;
  struct training_config *config = NULL;
  struct error error = {.status = STATUS_SUCCESS};
  training_defaults(&options);
  training_defaults(&other);
  if (training_config_read(path, &options, &config, &error)) {
    fuzz_must(error.text[0] != '\0', "a failure is told");
  } else {
    training_config_compare(&other, &options, &error);
  }
  training_config_free(config);
}

static void
read_from(const char *const path)
{
  struct streaming_sizes sizes;
  struct error error = {.status = STATUS_SUCCESS};
  if (!fine_tuning_sizes(path, &sizes, &error)) {
    fuzz_must(!streaming_sizes_check(&sizes, NULL), "sizes are in their bounds");
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *const data, const size_t size)
{
  struct fuzz_input input = {data, size};
  const uint32_t door = fuzz_below(&input, DOORS);
  const char *const path = fuzz_file(input.at, input.left);
  switch (door) {
  case DOOR_PIECE:
    read_piece(path);
    break;
  case DOOR_SOURCES:
    read_sources(path);
    break;
  case DOOR_CONFIG:
    read_config(path);
    break;
  default:
    read_from(path);
  }
  return 0;
}
