// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The `windowed` network: it computes its formulas, the same to the bit however the work is cut, whatever the processor, and
// whether it composes or replays; and the composer plays it.

#include "engine/composer.h"
#include "engine/constraints.h"
#include "engine/network_windowed.h"
#include "engine/network_windowed_private.h"
#include "engine/random.h"
#include "random_weights.h"
#include "theme.h"
#include "windowed_reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { STEPS = 24, PATH_SIZE = 256, CONTEXT = 9, VOCABULARY = 64 };

static const char *const article =
    "index, bilstm:32, attention:16, dropout:0.3, lstm:48, dropout:0.3, dense:64, softmax";
static const char *const lists[] = {
    "index, bilstm:32, attention:16, dropout:0.3, lstm:48, dropout:0.3, dense:64, softmax",
    "index, bilstm:32, attention:16, dropout:0.3, dense:64, softmax",
    "embed:48, bilstm:16, attention:32, bilstm:32, attention:16, dense:16, dense:32, softmax",
    "index, lstm:32, dropout:0.3, lstm:16, dropout:0.3, lstm:32, dense:64, softmax",
    "embed:16, bilstm:32, softmax",
    "index, attention:16, lstm:16, softmax",
};

// A network of random weights.
struct fixture {
  char path[PATH_SIZE];
  struct windowed_sizes sizes;
  struct vocabulary vocabulary;
  struct safetensors *file;
  struct network *network;
  struct network_state *state;
  float logits[STEPS][VOCABULARY];
  float others[STEPS][VOCABULARY];
};

static struct fixture *
fixture_new(const char *const layers)
{
  struct fixture *const fixture = calloc(1, sizeof(*fixture));
  const char *const base = getenv("TMPDIR");
  snprintf(fixture->path, sizeof(fixture->path), "%s/ritornello-XXXXXX", base ? base : "/tmp");
  const int descriptor = mkstemp(fixture->path);
  assert_true(descriptor >= 0);
  close(descriptor);
  assert_int_equal(theme_vocabulary(1, &fixture->vocabulary), 0);
  assert_in_range(fixture->vocabulary.count, 16, VOCABULARY);
  fixture->sizes = (struct windowed_sizes){.context = CONTEXT, .vocabulary = fixture->vocabulary.count};
  struct error error = {0};
  assert_int_equal(windowed_layers_parse(layers, &fixture->sizes, &error), STATUS_SUCCESS);
  assert_int_equal(random_windowed_write(fixture->path, &fixture->sizes, &fixture->vocabulary, 11, 0.3F), 0);
  assert_int_equal(safetensors_read(fixture->path, &fixture->file, &error), STATUS_SUCCESS);
  assert_int_equal(network_windowed_new(fixture->file, fixture->path, &fixture->network, &error), STATUS_SUCCESS);
  fixture->state = network_state_new(fixture->network);
  network_reset(fixture->network, fixture->state);
  return fixture;
}

static void
fixture_free(struct fixture *const fixture)
{
  assert_int_equal(unlink(fixture->path), 0);
  network_state_free(fixture->state);
  fixture->network->class_->free(fixture->network);
  vocabulary_clear(&fixture->vocabulary);
  safetensors_free(fixture->file);
  free(fixture);
}

// The token that is chosen at step t.
static uint32_t
chosen_token(const struct fixture *const fixture, const uint32_t t)
{
  return TOKEN_FIRST + random_below(1, t, fixture->vocabulary.count - TOKEN_FIRST);
}

// Tell the network step t - 1, or the start.
static void
feed(const struct fixture *const fixture, const uint32_t t)
{
  const struct moment moment = {.metre = {4, 4}};
  struct step step;
  if (t) {
    token_step(&fixture->vocabulary.tokens[chosen_token(fixture, t - 1)], &step);
  }
  network_feed(fixture->network, fixture->state, t ? &step : NULL, &moment);
}

