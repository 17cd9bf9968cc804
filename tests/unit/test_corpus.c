// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Pieces and corpora: what notes become as events, what is told and untold, what repeats, and what a split keeps together.

#include "../../trainer/piece.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DIVISION = 480, TICK = DIVISION / TICKS_PER_QUARTER, NOTES_LIMIT = 4096, METRES_LIMIT = 8 };

// A score under construction, in ticks of 24 to a quarter
struct score {
  struct midi_note notes[NOTES_LIMIT];
  struct midi_metre metres[METRES_LIMIT];
  struct midi_file file;
};

static struct score *
score_new(void)
{
  struct score *const score = calloc(1, sizeof(*score));
  assert_non_null(score);
  score->file.division = DIVISION;
  score->file.notes = score->notes;
  score->file.metres = score->metres;
  return score;
}

static void
add_file_note(struct score *const score, const struct midi_note note)
{
  assert_true(score->file.note_count < NOTES_LIMIT);
  score->notes[score->file.note_count++] = note;
}

// Add a note to the first track.
static void
add(struct score *const score, const uint32_t onset, const uint32_t duration, const uint8_t pitch)
{
  add_file_note(score, (struct midi_note){onset * TICK, duration * TICK, 1, 0, pitch, 64});
}

static void
add_metre(struct score *const score, const uint32_t tick, const uint8_t numerator, const uint16_t denominator)
{
  assert_true(score->file.metre_count < METRES_LIMIT);
  score->metres[score->file.metre_count++] = (struct midi_metre){tick * TICK, numerator, denominator};
}

// Make a piece of `score`, which is given back.
static struct piece
finish_counting(struct score *const score, uint64_t *const left_out)
{
  struct piece piece;
  struct error error = {STATUS_SUCCESS, ""};
  const enum status status = piece_make(&score->file, "x.mid", &piece, left_out, &error);
  assert_string_equal(error.text, "");
  assert_int_equal(status, STATUS_SUCCESS);
  free(score);
  for (uint32_t i = 0; i < piece.count; ++i) {
    assert_true(event_is_valid(&piece.events[i]));
    assert_true(piece.ticks[i] < metre_bar_ticks(piece.metres[i]));
    assert_true((piece.events[i].advance == ADVANCE_END) == (i + 1 == piece.count));
  }
  return piece;
}

static struct piece
finish(struct score *const score)
{
  uint64_t left_out = 0;
  return finish_counting(score, &left_out);
}

static void
assert_place(const struct piece *const piece, const uint32_t i, const uint32_t bar, const uint16_t tick)
{
  assert_int_equal(piece->bars[i], bar);
  assert_int_equal(piece->ticks[i], tick);
}

// --- From notes to events

static void
chords_go_from_low_to_high_and_advance_counts_to_the_next_onset(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add(score, 0, 24, 67);
  add(score, 0, 24, 60);
  add(score, 0, 24, 64);
  add(score, 36, 12, 72);
  struct piece piece = finish(score);
  const uint8_t pitches[] = {60, 64, 67, 72};
  const uint16_t advances[] = {0, 0, 36, ADVANCE_END};
  assert_int_equal(piece.count, 4);
  for (uint32_t i = 0; i < 4; ++i) {
    assert_int_equal(piece.events[i].pitch, pitches[i]);
    assert_int_equal(piece.events[i].advance, advances[i]);
  }
  assert_int_equal(piece.events[3].duration, 12);
  piece_free(&piece);
}

static void
onsets_go_to_the_nearest_tick(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  const uint32_t onsets[] = {9, 480 + 11, 960 - 9, 1440 - 11};
  for (unsigned i = 0; i < 4; ++i) {
    add_file_note(score, (struct midi_note){onsets[i], 240, 1, 0, 60, 64});
  }
  struct piece piece = finish(score);
  assert_place(&piece, 0, 0, 0);
  assert_place(&piece, 1, 0, 25);
  assert_place(&piece, 2, 0, 48);
  assert_place(&piece, 3, 0, 71);
  piece_free(&piece);
}

static void
errors_of_advances_never_add_up(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  enum { COUNT = 40, STEP = 53 }; // No class stands for 53 ticks
  for (uint32_t i = 0; i < COUNT; ++i) {
    add(score, i * STEP, 12, 60);
  }
  struct piece piece = finish(score);
  uint32_t place = 0;
  for (uint32_t i = 0; i < COUNT; ++i) {
    assert_true(abs((int)place - (int)(i * STEP)) <= 1);
    assert_place(&piece, i, place / 96, (uint16_t)(place % 96));
    place += piece.events[i].advance;
  }
  piece_free(&piece);
}

