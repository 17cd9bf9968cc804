// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Weight files: a good one is loaded whole, a bad one gives one sentence that names it, and no weights.

#include "engine/safetensors.h"
#include "engine/weights.h"
#include "random_weights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 256, METADATA = 6 };

static const struct streaming_sizes sizes = {16, 32, 16, 2, 16, 16, 16, 4, 16, 6};

// A folder of this test's own, with a good file, and what is in that file.
struct fixture {
  char folder[PATH_SIZE / 2];
  char path[PATH_SIZE];
  struct safetensors *file;
  struct metadata metadata[METADATA];
  struct tensor tensors[STREAMING_TENSORS];
  size_t count;
};

static int
setup(void **const state)
{
  static const char *const keys[METADATA] = {"format", "network", "vocabulary", "styles", "title", "licence"};
  struct fixture *const fixture = calloc(1, sizeof(*fixture));
  const char *const base = getenv("TMPDIR");
  snprintf(fixture->folder, sizeof(fixture->folder), "%s/ritornello-XXXXXX", base ? base : "/tmp");
  assert_non_null(mkdtemp(fixture->folder));
  snprintf(fixture->path, sizeof(fixture->path), "%s/weights.safetensors", fixture->folder);
  assert_int_equal(random_weights_write(fixture->path, &sizes, 5, 0.2F), 0);
  assert_int_equal(safetensors_read(fixture->path, &fixture->file, NULL), STATUS_SUCCESS);
  for (unsigned i = 0; i < METADATA; ++i) {
    fixture->metadata[i] = (struct metadata){keys[i], safetensors_metadata(fixture->file, keys[i])};
    assert_non_null(fixture->metadata[i].value);
  }
  fixture->count = safetensors_count(fixture->file);
  for (size_t i = 0; i < fixture->count; ++i) {
    fixture->tensors[i] = *safetensors_tensor(fixture->file, i);
  }
  *state = fixture;
  return 0;
}

static int
teardown(void **const state)
{
  struct fixture *const fixture = *state;
  safetensors_free(fixture->file);
  (void)unlink(fixture->path);
  const int result = rmdir(fixture->folder);
  free(fixture);
  return result;
}

// Write the fixture's file, as a test has changed it.
static void
rewrite(const struct fixture *const fixture)
{
  assert_int_equal(
      safetensors_write(fixture->path, fixture->metadata, METADATA, fixture->tensors, fixture->count, NULL), 0);
}

static void
assert_refused(const struct fixture *const fixture, const char *const reason)
{
  struct weights *weights = NULL;
  struct error error = {0};
  const enum status status = weights_load(fixture->path, &weights, &error);
  assert_int_not_equal(status, STATUS_SUCCESS);
  assert_int_equal(error.status, status);
  assert_null(weights);
  assert_non_null(strstr(error.text, "weights.safetensors"));
  if (!strstr(error.text, reason)) {
    fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
  }
  assert_null(strchr(error.text, '\n'));
}

// With metadata `key` changed to `value` for a moment, the file is refused.
static void
assert_metadata_refused(struct fixture *const fixture,
                        const char *const key,
                        const char *const value,
                        const char *const reason)
{
  for (unsigned i = 0; i < METADATA; ++i) {
    if (!strcmp(fixture->metadata[i].key, key)) {
      const char *const good = fixture->metadata[i].value;
      fixture->metadata[i].value = value;
      rewrite(fixture);
      assert_refused(fixture, reason);
      fixture->metadata[i].value = good;
    }
  }
}

static struct tensor *
tensor_of(struct fixture *const fixture, const char *const name)
{
  for (size_t i = 0; i < fixture->count; ++i) {
    if (!strcmp(fixture->tensors[i].name, name)) {
      return &fixture->tensors[i];
    }
  }
  fail_msg("no tensor %s", name);
  return NULL;
}