// Let the network choose token t in slices of `budget`, and note its logits.
static void
choose(const struct fixture *const fixture, const uint32_t t, const uint32_t budget, float logits[VOCABULARY])
{
  enum network_progress progress = NETWORK_WORKING;
  while (progress == NETWORK_WORKING) {
    uint32_t operations = budget;
    progress = network_work(fixture->network, fixture->state, &operations);
    assert_true(progress != NETWORK_WORKING || operations == 0);
  }
  assert_int_equal(progress, NETWORK_CHOICE);
  struct choice choice;
  network_choice(fixture->network, fixture->state, &choice);
  assert_int_equal(choice.field, FIELD_TOKEN);
  assert_int_equal(choice.classes, fixture->vocabulary.count);
  memcpy(logits, choice.logits, choice.classes * sizeof(float));
  network_choose(fixture->network, fixture->state, chosen_token(fixture, t));

  uint32_t operations = budget;
  struct step step;
  struct step expected;
  assert_int_equal(network_work(fixture->network, fixture->state, &operations), NETWORK_STEP);
  network_step(fixture->network, fixture->state, &step);
  token_step(&choice.tokens[chosen_token(fixture, t)], &expected);
  assert_memory_equal(&step, &expected, sizeof(step));
}

// Compose all steps from a reset state.
static void
compose(const struct fixture *const fixture, const uint32_t budget, float logits[STEPS][VOCABULARY])
{
  network_reset(fixture->network, fixture->state);
  for (uint32_t t = 0; t < STEPS; ++t) {
    feed(fixture, t);
    choose(fixture, t, budget, logits[t]);
  }
}

static void
all_lists_of_layers_follow_the_formulas(void **const state)
{
  (void)state;
  for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); ++i) {
    struct fixture *const fixture = fixture_new(lists[i]);
    compose(fixture, UINT32_MAX, fixture->logits);
    double worst = 0.0;
    for (uint32_t t = 0; t < STEPS; ++t) {
      uint16_t window[CONTEXT];
      double expected[VOCABULARY];
      for (uint32_t j = 0; j < CONTEXT; ++j) {
        const uint32_t age = CONTEXT - j;
        window[j] = (uint16_t)(age > t ? TOKEN_START : chosen_token(fixture, t - age));
      }
      assert_int_equal(windowed_reference_run(fixture->file, &fixture->sizes, window, expected), 0);
      for (uint32_t j = 0; j < fixture->vocabulary.count; ++j) {
        worst = fmax(worst, fabs(expected[j] - (double)fixture->logits[t][j]));
      }
    }
    print_message("%s: largest difference %.2g\n", lists[i], worst);
    assert_true(worst < 1e-5);
    fixture_free(fixture);
  }
}

static void
slices_of_any_size_give_the_same_bits(void **const state)
{
  (void)state;
  static const uint32_t budgets[] = {1, 100, 1000, 12345};
  for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); ++i) {
    struct fixture *const fixture = fixture_new(lists[i]);
    compose(fixture, UINT32_MAX, fixture->logits);
    for (size_t j = 0; j < sizeof(budgets) / sizeof(*budgets); ++j) {
      compose(fixture, budgets[j], fixture->others);
      assert_memory_equal(fixture->logits, fixture->others, sizeof(fixture->logits));
    }
    fixture_free(fixture);
  }
}

static void
all_instruction_sets_give_the_same_bits(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(article);
  struct windowed *const windowed = (struct windowed *)fixture->network;
  compose(fixture, 777, fixture->logits);
  for (unsigned set = 0; set <= KERNEL_NEON; ++set) {
    windowed->kernels = kernels_of((enum kernel_set)set);
    if (windowed->kernels) {
      compose(fixture, 777, fixture->others);
      assert_memory_equal(fixture->logits, fixture->others, sizeof(fixture->logits));
    }
  }
  fixture_free(fixture);
}

static void
replay_goes_on_as_composing_would_have_and_costs_nothing(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(article);
  compose(fixture, UINT32_MAX, fixture->logits);
  for (uint32_t last = 0; last < STEPS; last += 3) {
    network_reset(fixture->network, fixture->state);
    for (uint32_t t = 0; t < last; ++t) {
      uint32_t operations = 1;
      feed(fixture, t);
      assert_true(network_absorb(fixture->network, fixture->state, &operations));
      assert_int_equal(operations, 1);
    }
    feed(fixture, last);
    choose(fixture, last, 500, fixture->others[0]);
    assert_memory_equal(fixture->logits[last], fixture->others[0], sizeof(fixture->others[0]));
  }
  fixture_free(fixture);
}