static void
of_notes_of_one_pitch_at_one_onset_the_longer_is_kept(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add(score, 0, 12, 60);
  add(score, 0, 48, 60);
  add(score, 0, 24, 60);
  uint64_t left_out = 0;
  struct piece piece = finish_counting(score, &left_out);
  assert_int_equal(piece.count, 1);
  assert_int_equal(piece.events[0].duration, 48);
  assert_int_equal(left_out, 2);
  piece_free(&piece);
}

static void
a_note_ends_where_its_pitch_begins_again(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add(score, 0, 96, 60);
  add(score, 0, 96, 64);
  add(score, 15, 12, 60); // The nearest duration to 15 is 14 or 16; only one of them ends in time
  add(score, 82, 12, 64); // 84 would be nearer
  struct piece piece = finish(score);
  assert_int_equal(piece.events[0].duration, 14);
  assert_int_equal(piece.events[1].duration, 72);
  piece_free(&piece);
}

static void
notes_off_the_piano_and_without_length_are_left_out_and_counted(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add(score, 0, 12, 20);
  add(score, 0, 12, 21);
  add(score, 0, 12, 108);
  add(score, 0, 12, 109);
  add_file_note(score, (struct midi_note){0, 1, 1, 0, 60, 64});
  uint64_t left_out = 0;
  struct piece piece = finish_counting(score, &left_out);
  assert_int_equal(piece.count, 2);
  assert_int_equal(left_out, 3);
  piece_free(&piece);
}

static void
a_file_without_a_note_is_no_piece(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add(score, 0, 12, 5);
  struct piece piece;
  uint64_t left_out = 0;
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_equal(piece_make(&score->file, "x.mid", &piece, &left_out, &error), STATUS_BAD_FORMAT);
  assert_memory_equal(error.text, "x.mid: ", 7);
  piece_free(&piece);
  free(score);
}

// --- Bars

static void
empty_bars_before_the_first_note_are_left_out_but_its_place_in_the_bar_stays(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add_metre(score, 0, 3, 4);
  add(score, 2 * 72 + 48, 24, 60);
  add(score, 3 * 72, 24, 62);
  struct piece piece = finish(score);
  assert_place(&piece, 0, 0, 48);
  assert_place(&piece, 1, 1, 0);
  assert_true(metre_equals(piece.metres[0], (struct metre){3, 4}));
  piece_free(&piece);
}

static void
metres_change_at_bar_lines_and_make_them(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add_metre(score, 0, 4, 4);
  add_metre(score, 96, 6, 8);
  add_metre(score, 96 + 72 + 36, 2, 4); // In the middle of the second bar of 6/8
  const uint32_t onsets[] = {0, 96, 96 + 72, 96 + 72 + 24, 96 + 72 + 36, 96 + 72 + 36 + 60};
  for (unsigned i = 0; i < 6; ++i) {
    add(score, onsets[i], 12, 60);
  }
  struct piece piece = finish(score);
  assert_place(&piece, 0, 0, 0);
  assert_place(&piece, 1, 1, 0);
  assert_true(metre_equals(piece.metres[1], (struct metre){6, 8}));
  assert_place(&piece, 2, 2, 0);
  assert_place(&piece, 3, 2, 24);
  assert_place(&piece, 4, 3, 0);
  assert_true(metre_equals(piece.metres[4], (struct metre){2, 4}));
  assert_place(&piece, 5, 4, 12);
  piece_free(&piece);
}

static void
a_metre_that_can_t_be_is_made_one_that_can(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add_metre(score, 0, 0, 4);
  add_metre(score, 96, 255, 32768);
  add(score, 0, 12, 60);
  add(score, 96, 12, 60);
  struct piece piece = finish(score);
  assert_true(metre_equals(piece.metres[0], (struct metre){4, 4}));
  assert_true(metre_is_valid(piece.metres[1]));
  piece_free(&piece);
}

static void
a_rest_beyond_the_longest_advance_loses_whole_bars_only(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add(score, 24, 12, 60);
  add(score, 100 * 96 + 48, 12, 62);
  add(score, 101 * 96, 12, 64);
  struct piece piece = finish(score);
  assert_int_equal(piece.events[0].advance, 7 * 96 + 24);
  assert_place(&piece, 1, 7, 48);
  assert_place(&piece, 2, 8, 0);
  piece_free(&piece);
}

