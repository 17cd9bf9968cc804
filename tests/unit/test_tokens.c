// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Tokens: pieces become rows of notes, chords and rests, what is left out is counted, and a vocabulary survives its text and
// refuses a wrong one.

#include "engine/tokens.h"
#include "engine/vocabulary.h"
#include "theme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 64 };

static struct event
note(const uint8_t pitch, const uint16_t duration, const uint16_t advance)
{
  return (struct event){.pitch = pitch, .velocity = 64, .duration = duration, .advance = advance};
}

// Make tokens of events in 4/4.
static size_t
make(const struct event *const events, const size_t count, struct token *const tokens, struct tokens_left_out *left_out)
{
  struct metre metres[ROOM];
  for (size_t i = 0; i < count; ++i) {
    metres[i] = (struct metre){4, 4};
  }
  *left_out = (struct tokens_left_out){0};
  return tokens_make(events, metres, count, tokens, left_out);
}

// Check the token at `tokens`: its duration and, as text, its pitches.
static void
assert_token(const struct token *const token, const unsigned duration, const char *const pitches)
{
  char text[ROOM] = "";
  for (unsigned i = 0; i < token->count; ++i) {
    snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u", i ? " " : "", token->pitches[i]);
  }
  assert_string_equal(text, pitches);
  assert_int_equal(token->duration, duration);
}

static void
notes_chords_and_rests_follow_one_another(void **const state)
{
  (void)state;
  const struct event events[] = {
      note(60, 24, 24),          // A note up to the next
      note(48, 96, 0),           // A chord lasts as long as its shortest note
      note(64, 24, 48),          // and the rest fills the gap
      note(62, 96, 24),          // A note held over the next ends there
      note(65, 20, 24),          // A gap that small is articulation
      note(66, 18, 24),          // a larger one is a rest
      note(67, 24, 0),           // A doubled note is one
      note(67, 12, 12),          //
      note(48, 48, ADVANCE_END), // The last one sounds out
  };
  struct token tokens[2 * ROOM];
  struct tokens_left_out left_out;
  assert_int_equal(make(events, 9, tokens, &left_out), 9);
  assert_token(&tokens[0], 24, "60");
  assert_token(&tokens[1], 24, "48 64");
  assert_token(&tokens[2], 24, "");
  assert_token(&tokens[3], 24, "62");
  assert_token(&tokens[4], 24, "65");
  assert_token(&tokens[5], 18, "66");
  assert_token(&tokens[6], 6, "");
  assert_token(&tokens[7], 12, "67");
  assert_token(&tokens[8], 48, "48");
  assert_int_equal(left_out.durations + left_out.rests + left_out.notes, 0);
}

static void
what_is_no_musical_value_is_left_out_and_counted(void **const state)
{
  (void)state;
  const struct event events[] = {
      note(60, 1, 1),    // No written value
      note(62, 24, 23),  // One tick off: a quarter
      note(64, 24, 216), // A rest of two bars
      note(65, 24, 240), // A longer one
      note(67, 24, 768), note(69, 24, ADVANCE_END),
  };
  struct token tokens[2 * ROOM];
  struct tokens_left_out left_out;
  assert_int_equal(make(events, 6, tokens, &left_out), 6);
  assert_token(&tokens[0], 24, "62");
  assert_token(&tokens[1], 24, "64");
  assert_token(&tokens[2], 192, "");
  assert_token(&tokens[3], 24, "65");
  assert_token(&tokens[4], 24, "67");
  assert_token(&tokens[5], 24, "69");
  assert_int_equal(left_out.durations, 1);
  assert_int_equal(left_out.rests, 2);
  assert_int_equal(left_out.notes, 0);
}

static void
of_a_chord_that_is_too_large_the_lowest_notes_leave(void **const state)
{
  (void)state;
  struct event events[12];
  for (unsigned i = 0; i < 12; ++i) {
    events[i] = note((uint8_t)(40 + i), 24, 0);
  }
  events[11].pitch = 42; // Not in order, and doubled
  events[11].advance = 24;
  struct token tokens[2 * ROOM];
  struct tokens_left_out left_out;
  assert_int_equal(make(events, 12, tokens, &left_out), 1);
  assert_token(&tokens[0], 24, "41 42 43 44 45 46 47 48 49 50");
  assert_int_equal(left_out.notes, 1);
}

static void
durations_are_written_values(void **const state)
{
  (void)state;
  static const uint16_t pairs[][2] = {
      {0, 0},   {1, 0},     {2, 2},     {3, 3},     {4, 4},     {5, 6},     {6, 6},     {7, 6},
      {8, 8},   {9, 9},     {11, 12},   {13, 12},   {23, 24},   {25, 24},   {94, 94},   {95, 96},
      {97, 96}, {98, 0},    {102, 102}, {191, 192}, {193, 192}, {198, 0},   {216, 216}, {217, 216},
      {228, 0}, {767, 768}, {768, 768}, {769, 768}, {770, 0},   {65535, 0},
  };
  for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); ++i) {
    assert_int_equal(token_duration(pairs[i][0]), pairs[i][1]);
  }
}

