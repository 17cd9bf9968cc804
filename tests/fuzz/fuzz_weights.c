// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The door of weight files. The first byte says what the rest is: a whole file; or a header, for which the data that it asks
// for is made up, so that what lies behind the first checks is reached; or the sizes of a network, for which a good file is
// made. What is loaded then composes, and what comes of it must be music.

#include "fuzz.h"

#include "random_weights.h"

#include "engine/composer.h"
#include "engine/take.h"
#include "engine/vocabulary.h"
#include "engine/weights.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATA_MOST = 1 << 23, HEADER_MOST = 1 << 16, VALUES_MOST = 1 << 19, OPERATIONS = 1 << 20, SLICES = 12 };

enum input_kind { INPUT_WHOLE, INPUT_HEADER, INPUT_STREAMING, INPUT_WINDOWED, INPUT_KINDS };

static void
check_bar(struct take *const take, const struct take_bar *const bar)
{
  const uint32_t length = metre_bar_ticks(bar->metre);
  fuzz_must(metre_is_valid(bar->metre), "a bar has a metre");
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
    const struct take_note *const note = take_note(take, i);
    fuzz_must(note->tick < length, "a note begins in its bar");
    struct event alone = note->event;
    alone.advance = 0; // That of a token is its duration, whatever that is
    fuzz_must(note->rest || event_is_valid(&alone), "a note is a piano's");
  }
}

// Compose under controls that depend on `kind`.
static void
compose(struct weights *const weights, const uint8_t kind)
{
  struct composer *composer = NULL;
  fuzz_must(composer_new(&composer, NULL) == STATUS_SUCCESS, "there is memory for a composer");
  const struct controls controls = {
      .sampling = {.temperature = kind & 1 ? 0.0F : 1.0F, .top_p = kind & 2 ? 0.5F : 1.0F},
      .style = weights->style_count ? (uint8_t)(kind % (weights->style_count + 1)) : 0,
      .key = kind & 4 ? 1 : 0,
      .originality = kind & 8 ? 8 : 0,
      .seed = kind,
      .ending = kind & 16,
      .look_ahead = 96,
      .surprise = kind & 32 ? 4.0F : 0.0F,
      .limits = {.low = 21, .high = 108, .polyphony = 16},
  };
  composer_set_controls(composer, &controls);
  fuzz_must(composer_set_weights(composer, weights) == NULL, "there were no weights before");
  composer_locate(composer, (struct position){0, 0}, (struct metre){4, 4});
  for (uint32_t bar = 0; bar < SLICES; ++bar) {
    composer_work(composer, OPERATIONS / SLICES);
    composer_move(composer, (struct position){bar / 3, bar % 3 * 32}, (struct metre){4, 4});
  }
  for (uint32_t number = 0; number < SLICES; ++number) {
    const struct take_bar *const bar = take_bar(composer_take(composer), number);
    if (bar) {
      check_bar(composer_take(composer), bar);
    }
  }
  composer_free(composer);
}

static void
load(const char *const path, const uint8_t kind)
{
  struct weights *weights = NULL;
  struct error error = {.status = STATUS_SUCCESS};
  if (weights_load(path, &weights, &error)) {
    fuzz_must(!weights, "there are no weights after a failure");
    fuzz_must(error.status && error.text[0], "a failure is one sentence");
    return;
  }
  compose(weights, kind);
  weights_free(weights);
}

// Bytes of data that the tensors of a header ask for.
static size_t
data_size(const char *const text, const size_t size)
{
  json_t *const header = json_loadb(text, size, 0, NULL);
  json_int_t most = 0;
  for (void *i = json_object_iter(header); i; i = json_object_iter_next(header, i)) {
    const json_int_t end =
        json_integer_value(json_array_get(json_object_get(json_object_iter_value(i), "data_offsets"), 1));
    most = end > most ? end : most;
  }
  json_decref(header);
  return most > 0 && most <= DATA_MOST ? (size_t)most : 0;
}

// Make a file of the header up to the first zero; what is behind that is repeated as data.
static void
load_header(struct fuzz_input *const input, const uint8_t kind)
{
  const uint8_t *const end = memchr(input->at, 0, input->left);
  const size_t size = end ? (size_t)(end - input->at) : input->left;
  const size_t rest = input->left - size;
  const size_t length = size < HEADER_MOST ? data_size((const char *)input->at, size) : 0;
  uint8_t *const bytes = calloc(1, 8 + size + length);
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = (uint8_t)((uint64_t)size >> (8 * i));
  }
  memcpy(bytes + 8, input->at, size);
  for (size_t i = 0; rest > 1 && i < length; ++i) {
    bytes[8 + size + i] = input->at[size + 1 + i % (rest - 1)];
  }
  load(fuzz_file(bytes, 8 + size + length), kind);
  free(bytes);
}

