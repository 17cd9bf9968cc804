// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Reading atoms that may lie about their sizes: what is whole is read, and nothing beyond the end is looked at.

#include "atoms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEQUENCE = 7, EVENT = 8 };

// A sequence of `size` bytes of events in memory that ends where it ends, so that sanitizers see what is read beyond it.
static LV2_Atom_Sequence *
sequence_new(const void *const events, const uint32_t size)
{
  LV2_Atom_Sequence *const sequence = malloc(sizeof *sequence + size);
  *sequence = (LV2_Atom_Sequence){{(uint32_t)sizeof sequence->body + size, SEQUENCE}, {0, 0}};
  memcpy(sequence + 1, events, size);
  return sequence;
}

static void
assert_events(const void *const bytes, const uint32_t size, const unsigned count)
{
  LV2_Atom_Sequence *const sequence = sequence_new(bytes, size);
  struct atom_events events = atom_events_of(sequence, SEQUENCE);
  for (unsigned i = 0; i < count; ++i) {
    const LV2_Atom_Event *const event = atom_events_next(&events);
    assert_non_null(event);
    assert_int_equal(event->time.frames, i);
  }
  assert_null(atom_events_next(&events));
  assert_null(atom_events_next(&events));
  free(sequence);
}

struct short_event {
  LV2_Atom_Event event;
  char body[8]; // Three bytes, and the padding
};

static void
events_are_read_one_by_one(void **const state)
{
  (void)state;
  const struct short_event two[] = {{{{0}, {3, EVENT}}, "abc"}, {{{1}, {3, EVENT}}, "abc"}};
  assert_events(two, sizeof two, 2);
  assert_events(two, 0, 0);
}

static void
the_last_event_may_lack_its_padding(void **const state)
{
  (void)state;
  const struct short_event two[] = {{{{0}, {3, EVENT}}, "abc"}, {{{1}, {3, EVENT}}, "abc"}};
  assert_events(two, sizeof two - 5, 2);
}

static void
an_event_that_goes_beyond_the_end_ends_it(void **const state)
{
  (void)state;
  const uint32_t lies[] = {9, 64, 0x7FFFFFFF, UINT32_MAX - 7, UINT32_MAX};
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; ++i) {
    const struct short_event two[] = {{{{0}, {3, EVENT}}, "abc"}, {{{1}, {lies[i], EVENT}}, "abc"}};
    assert_events(two, sizeof two, 1);
  }
  const struct short_event two[] = {{{{0}, {3, EVENT}}, "abc"}, {{{1}, {3, EVENT}}, "abc"}};
  assert_events(two, sizeof two - 6, 1);
  assert_events(two, sizeof two[0] + 15, 1);
  assert_events(two, 15, 0);
}

static void
what_is_no_sequence_has_no_events(void **const state)
{
  (void)state;
  // Behind it lies what would be an event
  struct {
    LV2_Atom_Sequence sequence;
    struct short_event event;
  } other = {{{sizeof other.sequence.body, SEQUENCE + 1}, {0, 0}}, {{{0}, {3, EVENT}}, "abc"}};
  struct atom_events events = atom_events_of(&other.sequence, SEQUENCE);
  assert_null(atom_events_next(&events));
  events = atom_events_of(NULL, SEQUENCE);
  assert_null(atom_events_next(&events));
  other.sequence.atom = (LV2_Atom){0, SEQUENCE};
  events = atom_events_of(&other.sequence, SEQUENCE);
  assert_null(atom_events_next(&events));
}

struct two_properties {
  LV2_Atom_Object object;
  LV2_Atom_Property_Body first;
  int64_t first_value;
  LV2_Atom_Property_Body second;
  int64_t second_value;
};

// Whether an object of `size` bytes is whole whose second property says that its value has `lie` bytes.
static bool
is_whole(const uint32_t size, const uint32_t lie)
{
  const struct two_properties whole = {{{size, EVENT}, {0, 1}}, {2, 0, {8, 3}}, 4, {5, 0, {lie, 6}}, 7};
  char *const bytes = malloc(sizeof(LV2_Atom) + size);
  memcpy(bytes, &whole, sizeof(LV2_Atom) + size);
  const bool result = atom_object_is_whole((const LV2_Atom_Object *)(const void *)bytes);
  free(bytes);
  return result;
}

static void
an_object_is_whole_if_all_its_properties_are(void **const state)
{
  (void)state;
  const uint32_t size = sizeof(struct two_properties) - sizeof(LV2_Atom);
  assert_true(is_whole(size, 8));
  assert_true(is_whole(size - 8, 0));
  assert_true(is_whole(size - 4, 4));
  assert_true(is_whole(sizeof(LV2_Atom_Object_Body), 0));
  assert_false(is_whole(size, 9));
  assert_false(is_whole(size - 4, 5));
  assert_false(is_whole(size, UINT32_MAX));
  assert_false(is_whole(size - 9, 0));
  assert_false(is_whole(4, 0));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(events_are_read_one_by_one),
      cmocka_unit_test(the_last_event_may_lack_its_padding),
      cmocka_unit_test(an_event_that_goes_beyond_the_end_ends_it),
      cmocka_unit_test(what_is_no_sequence_has_no_events),
      cmocka_unit_test(an_object_is_whole_if_all_its_properties_are),
  };
  return cmocka_run_group_tests_name("atoms", tests, NULL, NULL);
}
