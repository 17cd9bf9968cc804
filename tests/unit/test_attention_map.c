// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Where attention looks: never ahead, all of it somewhere, and at the very notes where the network's own arithmetic says so.

#include "attention_map.h"
#include "corpus.h"
#include "folder.h"
#include "parameters.h"
#include "random_weights.h"
#include "windows.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOTES = 300 }; // Eighth notes; more than two passes of a streaming network

static void
read_music(const struct folder *const folder, struct corpus *const corpus)
{
  struct error error = {0};
  folder_write_piece(folder, "music/scale.mid", NOTES);
  char *const path = folder_path(folder, "music");
  if (corpus_read(path, corpus, &error)) {
    fail_msg("%s", error.text);
  }
  free(path);
}

static void
map(const char *const weights, const struct piece *const piece, struct attention_map *const map)
{
  struct safetensors *file = NULL;
  struct error error = {0};
  assert_int_equal(safetensors_read(weights, &file, &error), STATUS_SUCCESS);
  if (attention_map_make(file, weights, piece, 0, map, &error)) {
    fail_msg("%s", error.text);
  }
  safetensors_free(file);
}

// No attention to what is still to come; what a bar's notes look at is no more than all
static void
assert_looks_back(const struct attention_map *const map)
{
  for (uint32_t from = 0; from < map->bars; ++from) {
    double sum = 0.0;
    for (uint32_t to = 0; to < map->bars; ++to) {
      const double share = map->shares[from * map->bars + to];
      assert_true(share >= 0.0 && (to <= from || share == 0.0));
      sum += share;
    }
    assert_true(sum < 1.0 + 1e-5);
  }
}

static double
sum_of_ago(const struct attention_map *const map)
{
  double sum = 0.0;
  for (int i = 0; i < ATTENTION_MAP_AGO; ++i) {
    sum += map->ago[i];
  }
  return sum;
}

// Change one tensor of a weight file of F32 values.
static void
set_tensor(const char *const path, const char *const name, const float value)
{
  struct safetensors *file = NULL;
  struct tensor tensors[STREAMING_TENSORS];
  struct metadata metadata[8];
  static const char *const keys[] = {"format", "network", "vocabulary", "styles", "title", "licence"};
  assert_int_equal(safetensors_read(path, &file, NULL), STATUS_SUCCESS);
  for (size_t i = 0; i < 6; ++i) {
    metadata[i] = (struct metadata){keys[i], safetensors_metadata(file, keys[i])};
  }
  float *changed = NULL;
  for (size_t i = 0; i < safetensors_count(file); ++i) {
    tensors[i] = *safetensors_tensor(file, i);
    if (!strcmp(tensors[i].name, name)) {
      changed = malloc(tensors[i].size);
      for (size_t v = 0; v < tensors[i].size / sizeof(float); ++v) {
        changed[v] = value;
      }
      tensors[i].data = changed;
    }
  }
  assert_non_null(changed);
  assert_int_equal(safetensors_write(path, metadata, 6, tensors, safetensors_count(file), NULL), STATUS_SUCCESS);
  free(changed);
  safetensors_free(file);
}

static void
a_streaming_network_looks_back_over_its_whole_memory(void **const state)
{
  static const struct streaming_sizes sizes = {16, 16, 0, 2, 16, 16, 16, 4, 64, 5};
  struct attention_map m;
  struct corpus corpus;
  read_music(*state, &corpus);
  char *const weights = folder_path(*state, "streaming.safetensors");
  assert_int_equal(random_weights_write(weights, &sizes, 1, 0.2F), 0);
  // Neither keys nor distances differ and there is no sink to speak of: every note in memory gets as much
  set_tensor(weights, "attention.query", 0.0F);
  set_tensor(weights, "attention.bias", 0.0F);
  set_tensor(weights, "attention.sink", -100.0F);
  map(weights, &corpus.pieces[0], &m);
  assert_int_equal(m.bars, (NOTES + 7) / 8); // Eight eighths to a bar
  assert_looks_back(&m);
  assert_true(fabs(sum_of_ago(&m) - (NOTES - 1.0) / NOTES) < 1e-4); // The first note has nothing to look at
  const double *const late = m.shares + (size_t)30 * m.bars;
  for (int bar = 23; bar <= 29; ++bar) { // Whole bars within 64 notes of each of the bar's notes
    assert_true(fabs(late[bar] - 8.0 / 64.0) < 1e-4);
  }
  assert_true(late[21] == 0.0);
  attention_map_free(&m);
  corpus_free(&corpus);
  free(weights);
}

static void
a_windowed_network_looks_back_over_its_window(void **const state)
{
  struct windowed_sizes sizes = {.context = 16};
  struct tokens_left_out left_out = {0};
  struct vocabulary vocabulary;
  struct attention_map m;
  struct corpus corpus;
  read_music(*state, &corpus);
  assert_int_equal(windows_vocabulary(&corpus, NULL, 0, &vocabulary, &left_out, NULL), STATUS_SUCCESS);
  assert_int_equal(windowed_layers_parse("index, bilstm:16, attention:16, lstm:16, dense:16, softmax", &sizes, NULL),
                   STATUS_SUCCESS);
  sizes.vocabulary = vocabulary.count;
  char *const weights = folder_path(*state, "windowed.safetensors");
  assert_int_equal(random_windowed_write(weights, &sizes, &vocabulary, 1, 0.0F), 0); // All energies are alike
  map(weights, &corpus.pieces[0], &m);
  assert_looks_back(&m);
  const double *const late = m.shares + (size_t)20 * m.bars;
  assert_true(fabs(late[19] - 8.0 / 16.0) < 1e-5);
  assert_true(late[17] == 0.0);
  attention_map_free(&m);
  vocabulary_clear(&vocabulary);
  corpus_free(&corpus);
  free(weights);
}

static void
a_network_without_attention_looks_nowhere(void **const state)
{
  static const struct streaming_sizes sizes = {16, 16, 0, 0, 16, 16, 16, 4, 64, 5};
  struct attention_map m;
  struct corpus corpus;
  read_music(*state, &corpus);
  char *const weights = folder_path(*state, "plain.safetensors");
  assert_int_equal(random_weights_write(weights, &sizes, 1, 0.2F), 0);
  map(weights, &corpus.pieces[0], &m);
  assert_int_equal(m.bars, 0);
  attention_map_free(&m);
  corpus_free(&corpus);
  free(weights);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_streaming_network_looks_back_over_its_whole_memory, folder_setup,
                                      folder_teardown),
      cmocka_unit_test_setup_teardown(a_windowed_network_looks_back_over_its_window, folder_setup, folder_teardown),
      cmocka_unit_test_setup_teardown(a_network_without_attention_looks_nowhere, folder_setup, folder_teardown),
  };
  return cmocka_run_group_tests_name("attention_map", tests, NULL, NULL);
}