static void
a_good_file_is_loaded_whole(void **const state)
{
  const struct fixture *const fixture = *state;
  struct weights *weights = NULL;
  struct error error = {0};
  assert_int_equal(weights_load(fixture->path, &weights, &error), STATUS_SUCCESS);
  assert_string_equal(weights->path, fixture->path);
  assert_string_equal(weights->title, "Random test");
  assert_string_equal(weights->licence, "CC0-1.0");
  assert_int_equal(weights->style_count, 6);
  assert_int_equal(weights_style(weights, "mozart"), 4);
  assert_int_equal(weights_style(weights, "style6"), 6);
  assert_int_equal(weights_style(weights, "Mozart"), 0);
  assert_string_equal(weights->network->class_->kind, "streaming");
  assert_int_equal(weights->network->style_count, 6);
  assert_true(weights->network->step_operations > 0);
  const struct moment moment = {.metre = {4, 4}, .conditions = {.style = 6}};
  uint32_t operations = UINT32_MAX;
  network_feed(weights->network, weights->state, NULL, &moment);
  assert_int_equal(network_work(weights->network, weights->state, &operations), NETWORK_CHOICE);
  weights_free(weights);
}

static void
hashes_tell_weights_apart(void **const state)
{
  const struct fixture *const fixture = *state;
  struct weights *weights[3] = {NULL};
  assert_int_equal(weights_load(fixture->path, &weights[0], NULL), STATUS_SUCCESS);
  assert_int_equal(weights_load(fixture->path, &weights[1], NULL), STATUS_SUCCESS);
  assert_int_equal(random_weights_write(fixture->path, &sizes, 6, 0.2F), 0);
  assert_int_equal(weights_load(fixture->path, &weights[2], NULL), STATUS_SUCCESS);
  assert_true(weights[0]->hash == weights[1]->hash);
  assert_true(weights[0]->hash != weights[2]->hash);
  for (unsigned i = 0; i < 3; ++i) {
    weights_free(weights[i]);
  }
}

static void
half_precision_is_read_too(void **const state)
{
  struct fixture *const fixture = *state;
  struct tensor *const tensor = tensor_of(fixture, "embed.start");
  const uint16_t halves[16] = {0x3C00};
  tensor->dtype = DTYPE_F16;
  tensor->data = halves;
  tensor->size = sizeof(halves);
  rewrite(fixture);
  struct weights *weights = NULL;
  assert_int_equal(weights_load(fixture->path, &weights, NULL), STATUS_SUCCESS);
  weights_free(weights);
}

static void
a_missing_file_is_named(void **const state)
{
  const struct fixture *const fixture = *state;
  assert_int_equal(unlink(fixture->path), 0);
  assert_refused(fixture, "can't be opened");
}

static void
wrong_metadata_is_refused(void **const state)
{
  struct fixture *const fixture = *state;
  char long_title[WEIGHTS_TEXT_SIZE + 1] = "";
  memset(long_title, 'x', WEIGHTS_TEXT_SIZE);
  assert_metadata_refused(fixture, "format", "ritornello-2", "this version reads ritornello-1");
  assert_metadata_refused(fixture, "network", "{\"kind\": \"recurrent\"}", "does not know its network");
  assert_metadata_refused(fixture, "network", "[[[[", "does not know its network");
  assert_metadata_refused(fixture, "network", "{\"kind\": \"streaming\"}", "lacks embedding");
  assert_metadata_refused(fixture, "vocabulary", "events-2", "needs \"events-1\"");
  assert_metadata_refused(fixture, "styles", "[]", "as many styles");
  assert_metadata_refused(fixture, "styles", "[\"a\", \"a\"]", "different short names");
  assert_metadata_refused(fixture, "styles", "{}", "different short names");
  assert_metadata_refused(fixture, "styles", "[1]", "different short names");
  assert_metadata_refused(fixture, "styles", "[\"a name that is longer than thirty-one\"]", "different short names");
  assert_metadata_refused(fixture, "title", long_title, "title is longer");
}

