// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Safetensors files: what is written is read back, and what is damaged or made to harm is refused with a sentence.

#include "engine/safetensors.h"
#include "lone_file.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 256, FILE_LIMIT = 4096 };

static const float matrix_values[6] = {1.0F, -2.0F, 3.5F, 0.0F, 1e-30F, 65504.0F};
static const uint16_t half_values[3] = {0x3C00, 0xC000, 0x0001};
static const uint64_t hash_values[2] = {1, UINT64_MAX};

static const struct metadata example_metadata[] = {{"title", "Fl\xC3\xBCgel \"1\""}, {"format", "test"}};

static const struct tensor example_tensors[] = {
    {"matrix", DTYPE_F32, 2, {2, 3}, matrix_values, sizeof(matrix_values)},
    {"halves", DTYPE_F16, 1, {3}, half_values, sizeof(half_values)},
    {"empty", DTYPE_I8, 2, {0, 7}, "", 0},
    {"scalar", DTYPE_U8, 0, {0}, "\x2A", 1},
    {"hashes", DTYPE_U64, 1, {2}, hash_values, sizeof(hash_values)},
};
enum { EXAMPLE_TENSORS = sizeof(example_tensors) / sizeof(*example_tensors) };

static void
example_write(const char *const path)
{
  struct error error;
  assert_int_equal(safetensors_write(path, example_metadata, 2, example_tensors, EXAMPLE_TENSORS, &error), 0);
}

static size_t
file_load(const char *const path, unsigned char bytes[FILE_LIMIT])
{
  FILE *const stream = fopen(path, "rb");
  assert_non_null(stream);
  const size_t size = fread(bytes, 1, FILE_LIMIT, stream);
  assert_int_equal(fclose(stream), 0);
  return size;
}

static struct error header_error; // Of the last header_try() that failed

// Parse a file of this header, followed by `data_size` zero bytes.
static enum status
header_try(const char *const header, const size_t data_size)
{
  const size_t length = strlen(header);
  unsigned char *const bytes = calloc(1, 8 + length + data_size);
  bytes[0] = (unsigned char)length;
  bytes[1] = (unsigned char)(length >> 8);
  bytes[2] = (unsigned char)(length >> 16);
  memcpy(bytes + 8, header, length);
  struct safetensors *file = NULL;
  struct error error = {0};
  const enum status status = safetensors_parse(bytes, 8 + length + data_size, "it", &file, &error);
  assert_true((status == STATUS_SUCCESS) == (file != NULL));
  if (status) {
    assert_int_equal(error.status, status);
    assert_non_null(strstr(error.text, "it "));
    header_error = error;
  }
  safetensors_free(file);
  free(bytes);
  return status;
}

static void
what_is_written_is_read_back(void **const state)
{
  const struct lone_file *const fixture = *state;
  example_write(fixture->path);
  struct safetensors *file = NULL;
  struct error error;
  assert_int_equal(safetensors_read(fixture->path, &file, &error), STATUS_SUCCESS);
  assert_string_equal(safetensors_metadata(file, "title"), example_metadata[0].value);
  assert_null(safetensors_metadata(file, "licence"));
  assert_null(safetensors_find(file, "nothing"));
  assert_int_equal(safetensors_count(file), EXAMPLE_TENSORS);
  for (size_t i = 0; i < EXAMPLE_TENSORS; ++i) {
    const struct tensor *const tensor = safetensors_tensor(file, i);
    assert_ptr_equal(safetensors_find(file, example_tensors[i].name), tensor);
    assert_string_equal(tensor->name, example_tensors[i].name);
    assert_int_equal(tensor->dtype, example_tensors[i].dtype);
    assert_int_equal(tensor->rank, example_tensors[i].rank);
    assert_memory_equal(tensor->shape, example_tensors[i].shape, tensor->rank * sizeof(*tensor->shape));
    assert_int_equal(tensor->size, example_tensors[i].size);
    assert_memory_equal(tensor->data, example_tensors[i].data, tensor->size);
  }
  safetensors_free(file);
}

