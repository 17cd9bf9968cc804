// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Quotations are found wherever they stand, in any key, as long as they are and no longer, and never in one's own work.

#include "quotations.h"

#include "engine/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PIECES = 4, EVENTS = 400 };

// A library of pieces that have nothing in common but chance
struct library {
  struct corpus corpus;
  struct piece pieces[PIECES];
  struct event events[PIECES][EVENTS];
  struct quotations_index *index;
};

// A random event; few `kinds` make chance runs long
static struct event
random_event(const uint64_t key, const uint32_t i, const uint32_t kinds)
{
  return (struct event){
      .hand = HAND_RIGHT,
      .pitch = (uint8_t)(50 + random_below(key, 2 * i, kinds)),
      .velocity = 64,
      .duration = 12,
      .advance = (uint16_t)(6 * (1 + random_below(key, 2 * i + 1, (kinds + 3) / 4))),
  };
}

static struct library *
library_new(const uint32_t kinds)
{
  static const char *const works[PIECES] = {"one", "two", "three", "three"};
  struct library *const library = calloc(1, sizeof(*library));
  for (uint32_t p = 0; p < PIECES; ++p) {
    for (uint32_t i = 0; i < EVENTS; ++i) {
      library->events[p][i] = random_event(p, i, kinds);
    }
    library->events[p][EVENTS - 1].advance = ADVANCE_END;
    library->pieces[p] = (struct piece){.count = EVENTS, .events = library->events[p], .style = (uint16_t)(p % 2)};
    library->pieces[p].work = strdup(works[p]);
  }
  library->corpus = (struct corpus){.pieces = library->pieces, .piece_count = PIECES};
  assert_int_equal(quotations_index_new(&library->corpus, &library->index, NULL), STATUS_SUCCESS);
  return library;
}

static void
library_free(struct library *const library)
{
  quotations_index_free(library->index);
  for (uint32_t p = 0; p < PIECES; ++p) {
    free(library->pieces[p].work);
  }
  free(library);
}

// Music of our own that quotes `moves` moves of piece 1 from its event 30 on, at its event 100, `up` semitones higher
static struct event *
quoting_music(const struct library *const library, const uint32_t moves, const int up)
{
  struct event *const music = calloc(EVENTS, sizeof(*music));
  for (uint32_t i = 0; i < EVENTS; ++i) {
    music[i] = random_event(99, i, 40);
  }
  for (uint32_t i = 0; i <= moves; ++i) {
    music[100 + i] = library->events[1][30 + i];
    music[100 + i].pitch = (uint8_t)(music[100 + i].pitch + up);
    music[100 + i].velocity = (uint8_t)(1 + i);
    music[100 + i].hand = HAND_LEFT;
    music[100 + i].duration = 48;
  }
  music[99].advance = (uint16_t)(library->events[1][29].advance + 6);                  // Neither longer before
  music[100 + moves].advance = (uint16_t)(library->events[1][30 + moves].advance + 6); // nor after
  return music;
}

static void
a_quotation_is_found_where_it_stands_in_any_key(void **const state)
{
  (void)state;
  static const int keys[] = {0, 7, -5};
  struct library *const library = library_new(40);
  for (unsigned k = 0; k < 3; ++k) {
    struct event *const music = quoting_music(library, 20, keys[k]);
    struct quotations found;
    quotations_find(library->index, music, EVENTS, NULL, -1, &found, NULL);
    assert_int_equal(found.longest.moves, 20);
    assert_int_equal(found.longest.event, 100);
    assert_int_equal(found.longest.source, 1);
    assert_int_equal(found.longest.source_event, 30);
    assert_int_equal(found.short_runs, EVENTS - 8);
    assert_int_equal(found.long_runs, EVENTS - 16);
    assert_int_equal(found.short_found, 13);
    assert_int_equal(found.long_found, 5);
    free(music);
  }
  library_free(library);
}

static void
seven_moves_are_no_quotation(void **const state)
{
  (void)state;
  struct library *const library = library_new(40);
  struct quotations found;
  struct event *const music = quoting_music(library, 7, 0);
  quotations_find(library->index, music, EVENTS, NULL, -1, &found, NULL);
  assert_int_equal(found.short_found, 0);
  assert_int_equal(found.longest.moves, 0);
  free(music);
  library_free(library);
}

static void
own_works_and_other_styles_can_be_left_out(void **const state)
{
  (void)state;
  struct library *const library = library_new(40);
  struct quotations found;
  quotations_find(library->index, library->events[2], EVENTS, NULL, -1, &found, NULL);
  assert_int_equal(found.longest.moves, EVENTS - 1);
  assert_int_equal(found.short_found, found.short_runs);
  quotations_find(library->index, library->events[2], EVENTS, "three", -1, &found, NULL);
  assert_int_equal(found.longest.moves, 0);
  quotations_find(library->index, library->events[2], EVENTS, NULL, 1, &found, NULL);
  assert_int_equal(found.longest.moves, 0);
  quotations_find(library->index, library->events[2], EVENTS, NULL, 0, &found, NULL);
  assert_int_equal(found.longest.moves, EVENTS - 1);
  library_free(library);
}