static void
the_latest_onsets_that_a_file_can_hold_do_no_harm(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  score->file.division = 1;
  score->metres[score->file.metre_count++] = (struct midi_metre){0, 1, 32};
  score->metres[score->file.metre_count++] = (struct midi_metre){1000, 32, 1};
  const uint32_t onsets[] = {0, 999, 1001, INT32_MAX / 2, INT32_MAX};
  for (unsigned i = 0; i < 5; ++i) {
    add_file_note(score, (struct midi_note){onsets[i], INT32_MAX, 0, 0, 60, 64});
  }
  struct piece piece = finish(score);
  assert_int_equal(piece.count, 5);
  for (uint32_t i = 1; i < piece.count; ++i) {
    assert_true(piece.bars[i] > piece.bars[i - 1] ||
                (piece.bars[i] == piece.bars[i - 1] && piece.ticks[i] > piece.ticks[i - 1]));
  }
  piece_free(&piece);
}

// --- What a file tells

// Add a note to `track` and `channel` without caring for its place.
static void
add_part(
    struct score *const score, const uint16_t track, const uint8_t channel, const uint8_t pitch, const uint8_t velocity)
{
  const uint32_t onset = (uint32_t)score->file.note_count * 12 * TICK;
  add_file_note(score, (struct midi_note){onset, 12 * TICK, track, channel, pitch, velocity});
}

static void
assert_hands(const struct piece *const piece, const char *const wanted)
{
  assert_int_equal(piece->count, strlen(wanted));
  for (uint32_t i = 0; i < piece->count; ++i) {
    assert_int_equal(piece->events[i].hand, wanted[i] == 'R' ? HAND_RIGHT : wanted[i] == 'L' ? HAND_LEFT : HAND_UNTOLD);
  }
  assert_int_equal(piece->has_hands, strchr(wanted, '?') == NULL);
}

static void
of_two_tracks_the_higher_is_the_right_hand(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add_part(score, 3, 0, 40, 64);
  add_part(score, 7, 0, 70, 64);
  add_part(score, 3, 0, 80, 64); // The left hand crosses
  add_part(score, 3, 0, 38, 64);
  struct piece piece = finish(score);
  assert_hands(&piece, "LRLL");
  piece_free(&piece);
}

static void
of_two_channels_of_one_track_the_higher_is_the_right_hand(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add_part(score, 0, 1, 40, 64);
  add_part(score, 0, 0, 70, 64);
  struct piece piece = finish(score);
  assert_hands(&piece, "LR");
  piece_free(&piece);
}

static void
one_voice_or_three_tell_no_hands(void **const state)
{
  (void)state;
  struct score *const one = score_new();
  add_part(one, 0, 0, 40, 64);
  add_part(one, 0, 0, 70, 64);
  struct piece piece = finish(one);
  assert_hands(&piece, "??");
  piece_free(&piece);

  struct score *const three = score_new();
  for (uint8_t i = 0; i < 3; ++i) {
    add_part(three, i, i, (uint8_t)(40 + 10 * i), 64);
  }
  piece = finish(three);
  assert_hands(&piece, "???");
  piece_free(&piece);
}

static void
stray_notes_go_to_the_nearer_hand(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  char wanted[42] = {0};
  for (unsigned i = 0; i < 40; ++i) {
    add_part(score, i % 2 ? 1 : 2, 0, i % 2 ? 70 : 40, 64);
    wanted[i] = i % 2 ? 'R' : 'L';
  }
  add_part(score, 5, 0, 45, 64);
  wanted[40] = 'L';
  struct piece piece = finish(score);
  assert_hands(&piece, wanted);
  piece_free(&piece);
}

static void
fewer_than_eight_velocities_tell_none(void **const state)
{
  (void)state;
  for (uint8_t count = 7; count <= 8; ++count) {
    struct score *const score = score_new();
    for (uint8_t i = 0; i < 20; ++i) {
      add_part(score, 0, 0, 60, (uint8_t)(40 + i % count));
    }
    struct piece piece = finish(score);
    assert_int_equal(piece.has_velocities, count == 8);
    for (uint32_t i = 0; i < piece.count; ++i) {
      const unsigned velocity = 40 + i % count;
      assert_int_equal(piece.events[i].velocity,
                       count == 8 ? velocity_value(velocity_class(velocity)) : VELOCITY_UNTOLD);
    }
    piece_free(&piece);
  }
}