static void
the_same_input_gives_the_same_bytes_and_aligned_data(void **const state)
{
  const struct lone_file *const fixture = *state;
  unsigned char first[FILE_LIMIT];
  unsigned char second[FILE_LIMIT];
  example_write(fixture->path);
  const size_t size = file_load(fixture->path, first);
  example_write(fixture->path);
  assert_int_equal(file_load(fixture->path, second), size);
  assert_memory_equal(first, second, size);
  assert_int_equal((8U + first[0] + 256U * first[1]) % 64U, 0);
  assert_memory_equal(first + 8, "{\"__metadata__\":{\"title\":", 25);
}

static void
writing_leaves_no_temporary_file_and_fails_whole(void **const state)
{
  const struct lone_file *const fixture = *state;
  struct error error;
  char path[PATH_SIZE + 16];
  snprintf(path, sizeof(path), "%s/no/such", fixture->folder);
  assert_int_equal(safetensors_write(path, NULL, 0, example_tensors, 1, &error), STATUS_NO_FILE);
  const struct tensor twice[] = {example_tensors[0], example_tensors[0]};
  assert_int_equal(safetensors_write(fixture->path, NULL, 0, twice, 2, &error), STATUS_BAD_VALUE);
  struct tensor wrong = example_tensors[0];
  wrong.size -= 4;
  assert_int_equal(safetensors_write(fixture->path, NULL, 0, &wrong, 1, &error), STATUS_BAD_VALUE);
  assert_int_equal(access(fixture->path, F_OK), -1);
}

static void
a_file_cut_anywhere_is_refused(void **const state)
{
  const struct lone_file *const fixture = *state;
  unsigned char bytes[FILE_LIMIT];
  example_write(fixture->path);
  const size_t size = file_load(fixture->path, bytes);
  for (size_t i = 0; i < size; ++i) {
    struct safetensors *file = NULL;
    struct error error;
    assert_int_equal(safetensors_parse(bytes, i, "cut", &file, &error), STATUS_BAD_FORMAT);
    assert_null(file);
  }
}

static void
a_file_with_any_byte_changed_does_no_harm(void **const state)
{
  const struct lone_file *const fixture = *state;
  unsigned char bytes[FILE_LIMIT];
  example_write(fixture->path);
  const size_t size = file_load(fixture->path, bytes);
  for (size_t i = 0; i < size; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      bytes[i] ^= (unsigned char)(1U << bit);
      struct safetensors *file = NULL;
      const enum status status = safetensors_parse(bytes, size, "changed", &file, NULL);
      assert_true((status == STATUS_SUCCESS) == (file != NULL));
      safetensors_free(file);
      bytes[i] ^= (unsigned char)(1U << bit);
    }
  }
}

#define TENSOR(name, shape, begin, end)                                                                                \
  "\"" name "\":{\"dtype\":\"F32\",\"shape\":[" shape "],\"data_offsets\":[" begin "," end "]}"

static void
good_headers_are_read(void **const state)
{
  (void)state;
  assert_int_equal(header_try("{}", 0), STATUS_SUCCESS);
  assert_int_equal(header_try("{}    ", 0), STATUS_SUCCESS);
  assert_int_equal(header_try("{" TENSOR("a", "2", "0", "8") "}", 8), STATUS_SUCCESS);
  assert_int_equal(header_try("{" TENSOR("b", "1", "4", "8") "," TENSOR("a", "1", "0", "4") "}", 8), STATUS_SUCCESS);
  assert_int_equal(header_try("{" TENSOR("a", "1,1,1,2", "0", "8") "}", 8), STATUS_SUCCESS);
  assert_int_equal(header_try("{" TENSOR("[[[[{{{{", "2", "0", "8") "}", 8), STATUS_SUCCESS);
}

