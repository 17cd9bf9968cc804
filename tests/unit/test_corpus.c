// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Corpora: which files are read, what the table beside them says, and what a split keeps together.

#include "../../trainer/corpus.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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
  folder_write_piece(folder, "satie/b.mid", 3);
  folder_write_piece(folder, "satie/a.MIDI", 4);
  folder_write_piece(folder, "alkan/z.smf", 5);
  folder_write_piece(folder, "loose.mid", 6);
  folder_write_piece(folder, "satie/.hidden.mid", 7);
  folder_write_text(folder, "satie/notes.txt", "no music");
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
  folder_write_piece(folder, "good.mid", 3);
  folder_write_text(folder, "bad/empty.mid", "");
  folder_write_text(folder, "bad/text.mid", "This is no music at all, but long enough for a header.");
  char *const link = folder_path(folder, "bad/link.mid");
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

  folder_write_text(folder, "bad.mid", "no music");
  assert_int_equal(corpus_read(folder->path, &corpus, &error), STATUS_NOT_FOUND);
  assert_non_null(strstr(error.text, "bad.mid"));
  assert_int_equal(corpus.rejection_count, 1);
  corpus_free(&corpus);

  char *const nowhere = folder_path(folder, "nowhere");
  assert_int_equal(corpus_read(nowhere, &corpus, &error), STATUS_NO_FILE);
  assert_non_null(strstr(error.text, nowhere));
  corpus_free(&corpus);
  free(nowhere);
}

static void
the_table_of_sources_names_works_and_authors(void **const state)
{
  const struct folder *const folder = *state;
  folder_write_piece(folder, "a/1.mid", 3);
  folder_write_piece(folder, "a/2.mid", 3);
  folder_write_piece(folder, "a/3.mid", 3);
  folder_write_text(folder, "sources.tsv",
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
  folder_write_piece(folder, "1.mid", 3);
  folder_write_text(folder, "sources.tsv", "work\tauthor\nSonata\tSomebody\n");
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
  folder_write_piece(folder, "a.mid", 3);
  folder_write_piece(folder, "b.mid", 4);
  struct corpus first = read_good(folder);
  folder_write_piece(folder, "a.mid", 4);
  folder_write_piece(folder, "b.mid", 3);
  struct corpus second = read_good(folder);
  assert_true(first.hash == second.hash);
  folder_write_piece(folder, "b.mid", 5);
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
    assert_int_equal(corpus_split(&made->corpus, 0.2, seed, held, NULL), STATUS_SUCCESS);
    assert_works_together(made, held);
    assert_int_equal(count_held(made, held, 0), 8); // A fifth of 20 works, two pieces each
    assert_int_equal(count_held(made, held, 1), 8);
    assert_int_equal(count_held(made, held, 2), 0); // Has less than four works
  }
  free(made);
}

static void
a_split_holds_three_works_of_a_style_that_has_twelve(void **const state)
{
  (void)state;
  const struct {
    unsigned works;
    unsigned least; // Of one work each two pieces are made
  } cases[] = {{4, 1}, {8, 2}, {12, 3}, {SPLIT_WORKS, 3}};
  uint8_t held[SPLIT_PIECES];
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); ++i) {
    struct split_corpus *const made = split_corpus_new(1, cases[i].works);
    for (uint64_t seed = 0; seed < 20; ++seed) {
      assert_int_equal(corpus_split(&made->corpus, 0.001, seed, held, NULL), STATUS_SUCCESS);
      assert_works_together(made, held);
      assert_int_equal(count_held(made, held, 0), 2 * cases[i].least);
    }
    free(made);
  }
}

static void
a_split_takes_large_works_about_as_often_as_small_ones(void **const state)
{
  (void)state;
  struct split_corpus *const made = split_corpus_new(1, SPLIT_WORKS);
  size_t large = 0;
  size_t small = 0;
  uint8_t held[SPLIT_PIECES];
  for (size_t i = 0; i < made->corpus.piece_count; ++i) {
    made->pieces[i].count = i % 2 ? 900 : 100; // Every other work, in both of its pieces
  }
  for (uint64_t seed = 0; seed < 400; ++seed) {
    assert_int_equal(corpus_split(&made->corpus, 0.15, seed, held, NULL), STATUS_SUCCESS);
    for (size_t i = 0; i < made->corpus.piece_count; ++i) {
      large += held[i] && made->pieces[i].count == 900;
      small += held[i] && made->pieces[i].count == 100;
    }
  }
  assert_true(10 * large > 7 * small);
  free(made);
}

static void
a_split_depends_on_its_seed_and_nothing_else(void **const state)
{
  (void)state;
  struct split_corpus *const made = split_corpus_new(2, SPLIT_WORKS);
  uint8_t first[SPLIT_PIECES] = {0};
  uint8_t second[SPLIT_PIECES] = {0};
  assert_int_equal(corpus_split(&made->corpus, 0.2, 1, first, NULL), STATUS_SUCCESS);
  assert_int_equal(corpus_split(&made->corpus, 0.2, 1, second, NULL), STATUS_SUCCESS);
  assert_memory_equal(first, second, SPLIT_PIECES);
  assert_int_equal(corpus_split(&made->corpus, 0.2, 2, second, NULL), STATUS_SUCCESS);
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
      assert_int_equal(corpus_split(&made->corpus, 0.01, seed, held, NULL), STATUS_SUCCESS);
      assert_int_equal(count_held(made, held, 0), works == 1 ? 0 : 2);
      assert_int_equal(corpus_split(&made->corpus, 0.5, seed, held, NULL), STATUS_SUCCESS);
      assert_true(count_held(made, held, 0) < 2 * works);
      assert_int_equal(corpus_split(&made->corpus, 0.0, seed, held, NULL), STATUS_SUCCESS);
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
      cmocka_unit_test_setup_teardown(all_midi_files_below_a_folder_are_read_in_the_order_of_their_paths, folder_setup,
                                      folder_teardown),
      cmocka_unit_test_setup_teardown(a_broken_file_is_named_with_its_reason_and_stops_nothing, folder_setup,
                                      folder_teardown),
      cmocka_unit_test_setup_teardown(a_folder_without_a_usable_piece_is_an_error, folder_setup, folder_teardown),
      cmocka_unit_test_setup_teardown(the_table_of_sources_names_works_and_authors, folder_setup, folder_teardown),
      cmocka_unit_test_setup_teardown(a_table_of_sources_without_paths_is_named_and_not_used, folder_setup,
                                      folder_teardown),
      cmocka_unit_test_setup_teardown(the_hash_tells_other_music_but_not_other_names, folder_setup, folder_teardown),
      cmocka_unit_test(a_split_takes_its_share_of_every_style_and_keeps_works_together),
      cmocka_unit_test(a_split_holds_three_works_of_a_style_that_has_twelve),
      cmocka_unit_test(a_split_takes_large_works_about_as_often_as_small_ones),
      cmocka_unit_test(a_split_depends_on_its_seed_and_nothing_else),
      cmocka_unit_test(a_split_of_few_works_holds_at_least_one_and_never_all),
      cmocka_unit_test(the_training_music_is_read_as_it_is_described),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