static void
strikes_are_read_or_refused(void **const state)
{
  struct fixture *const fixture = *state;
  static const char *const wrong[] = {"3",
                                      "[]",
                                      "[3, 256, 5, 6, 7, 8, 9]",
                                      "[-1, 4, 5, 6, 7, 8, 9]",
                                      "[3, \"4\", 5, 6, 7, 8, 9]",
                                      "[3, 4.5, 5, 6, 7, 8, 9]",
                                      "[3, [4, 5, 6, 7, 8], 5, 6, 7, 8, 9]",
                                      "[3, [4, 256], 5, 6, 7, 8, 9]",
                                      "[3, [4, [5]], 5, 6, 7, 8, 9]",
                                      "[[["};
  for (unsigned i = 0; i < METADATA; ++i) {
    if (!strcmp(fixture->metadata[i].key, "title")) {
      fixture->metadata[i] = (struct metadata){WEIGHTS_STRIKES, NULL};
      for (unsigned w = 0; w < sizeof(wrong) / sizeof(*wrong); ++w) {
        fixture->metadata[i].value = wrong[w];
        rewrite(fixture);
        assert_refused(fixture, "its strikes are no list");
      }
      fixture->metadata[i].value = "[3, 4, [5], [6, 8], [7, 8, 9], [8, 9, 10, 11], []]";
      rewrite(fixture);
    }
  }
  static const uint8_t expected[][STRIKES_PERIODS] = {{3}, {4}, {5}, {6, 8}, {7, 8, 9}, {8, 9, 10, 11}, {0}};
  struct weights *weights = NULL;
  assert_int_equal(weights_load(fixture->path, &weights, NULL), STATUS_SUCCESS);
  assert_int_equal(weights->style_count + 1, sizeof(expected) / sizeof(*expected));
  for (uint32_t i = 0; i <= weights->style_count; ++i) {
    assert_memory_equal(weights->strikes[i], expected[i], sizeof(expected[i]));
  }
  weights_free(weights);
}

static void
missing_metadata_is_refused(void **const state)
{
  struct fixture *const fixture = *state;
  static const char *const reasons[4] = {"no format", "which network", "needs \"events-1\"", "styles"};
  for (unsigned i = 0; i < 4; ++i) {
    const char *const good = fixture->metadata[i].key;
    fixture->metadata[i].key = "other";
    rewrite(fixture);
    assert_refused(fixture, reasons[i]);
    fixture->metadata[i].key = good;
  }
}

static void
a_missing_tensor_is_named(void **const state)
{
  struct fixture *const fixture = *state;
  for (size_t i = 0; i < fixture->count; ++i) {
    struct tensor *const tensor = &fixture->tensors[i];
    char name[SAFETENSORS_NAME_SIZE];
    memcpy(name, tensor->name, sizeof(name));
    snprintf(tensor->name, sizeof(tensor->name), "other");
    rewrite(fixture);
    assert_refused(fixture, name);
    memcpy(tensor->name, name, sizeof(name));
  }
}

static void
a_tensor_of_another_shape_is_named(void **const state)
{
  struct fixture *const fixture = *state;
  for (size_t i = 0; i < fixture->count; ++i) {
    struct tensor *const tensor = &fixture->tensors[i];
    const struct tensor good = *tensor;
    tensor->rank = good.rank == 1 ? 2 : 1;
    tensor->shape[0] = good.size / 4;
    tensor->shape[1] = 1;
    rewrite(fixture);
    assert_refused(fixture, good.name);
    *tensor = good;
  }
}

static void
numbers_that_are_not_finite_and_types_unknown_to_it_are_refused(void **const state)
{
  struct fixture *const fixture = *state;
  struct tensor *const tensor = tensor_of(fixture, "head.advance.bias");
  float values[ADVANCE_CLASSES] = {0.0F};
  const uint8_t bytes[ADVANCE_CLASSES] = {0};
  tensor->data = values;
  values[121] = NAN;
  rewrite(fixture);
  assert_refused(fixture, "value 121 of tensor head.advance.bias is not finite");
  tensor->data = bytes;
  tensor->size = sizeof(bytes);
  tensor->dtype = DTYPE_I8;
  rewrite(fixture);
  assert_refused(fixture, "neither F32 nor F16");
}

static void
sizes_that_the_tensors_don_t_have_are_refused_before_memory_is_taken(void **const state)
{
  struct fixture *const fixture = *state;
  static const struct streaming_sizes largest = {1024, 1024, 1024, 16, 256, 256, 1024, 128, 16384, 6};
  char text[STREAMING_TEXT_SIZE];
  streaming_sizes_format(&largest, text);
  assert_metadata_refused(fixture, "network", text, "has not the shape");
}

