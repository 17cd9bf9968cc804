// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Writing MIDI files: what is written comes back, and what can't be written leaves alone what was there.

#include "engine/midi_file.h"
#include "lone_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 256, BYTES_LIMIT = 4096 };

static struct midi_note example_notes[] = {
    {0, 480, 1, 0, 60, 64}, {0, 480, 2, 1, 36, 1},   {480, 240, 1, 0, 60, 127},
    {480, 1, 2, 1, 36, 90}, {720, 100, 1, 0, 60, 5}, {100000000, 960, 1, 0, 108, 80},
};
static struct midi_metre example_metres[] = {{0, 3, 4}, {1440, 12, 16}};
static struct midi_tempo example_tempos[] = {{0, 500000}, {480, 1}, {480, 0xFFFFFF}};
static struct midi_key example_keys[] = {{0, -7, 1}, {1440, 7, 0}};
static struct midi_control example_controls[] = {{0, 0, 64, 127}, {480, 0, 64, 0}};

static struct midi_file
example_file(char *const title)
{
  return (struct midi_file){
      .division = 480,
      .notes = example_notes,
      .note_count = sizeof(example_notes) / sizeof(example_notes[0]),
      .metres = example_metres,
      .metre_count = 2,
      .tempos = example_tempos,
      .tempo_count = 3,
      .keys = example_keys,
      .key_count = 2,
      .controls = example_controls,
      .control_count = 2,
      .title = title,
  };
}

static size_t
load(const char *const path, uint8_t bytes[BYTES_LIMIT])
{
  FILE *const stream = fopen(path, "rb");
  assert_non_null(stream);
  const size_t size = fread(bytes, 1, BYTES_LIMIT, stream);
  assert_int_equal(fclose(stream), 0);
  return size;
}

static void
what_is_written_is_read_back(void **const state)
{
  const struct lone_file *const fixture = *state;
  char title[] = "Pr\xC3\xA9lude";
  const struct midi_file written = example_file(title);
  struct midi_file file;
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_equal(midi_file_write(fixture->path, &written, &error), STATUS_SUCCESS);
  assert_int_equal(midi_file_read(fixture->path, &file, &error), STATUS_SUCCESS);
  assert_int_equal(file.format, 1);
  assert_int_equal(file.division, 480);
  assert_int_equal(file.tracks, 3);
  assert_string_equal(file.title, title);
  assert_int_equal(file.note_count, written.note_count);
  for (size_t i = 0; i < written.note_count; ++i) {
    // Of one onset the lower pitch comes first
    const size_t place = i < 4 ? i ^ 1U : i;
    const struct midi_note *const note = &written.notes[place];
    assert_int_equal(file.notes[i].onset, note->onset);
    assert_int_equal(file.notes[i].duration, note->duration);
    assert_int_equal(file.notes[i].pitch, note->pitch);
    assert_int_equal(file.notes[i].track, note->track);
    assert_int_equal(file.notes[i].channel, note->channel);
    assert_int_equal(file.notes[i].velocity, note->velocity);
  }
  assert_int_equal(file.metre_count, 2);
  assert_int_equal(file.metres[1].tick, 1440);
  assert_int_equal(file.metres[1].numerator, 12);
  assert_int_equal(file.metres[1].denominator, 16);
  assert_int_equal(file.tempo_count, 3);
  assert_int_equal(file.tempos[1].microseconds, 1);
  assert_int_equal(file.tempos[2].microseconds, 0xFFFFFF);
  assert_int_equal(file.key_count, 2);
  assert_int_equal(file.keys[0].sharps, -7);
  assert_int_equal(file.keys[0].minor, 1);
  assert_int_equal(file.control_count, 2);
  assert_int_equal(file.controls[1].tick, 480);
  midi_file_free(&file);
}

static void
the_same_contents_give_the_same_bytes(void **const state)
{
  const struct lone_file *const fixture = *state;
  const struct midi_file written = example_file(NULL);
  uint8_t first[BYTES_LIMIT];
  uint8_t second[BYTES_LIMIT];
  struct midi_file file;
  assert_int_equal(midi_file_write(fixture->path, &written, NULL), STATUS_SUCCESS);
  const size_t size = load(fixture->path, first);
  assert_int_equal(midi_file_read(fixture->path, &file, NULL), STATUS_SUCCESS);
  assert_int_equal(midi_file_write(fixture->path, &file, NULL), STATUS_SUCCESS);
  assert_int_equal(load(fixture->path, second), size);
  assert_memory_equal(first, second, size);
  midi_file_free(&file);
}

