// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// States that a `streaming` network keeps: coming back to one gives the same to the bit as being told everything, whatever
// happened before and in between; and how many are kept, and in how much memory.

#include "engine/network_streaming.h"
#include "engine/network_streaming_private.h"
#include "engine/random.h"
#include "random_weights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST = 1300, PATHS = 4, ROUNDS = 40, MANY_ROUNDS = 300, WAYMARKS = 8, LOGITS = 3 * LOGITS_SIZE };

static const struct streaming_sizes with_all = {32, 48, 16, 3, 16, 32, 64, 4, 20, 5};
static const struct streaming_sizes one_directional = {16, 32, 0, 4, 32, 64, 32, 16, 32, 7};
static const struct streaming_sizes without_attention = {48, 16, 0, 0, 16, 16, 16, 2, 16, 0};
static const struct streaming_sizes one_segment = {32, 16, 16, 2, 16, 16, 16, 16, 16, 1};
static const struct streaming_sizes odd_segments = {16, 16, 32, 2, 16, 16, 16, 7, 84, 1};
static const struct streaming_sizes odd_memory = {16, 16, 0, 2, 16, 16, 16, 5, 305, 1};
static const struct streaming_sizes two_segments = {16, 16, 16, 1, 16, 16, 16, 8, 200, 1};
static const struct streaming_sizes long_segments = {16, 16, 16, 1, 16, 16, 16, 127, 254, 1};

static const struct streaming_sizes *const all[] = {
    &with_all, &one_directional, &without_attention, &one_segment, &odd_segments, &odd_memory, &two_segments,
};

// Whether it goes by waymarks, where it can.
enum far { FAR_SOMETIMES, FAR_ALWAYS, FAR_NEVER };

// Some music, as the numbers of its steps.
struct path {
  uint32_t length;
  uint32_t steps[LONGEST];
  uint64_t keys[LONGEST]; // Of the states before them
};

// A network, the state that goes about, one that is told everything, and where the first one stands.
struct walk {
  struct streaming_sizes sizes;
  struct network *network;
  struct network_state *state;
  struct network_state *told;
  struct path path;
  struct path others[PATHS]; // Where it has been
  uint64_t seed;
  uint64_t drawn;
  uint32_t restored; // How often it came back to a state that was kept,
  uint32_t far;      // and how often to a waymark
  enum far goes_far;
  float logits[LOGITS];
  float expected[LOGITS];
};

static uint32_t
below(struct walk *const walk, const uint32_t bound)
{
  return random_below(walk->seed, walk->drawn++, bound);
}

static struct walk *
walk_new(const struct streaming_sizes *const sizes, const enum dtype dtype, const uint64_t seed)
{
  struct walk *const walk = calloc(1, sizeof(*walk));
  struct safetensors *const file = random_weights_read(sizes, 11, 0.3F, dtype);
  assert_non_null(file);
  assert_int_equal(network_streaming_new(file, "random weights", &walk->network, NULL), STATUS_SUCCESS);
  safetensors_free(file);
  walk->sizes = *sizes;
  walk->state = network_state_new(walk->network);
  walk->told = network_state_new(walk->network);
  network_reset(walk->network, walk->state);
  network_reset(walk->network, walk->told);
  walk->seed = seed;
  return walk;
}

static void
walk_free(struct walk *const walk)
{
  network_state_free(walk->told);
  network_state_free(walk->state);
  walk->network->class_->free(walk->network);
  free(walk);
}

// Step `number`: one note, or, one in ten, none.
static struct step
step_of(const uint32_t number)
{
  struct step step = {.count = random_below(1, number, 10) > 0};
  for (unsigned field = 0; field < FIELD_COUNT; ++field) {
    const uint32_t chosen = random_below(field + 10, number, field_classes((enum field)field));
    event_set_class(&step.notes[0], (enum field)field, chosen);
  }
  step.advance = step.notes[0].advance;
  return step;
}

