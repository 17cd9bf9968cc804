// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The `streaming` network: it computes its formulas, the same to the bit however the work is cut, whatever the processor,
// and whether it composes or replays.

#include "engine/network_streaming.h"
#include "engine/network_streaming_private.h"
#include "engine/random.h"
#include "random_weights.h"
#include "streaming_reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 70, LOGITS = STEPS * REFERENCE_LOGITS };

static const struct streaming_sizes with_all = {32, 48, 16, 3, 16, 32, 64, 4, 20, 5};
static const struct streaming_sizes one_directional = {16, 32, 0, 4, 32, 64, 32, 16, 32, 7};
static const struct streaming_sizes without_attention = {48, 16, 0, 0, 16, 16, 16, 2, 16, 0};
static const struct streaming_sizes one_segment = {32, 16, 16, 2, 16, 16, 16, 16, 16, 1};
static const struct streaming_sizes long_memory = {16, 16, 32, 2, 16, 16, 16, 7, 84, 1};

// A network of random weights, and some random music with its places.
struct fixture {
  struct streaming_sizes sizes;
  struct safetensors *file;
  struct network *network;
  struct network_state *state;
  struct event events[STEPS];
  struct moment moments[STEPS];
  float logits[LOGITS];
  float others[LOGITS];
};

static void
music_make(struct fixture *const fixture)
{
  static const struct metre metres[] = {{4, 4}, {3, 8}, {2, 2}, {32, 32}};
  uint32_t bar = 3;
  for (uint32_t t = 0; t < STEPS; ++t) {
    for (unsigned field = 0; field < FIELD_COUNT; ++field) {
      const uint32_t chosen = random_below(field + 10, t, field_classes((enum field)field));
      event_set_class(&fixture->events[t], (enum field)field, chosen);
    }
    bar += random_below(1, t, 4) ? 0 : random_below(2, t, 40);
    const struct metre metre = metres[random_below(3, t, 4)];
    fixture->moments[t] = (struct moment){
        .bar = bar,
        .tick = (uint16_t)random_below(4, t, metre_bar_ticks(metre)),
        .metre = metre,
        .conditions = {(uint8_t)random_below(5, t, fixture->sizes.styles + 1),
                       (uint8_t)random_below(6, t, KEY_COUNT + 1), (uint8_t)random_below(7, t, DENSITY_STEPS + 1),
                       (uint8_t)random_below(8, t, METRE_CLASSES)},
    };
  }
}

static struct fixture *
fixture_new(const struct streaming_sizes *const sizes)
{
  struct fixture *const fixture = calloc(1, sizeof(*fixture));
  fixture->sizes = *sizes;
  fixture->file = random_weights_read(sizes, 11, 0.3F, DTYPE_F32);
  assert_non_null(fixture->file);
  assert_int_equal(network_streaming_new(fixture->file, "random weights", &fixture->network, NULL), STATUS_SUCCESS);
  fixture->state = network_state_new(fixture->network);
  network_reset(fixture->network, fixture->state);
  music_make(fixture);
  return fixture;
}

static void
fixture_free(struct fixture *const fixture)
{
  network_state_free(fixture->state);
  fixture->network->class_->free(fixture->network);
  safetensors_free(fixture->file);
  free(fixture);
}

// Work in slices of `budget` until something waits.
static enum network_progress
work(const struct fixture *const fixture, const uint32_t budget)
{
  enum network_progress progress = NETWORK_WORKING;
  while (progress == NETWORK_WORKING) {
    uint32_t operations = budget;
    progress = network_work(fixture->network, fixture->state, &operations);
    assert_true(progress != NETWORK_WORKING || operations == 0);
  }
  return progress;
}

static void
feed(const struct fixture *const fixture, const uint32_t t)
{
  struct step step = {.count = 1};
  if (t) {
    step.notes[0] = fixture->events[t - 1];
    step.advance = fixture->events[t - 1].advance;
  }
  network_feed(fixture->network, fixture->state, t ? &step : NULL, &fixture->moments[t]);
}