static void
steps_taken_back_are_as_if_they_had_not_been(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(article);
  compose(fixture, UINT32_MAX, fixture->logits);
  for (uint32_t last = 1; last < STEPS; last += 2) {
    for (uint32_t back = 1; back <= last; back += 1 + back / 4) {
      network_reset(fixture->network, fixture->state);
      for (uint32_t t = 0; t < last; ++t) {
        feed(fixture, t);
      }
      assert_true(network_rewind(fixture->network, fixture->state, back));
      feed(fixture, last - back);
      choose(fixture, last - back, UINT32_MAX, fixture->others[0]);
      assert_memory_equal(fixture->logits[last - back], fixture->others[0], sizeof(fixture->others[0]));
    }
  }
  assert_false(network_rewind(fixture->network, fixture->state, STEPS + 1));
  fixture_free(fixture);
}

static void
a_token_costs_what_it_says_and_slices_overrun_by_less_than_they_may(void **const state)
{
  (void)state;
  for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); ++i) {
    struct fixture *const fixture = fixture_new(lists[i]);
    uint32_t operations = UINT32_MAX;
    feed(fixture, 0);
    assert_int_equal(network_work(fixture->network, fixture->state, &operations), NETWORK_CHOICE);
    assert_int_equal(UINT32_MAX - operations, fixture->network->step_operations);
    fixture_free(fixture);
  }
  const struct windowed largest = {.sizes = {.context = 512}};
  const struct windowed_part part = {.size = 1024, .input = 2048, .output = 2048};
  const struct windowed_part attention = {.size = 256, .input = 2048, .output = 2048};
  for (unsigned phase = 0; phase < WINDOW_CHOICE; ++phase) {
    const bool attends = phase >= WINDOW_KEY && phase <= WINDOW_ATTEND;
    assert_in_range(windowed_piece_cost(&largest, attends ? &attention : &part, (enum window_phase)phase, WINDOW_BATCH),
                    1, NETWORK_SLICE);
  }
}

static void
music_without_a_token_is_left_out_or_taken_for_the_nearest(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(article);
  const struct moment moment = {.metre = {4, 4}};
  struct step unknown;
  struct step close;
  token_step(&(struct token){.duration = 24, .count = 1, .pitches = {108}}, &unknown);
  token_step(&(struct token){.duration = 11, .count = 1, .pitches = {62}}, &close); // The theme has it with 12
  compose(fixture, UINT32_MAX, fixture->logits);
  const struct windowed_state *const inside = (const struct windowed_state *)fixture->state;
  uint16_t before[CONTEXT];
  memcpy(before, inside->window, sizeof(before));
  network_feed(fixture->network, fixture->state, &unknown, &moment);
  assert_memory_equal(before, inside->window, sizeof(before));
  network_feed(fixture->network, fixture->state, &close, &moment);
  const struct token *const newest = &fixture->vocabulary.tokens[inside->window[CONTEXT - 1]];
  assert_memory_equal(before + 1, inside->window, sizeof(before) - sizeof(*before));
  assert_int_equal(newest->duration, 12);
  assert_int_equal(newest->pitches[0], 62);
  fixture_free(fixture);
}

// Composing

static struct composer *
composer_start(struct weights *const weights)
{
  struct composer *composer = NULL;
  assert_int_equal(composer_new(&composer, NULL), STATUS_SUCCESS);
  assert_null(composer_set_weights(composer, weights));
  composer_set_controls(composer, &(struct controls){.sampling = {1.0F, 1.0F}, .seed = 7, .look_ahead = 40 * 96});
  composer_locate(composer, (struct position){0}, (struct metre){4, 4});
  return composer;
}

static void
fill(struct composer *const composer, const uint32_t budget)
{
  while (!composer_is_filled(composer)) {
    assert_true(composer_work(composer, budget) > 0 || composer_is_filled(composer)); // Older music may have filled it
  }
}

// Write the take's notes and rests of the first 40 bars; return how many there are.
static size_t
take_list(struct composer *const composer, struct take_note *const notes, const size_t room)
{
  size_t count = 0;
  struct take *const take = composer_take(composer);
  for (uint32_t bar = 0; bar < 40; ++bar) {
    const struct take_bar *const found = take_bar(take, bar);
    for (uint32_t i = found ? found->first : TAKE_NONE; i != TAKE_NONE; i = take_note(take, i)->next) {
      assert_true(count < room);
      notes[count] = *take_note(take, i);
      notes[count++].next = 0;
    }
  }
  return count;
}