// The moment at which step `number` begins; a step may come more than once.
static struct moment
moment_of(const struct walk *const walk, const uint32_t number)
{
  return (struct moment){
      .bar = 2 + number % 4,
      .tick = (uint16_t)random_below(4, number, 96),
      .metre = {4, 4},
      .conditions = {.style = (uint8_t)random_below(5, number, walk->sizes.styles + 1),
                     .key = (uint8_t)random_below(6, number, KEY_COUNT + 1)},
  };
}

// Let step `number` stand in `place` of `path`.
static void
path_set(struct path *const path, const uint32_t place, const uint32_t number)
{
  path->steps[place] = number;
  path->keys[place] = random_key(place > 0 ? path->keys[place - 1] : 0, number + 1);
}

// Feed a state what comes before the step in `place`, and the moment of that.
static void
feed(const struct walk *const walk,
     struct network_state *const state,
     const struct path *const path,
     const uint32_t place)
{
  const struct step step = place > 0 ? step_of(path->steps[place - 1]) : (struct step){0};
  const struct moment moment = moment_of(walk, path->steps[place]);
  network_feed(walk->network, state, place > 0 ? &step : NULL, &moment);
}

static void
absorb(const struct walk *const walk, struct network_state *const state, const uint32_t budget)
{
  for (bool is_done = false; !is_done;) {
    uint32_t operations = budget;
    is_done = network_absorb(walk->network, state, &operations);
    assert_true(is_done || operations == 0);
  }
}

// Keep the state, which has been fed up to the step in `place`, with the number of that.
static void
keep(const struct walk *const walk, const uint32_t place)
{
  uint32_t operations = UINT32_MAX;
  network_keep(walk->network, walk->state, walk->path.keys[place], &place, sizeof(place), &operations);
}

// Go on to where the path is `length` steps long.
static void
go_on(struct walk *const walk, const uint32_t length)
{
  for (uint32_t place = walk->path.length; place < length; ++place) {
    feed(walk, walk->state, &walk->path, place);
    absorb(walk, walk->state, 1 + below(walk, 50000));
    keep(walk, place);
  }
  walk->path.length = length;
}

// Choose the first two fields, and note all logits.
static void
choose(const struct walk *const walk, struct network_state *const state, float logits[LOGITS])
{
  memset(logits, 0, LOGITS * sizeof(*logits));
  for (unsigned i = 0; i < 3; ++i) {
    uint32_t operations = UINT32_MAX;
    struct choice choice;
    assert_int_equal(network_work(walk->network, state, &operations), NETWORK_CHOICE);
    network_choice(walk->network, state, &choice);
    memcpy(logits + (size_t)i * LOGITS_SIZE, choice.logits, choice.classes * sizeof(float));
    network_choose(walk->network, state, choice.classes / 2);
  }
}

// Fail unless the state is to the bit what it would be if it had been told all of the path.
static void
assert_knows_all(struct walk *const walk)
{
  network_reset(walk->network, walk->told);
  for (uint32_t place = 0; place < walk->path.length; ++place) {
    feed(walk, walk->told, &walk->path, place);
    absorb(walk, walk->told, UINT32_MAX);
  }
  choose(walk, walk->told, walk->expected);
  choose(walk, walk->state, walk->logits);
  assert_memory_equal(walk->logits, walk->expected, sizeof(walk->logits));
}

// New steps from the path's end on, up to `length`.
static void
grow(struct walk *const walk, uint32_t length)
{
  length = length < LONGEST ? length : LONGEST;
  for (uint32_t i = walk->path.length; i < length; ++i) {
    path_set(&walk->path, i, below(walk, 200));
  }
  go_on(walk, length);
}

// Where a waymark is found: the place of the step that it is before, and the events up to there.
struct waymark {
  uint32_t place;
  uint32_t events;
};

// Go from the last waymark that is far enough from the last one to that, fed bare. Return whether there is one.
static bool
go_by_waymarks(struct walk *const walk, const struct waymark *const waymarks, const uint32_t count)
{
  uint32_t from = count;
  while (from > 0 && waymarks[from - 1].events + walk->network->reach > waymarks[count - 1].events) {
    --from;
  }
  if (from == 0) {
    return false;
  }
  const uint32_t first = waymarks[from - 1].place;
  const uint32_t last = waymarks[count - 1].place;
  network_restore(walk->network, walk->state, walk->path.keys[first], true);
  absorb(walk, walk->state, 1 + below(walk, 50000));
  walk->path.length = first + 1;
  go_on(walk, last + 1);
  network_complete(walk->network, walk->state, walk->path.keys[last]);
  keep(walk, last);
  return true;
}