// Let the network choose event t in slices of `budget`, and note its logits.
static void
choose(const struct fixture *const fixture, const uint32_t t, const uint32_t budget, float *logits)
{
  for (unsigned field = 0; field < FIELD_COUNT; ++field) {
    struct choice choice;
    assert_int_equal(work(fixture, budget), NETWORK_CHOICE);
    network_choice(fixture->network, fixture->state, &choice);
    assert_int_equal(choice.field, field);
    assert_int_equal(choice.classes, field_classes((enum field)field));
    memcpy(logits, choice.logits, choice.classes * sizeof(float));
    logits += choice.classes;
    network_choose(fixture->network, fixture->state, event_class(&fixture->events[t], (enum field)field));
  }
  struct step step;
  assert_int_equal(work(fixture, budget), NETWORK_STEP);
  network_step(fixture->network, fixture->state, &step);
  assert_int_equal(step.count, 1);
  assert_int_equal(step.advance, fixture->events[t].advance);
  for (unsigned field = 0; field < FIELD_COUNT; ++field) {
    assert_int_equal(event_class(&step.notes[0], (enum field)field),
                     event_class(&fixture->events[t], (enum field)field));
  }
}

// Compose all steps from a reset state.
static void
compose(const struct fixture *const fixture, const uint32_t budget, float logits[LOGITS])
{
  network_reset(fixture->network, fixture->state);
  for (uint32_t t = 0; t < STEPS; ++t) {
    feed(fixture, t);
    choose(fixture, t, budget, logits + (size_t)t * REFERENCE_LOGITS);
  }
}

static void
assert_follows_the_formulas(const struct streaming_sizes *const sizes)
{
  struct fixture *const fixture = fixture_new(sizes);
  double *const expected = calloc(LOGITS, sizeof(*expected));
  double attention[STEPS] = {0.0};
  float seen[STEPS] = {0.0F};
  assert_int_equal(reference_run(fixture->file, sizes, fixture->events, fixture->moments, STEPS, expected, attention),
                   0);
  compose(fixture, UINT32_MAX, fixture->logits);
  double worst = 0.0;
  for (size_t i = 0; i < LOGITS; ++i) {
    worst = fmax(worst, fabs(expected[i] - fixture->logits[i]));
    assert_true(fabs(expected[i] - fixture->logits[i]) < 1e-4);
  }
  const uint32_t slots = sizes->memory < STEPS - 1 ? sizes->memory : STEPS - 1;
  const uint32_t count = network_attention(fixture->network, fixture->state, 0, seen, STEPS);
  assert_int_equal(count, sizes->heads ? slots : 0);
  for (uint32_t i = 0; i < count; ++i) {
    assert_true(fabs(attention[i] - seen[i]) < 1e-5);
  }
  print_message("largest difference %.2g\n", worst);
  free(expected);
  fixture_free(fixture);
}

static void
all_of_it_follows_the_formulas(void **const state)
{
  (void)state;
  assert_follows_the_formulas(&with_all);
}

static void
without_a_backward_encoder_it_follows_the_formulas(void **const state)
{
  (void)state;
  assert_follows_the_formulas(&one_directional);
}

static void
without_attention_it_follows_the_formulas(void **const state)
{
  (void)state;
  assert_follows_the_formulas(&without_attention);
}

static void
a_memory_that_does_not_fill_follows_the_formulas(void **const state)
{
  (void)state;
  assert_follows_the_formulas(&long_memory);
}

static void
a_memory_of_one_segment_follows_the_formulas(void **const state)
{
  (void)state;
  assert_follows_the_formulas(&one_segment);
}

static void
slices_of_any_size_give_the_same_bits(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(&with_all);
  static const uint32_t budgets[] = {1, 100, 1000, 12345};
  compose(fixture, UINT32_MAX, fixture->logits);
  for (size_t i = 0; i < sizeof(budgets) / sizeof(*budgets); ++i) {
    compose(fixture, budgets[i], fixture->others);
    assert_memory_equal(fixture->logits, fixture->others, sizeof(fixture->logits));
  }
  fixture_free(fixture);
}

static void
all_instruction_sets_give_the_same_bits(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(&with_all);
  struct streaming *const streaming = (struct streaming *)fixture->network;
  compose(fixture, 777, fixture->logits);
  for (unsigned set = 0; set <= KERNEL_NEON; ++set) {
    streaming->kernels = kernels_of((enum kernel_set)set);
    if (streaming->kernels) {
      compose(fixture, 777, fixture->others);
      assert_memory_equal(fixture->logits, fixture->others, sizeof(fixture->logits));
    }
  }
  fixture_free(fixture);
}