// The longest run from `event` on that stands anywhere: by comparing everything with everything
static uint32_t
longest_by_force(const struct library *const library, const struct event *const music, const uint32_t event)
{
  uint32_t longest = 0;
  for (uint32_t p = 0; p < PIECES; ++p) {
    const struct event *const other = library->events[p];
    for (uint32_t s = 0; s + 1 < EVENTS; ++s) {
      uint32_t moves = 0;
      while (event + moves + 1 < EVENTS && s + moves + 1 < EVENTS &&
             music[event + moves].advance == other[s + moves].advance &&
             music[event + moves + 1].pitch - music[event + moves].pitch ==
                 other[s + moves + 1].pitch - other[s + moves].pitch) {
        ++moves;
      }
      longest = moves > longest ? moves : longest;
    }
  }
  return longest;
}

static void
monotonous_music_is_counted_as_by_comparing_all_with_all(void **const state)
{
  (void)state;
  for (uint32_t kinds = 1; kinds <= 3; ++kinds) {
    struct library *const library = library_new(kinds);
    struct event music[EVENTS];
    uint64_t short_found = 0;
    uint64_t long_found = 0;
    uint32_t longest = 0;
    for (uint32_t i = 0; i < EVENTS; ++i) {
      music[i] = random_event(55, i, kinds);
    }
    for (uint32_t i = 0; i + 8 < EVENTS; ++i) {
      const uint32_t moves = longest_by_force(library, music, i);
      short_found += moves >= 8;
      long_found += moves >= 16;
      longest = moves > longest ? moves : longest;
    }
    struct quotations found;
    uint32_t lengths[EVENTS];
    quotations_find(library->index, music, EVENTS, NULL, -1, &found, lengths);
    for (uint32_t i = 0; i + 8 < EVENTS; ++i) {
      const uint32_t moves = longest_by_force(library, music, i);
      assert_int_equal(lengths[i], moves >= 8 ? moves : 0);
    }
    assert_int_equal(found.short_found, short_found);
    assert_int_equal(found.long_found, long_found);
    assert_int_equal(found.longest.moves, longest);
    library_free(library);
  }
}

static void
music_too_short_quotes_nothing(void **const state)
{
  (void)state;
  struct library *const library = library_new(40);
  for (uint32_t count = 0; count <= 8; ++count) {
    struct quotations found;
    quotations_find(library->index, library->events[0], count, NULL, -1, &found, NULL);
    assert_int_equal(found.short_runs, 0);
    assert_true(quotations_short_share(&found) >= 0.0 && quotations_long_share(&found) <= 0.0);
  }
  library_free(library);
}

static void
real_music_quotes_as_little_as_it_does(void **const state)
{
  (void)state;
  const char *const folder = getenv("RITORNELLO_CORPUS");
  struct corpus corpus;
  if (!folder || access(folder, R_OK)) {
    skip();
  }
  assert_int_equal(corpus_read(folder, &corpus, NULL), STATUS_SUCCESS);
  struct quotations_index *index = NULL;
  assert_int_equal(quotations_index_new(&corpus, &index, NULL), STATUS_SUCCESS);
  struct quotations sum = {0};
  for (size_t p = 0; p < corpus.piece_count; ++p) {
    const struct piece *const piece = &corpus.pieces[p];
    if (!strcmp(corpus.styles[piece->style], "mozart")) {
      struct quotations found;
      quotations_find(index, piece->events, piece->count, piece->work, piece->style, &found, NULL);
      quotations_add(&sum, &found);
    }
  }
  print_message("Mozart in Mozart's other works: %.2f %% of 8-event runs, %.2f %% of 16-event runs, at most %u\n",
                100.0 * quotations_short_share(&sum), 100.0 * quotations_long_share(&sum), sum.longest.moves);
  assert_true(quotations_short_share(&sum) > 0.008 && quotations_short_share(&sum) < 0.012);
  assert_true(quotations_long_share(&sum) > 0.0005 && quotations_long_share(&sum) < 0.002);
  assert_in_range(sum.longest.moves, 27, 30);
  quotations_index_free(index);
  corpus_free(&corpus);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quotation_is_found_where_it_stands_in_any_key),
      cmocka_unit_test(seven_moves_are_no_quotation),
      cmocka_unit_test(own_works_and_other_styles_can_be_left_out),
      cmocka_unit_test(monotonous_music_is_counted_as_by_comparing_all_with_all),
      cmocka_unit_test(music_too_short_quotes_nothing),
      cmocka_unit_test(real_music_quotes_as_little_as_it_does),
  };
  return cmocka_run_group_tests_name("quotations", tests, NULL, NULL);
}