// Find the three bytes of `message` in `bytes`, from `begin` on.
static size_t
find_message(const uint8_t *const bytes, const size_t size, const size_t begin, const char *const message)
{
  for (size_t i = begin; i + 3 <= size; ++i) {
    if (memcmp(bytes + i, message, 3) == 0) {
      return i;
    }
  }
  fail();
  return size;
}

static void
a_note_ends_before_the_next_of_its_pitch_begins(void **const state)
{
  const struct lone_file *const fixture = *state;
  struct midi_note notes[] = {{0, 96, 0, 0, 60, 70}, {96, 96, 0, 0, 60, 71}};
  const struct midi_file written = {.division = 96, .notes = notes, .note_count = 2};
  uint8_t bytes[BYTES_LIMIT];
  assert_int_equal(midi_file_write(fixture->path, &written, NULL), STATUS_SUCCESS);
  const size_t size = load(fixture->path, bytes);
  const size_t first_on = find_message(bytes, size, 0, "\x90\x3C\x46");
  const size_t first_off = find_message(bytes, size, first_on, "\x80\x3C\x40");
  const size_t second_on = find_message(bytes, size, first_off, "\x90\x3C\x47");
  find_message(bytes, size, second_on, "\x80\x3C\x40");
}

static void
a_file_without_notes_is_written_and_read(void **const state)
{
  const struct lone_file *const fixture = *state;
  const struct midi_file empty = {.division = 1};
  struct midi_file file;
  assert_int_equal(midi_file_write(fixture->path, &empty, NULL), STATUS_SUCCESS);
  assert_int_equal(midi_file_read(fixture->path, &file, NULL), STATUS_SUCCESS);
  assert_int_equal(file.tracks, 1);
  assert_int_equal(file.note_count, 0);
  assert_null(file.title);
  midi_file_free(&file);
}

static void
what_can_t_be_written_leaves_the_old_file_alone(void **const state)
{
  const struct lone_file *const fixture = *state;
  const struct midi_file good = example_file(NULL);
  assert_int_equal(midi_file_write(fixture->path, &good, NULL), STATUS_SUCCESS);
  uint8_t before[BYTES_LIMIT];
  const size_t size = load(fixture->path, before);

  struct midi_note late = {UINT32_MAX / 2, 1, 0, 0, 60, 64};
  const struct midi_file bad[] = {{.division = 0}, {.division = 96, .notes = &late, .note_count = 1}};
  for (unsigned i = 0; i < 2; ++i) {
    struct error error = {STATUS_SUCCESS, ""};
    assert_int_not_equal(midi_file_write(fixture->path, &bad[i], &error), STATUS_SUCCESS);
    assert_true(error.text[0] != '\0');
  }
  uint8_t after[BYTES_LIMIT];
  assert_int_equal(load(fixture->path, after), size);
  assert_memory_equal(before, after, size);
}

static void
paths_that_are_no_files_are_refused_with_their_name(void **const state)
{
  const struct lone_file *const fixture = *state;
  struct midi_file file;
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_equal(midi_file_read(fixture->path, &file, &error), STATUS_NO_FILE);
  assert_non_null(strstr(error.text, fixture->path));
  assert_int_equal(midi_file_read(fixture->folder, &file, &error), STATUS_BAD_FORMAT);
  assert_non_null(strstr(error.text, fixture->folder));
  assert_int_equal(mkfifo(fixture->path, 0600), 0);
  assert_int_equal(midi_file_read(fixture->path, &file, &error), STATUS_BAD_FORMAT);
  midi_file_free(&file);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_written_is_read_back, lone_file_setup, lone_file_teardown),
      cmocka_unit_test_setup_teardown(the_same_contents_give_the_same_bytes, lone_file_setup, lone_file_teardown),
      cmocka_unit_test_setup_teardown(a_note_ends_before_the_next_of_its_pitch_begins, lone_file_setup,
                                      lone_file_teardown),
      cmocka_unit_test_setup_teardown(a_file_without_notes_is_written_and_read, lone_file_setup, lone_file_teardown),
      cmocka_unit_test_setup_teardown(what_can_t_be_written_leaves_the_old_file_alone, lone_file_setup,
                                      lone_file_teardown),
      cmocka_unit_test_setup_teardown(paths_that_are_no_files_are_refused_with_their_name, lone_file_setup,
                                      lone_file_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