// Trace `target` from the path, with which it begins, or from nothing; come back to what is found, and go on to its end.
static void
trace(struct walk *const walk, const struct path *const target, const bool is_new)
{
  struct network_trace trace;
  const uint32_t first = is_new ? 0 : walk->path.length;
  const void *luggage = NULL;
  uint32_t found = 0;
  struct waymark waymarks[WAYMARKS] = {{0, 0}};
  uint32_t waymark_count = 0;
  network_trace_begin(walk->network, walk->state, is_new, &trace);
  for (uint32_t place = first; place < target->length; ++place) {
    const struct step step = place > 0 ? step_of(target->steps[place - 1]) : (struct step){0};
    const void *const kept =
        network_trace(walk->network, walk->state, &trace, place > 0 ? &step : NULL, target->keys[place]);
    luggage = kept ? kept : luggage;
    found = kept ? place : found;
    if (trace.waymark && waymark_count < WAYMARKS) {
      waymarks[waymark_count++] = (struct waymark){place, trace.events};
    }
  }
  const uint32_t length = target->length;
  const struct path copy = *target;
  walk->path = copy;
  walk->path.length = first;
  if ((walk->goes_far == FAR_ALWAYS || (walk->goes_far == FAR_SOMETIMES && below(walk, 2) == 0)) &&
      go_by_waymarks(walk, waymarks, waymark_count)) {
    ++walk->far;
  } else if (luggage) {
    uint32_t place = 0;
    memcpy(&place, luggage, sizeof(place));
    assert_int_equal(place, found);
    network_restore(walk->network, walk->state, target->keys[found], false);
    absorb(walk, walk->state, 1 + below(walk, 50000));
    walk->path.length = found + 1;
    ++walk->restored;
  } else if (is_new) {
    network_reset(walk->network, walk->state);
  }
  go_on(walk, length);
}

// Take some steps back, as far as that can be, and, now and then, come back to them.
static void
go_back(struct walk *const walk)
{
  const struct path before = walk->path;
  const uint32_t back = below(walk, 100);
  if (back < walk->path.length && network_rewind(walk->network, walk->state, back)) {
    walk->path.length -= back;
    if (below(walk, 2)) {
      trace(walk, &before, false);
    } else if (back == 0) {
      return; // Nothing was fed that could be chosen from
    }
  }
}

// Go to where it has been, or a part of the way there.
static void
jump(struct walk *const walk)
{
  struct path *const other = &walk->others[below(walk, PATHS)];
  const struct path before = walk->path;
  if (other->length > 0) {
    other->length = below(walk, 3) ? other->length : 1 + below(walk, other->length);
    const struct path target = *other;
    trace(walk, &target, true);
  }
  *other = before;
}

static uint32_t
assert_goes_about(const struct streaming_sizes *const sizes,
                  const enum dtype dtype,
                  const uint64_t seed,
                  const uint32_t rounds)
{
  struct walk *const walk = walk_new(sizes, dtype, seed);
  for (uint32_t round = 0; round < rounds; ++round) {
    switch (below(walk, 5)) {
    case 0:
      jump(walk);
      break;
    case 1:
      go_back(walk);
      break;
    default:
      break;
    }
    if (walk->path.length == LONGEST) {
      walk->path.length = 0;
      network_reset(walk->network, walk->state);
    }
    grow(walk, walk->path.length + 1 + below(walk, 60));
    assert_knows_all(walk);
    network_rewind(walk->network, walk->state, 1); // What was chosen
    feed(walk, walk->state, &walk->path, walk->path.length - 1);
    absorb(walk, walk->state, UINT32_MAX);
  }
  const uint32_t restored = walk->restored;
  walk_free(walk);
  return restored;
}