static void
replay_goes_on_as_composing_would_have(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(&with_all);
  compose(fixture, UINT32_MAX, fixture->logits);
  for (uint32_t last = 0; last < STEPS; last += 3) {
    network_reset(fixture->network, fixture->state);
    for (uint32_t t = 0; t < last; ++t) {
      uint32_t operations = 300;
      feed(fixture, t);
      while (!network_absorb(fixture->network, fixture->state, &operations)) {
        assert_int_equal(operations, 0);
        operations = 300;
      }
    }
    feed(fixture, last);
    choose(fixture, last, 500, fixture->others);
    assert_memory_equal(fixture->logits + (size_t)last * REFERENCE_LOGITS, fixture->others,
                        REFERENCE_LOGITS * sizeof(float));
  }
  fixture_free(fixture);
}

// Feed steps `first` to before `end` without choices; a last step in the midst of its work if `is_interrupted`.
static void
absorb(const struct fixture *const fixture, const uint32_t first, const uint32_t end, const bool is_interrupted)
{
  for (uint32_t t = first; t < end; ++t) {
    uint32_t operations = is_interrupted && t + 1 == end ? 2000 : UINT32_MAX;
    feed(fixture, t);
    network_absorb(fixture->network, fixture->state, &operations);
  }
}

// Go back from everywhere to everywhere, and on.
static void
assert_steps_can_be_taken_back(const struct streaming_sizes *const sizes)
{
  struct fixture *const fixture = fixture_new(sizes);
  compose(fixture, UINT32_MAX, fixture->logits);
  for (uint32_t last = 2; last < STEPS; last += 5) {
    for (uint32_t back = 1; back <= last; back += 1 + back / 4) {
      network_reset(fixture->network, fixture->state);
      absorb(fixture, 0, last, back % 2 == 0);
      assert_true(network_rewind(fixture->network, fixture->state, back));
      uint32_t t = last - back;
      for (; t + 1 < STEPS && t < last + 3; ++t) {
        absorb(fixture, t, t + 1, false);
      }
      feed(fixture, t);
      choose(fixture, t, UINT32_MAX, fixture->others);
      assert_memory_equal(fixture->logits + (size_t)t * REFERENCE_LOGITS, fixture->others,
                          REFERENCE_LOGITS * sizeof(float));
    }
  }
  assert_false(network_rewind(fixture->network, fixture->state, 2 * STEPS));
  fixture_free(fixture);
}

static void
steps_taken_back_are_as_if_they_had_not_been(void **const state)
{
  (void)state;
  assert_steps_can_be_taken_back(&with_all);
  assert_steps_can_be_taken_back(&one_directional);
  assert_steps_can_be_taken_back(&without_attention);
  assert_steps_can_be_taken_back(&one_segment);
  assert_steps_can_be_taken_back(&long_memory);
}

static void
as_many_steps_as_promised_can_be_taken_back(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(&with_all);
  const uint32_t last = STEPS - 1;
  network_reset(fixture->network, fixture->state);
  absorb(fixture, 0, STEPS, false);
  for (uint32_t i = 0; i < 3 * NETWORK_REWIND; ++i) { // Round and round, so that all rings overflow
    absorb(fixture, 1 + i % last, 2 + i % last, false);
    if (i == 2 * NETWORK_REWIND) {
      uint32_t operations = UINT32_MAX;
      network_absorb(fixture->network, fixture->state, &operations);
      feed(fixture, 2 + i % last);
      choose(fixture, 2 + i % last, UINT32_MAX, fixture->logits);
      network_rewind(fixture->network, fixture->state, 1);
    }
  }
  assert_false(network_rewind(fixture->network, fixture->state, NETWORK_REWIND + 1));
  const uint32_t back = NETWORK_REWIND - 1; // The state after i == 2 * NETWORK_REWIND
  assert_true(network_rewind(fixture->network, fixture->state, back));
  feed(fixture, 2 + 2 * NETWORK_REWIND % last);
  choose(fixture, 2 + 2 * NETWORK_REWIND % last, UINT32_MAX, fixture->others);
  assert_memory_equal(fixture->logits, fixture->others, REFERENCE_LOGITS * sizeof(float));
  fixture_free(fixture);
}