static float
scale_of(struct fuzz_input *const input)
{
  static const float scales[] = {0.5F, 0.0F, 0.05F, 5.0F, 1e4F, 1e19F, 1e30F, 1e38F};
  return scales[fuzz_below(input, 8)];
}

static const char *
own_path(void)
{
  static char path[128];
  snprintf(path, sizeof path, "%s/own.safetensors", fuzz_folder());
  return path;
}

static void
load_streaming(struct fuzz_input *const input, const uint8_t kind)
{
  static const uint32_t few[] = {16, 32, 16, 48, 16, 64, 128, 16};
  struct streaming_sizes sizes = {
      .embedding = few[fuzz_below(input, 8)],
      .hidden = few[fuzz_below(input, 8)],
      .backward = fuzz_below(input, 4) * 16,
      .heads = fuzz_below(input, 5),
      .key = few[fuzz_below(input, 8)],
      .value = few[fuzz_below(input, 8)],
      .dense = few[fuzz_below(input, 8)],
      .segment = 2 + fuzz_below(input, 32),
      .styles = fuzz_below(input, 8) == 7 ? STREAMING_STYLES : fuzz_below(input, 8),
  };
  sizes.memory = sizes.segment * (1 + fuzz_below(input, 32));
  const float scale = scale_of(input);
  if (!streaming_sizes_check(&sizes, NULL) && !random_weights_write(own_path(), &sizes, kind, scale)) {
    load(own_path(), kind);
  }
}

// Tokens of any durations and notes.
static size_t
read_tokens(struct fuzz_input *const input, struct token *const tokens, const size_t most)
{
  size_t count = 0;
  while (count < most && (input->left > 0 || count == 0)) {
    struct token *const token = &tokens[count++];
    *token = (struct token){.duration = (uint16_t)(1 + fuzz_below(input, 4) * (1 + fuzz_below(input, 192)))};
    const uint32_t notes = fuzz_below(input, TOKEN_PITCHES + 1);
    for (uint32_t pitch = PITCH_LOWEST; token->count < notes && pitch <= PITCH_HIGHEST; ++pitch) {
      pitch += fuzz_below(input, 9);
      if (pitch <= PITCH_HIGHEST) {
        token->pitches[token->count++] = (uint8_t)pitch;
      }
    }
  }
  return count;
}

static void
load_windowed(struct fuzz_input *const input, const uint8_t kind)
{
  char layers[WINDOWED_TEXT_SIZE];
  struct token tokens[64];
  struct vocabulary vocabulary;
  struct windowed_sizes sizes = {.context = 2 + fuzz_below(input, 31)};
  const float scale = scale_of(input);
  fuzz_text(input, layers, sizeof layers);
  if (windowed_layers_parse(layers, &sizes, NULL) ||
      vocabulary_make(tokens, read_tokens(input, tokens, 64), 64, &vocabulary, NULL)) {
    return;
  }
  sizes.vocabulary = vocabulary.count;
  struct windowed_tensor shapes[WINDOWED_TENSORS];
  size_t values = 0;
  if (!windowed_sizes_check(&sizes, NULL)) {
    for (unsigned i = windowed_tensors(&sizes, shapes); i-- > 0;) {
      values += tensor_shape_count(&shapes[i].shape);
    }
    if (values <= VALUES_MOST && !random_windowed_write(own_path(), &sizes, &vocabulary, kind, scale)) {
      load(own_path(), kind);
    }
  }
  vocabulary_clear(&vocabulary);
}

int
LLVMFuzzerTestOneInput(const uint8_t *const data, const size_t size)
{
  struct fuzz_input input = {data, size};
  const uint8_t kind = fuzz_byte(&input);
  switch (kind % INPUT_KINDS) {
  case INPUT_WHOLE:
    load(fuzz_file(input.at, input.left), kind / INPUT_KINDS);
    break;
  case INPUT_HEADER:
    load_header(&input, kind / INPUT_KINDS);
    break;
  case INPUT_STREAMING:
    load_streaming(&input, kind / INPUT_KINDS);
    break;
  default:
    load_windowed(&input, kind / INPUT_KINDS);
  }
  return 0;
}