static void
the_key_is_that_of_the_scale_and_moves_with_it(void **const state)
{
  (void)state;
  static const uint8_t major[] = {0, 4, 7, 0, 5, 9, 0, 7, 11, 2, 0, 4, 7, 0};
  static const uint8_t minor[] = {0, 3, 7, 0, 5, 8, 0, 7, 11, 2, 0, 3, 7, 0};
  for (uint8_t tonic = 0; tonic < 24; ++tonic) {
    struct score *const score = score_new();
    for (uint32_t i = 0; i < sizeof(major); ++i) {
      add(score, 12 * i, 12, (uint8_t)(60 + tonic % 12 + (tonic < 12 ? major[i] : minor[i])));
    }
    struct piece piece = finish(score);
    assert_int_equal(piece.key, tonic + 1);
    piece_free(&piece);
  }
}

static void
a_transposed_key_keeps_its_mode(void **const state)
{
  (void)state;
  assert_int_equal(key_transpose(0, 5), 0);
  assert_int_equal(key_transpose(1, 5), 6);
  assert_int_equal(key_transpose(12, 1), 1);
  assert_int_equal(key_transpose(13, -1), 24);
  assert_int_equal(key_transpose(20, 12), 20);
  assert_int_equal(key_transpose(20, -25), 19);
}

static void
density_counts_the_four_bars_that_begin_with_the_onset_s(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  for (uint32_t bar = 0; bar < 12; ++bar) {
    const uint32_t notes = bar < 4 ? 1 : 16;
    for (uint32_t i = 0; i < notes; ++i) {
      add(score, bar * 96 + i * 96 / notes, 4, 60);
    }
  }
  struct piece piece = finish(score);
  assert_int_equal(piece.densities[0], density_step(0.25));
  assert_int_equal(piece.densities[1], density_step((3 + 16) / 16.0));
  assert_int_equal(piece.densities[4], density_step(4.0));
  assert_int_equal(piece.densities[piece.count - 1], density_step(4.0)); // Less than four bars are left
  piece_free(&piece);
}

// --- Repeats

// Add eight bars of sixteen notes each that differ for every `seed`, from bar `bar` on.
static void
add_section(struct score *const score, const uint32_t bar, const uint32_t seed, const uint32_t shift)
{
  uint32_t random = seed * 2654435761U;
  for (uint32_t i = 0; i < 8 * 16; ++i) {
    random = random * 1664525 + 1013904223;
    add(score, bar * 96 + i * 6 + shift, 6, (uint8_t)(40 + (random >> 24) % 40));
  }
}

static void
assert_repeats(const struct piece *const piece, const uint32_t begin, const uint32_t end)
{
  for (uint32_t i = 0; i < piece->count; ++i) {
    assert_int_equal(piece->repeats[i], i >= begin && i < end);
  }
}

static void
the_second_time_of_a_section_is_a_repeat(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add_section(score, 0, 1, 0);
  add_section(score, 8, 2, 0);
  add_section(score, 16, 1, 0);
  add_section(score, 24, 3, 0);
  struct piece piece = finish(score);
  assert_repeats(&piece, 256, 384);
  piece_free(&piece);
}

static void
velocity_duration_and_hand_do_not_hide_a_repeat(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add_section(score, 0, 1, 0);
  add_section(score, 8, 1, 0);
  add_section(score, 16, 2, 0);
  for (size_t i = 128; i < 256; ++i) {
    score->notes[i].velocity = (uint8_t)(i % 100 + 1);
    score->notes[i].duration = (uint32_t)(i % 3 + 1) * TICK;
    score->notes[i].track = (uint16_t)(i % 2);
  }
  struct piece piece = finish(score);
  assert_repeats(&piece, 128, 256);
  piece_free(&piece);
}

static void
a_section_at_another_place_in_the_bar_is_no_repeat(void **const state)
{
  (void)state;
  struct score *const score = score_new();
  add_section(score, 0, 1, 0);
  add_section(score, 9, 1, 24);
  add_section(score, 18, 2, 0);
  struct piece piece = finish(score);
  assert_repeats(&piece, 0, 0);
  piece_free(&piece);
}

