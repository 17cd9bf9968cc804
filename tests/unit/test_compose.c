// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello compose`, called as main() calls it, and its musical arguments.

#include "commands.h"
#include "engine/midi_file.h"
#include "music_arguments.h"
#include "random_weights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 512, ARGUMENTS = 16 };

struct folder {
  char path[PATH_SIZE / 2];
  char weights[PATH_SIZE];
  char first[PATH_SIZE];
  char second[PATH_SIZE];
};

static int
folder_make(void **const state)
{
  static const struct streaming_sizes sizes = {16, 16, 16, 2, 16, 16, 16, 4, 32, 5};
  struct folder *const folder = calloc(1, sizeof(*folder));
  const char *const parent = getenv("TMPDIR");
  snprintf(folder->path, sizeof(folder->path), "%s/ritornello-XXXXXX", parent ? parent : "/tmp");
  if (!mkdtemp(folder->path)) {
    return -1;
  }
  snprintf(folder->weights, PATH_SIZE, "%s/w.safetensors", folder->path);
  snprintf(folder->first, PATH_SIZE, "%s/first.mid", folder->path);
  snprintf(folder->second, PATH_SIZE, "%s/second.mid", folder->path);
  *state = folder;
  return random_weights_write(folder->weights, &sizes, 1, 0.5F);
}

static int
folder_remove(void **const state)
{
  struct folder *const folder = *state;
  unlink(folder->weights);
  unlink(folder->first);
  unlink(folder->second);
  rmdir(folder->path);
  free(folder);
  return 0;
}

// Compose `folder`'s weights into `output` with more arguments, ended by NULL.
static int
compose(const struct folder *const folder, const char *const output, ...)
{
  char *arguments[ARGUMENTS] = {strdup("ritornello compose"), strdup(folder->weights), strdup("-o"), strdup(output)};
  int count = 4;
  va_list more;
  va_start(more, output);
  for (const char *text = va_arg(more, const char *); text; text = va_arg(more, const char *)) {
    assert_true(count < ARGUMENTS - 1);
    arguments[count++] = strdup(text);
  }
  va_end(more);
  char *originals[ARGUMENTS];
  memcpy(originals, arguments, sizeof(originals)); // argp sorts the others
  const int status = command_compose(count, arguments);
  for (int i = 0; i < count; ++i) {
    free(originals[i]);
  }
  return status;
}

static bool
files_are_equal(const char *const a, const char *const b)
{
  FILE *const file_a = fopen(a, "rb");
  FILE *const file_b = fopen(b, "rb");
  assert_non_null(file_a);
  assert_non_null(file_b);
  int byte = 0;
  bool equal = true;
  while (equal && byte != EOF) {
    byte = fgetc(file_a);
    equal = byte == fgetc(file_b);
  }
  fclose(file_a);
  fclose(file_b);
  return equal;
}

static void
the_same_options_give_the_same_file(void **const state)
{
  const struct folder *const folder = *state;
  assert_int_equal(compose(folder, folder->first, "--bars=8", "--seed=3", "--style=Mozart", NULL), 0);
  assert_int_equal(compose(folder, folder->second, "--bars=8", "--seed=3", "--style=Mozart", NULL), 0);
  assert_true(files_are_equal(folder->first, folder->second));
  assert_int_equal(compose(folder, folder->second, "--bars=8", "--seed=4", "--style=Mozart", NULL), 0);
  assert_false(files_are_equal(folder->first, folder->second));
}

static void
the_file_is_as_asked(void **const state)
{
  const struct folder *const folder = *state;
  assert_int_equal(
      compose(folder, folder->first, "--bars=8", "--bpm=90", "--metre=6/8", "--title=Tune", "--temperature=1.5", NULL),
      0);
  struct midi_file file;
  struct error error;
  assert_int_equal(midi_file_read(folder->first, &file, &error), STATUS_SUCCESS);
  assert_int_equal(file.division, 480);
  assert_string_equal(file.title, "Tune");
  assert_int_equal(file.metres[0].numerator, 6);
  assert_int_equal(file.metres[0].denominator, 8);
  assert_int_equal(file.tempos[0].microseconds, 666667);
  assert_true(file.note_count > 8);
  assert_int_equal(file.notes[0].onset, 0);
  for (size_t i = 0; i < file.note_count; ++i) {
    assert_true(file.notes[i].onset + file.notes[i].duration <= 8 * 3 * 480);
    assert_int_equal(file.notes[i].channel, 0);
  }
  midi_file_free(&file);
}