static void
offsets_that_overlap_or_leave_gaps_are_refused(void **const state)
{
  (void)state;
  static const char *const headers[] = {
      "{" TENSOR("a", "2", "0", "8") "," TENSOR("b", "2", "4", "12") "}",
      "{" TENSOR("a", "2", "0", "8") "," TENSOR("b", "2", "0", "8") "}",
      "{" TENSOR("a", "1", "0", "4") "," TENSOR("b", "1", "8", "12") "}",
      "{" TENSOR("a", "2", "0", "8") "," TENSOR("b", "1", "4", "8") "}",
      "{" TENSOR("a", "2", "4", "12") "," TENSOR("b", "1", "4", "8") "}",
      "{" TENSOR("a", "2", "4", "12") "}",
      "{" TENSOR("a", "2", "0", "8") "}",
      "{" TENSOR("a", "2", "8", "0") "}",
      "{" TENSOR("a", "2", "-8", "0") "}",
      "{" TENSOR("a", "2", "0", "16") "}",
      "{" TENSOR("a", "2", "0", "8.0") "}",
      "{" TENSOR("a", "2", "18446744073709551608", "8") "}",
      "{" TENSOR("a", "2", "0", "9223372036854775807") "}",
      "{}",
  };
  for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); ++i) {
    assert_int_equal(header_try(headers[i], 12), STATUS_BAD_FORMAT);
  }
}

static void
shapes_that_are_huge_or_no_numbers_are_refused(void **const state)
{
  (void)state;
  static const char *const headers[] = {
      "{" TENSOR("a", "3", "0", "8") "}",
      "{" TENSOR("a", "-2", "0", "8") "}",
      "{" TENSOR("a", "2.0", "0", "8") "}",
      "{" TENSOR("a", "\"2\"", "0", "8") "}",
      "{" TENSOR("a", "1,1,1,1,2", "0", "8") "}",
      "{" TENSOR("a", "4611686018427387904,4611686018427387906", "0", "8") "}",
      "{" TENSOR("a", "4611686018427387906", "0", "8") "}",
      "{" TENSOR("a", "9223372036854775807,9223372036854775807,2", "0", "8") "}",
  };
  for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); ++i) {
    assert_int_equal(header_try(headers[i], 8), STATUS_BAD_FORMAT);
  }
}

static void
malformed_headers_are_refused(void **const state)
{
  (void)state;
  static const char *const headers[] = {
      "",
      "[]",
      " {}",
      "{",
      "{}{}",
      "{\"a\":1}",
      "{\"a\":{}}",
      "{\"a\":[]}",
      "{" TENSOR("", "0", "0", "0") "}",
      "{" TENSOR("a", "0", "0", "0") "," TENSOR("a", "0", "0", "0") "}",
      "{" TENSOR("0123456789012345678901234567890123456789012345678901234567890123", "0", "0", "0") "}",
      "{" TENSOR("a\\u0000b", "0", "0", "0") "}",
      "{" TENSOR("a\xFF", "0", "0", "0") "}",
      "{\"a\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[0,0]}}",
      "{\"a\":{\"dtype\":1,\"shape\":[0],\"data_offsets\":[0,0]}}",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":{},\"data_offsets\":[0,0]}}",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0,0]}}",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0]}}",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0],\"more\":1}}",
      "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[[0]],\"data_offsets\":[0,0]}}",
      "{\"__metadata__\":[]}",
      "{\"__metadata__\":{\"a\":1}}",
      "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}",
  };
  for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); ++i) {
    assert_int_equal(header_try(headers[i], 0), STATUS_BAD_FORMAT);
  }
}

static void
a_deeply_nested_header_is_refused_before_it_is_parsed(void **const state)
{
  (void)state;
  enum { DEPTH = 100000 };
  char *const header = malloc(DEPTH + 16);
  strcpy(header, "{\"a\":");
  memset(header + 5, '[', DEPTH);
  header[5 + DEPTH] = '\0';
  assert_int_equal(header_try(header, 0), STATUS_BAD_FORMAT);
  assert_non_null(strstr(header_error.text, "nested too deeply")); // And not what the JSON parser says
  free(header);
}