static void
a_repeat_of_less_than_four_bars_or_48_events_is_none(void **const state)
{
  (void)state;
  struct score *const few_events = score_new();
  for (uint32_t i = 0; i < 2 * 40; ++i) {
    add(few_events, i * 48, 6, (uint8_t)(30 + i % 40)); // 20 bars of two notes, twice
  }
  struct piece piece = finish(few_events);
  assert_repeats(&piece, 0, 0);
  piece_free(&piece);

  struct score *const few_bars = score_new();
  for (uint32_t i = 0; i < 2 * 72; ++i) {
    add(few_bars, i * 4, 4, (uint8_t)(30 + i % 72)); // 3 bars of 24 notes, twice
  }
  piece = finish(few_bars);
  assert_repeats(&piece, 0, 0);
  piece_free(&piece);
}

static void
a_piece_of_one_note_only_is_searched_in_no_time(void **const state)
{
  (void)state;
  enum { COUNT = 200000 };
  struct midi_note *const notes = calloc(COUNT, sizeof(*notes));
  for (uint32_t i = 0; i < COUNT; ++i) {
    notes[i] = (struct midi_note){i, 1, 0, 0, 60, 64};
  }
  const struct midi_file file = {.division = 24, .notes = notes, .note_count = COUNT};
  struct piece piece;
  uint64_t left_out = 0;
  assert_int_equal(piece_make(&file, "x.mid", &piece, &left_out, NULL), STATUS_SUCCESS);
  assert_int_equal(piece.repeats[4 * 96 - 1], 0);
  assert_int_equal(piece.repeats[4 * 96], 1);
  piece_free(&piece);
  free(notes);
}

// --- Folders

struct folder {
  char path[PATH_MAX / 4];
};

static int
setup(void **const state)
{
  struct folder *const folder = calloc(1, sizeof(*folder));
  const char *const base = getenv("TMPDIR");
  snprintf(folder->path, sizeof(folder->path), "%s/ritornello-XXXXXX", base ? base : "/tmp");
  assert_non_null(mkdtemp(folder->path));
  *state = folder;
  return 0;
}

// Remove all that is in the folder at `path`, and the folder.
static int
remove_folder(const char *const path)
{
  DIR *const stream = opendir(path);
  assert_non_null(stream);
  for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
    char name[PATH_MAX];
    snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlink(name) != 0) {
      remove_folder(name);
    }
  }
  closedir(stream);
  return rmdir(path);
}

static int
teardown(void **const state)
{
  struct folder *const folder = *state;
  const int result = remove_folder(folder->path);
  free(folder);
  return result;
}

// Return the path of `name` in the folder, in memory of the caller's; makes the sub-folder that it names.
static char *
path_in(const struct folder *const folder, const char *const name)
{
  char *const path = calloc(1, PATH_MAX);
  const char *const slash = strchr(name, '/');
  if (slash) {
    snprintf(path, PATH_MAX, "%s/%.*s", folder->path, (int)(slash - name), name);
    (void)mkdir(path, 0777);
  }
  snprintf(path, PATH_MAX, "%s/%s", folder->path, name);
  return path;
}

static void
write_text(const struct folder *const folder, const char *const name, const char *const text)
{
  char *const path = path_in(folder, name);
  FILE *const stream = fopen(path, "wb");
  assert_non_null(stream);
  assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
  assert_int_equal(fclose(stream), 0);
  free(path);
}

// Write a MIDI file of `count` notes.
static void
write_piece(const struct folder *const folder, const char *const name, const uint32_t count)
{
  struct score *const score = score_new();
  for (uint32_t i = 0; i < count; ++i) {
    add(score, 12 * i, 12, (uint8_t)(40 + i % 30));
  }
  char *const path = path_in(folder, name);
  assert_int_equal(midi_file_write(path, &score->file, NULL), STATUS_SUCCESS);
  free(path);
  free(score);
}

static struct corpus
read_good(const struct folder *const folder)
{
  struct corpus corpus;
  struct error error = {STATUS_SUCCESS, ""};
  const enum status status = corpus_read(folder->path, &corpus, &error);
  assert_string_equal(error.text, "");
  assert_int_equal(status, STATUS_SUCCESS);
  return corpus;
}