// Write the fixture's file with a filter whose metadata is `text` (NULL: none) and whose tensor is `bytes` (NULL: none).
static void
write_with_filter(const struct fixture *const fixture,
                  const char *const text,
                  const struct quotation_filter *const filter,
                  const enum dtype dtype)
{
  struct metadata metadata[METADATA + 1];
  struct tensor tensors[STREAMING_TENSORS + 1];
  memcpy(metadata, fixture->metadata, sizeof(fixture->metadata));
  memcpy(tensors, fixture->tensors, fixture->count * sizeof(*tensors));
  metadata[METADATA] = (struct metadata){QUOTATION_METADATA, text};
  if (filter) {
    const size_t size = filter->bits / 8;
    tensors[fixture->count] = (struct tensor){.name = QUOTATION_TENSOR, .dtype = dtype, .rank = 1, .size = size};
    tensors[fixture->count].shape[0] = size / dtype_size(dtype);
    tensors[fixture->count].data = filter->bytes;
  }
  assert_int_equal(safetensors_write(fixture->path, metadata, METADATA + (text ? 1U : 0U), tensors,
                                     fixture->count + (filter ? 1 : 0), NULL),
                   0);
}

static void
a_filter_of_the_training_music_is_loaded_or_refused_whole(void **const state)
{
  const struct fixture *const fixture = *state;
  struct quotation_filter *const filter = quotation_filter_new(100);
  char text[QUOTATION_TEXT_SIZE];
  quotation_filter_add(filter, 12345);
  quotation_filter_format(filter, text);
  struct weights *weights = NULL;
  write_with_filter(fixture, text, filter, DTYPE_U8);
  assert_int_equal(weights_load(fixture->path, &weights, NULL), STATUS_SUCCESS);
  assert_true(quotation_filter_has(weights->quotations, 12345));
  assert_false(quotation_filter_has(weights->quotations, 54321));
  weights_free(weights);
  write_with_filter(fixture, NULL, NULL, DTYPE_U8);
  assert_int_equal(weights_load(fixture->path, &weights, NULL), STATUS_SUCCESS);
  assert_null(weights->quotations);
  weights_free(weights);

  write_with_filter(fixture, text, NULL, DTYPE_U8);
  assert_refused(fixture, "filter of its training music");
  write_with_filter(fixture, NULL, filter, DTYPE_U8);
  assert_refused(fixture, "filter of its training music");
  write_with_filter(fixture, text, filter, DTYPE_I8);
  assert_refused(fixture, "filter of its training music");
  write_with_filter(fixture, "{\"run\": 8, \"hashes\": 7, \"bits\": 4096}", filter, DTYPE_U8);
  assert_refused(fixture, "filter of its training music");
  free(filter);
}

static void
a_file_cut_short_is_refused(void **const state)
{
  const struct fixture *const fixture = *state;
  for (off_t size = 0; size < 100000; size += 4999) {
    rewrite(fixture);
    assert_int_equal(truncate(fixture->path, size), 0);
    assert_refused(fixture, "no usable safetensors file");
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_good_file_is_loaded_whole, setup, teardown),
      cmocka_unit_test_setup_teardown(hashes_tell_weights_apart, setup, teardown),
      cmocka_unit_test_setup_teardown(half_precision_is_read_too, setup, teardown),
      cmocka_unit_test_setup_teardown(a_missing_file_is_named, setup, teardown),
      cmocka_unit_test_setup_teardown(wrong_metadata_is_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(strikes_are_read_or_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(missing_metadata_is_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(a_missing_tensor_is_named, setup, teardown),
      cmocka_unit_test_setup_teardown(a_tensor_of_another_shape_is_named, setup, teardown),
      cmocka_unit_test_setup_teardown(numbers_that_are_not_finite_and_types_unknown_to_it_are_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(sizes_that_the_tensors_don_t_have_are_refused_before_memory_is_taken, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(a_filter_of_the_training_music_is_loaded_or_refused_whole, setup, teardown),
      cmocka_unit_test_setup_teardown(a_file_cut_short_is_refused, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