static void
the_composer_plays_it_alike_in_all_slices_and_after_coming_back(void **const state)
{
  (void)state;
  enum { ROOM = 4000 };
  static struct take_note whole[ROOM];
  static struct take_note cut[ROOM];
  struct fixture *const fixture = fixture_new(article);
  struct weights *weights = NULL;
  struct error error = {0};
  assert_int_equal(weights_load(fixture->path, &weights, &error), STATUS_SUCCESS);
  struct composer *const composer = composer_start(weights);
  fill(composer, UINT32_MAX / 2);
  const size_t count = take_list(composer, whole, ROOM);
  assert_true(count > 100);
  composer_free(composer);

  // In slices, leaving in the middle and coming back, which replays
  struct composer *const again = composer_start(weights);
  while (composer_ready(again).bar < 20) {
    composer_work(again, 3000);
  }
  composer_locate(again, (struct position){.bar = 500}, (struct metre){4, 4});
  composer_work(again, 1000000);
  composer_locate(again, (struct position){0}, (struct metre){4, 4});
  fill(again, 3000);
  assert_int_equal(take_list(again, cut, ROOM), count);
  for (size_t i = 0; i < count; ++i) {
    assert_memory_equal(&whole[i].event, &cut[i].event, sizeof(cut[i].event));
    assert_int_equal(whole[i].tick, cut[i].tick);
    assert_int_equal(whole[i].rest, cut[i].rest);
    assert_int_equal(whole[i].joined, cut[i].joined);
  }
  composer_free(again);
  weights_free(weights);
  fixture_free(fixture);
}

static void
what_it_composes_is_tokens_and_never_an_end_or_a_long_silence(void **const state)
{
  (void)state;
  enum { ROOM = 4000 };
  static struct take_note notes[ROOM];
  struct fixture *const fixture = fixture_new(article);
  struct weights *weights = NULL;
  assert_int_equal(weights_load(fixture->path, &weights, NULL), STATUS_SUCCESS);
  struct composer *const composer = composer_start(weights);
  fill(composer, 20000);
  const size_t count = take_list(composer, notes, ROOM);
  uint32_t silence = 0;
  uint32_t chords = 0;
  uint32_t rests = 0;
  for (size_t i = 0; i < count; ++i) {
    silence = notes[i].rest ? silence + notes[i].event.advance : 0;
    assert_in_range(silence, 0, ADVANCE_BARS * 96);
    assert_in_range(notes[i].event.advance, 0, ADVANCE_BARS * 96);
    assert_true(notes[i].rest || event_is_valid(&notes[i].event));
    chords += notes[i].joined;
    rests += notes[i].rest;
  }
  assert_true(chords > 0 && rests > 0);
  composer_free(composer);
  weights_free(weights);
  fixture_free(fixture);
}

static void
tokens_that_may_not_come_are_barred_and_one_stays_open(void **const state)
{
  (void)state;
  static const struct token tokens[] = {{0},
                                        {0},
                                        {.duration = 96},
                                        {.duration = 192},
                                        {.duration = 6, .count = 1, .pitches = {60}},
                                        {.duration = 288, .count = 1, .pitches = {60}}};
  enum { COUNT = sizeof(tokens) / sizeof(*tokens) };
  const float logits[COUNT] = {0};
  const struct choice choice = {.field = FIELD_TOKEN, .classes = COUNT, .logits = logits, .tokens = tokens};
  static const struct {
    struct chord chord;
    struct metre metre;
    uint8_t allowed[COUNT];
  } cases[] = {
      {{0}, {4, 4}, {0, 0, 1, 1, 1, 0}},
      {{.silence = 96}, {4, 4}, {0, 0, 1, 0, 1, 0}},
      {{.silence = 192}, {4, 4}, {0, 0, 0, 0, 1, 0}},
      {{0}, {2, 4}, {0, 0, 1, 0, 1, 0}},
      {{0}, {1, 32}, {0, 0, 0, 0, 1, 0}},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); ++i) {
    uint8_t allowed[COUNT];
    constraints_allow(&cases[i].chord, &choice, cases[i].metre, &(struct limits){0}, allowed);
    assert_memory_equal(allowed, cases[i].allowed, sizeof(allowed));
  }
  struct chord chord = {0};
  chord_follow(&chord, &(struct step){.advance = 24});
  chord_follow(&chord, &(struct step){.advance = 12});
  assert_int_equal(chord.silence, 36);
  chord_follow(&chord, &(struct step){.count = 1, .advance = 12});
  assert_int_equal(chord.silence, 0);
}

// Files