static void
all_midi_files_below_a_folder_are_read_in_the_order_of_their_paths(void **const state)
{
  const struct folder *const folder = *state;
  write_piece(folder, "satie/b.mid", 3);
  write_piece(folder, "satie/a.MIDI", 4);
  write_piece(folder, "alkan/z.smf", 5);
  write_piece(folder, "loose.mid", 6);
  write_piece(folder, "satie/.hidden.mid", 7);
  write_text(folder, "satie/notes.txt", "no music");
  struct corpus corpus = read_good(folder);
  const char *const paths[] = {"alkan/z.smf", "loose.mid", "satie/a.MIDI", "satie/b.mid"};
  const uint16_t styles[] = {1, 0, 2, 2};
  assert_int_equal(corpus.piece_count, 4);
  assert_int_equal(corpus.rejection_count, 0);
  for (unsigned i = 0; i < 4; ++i) {
    assert_string_equal(corpus.pieces[i].path, paths[i]);
    assert_string_equal(corpus.pieces[i].work, paths[i]);
    assert_null(corpus.pieces[i].attribution);
    assert_int_equal(corpus.pieces[i].style, styles[i]);
  }
  assert_int_equal(corpus.style_count, 3);
  assert_string_equal(corpus.styles[0], "");
  assert_string_equal(corpus.styles[1], "alkan");
  assert_string_equal(corpus.styles[2], "satie");
  assert_int_equal(corpus.notes, 18);
  assert_int_equal(corpus.notes_left_out, 0);
  corpus_free(&corpus);
}

static void
a_broken_file_is_named_with_its_reason_and_stops_nothing(void **const state)
{
  const struct folder *const folder = *state;
  write_piece(folder, "good.mid", 3);
  write_text(folder, "bad/empty.mid", "");
  write_text(folder, "bad/text.mid", "This is no music at all, but long enough for a header.");
  char *const link = path_in(folder, "bad/link.mid");
  assert_int_equal(symlink("nowhere", link), 0);
  free(link);
  struct corpus corpus = read_good(folder);
  assert_int_equal(corpus.piece_count, 1);
  assert_int_equal(corpus.rejection_count, 3);
  const char *const paths[] = {"bad/empty.mid", "bad/link.mid", "bad/text.mid"};
  for (unsigned i = 0; i < 3; ++i) {
    assert_string_equal(corpus.rejections[i].path, paths[i]);
    assert_true(strlen(corpus.rejections[i].reason) > 5);
    assert_null(strstr(corpus.rejections[i].reason, folder->path));
  }
  corpus_free(&corpus);
}

static void
a_folder_without_a_usable_piece_is_an_error(void **const state)
{
  const struct folder *const folder = *state;
  struct corpus corpus;
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_equal(corpus_read(folder->path, &corpus, &error), STATUS_NOT_FOUND);
  assert_non_null(strstr(error.text, folder->path));
  corpus_free(&corpus);

  write_text(folder, "bad.mid", "no music");
  assert_int_equal(corpus_read(folder->path, &corpus, &error), STATUS_NOT_FOUND);
  assert_non_null(strstr(error.text, "bad.mid"));
  assert_int_equal(corpus.rejection_count, 1);
  corpus_free(&corpus);

  char *const nowhere = path_in(folder, "nowhere");
  assert_int_equal(corpus_read(nowhere, &corpus, &error), STATUS_NO_FILE);
  assert_non_null(strstr(error.text, nowhere));
  corpus_free(&corpus);
  free(nowhere);
}

static void
the_table_of_sources_names_works_and_authors(void **const state)
{
  const struct folder *const folder = *state;
  write_piece(folder, "a/1.mid", 3);
  write_piece(folder, "a/2.mid", 3);
  write_piece(folder, "a/3.mid", 3);
  write_text(folder, "sources.tsv",
             "licence\tpath\tother\twork\tauthor\tsource\r\n"
             "CC0\ta/2.mid\tx\tSonata\tSomebody\tSomewhere\r\n"
             "\ta/1.mid\t\tSonata\t\tSomewhere\r\n"
             "PD\ta/9.mid\r\n"
             "PD\ta/3.mid");
  struct corpus corpus = read_good(folder);
  assert_string_equal(corpus.pieces[0].work, "Sonata");
  assert_string_equal(corpus.pieces[0].attribution, "Somewhere");
  assert_string_equal(corpus.pieces[1].work, "Sonata");
  assert_string_equal(corpus.pieces[1].attribution, "Somebody; CC0; Somewhere");
  assert_string_equal(corpus.pieces[2].work, "a/3.mid");
  assert_string_equal(corpus.pieces[2].attribution, "PD");
  corpus_free(&corpus);
}

static void
a_table_of_sources_without_paths_is_named_and_not_used(void **const state)
{
  const struct folder *const folder = *state;
  write_piece(folder, "1.mid", 3);
  write_text(folder, "sources.tsv", "work\tauthor\nSonata\tSomebody\n");
  struct corpus corpus = read_good(folder);
  assert_int_equal(corpus.rejection_count, 1);
  assert_string_equal(corpus.rejections[0].path, "sources.tsv");
  assert_string_equal(corpus.pieces[0].work, "1.mid");
  corpus_free(&corpus);
}