static void
too_many_tensors_are_refused(void **const state)
{
  (void)state;
  const size_t room = (size_t)(SAFETENSORS_TENSORS + 1) * 80;
  char *const header = malloc(room);
  size_t length = 0;
  for (unsigned i = 0; i <= SAFETENSORS_TENSORS; ++i) {
    length += (size_t)snprintf(header + length, room - length,
                               "%c\"%u\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}", i ? ',' : '{', i);
  }
  header[length] = '}';
  header[length + 1] = '\0';
  assert_int_equal(header_try(header, 0), STATUS_BAD_FORMAT);
  free(header);
}

static void
header_lengths_beyond_the_file_are_refused(void **const state)
{
  (void)state;
  for (unsigned i = 0; i < 64; ++i) {
    unsigned char bytes[10] = {0, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
    bytes[i / 8] = (unsigned char)(1U << i % 8);
    struct safetensors *file = NULL;
    const enum status status = safetensors_parse(bytes, sizeof(bytes), "length", &file, NULL);
    assert_int_equal(status, i == 1 ? STATUS_SUCCESS : STATUS_BAD_FORMAT);
    safetensors_free(file);
  }
}

static void
what_is_no_regular_file_is_refused_without_waiting(void **const state)
{
  const struct lone_file *const fixture = *state;
  struct safetensors *file = NULL;
  struct error error;
  assert_int_equal(safetensors_read(fixture->path, &file, &error), STATUS_NO_FILE);
  assert_non_null(strstr(error.text, fixture->path));
  assert_int_equal(safetensors_read(fixture->folder, &file, &error), STATUS_BAD_FORMAT);
  assert_int_equal(mkfifo(fixture->path, 0600), 0);
  assert_int_equal(safetensors_read(fixture->path, &file, &error), STATUS_BAD_FORMAT);
  assert_null(file);
}

static void
a_file_too_large_is_refused_before_memory_is_taken(void **const state)
{
  const struct lone_file *const fixture = *state;
  struct safetensors *file = NULL;
  struct error error;
  const int descriptor = open(fixture->path, O_CREAT | O_WRONLY, 0600);
  assert_true(descriptor >= 0);
  assert_int_equal(ftruncate(descriptor, (off_t)SAFETENSORS_FILE_SIZE + 1), 0);
  close(descriptor);
  assert_int_equal(safetensors_read(fixture->path, &file, &error), STATUS_TOO_LARGE);
  assert_null(file);
}

static void
every_half_survives_the_way_to_float_and_back(void **const state)
{
  (void)state;
  for (uint32_t i = 0; i <= UINT16_MAX; ++i) {
    const uint16_t half = (uint16_t)i;
    float value = 0.0F;
    uint16_t back = 0;
    halves_to_floats(&half, &value, 1);
    floats_to_halves(&value, &back, 1);
    if ((half & 0x7C00) == 0x7C00 && (half & 0x3FF)) {
      assert_true(isnan(value) && (back & 0x7C00) == 0x7C00 && (back & 0x3FF));
    } else {
      assert_int_equal(back, half);
      assert_true((half & 0x7C00) == 0x7C00 ||
                  fabsf(value) == (float)ldexp((half & 0x3FF) | (half & 0x7C00 ? 0x400 : 0),
                                               (half & 0x7C00 ? half >> 10 & 0x1F : 1) - 25));
    }
  }
}

static void
floats_between_halves_go_to_the_nearer_and_ties_to_even(void **const state)
{
  (void)state;
  for (uint16_t half = 0; half < 0x7BFF; ++half) {
    const uint16_t neighbours[2] = {half, (uint16_t)(half + 1)};
    float values[2];
    halves_to_floats(neighbours, values, 2);
    const float middle = 0.5F * values[0] + 0.5F * values[1];
    const float floats[3] = {nextafterf(middle, 0.0F), middle, nextafterf(middle, 1e9F)};
    uint16_t halves[3];
    floats_to_halves(floats, halves, 3);
    assert_int_equal(halves[0], half);
    assert_int_equal(halves[1], half + (half & 1));
    assert_int_equal(halves[2], half + 1);
  }
  const float large[3] = {65519.0F, 65520.0F, -1e30F};
  uint16_t halves[3];
  floats_to_halves(large, halves, 3);
  assert_int_equal(halves[0], 0x7BFF);
  assert_int_equal(halves[1], 0x7C00);
  assert_int_equal(halves[2], 0xFC00);
}

static void
values_are_taken_only_if_type_count_and_finiteness_are_right(void **const state)
{
  (void)state;
  struct error error;
  float values[6];
  assert_int_equal(tensor_floats(&example_tensors[0], values, 6, &error), STATUS_SUCCESS);
  assert_memory_equal(values, matrix_values, sizeof(matrix_values));
  assert_int_equal(tensor_floats(&example_tensors[1], values, 3, &error), STATUS_SUCCESS);
  assert_true(values[0] == 1.0F && values[1] == -2.0F && values[2] == 0x1p-24F);
  assert_int_equal(tensor_floats(&example_tensors[0], values, 5, &error), STATUS_BAD_FORMAT);
  assert_int_equal(tensor_floats(&example_tensors[3], values, 1, &error), STATUS_BAD_FORMAT);
  float bad[2] = {1.0F, INFINITY};
  const struct tensor floats = {"bad", DTYPE_F32, 1, {2}, bad, sizeof(bad)};
  assert_int_equal(tensor_floats(&floats, values, 2, &error), STATUS_BAD_FORMAT);
  assert_string_equal(error.text, "value 1 of tensor bad is not finite");
  bad[1] = NAN;
  assert_int_equal(tensor_floats(&floats, values, 2, &error), STATUS_BAD_FORMAT);
  const uint16_t half = 0xFC00;
  const struct tensor halves = {"bad", DTYPE_F16, 1, {1}, &half, 2};
  assert_int_equal(tensor_floats(&halves, values, 1, &error), STATUS_BAD_FORMAT);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_written_is_read_back, lone_file_setup, lone_file_teardown),
      cmocka_unit_test_setup_teardown(the_same_input_gives_the_same_bytes_and_aligned_data, lone_file_setup,
                                      lone_file_teardown),
      cmocka_unit_test_setup_teardown(writing_leaves_no_temporary_file_and_fails_whole, lone_file_setup,
                                      lone_file_teardown),
      cmocka_unit_test_setup_teardown(a_file_cut_anywhere_is_refused, lone_file_setup, lone_file_teardown),
      cmocka_unit_test_setup_teardown(a_file_with_any_byte_changed_does_no_harm, lone_file_setup, lone_file_teardown),
      cmocka_unit_test(good_headers_are_read),
      cmocka_unit_test(offsets_that_overlap_or_leave_gaps_are_refused),
      cmocka_unit_test(shapes_that_are_huge_or_no_numbers_are_refused),
      cmocka_unit_test(malformed_headers_are_refused),
      cmocka_unit_test(a_deeply_nested_header_is_refused_before_it_is_parsed),
      cmocka_unit_test(too_many_tensors_are_refused),
      cmocka_unit_test(header_lengths_beyond_the_file_are_refused),
      cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_refused_without_waiting, lone_file_setup,
                                      lone_file_teardown),
      cmocka_unit_test_setup_teardown(a_file_too_large_is_refused_before_memory_is_taken, lone_file_setup,
                                      lone_file_teardown),
      cmocka_unit_test(every_half_survives_the_way_to_float_and_back),
      cmocka_unit_test(floats_between_halves_go_to_the_nearer_and_ties_to_even),
      cmocka_unit_test(values_are_taken_only_if_type_count_and_finiteness_are_right),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