static void
a_reset_forgets_everything(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(&with_all);
  compose(fixture, UINT32_MAX, fixture->logits);
  compose(fixture, UINT32_MAX, fixture->others);
  assert_memory_equal(fixture->logits, fixture->others, sizeof(fixture->logits));
  fixture_free(fixture);
}

static void
what_fell_out_of_memory_can_not_be_seen(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(&with_all);
  float seen[STEPS];
  for (uint32_t t = 0; t < STEPS; ++t) {
    uint32_t operations = UINT32_MAX;
    feed(fixture, t);
    assert_int_equal(network_attention(fixture->network, fixture->state, 0, seen, STEPS), 0);
    assert_true(network_absorb(fixture->network, fixture->state, &operations));
    const uint32_t count = network_attention(fixture->network, fixture->state, 0, seen, STEPS);
    assert_int_equal(count, t < with_all.memory ? t : with_all.memory);
  }
  assert_int_equal(network_attention(fixture->network, fixture->state, 0, seen, 5), 5);

  // In pieces it is the same
  const uint32_t count = network_attention(fixture->network, fixture->state, 0, seen, STEPS);
  float piece[3];
  for (uint32_t first = 0; first < count + 3; first += 3) {
    const uint32_t part = network_attention(fixture->network, fixture->state, first, piece, 3);
    assert_int_equal(part, first >= count ? 0 : count - first < 3 ? count - first : 3);
    assert_memory_equal(piece, seen + first, part * sizeof(float));
  }
  fixture_free(fixture);
}

static void
a_step_costs_no_more_than_it_says_and_replay_less(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(&with_all);
  const uint32_t first = 40;
  uint64_t spent = 0;
  uint64_t spent_on_replay = 0;
  for (uint32_t t = 0; t < first + with_all.segment; ++t) {
    uint32_t operations = UINT32_MAX;
    feed(fixture, t);
    assert_true(network_absorb(fixture->network, fixture->state, &operations));
    spent_on_replay += t < first ? 0 : UINT32_MAX - operations;
    while (network_work(fixture->network, fixture->state, &operations) == NETWORK_CHOICE) {
      network_choose(fixture->network, fixture->state, 1);
    }
    spent += t < first ? 0 : UINT32_MAX - operations;
  }
  const uint64_t said = (uint64_t)fixture->network->step_operations * with_all.segment;
  assert_true(spent <= said && spent > said * 3 / 4);
  assert_true(spent_on_replay < spent);
  fixture_free(fixture);
}

static void
a_slice_overruns_by_less_than_it_may(void **const state)
{
  (void)state;
  static const struct streaming_sizes largest = {1024, 1024, 1024, 16, 256, 256, 1024, 128, 16384, 64};
  struct streaming network = {.sizes = largest};
  network.forward.padded = network.backward.padded = 2048;
  network.decoder.padded = 1024 + 16 * 256 + 1024;
  for (unsigned phase = 0; phase < PHASE_CHOICE; ++phase) {
    assert_in_range(streaming_piece_cost(&network, (enum phase)phase), 0, NETWORK_SLICE);
  }
}

static void
rests_and_a_missing_start_do_no_harm(void **const state)
{
  (void)state;
  struct fixture *const fixture = fixture_new(&with_all);
  const struct step rest = {.count = 0, .advance = 24};
  for (uint32_t t = 0; t < 9; ++t) {
    network_feed(fixture->network, fixture->state, &rest, &fixture->moments[t]);
    choose(fixture, t, 1000, fixture->logits);
    for (uint32_t i = 0; i < REFERENCE_LOGITS; ++i) {
      assert_true(isfinite(fixture->logits[i]));
    }
  }
  fixture_free(fixture);
}

static void
sizes_survive_their_text(void **const state)
{
  (void)state;
  const struct streaming_sizes largest = {1024, 1024, 1024, 16, 256, 256, 1024, 128, 16384, 64};
  char text[STREAMING_TEXT_SIZE];
  struct streaming_sizes back;
  streaming_sizes_format(&largest, text);
  assert_int_equal(streaming_sizes_parse(text, &back, NULL), STATUS_SUCCESS);
  assert_memory_equal(&largest, &back, sizeof(back));
}