static void
a_token_survives_its_step(void **const state)
{
  (void)state;
  struct vocabulary vocabulary;
  assert_int_equal(theme_vocabulary(12, &vocabulary), 0);
  for (uint32_t i = TOKEN_FIRST; i < vocabulary.count; ++i) {
    struct step step;
    struct token back;
    token_step(&vocabulary.tokens[i], &step);
    for (uint32_t j = 0; j < step.count; ++j) {
      assert_true(event_is_valid(&step.notes[j]));
      assert_int_equal(step.notes[j].advance, j + 1 < step.count ? 0 : step.advance);
      assert_int_equal(step.notes[j].hand, step.notes[j].pitch < 60 ? HAND_LEFT : HAND_RIGHT);
    }
    assert_true(token_of_step(&step, &back));
    assert_int_equal(token_compare(&vocabulary.tokens[i], &back), 0);
    assert_int_equal(vocabulary_find(&vocabulary, &back), i);
    assert_int_equal(vocabulary_nearest(&vocabulary, &back), i);
  }
  struct step step;
  token_step(&vocabulary.tokens[TOKEN_END], &step);
  assert_int_equal(step.count, 0);
  assert_int_equal(step.advance, ADVANCE_END);
  vocabulary_clear(&vocabulary);
}

static void
steps_that_no_token_plays_are_refused(void **const state)
{
  (void)state;
  struct token token;
  struct step step = {.notes = {note(60, 24, 0), note(64, 24, 24)}, .count = 2, .advance = 24};
  assert_true(token_of_step(&step, &token));
  step.notes[1].pitch = 60;
  assert_false(token_of_step(&step, &token));
  step.count = 1;
  step.advance = 0;
  assert_false(token_of_step(&step, &token));
  step.advance = ADVANCE_END;
  assert_false(token_of_step(&step, &token));
  struct step large = {.count = TOKEN_PITCHES + 1, .advance = 24};
  for (uint32_t i = 0; i < large.count; ++i) {
    large.notes[i].pitch = (uint8_t)(40 + i);
  }
  assert_false(token_of_step(&large, &token));
}

static void
the_nearest_token_has_the_same_pitches(void **const state)
{
  (void)state;
  const struct token tokens[] = {
      {.duration = 24},
      {.duration = 12, .count = 1, .pitches = {60}},
      {.duration = 24, .count = 1, .pitches = {60}},
      {.duration = 24, .count = 2, .pitches = {60, 64}},
  };
  struct vocabulary vocabulary;
  assert_int_equal(vocabulary_make(tokens, 4, 100, &vocabulary, NULL), STATUS_SUCCESS);
  static const struct {
    struct token token;
    uint32_t nearest;
  } cases[] = {
      {{.duration = 1}, 2},
      {{.duration = 96}, 2},
      {{.duration = 6, .count = 1, .pitches = {60}}, 3},
      {{.duration = 18, .count = 1, .pitches = {60}}, 3},
      {{.duration = 19, .count = 1, .pitches = {60}}, 4},
      {{.duration = 48, .count = 1, .pitches = {60}}, 4},
      {{.duration = 1, .count = 2, .pitches = {60, 64}}, 5},
      {{.duration = 24, .count = 1, .pitches = {59}}, TOKEN_NONE},
      {{.duration = 24, .count = 1, .pitches = {108}}, TOKEN_NONE},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); ++i) {
    assert_int_equal(vocabulary_nearest(&vocabulary, &cases[i].token), cases[i].nearest);
  }
  vocabulary_clear(&vocabulary);
}

static void
a_vocabulary_is_what_occurs_most_often(void **const state)
{
  (void)state;
  const struct token often = {.duration = 24, .count = 1, .pitches = {72}};
  const struct token twice = {.duration = 12, .count = 1, .pitches = {60}};
  const struct token once = {.duration = 6};
  const struct token tokens[] = {often, twice, once, often, twice, often};
  struct vocabulary vocabulary;
  struct error error = {0};
  assert_int_equal(vocabulary_make(tokens, 6, 3, &vocabulary, &error), STATUS_SUCCESS);
  assert_int_equal(vocabulary.count, TOKEN_FIRST + 3);
  assert_token(&vocabulary.tokens[2], 6, "");
  assert_token(&vocabulary.tokens[3], 12, "60");
  assert_token(&vocabulary.tokens[4], 24, "72");
  vocabulary_clear(&vocabulary);
  assert_int_equal(vocabulary_make(tokens, 6, 2, &vocabulary, &error), STATUS_SUCCESS);
  assert_int_equal(vocabulary.count, TOKEN_FIRST + 2);
  assert_int_equal(vocabulary_find(&vocabulary, &once), TOKEN_NONE);
  assert_int_equal(vocabulary_find(&vocabulary, &often), 3);
  vocabulary_clear(&vocabulary);
  assert_int_not_equal(vocabulary_make(tokens, 0, 2, &vocabulary, &error), STATUS_SUCCESS);
  assert_true(error.text[0]);
}