static void
the_hash_tells_other_music_but_not_other_names(void **const state)
{
  const struct folder *const folder = *state;
  write_piece(folder, "a.mid", 3);
  write_piece(folder, "b.mid", 4);
  struct corpus first = read_good(folder);
  write_piece(folder, "a.mid", 4);
  write_piece(folder, "b.mid", 3);
  struct corpus second = read_good(folder);
  assert_true(first.hash == second.hash);
  write_piece(folder, "b.mid", 5);
  struct corpus third = read_good(folder);
  assert_true(first.hash != third.hash);
  corpus_free(&first);
  corpus_free(&second);
  corpus_free(&third);
}

// --- Splits

enum { SPLIT_STYLES = 3, SPLIT_WORKS = 20, SPLIT_PIECES = SPLIT_STYLES * SPLIT_WORKS * 2 };

// Names of the works of a corpus that has no music: splitting asks for counts and names only
struct split_corpus {
  struct corpus corpus;
  struct piece pieces[SPLIT_PIECES];
  char works[SPLIT_PIECES][16];
};

// Make a corpus in which every work has two pieces, and the last style only `last_works` works.
static struct split_corpus *
split_corpus_new(const unsigned styles, const unsigned last_works)
{
  struct split_corpus *const made = calloc(1, sizeof(*made));
  made->corpus.pieces = made->pieces;
  for (unsigned style = 0; style < styles; ++style) {
    const unsigned works = style + 1 == styles ? last_works : (unsigned)SPLIT_WORKS;
    for (unsigned i = 0; i < 2 * works; ++i) {
      const size_t place = made->corpus.piece_count++;
      snprintf(made->works[place], sizeof(made->works[place]), "%u/%u", style, i % works);
      made->pieces[place] = (struct piece){.work = made->works[place], .style = (uint16_t)style, .count = 100 + i % 7};
    }
  }
  return made;
}

static void
assert_works_together(const struct split_corpus *const made, const uint8_t *const held)
{
  for (size_t i = 0; i < made->corpus.piece_count; ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (strcmp(made->pieces[i].work, made->pieces[j].work) == 0) {
        assert_int_equal(held[i], held[j]);
      }
    }
  }
}

static unsigned
count_held(const struct split_corpus *const made, const uint8_t *const held, const uint16_t style)
{
  unsigned count = 0;
  for (size_t i = 0; i < made->corpus.piece_count; ++i) {
    count += held[i] && made->pieces[i].style == style;
  }
  return count;
}

static void
a_split_takes_its_share_of_every_style_and_keeps_works_together(void **const state)
{
  (void)state;
  struct split_corpus *const made = split_corpus_new(3, 3);
  uint8_t held[SPLIT_PIECES];
  for (uint64_t seed = 0; seed < 20; ++seed) {
    corpus_split(&made->corpus, 0.2, seed, held);
    assert_works_together(made, held);
    assert_int_equal(count_held(made, held, 0), 8); // A fifth of 20 works, two pieces each
    assert_int_equal(count_held(made, held, 1), 8);
    assert_int_equal(count_held(made, held, 2), 0); // Has less than four works
  }
  free(made);
}

static void
a_split_depends_on_its_seed_and_nothing_else(void **const state)
{
  (void)state;
  struct split_corpus *const made = split_corpus_new(2, SPLIT_WORKS);
  uint8_t first[SPLIT_PIECES] = {0};
  uint8_t second[SPLIT_PIECES] = {0};
  corpus_split(&made->corpus, 0.2, 1, first);
  corpus_split(&made->corpus, 0.2, 1, second);
  assert_memory_equal(first, second, SPLIT_PIECES);
  corpus_split(&made->corpus, 0.2, 2, second);
  assert_true(memcmp(first, second, SPLIT_PIECES) != 0);
  free(made);
}

static void
a_split_of_few_works_holds_at_least_one_and_never_all(void **const state)
{
  (void)state;
  uint8_t held[SPLIT_PIECES];
  for (unsigned works = 1; works < 4; ++works) {
    struct split_corpus *const made = split_corpus_new(1, works);
    for (uint64_t seed = 0; seed < 20; ++seed) {
      corpus_split(&made->corpus, 0.01, seed, held);
      assert_int_equal(count_held(made, held, 0), works == 1 ? 0 : 2);
      corpus_split(&made->corpus, 0.5, seed, held);
      assert_true(count_held(made, held, 0) < 2 * works);
      corpus_split(&made->corpus, 0.0, seed, held);
      assert_int_equal(count_held(made, held, 0), 0);
    }
    free(made);
  }
}