static void
bad_sizes_are_refused_with_a_sentence(void **const state)
{
  (void)state;
  static const char *const rest =
      "\"hidden\": 32, \"heads\": 2, \"key\": 16, \"value\": 16, \"dense\": 16, \"segment\": 16, ";
  static const char *const ends[] = {
      "\"embedding\": 16, \"backward\": 0, \"memory\": 16, \"styles\": 1",
      "\"embedding\": 17, \"backward\": 0, \"memory\": 16, \"styles\": 1",
      "\"embedding\": 0, \"backward\": 0, \"memory\": 16, \"styles\": 1",
      "\"embedding\": 4294967312, \"backward\": 0, \"memory\": 16, \"styles\": 1",
      "\"embedding\": -16, \"backward\": 0, \"memory\": 16, \"styles\": 1",
      "\"embedding\": 16.0, \"backward\": 0, \"memory\": 16, \"styles\": 1",
      "\"embedding\": 16, \"backward\": 0, \"memory\": 24, \"styles\": 1",
      "\"embedding\": 16, \"backward\": 0, \"memory\": 16, \"styles\": 65",
      "\"embedding\": 16, \"backward\": 0, \"memory\": 16",
      "\"embedding\": 16, \"backward\": 0, \"memory\": 16, \"styles\": 1, \"more\": 1",
      "\"embedding\": 16, \"backward\": 0, \"memory\": 16, \"styles\": 1, \"styles\": 1",
      "\"embedding\": 16, \"backward\": 0, \"memory\": 16, \"styles\": 1, \"kind\": \"windowed\"",
  };
  for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); ++i) {
    char text[STREAMING_TEXT_SIZE];
    struct streaming_sizes sizes;
    struct error error = {0};
    const char *const kind = strstr(ends[i], "kind") ? "" : "\"kind\": \"streaming\", ";
    snprintf(text, sizeof(text), "{%s%s%s}", kind, rest, ends[i]);
    const enum status status = streaming_sizes_parse(text, &sizes, &error);
    assert_true((status == STATUS_SUCCESS) == (i == 0));
    assert_true(i == 0 || error.text[0]);
  }
  struct streaming_sizes sizes = without_attention;
  sizes.backward = 16;
  assert_int_equal(streaming_sizes_check(&sizes, NULL), STATUS_BAD_VALUE);
}

static void
distances_are_exact_near_by_and_coarser_far_away(void **const state)
{
  (void)state;
  unsigned before = 0;
  for (int64_t bars = 0; bars < 3000; ++bars) {
    const unsigned distance = attention_distance_class(bars);
    assert_true(bars > 31 || distance == (unsigned)bars);
    assert_true(distance == before || distance == before + 1);
    before = distance;
  }
  assert_int_equal(before, ATTENTION_DISTANCES - 1);
  assert_int_equal(attention_distance_class(-5), 0);
  assert_int_equal(attention_distance_class(INT64_MAX), ATTENTION_DISTANCES - 1);
  assert_int_equal(attention_distance_class(35), 32);
  assert_int_equal(attention_distance_class(36), 33);
  assert_int_equal(attention_distance_class(40), 34);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_of_it_follows_the_formulas),
      cmocka_unit_test(without_a_backward_encoder_it_follows_the_formulas),
      cmocka_unit_test(without_attention_it_follows_the_formulas),
      cmocka_unit_test(a_memory_that_does_not_fill_follows_the_formulas),
      cmocka_unit_test(a_memory_of_one_segment_follows_the_formulas),
      cmocka_unit_test(slices_of_any_size_give_the_same_bits),
      cmocka_unit_test(all_instruction_sets_give_the_same_bits),
      cmocka_unit_test(replay_goes_on_as_composing_would_have),
      cmocka_unit_test(steps_taken_back_are_as_if_they_had_not_been),
      cmocka_unit_test(as_many_steps_as_promised_can_be_taken_back),
      cmocka_unit_test(a_reset_forgets_everything),
      cmocka_unit_test(what_fell_out_of_memory_can_not_be_seen),
      cmocka_unit_test(a_step_costs_no_more_than_it_says_and_replay_less),
      cmocka_unit_test(a_slice_overruns_by_less_than_it_may),
      cmocka_unit_test(rests_and_a_missing_start_do_no_harm),
      cmocka_unit_test(sizes_survive_their_text),
      cmocka_unit_test(bad_sizes_are_refused_with_a_sentence),
      cmocka_unit_test(distances_are_exact_near_by_and_coarser_far_away),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