static void
a_vocabulary_survives_its_text(void **const state)
{
  (void)state;
  struct vocabulary vocabulary;
  struct vocabulary back;
  struct error error = {0};
  assert_int_equal(theme_vocabulary(12, &vocabulary), 0);
  char *const text = vocabulary_format(&vocabulary);
  assert_non_null(text);
  assert_int_equal(vocabulary_parse(text, &back, &error), STATUS_SUCCESS);
  assert_int_equal(back.count, vocabulary.count);
  for (uint32_t i = 0; i < back.count; ++i) {
    assert_memory_equal(&back.tokens[i], &vocabulary.tokens[i], sizeof(*back.tokens));
  }
  free(text);
  vocabulary_clear(&vocabulary);
  vocabulary_clear(&back);
}

static void
wrong_vocabularies_are_refused_with_a_sentence(void **const state)
{
  (void)state;
  static const char *const texts[] = {
      "{\"format\": \"tokens-1\", \"tokens\": [[24], [12, 60], [24, 60], [24, 60, 64]]}", // This one is good
      "",
      "events-1",
      "[]",
      "{\"format\": \"tokens-2\", \"tokens\": [[24]]}",
      "{\"format\": \"tokens-1\"}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24]], \"more\": 1}",
      "{\"format\": \"tokens-1\", \"tokens\": {}}",
      "{\"format\": \"tokens-1\", \"tokens\": []}",
      "{\"format\": \"tokens-1\", \"tokens\": [[]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [24]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[0, 60]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[769, 60]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[65560, 60]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24.0, 60]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, 20]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, 109]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, 316]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, \"60\"]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, 60, 60]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, 64, 60]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, 60], [24, 60]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, 60], [12, 60]]}",
      "{\"format\": \"tokens-1\", \"tokens\": [[24, 60], [24]]}",
  };
  for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); ++i) {
    struct vocabulary vocabulary;
    struct error error = {0};
    const enum status status = vocabulary_parse(texts[i], &vocabulary, &error);
    if ((status == STATUS_SUCCESS) != (i == 0)) {
      fail_msg("%s: %s", texts[i], error.text);
    }
    assert_true(i == 0 || (error.text[0] && !vocabulary.tokens));
    vocabulary_clear(&vocabulary);
  }
}

static void
a_vocabulary_has_a_bound(void **const state)
{
  (void)state;
  enum { TOO_MANY = VOCABULARY_SIZE - TOKEN_FIRST + 1 };
  struct token *const tokens = calloc(TOO_MANY, sizeof(*tokens));
  for (uint32_t i = 0; i < TOO_MANY; ++i) {
    tokens[i] = (struct token){.duration = (uint16_t)(1 + i % TOKEN_LONGEST),
                               .count = 1,
                               .pitches = {(uint8_t)(PITCH_LOWEST + i / TOKEN_LONGEST)}};
  }
  struct vocabulary vocabulary;
  struct vocabulary back;
  assert_int_not_equal(vocabulary_make(tokens, TOO_MANY, TOO_MANY, &vocabulary, NULL), STATUS_SUCCESS);
  assert_int_equal(vocabulary_make(tokens, TOO_MANY, TOO_MANY - 1, &vocabulary, NULL), STATUS_SUCCESS);
  assert_int_equal(vocabulary.count, VOCABULARY_SIZE);
  char *const text = vocabulary_format(&vocabulary);
  assert_int_equal(vocabulary_parse(text, &back, NULL), STATUS_SUCCESS);
  assert_int_equal(back.count, VOCABULARY_SIZE);
  vocabulary_clear(&back);
  vocabulary_clear(&vocabulary);
  free(text);
  free(tokens);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(notes_chords_and_rests_follow_one_another),
      cmocka_unit_test(what_is_no_musical_value_is_left_out_and_counted),
      cmocka_unit_test(of_a_chord_that_is_too_large_the_lowest_notes_leave),
      cmocka_unit_test(durations_are_written_values),
      cmocka_unit_test(a_token_survives_its_step),
      cmocka_unit_test(steps_that_no_token_plays_are_refused),
      cmocka_unit_test(the_nearest_token_has_the_same_pitches),
      cmocka_unit_test(a_vocabulary_is_what_occurs_most_often),
      cmocka_unit_test(a_vocabulary_survives_its_text),
      cmocka_unit_test(wrong_vocabularies_are_refused_with_a_sentence),
      cmocka_unit_test(a_vocabulary_has_a_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