static void
a_file_that_disagrees_with_itself_is_refused(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(article);
  static const char *const networks[] = {
      "{\"kind\": \"windowed\", \"layers\": \"index, bilstm:32, softmax\", \"context\": 9, \"vocabulary\": 8000}",
      "{\"kind\": \"windowed\", \"layers\": \"index, lstm:1024, softmax\", \"context\": 9, \"vocabulary\": 30}",
      "{\"kind\": \"windowed\", \"layers\": \"article\", \"context\": 1000, \"vocabulary\": 30}",
      NULL, // This one is good
  };
  for (size_t i = 0; i < sizeof(networks) / sizeof(*networks); ++i) {
    struct tensor tensors[WINDOWED_TENSORS];
    const size_t count = safetensors_count(fixture->file);
    for (size_t j = 0; j < count; ++j) {
      tensors[j] = *safetensors_tensor(fixture->file, j);
    }
    const struct metadata metadata[] = {
        {"format", "ritornello-1"},
        {"styles", "[]"},
        {"vocabulary", safetensors_metadata(fixture->file, "vocabulary")},
        {"network", networks[i] ? networks[i] : safetensors_metadata(fixture->file, "network")},
    };
    assert_int_equal(safetensors_write(fixture->path, metadata, 4, tensors, count, NULL), STATUS_SUCCESS);
    struct weights *weights = NULL;
    struct error error = {0};
    assert_true((weights_load(fixture->path, &weights, &error) == STATUS_SUCCESS) == !networks[i]);
    assert_true(!networks[i] == !error.text[0]);
    weights_free(weights);
  }
  fixture_free(fixture);
}

// Of a network without recurrence before its attention, equal tokens are looked at equally.
static void
attention_is_told_token_by_token_from_the_last_back(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new("index, attention:16, lstm:16, softmax");
  float shares[CONTEXT + 1];
  assert_int_equal(network_attention(fixture->network, fixture->state, 0, shares, CONTEXT), 0);
  for (uint32_t t = 0; t < CONTEXT / 2; ++t) {
    feed(fixture, t);
    assert_int_equal(network_attention(fixture->network, fixture->state, 0, shares, CONTEXT), 0); // Not yet
    choose(fixture, t, UINT32_MAX, fixture->logits[t]);
    assert_int_equal(network_attention(fixture->network, fixture->state, 0, shares, CONTEXT + 1), CONTEXT);
    double sum = 0.0;
    for (uint32_t age = 0; age < CONTEXT; ++age) {
      sum += (double)shares[age];
      const uint32_t token = age < t ? chosen_token(fixture, t - 1 - age) : TOKEN_START;
      for (uint32_t other = 0; other < age; ++other) {
        const bool are_equal = token == (other < t ? chosen_token(fixture, t - 1 - other) : TOKEN_START);
        assert_int_equal(fabsf(shares[age] - shares[other]) < 1e-7F, are_equal);
      }
    }
    assert_true(fabs(sum - 1.0) < 1e-4);
  }
  float piece[2];
  assert_int_equal(network_attention(fixture->network, fixture->state, CONTEXT - 1, piece, 2), 1);
  assert_true(piece[0] == shares[CONTEXT - 1]);
  fixture_free(fixture);

  struct fixture *const plain = fixture_new("index, lstm:16, softmax");
  feed(plain, 0);
  choose(plain, 0, UINT32_MAX, plain->logits[0]);
  assert_int_equal(network_attention(plain->network, plain->state, 0, shares, CONTEXT), 0);
  fixture_free(plain);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(attention_is_told_token_by_token_from_the_last_back),
      cmocka_unit_test(all_lists_of_layers_follow_the_formulas),
      cmocka_unit_test(slices_of_any_size_give_the_same_bits),
      cmocka_unit_test(all_instruction_sets_give_the_same_bits),
      cmocka_unit_test(replay_goes_on_as_composing_would_have_and_costs_nothing),
      cmocka_unit_test(steps_taken_back_are_as_if_they_had_not_been),
      cmocka_unit_test(a_token_costs_what_it_says_and_slices_overrun_by_less_than_they_may),
      cmocka_unit_test(music_without_a_token_is_left_out_or_taken_for_the_nearest),
      cmocka_unit_test(the_composer_plays_it_alike_in_all_slices_and_after_coming_back),
      cmocka_unit_test(what_it_composes_is_tokens_and_never_an_end_or_a_long_silence),
      cmocka_unit_test(tokens_that_may_not_come_are_barred_and_one_stays_open),
      cmocka_unit_test(a_file_that_disagrees_with_itself_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