static void
coming_back_is_as_if_all_had_been_told(void **const state)
{
  (void)state;
  for (size_t i = 0; i < sizeof(all) / sizeof(*all); ++i) {
    uint32_t restored = 0;
    for (uint64_t seed = 0; seed < 2; ++seed) {
      restored += assert_goes_about(all[i], seed % 2 ? DTYPE_F16 : DTYPE_F32, seed, ROUNDS);
    }
    print_message("network %zu came back %u times\n", i, restored);
    assert_true(restored >= 5);
  }
}

static void
coming_back_is_so_when_much_has_given_way(void **const state)
{
  (void)state;
  assert_true(assert_goes_about(&odd_memory, DTYPE_F16, 9, MANY_ROUNDS) > 30);
}

static void
coming_back_by_waymarks_is_as_if_all_had_been_told(void **const state)
{
  (void)state;
  for (size_t i = 0; i < sizeof(all) / sizeof(*all); ++i) {
    struct walk *const walk = walk_new(all[i], i % 2 ? DTYPE_F32 : DTYPE_F16, i);
    grow(walk, LONGEST - 60);
    struct path target = walk->path;
    walk->goes_far = FAR_ALWAYS;
    for (uint32_t round = 0; round < 4; ++round) {
      walk->path.length = 0;
      network_reset(walk->network, walk->state);
      grow(walk, 400); // Other music, which uses the memory
      target.length -= round * 37;
      trace(walk, &target, true);
      assert_int_equal(walk->far, round + 1);
      grow(walk, walk->path.length + 20);
      assert_knows_all(walk);
    }
    // What was fed bare is not taken for whole, but its pages are
    walk->goes_far = FAR_SOMETIMES;
    const uint32_t before = walk->restored;
    for (uint32_t round = 0; round < 12; ++round) {
      trace(walk, &target, true);
      grow(walk, walk->path.length + 20);
      assert_knows_all(walk);
      network_reset(walk->network, walk->state);
      walk->path.length = 0;
    }
    assert_true(walk->restored > before);
    walk_free(walk);
  }
}

static void
segments_that_no_page_fits_are_not_kept(void **const state)
{
  (void)state;
  assert_int_equal(assert_goes_about(&long_segments, DTYPE_F32, 1, ROUNDS), 0);
}

// Return whether `path` is found, traced from nothing to its end, and if so, where last.
static bool
is_found(const struct walk *const walk, const struct path *const path, uint32_t *const last)
{
  struct network_trace trace;
  bool is_found = false;
  network_trace_begin(walk->network, walk->state, true, &trace);
  for (uint32_t place = 0; place < path->length; ++place) {
    const struct step step = place > 0 ? step_of(path->steps[place - 1]) : (struct step){0};
    if (network_trace(walk->network, walk->state, &trace, place > 0 ? &step : NULL, path->keys[place])) {
      is_found = true;
      *last = place;
    }
  }
  return is_found;
}

static void
as_many_are_kept_as_promised_and_the_last_used_ones(void **const state)
{
  (void)state;
  struct walk *const walk = walk_new(&one_directional, DTYPE_F16, 5);
  const uint32_t notes = STREAMING_KEPT + one_directional.memory;
  uint32_t last = 0;
  uint32_t played = 0;
  grow(walk, 200);
  const struct path old = walk->path;
  assert_true(is_found(walk, &old, &last));
  for (uint32_t fed = 0; fed + LONGEST < notes; fed += LONGEST) { // Rests among them
    walk->path.length = 0;
    network_reset(walk->network, walk->state);
    grow(walk, LONGEST);
    played = fed + LONGEST;
    assert_true(is_found(walk, &walk->path, &last));
    assert_true(is_found(walk, &old, &last));
  }
  const struct path first = walk->path; // From here on nobody asks for the old one
  for (uint32_t fed = 0; fed < played + 3 * LONGEST; fed += LONGEST) {
    walk->path.length = 0;
    network_reset(walk->network, walk->state);
    grow(walk, LONGEST);
    assert_true(is_found(walk, &walk->path, &last));
    assert_true(last + 2 * 16 > LONGEST);
  }
  assert_false(is_found(walk, &old, &last));
  assert_false(is_found(walk, &first, &last));
  trace(walk, &old, true);
  assert_knows_all(walk);
  walk_free(walk);
}

