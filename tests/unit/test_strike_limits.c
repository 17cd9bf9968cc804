// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How long a corpus' composers strike the same onsets in turn: what nine of ten of their pieces keep to.

#include "strike_limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PIECES = 22, NOTES = 64 };

struct music {
  struct corpus corpus;
  struct piece pieces[PIECES];
  struct event events[PIECES][NOTES];
  uint8_t held[PIECES];
};

// A piece of a rising scale in which one note is struck `times` times
static void
add_piece(struct music *const music, const uint16_t style, const uint32_t times)
{
  const size_t place = music->corpus.piece_count++;
  struct event *const events = music->events[place];
  for (uint32_t i = 0; i < NOTES; ++i) {
    const uint32_t step = i < 10 ? i : i < 10 + times ? 10 : i + 1 - times;
    events[i] = (struct event){HAND_RIGHT, (uint8_t)(30 + step), 68, 12, 12};
  }
  music->pieces[place] = (struct piece){.style = style, .count = NOTES, .events = events};
}

static struct music *
music_new(void)
{
  struct music *const music = calloc(1, sizeof(*music));
  assert_non_null(music);
  music->corpus.pieces = music->pieces;
  music->corpus.style_count = 2;
  strcpy(music->corpus.styles[0], "calm");
  strcpy(music->corpus.styles[1], "stubborn");
  for (uint32_t i = 1; i <= 10; ++i) {
    add_piece(music, 0, 1);
    add_piece(music, 1, i == 10 ? 40 : 2 + i);
  }
  return music;
}

static void
nine_of_ten_pieces_keep_to_the_limit(void **const state)
{
  (void)state;
  struct music *const music = music_new();
  static const char *const names[] = {"stubborn", "calm", "unheard"};
  char *const text = strike_limits_text(&music->corpus, music->held, names, 3);
  assert_string_equal(text, "[[10,9,8,9],[11,10,9,9],[3,5,7,9],[3,5,7,9]]"); // All music; a limit is at least 3
  free(text);
  free(music);
}

static void
pieces_kept_out_do_not_count(void **const state)
{
  (void)state;
  struct music *const music = music_new();
  for (size_t i = 0; i < music->corpus.piece_count; ++i) {
    music->held[i] = music->pieces[i].style == 1 && i > 12;
  }
  static const char *const names[] = {"calm", "stubborn"};
  char *const text = strike_limits_text(&music->corpus, music->held, names, 2);
  assert_string_equal(text, "[[6,5,7,9],[3,5,7,9],[7,6,7,9]]");
  free(text);
  free(music);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nine_of_ten_pieces_keep_to_the_limit),
      cmocka_unit_test(pieces_kept_out_do_not_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