// --- The training music, where it is

static void
the_training_music_is_read_as_it_is_described(void **const state)
{
  (void)state;
  const char *const folder = getenv("RITORNELLO_CORPUS");
  if (!folder || access(folder, R_OK) != 0) {
    skip();
  }
  struct corpus corpus;
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_equal(corpus_read(folder, &corpus, &error), STATUS_SUCCESS);
  assert_int_equal(corpus.piece_count, 647);
  assert_int_equal(corpus.rejection_count, 0);
  assert_int_equal(corpus.notes, 1037575);
  uint64_t events = 0;
  uint64_t with_hands = 0;
  for (size_t i = 0; i < corpus.piece_count; ++i) {
    events += corpus.pieces[i].count;
    with_hands += corpus.pieces[i].has_hands ? corpus.pieces[i].count : 0;
  }
  assert_int_equal(events + corpus.notes_left_out, corpus.notes);
  assert_true(corpus.notes_left_out < 1000);
  assert_true((double)with_hands > 0.95 * (double)events);
  corpus_free(&corpus);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chords_go_from_low_to_high_and_advance_counts_to_the_next_onset),
      cmocka_unit_test(onsets_go_to_the_nearest_tick),
      cmocka_unit_test(errors_of_advances_never_add_up),
      cmocka_unit_test(of_notes_of_one_pitch_at_one_onset_the_longer_is_kept),
      cmocka_unit_test(a_note_ends_where_its_pitch_begins_again),
      cmocka_unit_test(notes_off_the_piano_and_without_length_are_left_out_and_counted),
      cmocka_unit_test(a_file_without_a_note_is_no_piece),
      cmocka_unit_test(empty_bars_before_the_first_note_are_left_out_but_its_place_in_the_bar_stays),
      cmocka_unit_test(metres_change_at_bar_lines_and_make_them),
      cmocka_unit_test(a_metre_that_can_t_be_is_made_one_that_can),
      cmocka_unit_test(a_rest_beyond_the_longest_advance_loses_whole_bars_only),
      cmocka_unit_test(the_latest_onsets_that_a_file_can_hold_do_no_harm),
      cmocka_unit_test(of_two_tracks_the_higher_is_the_right_hand),
      cmocka_unit_test(of_two_channels_of_one_track_the_higher_is_the_right_hand),
      cmocka_unit_test(one_voice_or_three_tell_no_hands),
      cmocka_unit_test(stray_notes_go_to_the_nearer_hand),
      cmocka_unit_test(fewer_than_eight_velocities_tell_none),
      cmocka_unit_test(the_key_is_that_of_the_scale_and_moves_with_it),
      cmocka_unit_test(a_transposed_key_keeps_its_mode),
      cmocka_unit_test(density_counts_the_four_bars_that_begin_with_the_onset_s),
      cmocka_unit_test(the_second_time_of_a_section_is_a_repeat),
      cmocka_unit_test(velocity_duration_and_hand_do_not_hide_a_repeat),
      cmocka_unit_test(a_section_at_another_place_in_the_bar_is_no_repeat),
      cmocka_unit_test(a_repeat_of_less_than_four_bars_or_48_events_is_none),
      cmocka_unit_test(a_piece_of_one_note_only_is_searched_in_no_time),
      cmocka_unit_test_setup_teardown(all_midi_files_below_a_folder_are_read_in_the_order_of_their_paths, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(a_broken_file_is_named_with_its_reason_and_stops_nothing, setup, teardown),
      cmocka_unit_test_setup_teardown(a_folder_without_a_usable_piece_is_an_error, setup, teardown),
      cmocka_unit_test_setup_teardown(the_table_of_sources_names_works_and_authors, setup, teardown),
      cmocka_unit_test_setup_teardown(a_table_of_sources_without_paths_is_named_and_not_used, setup, teardown),
      cmocka_unit_test_setup_teardown(the_hash_tells_other_music_but_not_other_names, setup, teardown),
      cmocka_unit_test(a_split_takes_its_share_of_every_style_and_keeps_works_together),
      cmocka_unit_test(a_split_depends_on_its_seed_and_nothing_else),
      cmocka_unit_test(a_split_of_few_works_holds_at_least_one_and_never_all),
      cmocka_unit_test(the_training_music_is_read_as_it_is_described),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