// Play other music from nothing, `notes` or a little less.
static void
play_others(struct walk *const walk, const uint32_t notes)
{
  for (uint32_t fed = 0; fed + LONGEST < notes; fed += LONGEST) {
    walk->path.length = 0;
    network_reset(walk->network, walk->state);
    grow(walk, LONGEST);
  }
}

static void
what_was_fed_bare_is_not_taken_for_whole(void **const state)
{
  (void)state;
  struct walk *const walk = walk_new(&one_directional, DTYPE_F32, 8);
  uint32_t last = 0;
  grow(walk, LONGEST - 60);
  struct path target = walk->path;
  play_others(walk, STREAMING_KEPT + 2 * LONGEST);
  assert_false(is_found(walk, &target, &last)); // But waymarks are
  walk->goes_far = FAR_ALWAYS;
  trace(walk, &target, true);
  assert_int_equal(walk->far, 1);
  assert_knows_all(walk);
  walk->goes_far = FAR_NEVER;
  for (uint32_t round = 0; round < 3; ++round) { // What lies between the waymarks
    target.length -= 60;
    walk->path.length = 0;
    network_reset(walk->network, walk->state);
    trace(walk, &target, true);
    assert_knows_all(walk);
  }
  assert_true(is_found(walk, &target, &last)); // It has been fed since
  assert_true(last + 2 * KERNEL_LANES > target.length);
  walk_free(walk);
}

static void
what_is_come_back_to_is_kept_longer(void **const state)
{
  (void)state;
  struct walk *const walk = walk_new(&one_directional, DTYPE_F16, 6);
  uint32_t last = 0;
  grow(walk, 200);
  const struct path old = walk->path;
  play_others(walk, STREAMING_KEPT * 2 / 3);
  trace(walk, &old, true);
  play_others(walk, STREAMING_KEPT * 2 / 3);
  assert_true(is_found(walk, &old, &last));
  assert_int_equal(walk->restored, 1);
  walk_free(walk);
}

static void
what_comes_after_steps_were_taken_back_is_kept(void **const state)
{
  (void)state;
  struct walk *const walk = walk_new(&one_directional, DTYPE_F16, 7);
  uint32_t last = 0;
  grow(walk, 200);
  for (uint32_t back = 17; back < 40; back += 3) {
    assert_true(network_rewind(walk->network, walk->state, back));
    walk->path.length -= back;
    grow(walk, walk->path.length + 24);
    assert_true(is_found(walk, &walk->path, &last));
    assert_true(last + 2 * KERNEL_LANES > walk->path.length);
  }
  walk_free(walk);
}

static void
a_network_of_the_usual_size_needs_little_memory(void **const state)
{
  (void)state;
  struct streaming network = {
      .sizes = {192, 256, 0, 4, 32, 64, 256, 16, 1024, 38},
      .precision = PRECISION_F16,
  };
  network.page = streaming_page_events(&network.sizes);
  network.way = streaming_way_events(&network.sizes);
  const size_t size = streaming_class.state_size(&network.base);
  print_message("%.1f MiB\n", (double)size / 1048576.0);
  assert_true(size < 14 * 1048576);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(coming_back_is_as_if_all_had_been_told),
      cmocka_unit_test(coming_back_is_so_when_much_has_given_way),
      cmocka_unit_test(coming_back_by_waymarks_is_as_if_all_had_been_told),
      cmocka_unit_test(segments_that_no_page_fits_are_not_kept),
      cmocka_unit_test(as_many_are_kept_as_promised_and_the_last_used_ones),
      cmocka_unit_test(what_was_fed_bare_is_not_taken_for_whole),
      cmocka_unit_test(what_is_come_back_to_is_kept_longer),
      cmocka_unit_test(what_comes_after_steps_were_taken_back_is_kept),
      cmocka_unit_test(a_network_of_the_usual_size_needs_little_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