static void
more_bars_begin_with_the_same_music(void **const state)
{
  const struct folder *const folder = *state;
  assert_int_equal(compose(folder, folder->first, "--bars=4", NULL), 0);
  assert_int_equal(compose(folder, folder->second, "--bars=12", NULL), 0);
  struct midi_file few;
  struct midi_file many;
  struct error error;
  assert_int_equal(midi_file_read(folder->first, &few, &error), STATUS_SUCCESS);
  assert_int_equal(midi_file_read(folder->second, &many, &error), STATUS_SUCCESS);
  assert_true(many.note_count > few.note_count);
  for (size_t i = 0; i < few.note_count; ++i) {
    assert_int_equal(few.notes[i].onset, many.notes[i].onset);
    assert_int_equal(few.notes[i].pitch, many.notes[i].pitch);
    assert_true(few.notes[i].duration <= many.notes[i].duration);
  }
  midi_file_free(&few);
  midi_file_free(&many);
}

static void
what_can_not_be_done_ends_with_status_1(void **const state)
{
  const struct folder *const folder = *state;
  struct folder other = *folder;
  assert_int_equal(compose(folder, folder->first, "--style=nobody", NULL), 1);
  snprintf(other.weights, PATH_SIZE, "%s/none.safetensors", folder->path);
  assert_int_equal(compose(&other, folder->first, NULL), 1);
  snprintf(other.second, PATH_SIZE, "%s/none/out.mid", folder->path);
  assert_int_equal(compose(folder, other.second, "--bars=1", NULL), 1);
}

static void
keys_are_read_as_musicians_write_them(void **const state)
{
  (void)state;
  static const struct {
    const char *text;
    uint8_t key;
  } cases[] = {
      {"C major", 1},   {"c", 13},           {"C", 1},   {"a minor", 22}, {"A minor", 22},
      {"F# minor", 19}, {"E flat major", 4}, {"Bb", 11}, {"bb", 23},      {"B", 12},
      {"C-sharp", 2},   {"Cb major", 12},    {"B#", 1},  {"free", 0},     {"g major", 8},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    uint8_t key = 99;
    assert_int_equal(argument_key("--key", cases[i].text, &key, NULL), STATUS_SUCCESS);
    if (key != cases[i].key) {
      fail_msg("%s is read as key %u, not %u", cases[i].text, key, cases[i].key);
    }
  }
  static const char *const wrong[] = {"", "H", "C minor major", "C dur", "1", "major", "C majorr"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    uint8_t key = 99;
    struct error error;
    assert_int_equal(argument_key("--key", wrong[i], &key, &error), STATUS_BAD_VALUE);
    assert_int_equal(key, 99);
  }
}

static void
metres_are_read_exactly(void **const state)
{
  (void)state;
  struct metre metre = {0, 0};
  assert_int_equal(argument_metre("--metre", "12/8", &metre, NULL), STATUS_SUCCESS);
  assert_true(metre.numerator == 12 && metre.denominator == 8);
  static const char *const wrong[] = {"",     "3",    "3/",   "/4",    "3/5",  "0/4",
                                      "33/4", "3/4 ", " 3/4", "3/128", "-3/4", "3/4/4"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    struct error error;
    assert_int_equal(argument_metre("--metre", wrong[i], &metre, &error), STATUS_BAD_VALUE);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_options_give_the_same_file),
      cmocka_unit_test(the_file_is_as_asked),
      cmocka_unit_test(more_bars_begin_with_the_same_music),
      cmocka_unit_test(what_can_not_be_done_ends_with_status_1),
      cmocka_unit_test(keys_are_read_as_musicians_write_them),
      cmocka_unit_test(metres_are_read_exactly),
  };
  return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
