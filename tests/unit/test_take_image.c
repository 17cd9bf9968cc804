// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A take that was copied, written as bytes, read again and given to another composer is the take it was: it replays, goes on
// and is undone as the first. And bytes that say anything do no harm.

#include "engine/composer_image.h"
#include "engine/random.h"
#include "engine/take_codec.h"
#include "fake_network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNLIMITED = 0x7FFFFFFF, ENTRIES_ALL = 0x7FFFFFFF, BAR_NOTES = 2048 };

static const struct metre four_four = {4, 4};

static const struct controls controls_default = {
    .sampling = {.temperature = 1.0F, .top_p = 1.0F},
    .seed = 1,
    .look_ahead = 4 * TICKS_PER_QUARTER,
    .limits = {.low = PITCH_LOWEST, .high = PITCH_HIGHEST, .polyphony = 16},
};

/// A composer with its weights.
struct desk {
  struct composer *composer;
  struct weights *weights;
  struct controls controls;
};

static struct desk
desk_of(const enum fake_kind kind)
{
  struct desk desk = {.controls = controls_default};
  assert_int_equal(composer_new(&desk.composer, NULL), STATUS_SUCCESS);
  desk.weights = fake_weights_new(kind, 99);
  composer_set_controls(desk.composer, &desk.controls);
  assert_null(composer_set_weights(desk.composer, desk.weights));
  return desk;
}

static struct desk
desk_new(void)
{
  return desk_of(FAKE_EVENTS);
}

static void
desk_free(struct desk *const desk)
{
  composer_free(desk->composer);
  fake_weights_free(desk->weights);
}

/// Play bars `begin` to before `end`.
static void
play(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  composer_locate(desk->composer, (struct position){begin, 0}, four_four);
  for (uint32_t bar = begin; bar < end; ++bar) {
    for (uint32_t tick = 0; tick < TICKS_PER_WHOLE; tick += TICKS_PER_QUARTER) {
      composer_move(desk->composer, (struct position){bar, tick}, four_four);
      composer_work(desk->composer, UNLIMITED);
      assert_true(composer_is_filled(desk->composer));
    }
  }
}

static void
set_seed(struct desk *const desk, const uint32_t seed)
{
  desk->controls.seed = seed;
  composer_set_controls(desk->composer, &desk->controls);
}

/// Music with all that a take can have: bars far apart, other controls, regenerated stretches, locked bars.
static void
make_history(struct desk *const desk)
{
  play(desk, 0, 12);
  set_seed(desk, 2);
  play(desk, 2, 9);
  composer_regenerate(desk->composer);
  play(desk, 3, 8);
  play(desk, 1000, 1004);
  desk->controls.surprise = 4.0F;
  set_seed(desk, 3);
  play(desk, 5, 10);
  struct bar_set bars;
  assert_true(bar_set_read(&bars, "4, 7-8", 6));
  composer_lock_bars(desk->composer, &bars);
  assert_true(bar_set_read(&bars, "3-6", 3));
  composer_regenerate_bars(desk->composer, &bars);
  play(desk, 2, 8);
}

/// What bars `begin` to before `end` hold, as text; the caller frees it.
static char *
describe(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  struct take *const take = composer_take(desk->composer);
  char *const text = calloc(end - begin, (size_t)BAR_NOTES * 40);
  size_t used = 0;
  for (uint32_t number = begin; number < end; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    used += (size_t)sprintf(text + used, "bar %u\n", number);
    for (uint32_t i = bar ? bar->first : TAKE_NONE; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      used += (size_t)sprintf(text + used, "%u %u %u %u %u %u %u %u\n", note->tick, note->event.hand, note->event.pitch,
                              note->event.velocity, note->event.duration, note->event.advance, note->sounding,
                              (unsigned)note->steering & 0xFFFFU);
    }
  }
  return text;
}

static void
assert_same_bars(struct desk *const a, struct desk *const b, const uint32_t begin, const uint32_t end)
{
  char *const one = describe(a, begin, end);
  char *const other = describe(b, begin, end);
  for (size_t i = 0; one[i] != '\0' || other[i] != '\0'; ++i) {
    if (one[i] != other[i]) {
      const size_t from = i < 60 ? 0 : i - 60;
      fail_msg("...%.100s...\nis not\n...%.100s...", one + from, other + from);
    }
  }
  free(one);
  free(other);
}

/// Copy the take at once.
static struct take_image
copy_take(struct desk *const desk)
{
  struct take_image image;
  assert_int_equal(take_image_new(&image, TAKE_BARS, take_note_count(composer_take(desk->composer)), NULL),
                   STATUS_SUCCESS);
  composer_image_begin(desk->composer, &image);
  assert_int_equal(composer_image_fill(desk->composer, &image, ENTRIES_ALL), IMAGE_COMPLETE);
  assert_int_equal(take_image_finish(&image, NULL), STATUS_SUCCESS);
  return image;
}

/// The bytes of the take; the caller frees them.
static uint8_t *
save(struct desk *const desk, size_t *const size)
{
  uint8_t *bytes = NULL;
  struct take_image image = copy_take(desk);
  assert_int_equal(take_encode(&image, &bytes, size, NULL), STATUS_SUCCESS);
  take_image_free(&image);
  return bytes;
}

/// Give the take in `bytes` to `desk`. False if there is none.
static bool
restore(struct desk *const desk, const uint8_t *const bytes, const size_t size, struct error *const error)
{
  struct take_image image;
  if (take_decode(bytes, size, &image, error) != STATUS_SUCCESS) {
    return false;
  }
  struct take *take = NULL;
  struct latches *latches = NULL;
  assert_int_equal(take_image_restore(&image, TAKE_BARS, TAKE_NOTES, &take, &latches, error), STATUS_SUCCESS);
  composer_exchange(desk->composer, &take, &latches, image.salt);
  composer_lock_bars(desk->composer, &image.locked);
  take_free(take);
  latches_free(latches);
  take_image_free(&image);
  return true;
}

/// A second desk with the first one's take and controls.
static struct desk
twin_of(struct desk *const desk, const enum fake_kind kind)
{
  size_t size = 0;
  uint8_t *const bytes = save(desk, &size);
  struct desk twin = desk_of(kind);
  twin.controls = desk->controls;
  composer_set_controls(twin.composer, &twin.controls);
  struct error error = {.text = ""};
  if (!restore(&twin, bytes, size, &error)) {
    fail_msg("%s", error.text);
  }
  free(bytes);
  return twin;
}

/// Play the same with a take and with its copy.
static void
go_on_with_both(const enum fake_kind kind)
{
  struct desk desk = desk_of(kind);
  make_history(&desk);
  struct desk twin = twin_of(&desk, kind);
  assert_same_bars(&desk, &twin, 0, 14);
  assert_same_bars(&desk, &twin, 1000, 1006);
  play(&desk, 0, 30);
  play(&twin, 0, 30);
  assert_same_bars(&desk, &twin, 0, 32);
  composer_regenerate(desk.composer);
  composer_regenerate(twin.composer);
  play(&desk, 1003, 1010);
  play(&twin, 1003, 1010);
  assert_same_bars(&desk, &twin, 0, 32);
  assert_same_bars(&desk, &twin, 1000, 1012);
  desk_free(&twin);
  desk_free(&desk);
}

static void
a_restored_take_replays_and_goes_on_as_the_saved_one(void **const state)
{
  (void)state;
  go_on_with_both(FAKE_EVENTS);
  go_on_with_both(FAKE_TOKENS);
}

static void
undo_goes_as_far_back_in_a_restored_take(void **const state)
{
  (void)state;
  struct desk desk = desk_new();
  make_history(&desk);
  struct desk twin = twin_of(&desk, FAKE_EVENTS);
  const uint32_t count = take_undo_count(composer_take(desk.composer));
  assert_true(count >= 4);
  assert_int_equal(take_undo_count(composer_take(twin.composer)), count);
  for (uint32_t i = 0; i < count; ++i) {
    assert_true(composer_undo(desk.composer));
    assert_true(composer_undo(twin.composer));
    assert_same_bars(&desk, &twin, 0, 14);
    play(&desk, 4, 9);
    play(&twin, 4, 9);
    assert_same_bars(&desk, &twin, 0, 14);
  }
  desk_free(&twin);
  desk_free(&desk);
}

static void
saving_a_restored_take_gives_the_same_bytes(void **const state)
{
  (void)state;
  struct desk desk = desk_new();
  make_history(&desk);
  struct desk twin = twin_of(&desk, FAKE_EVENTS);
  size_t size = 0;
  size_t twin_size = 0;
  uint8_t *const bytes = save(&desk, &size);
  uint8_t *const twin_bytes = save(&twin, &twin_size);
  assert_int_equal(size, twin_size);
  assert_memory_equal(bytes, twin_bytes, size);
  free(bytes);
  free(twin_bytes);
  desk_free(&twin);
  desk_free(&desk);
}

/// Do something that changes the take.
static void
disturb(struct desk *const desk, const uint32_t what, uint32_t *const bar)
{
  switch (what % 32) {
  case 0:
    composer_regenerate(desk->composer);
    break;
  case 1:
    composer_undo(desk->composer);
    break;
  case 2:
    set_seed(desk, what % 5);
    break;
  case 3:
    *bar = what % 150;
    composer_locate(desk->composer, (struct position){*bar, 0}, four_four);
    break;
  default:
    composer_move(desk->composer, (struct position){++*bar, 0}, what % 37 ? four_four : (struct metre){3, 4});
    break;
  }
}

static void
an_image_made_in_slices_is_the_take_at_its_end(void **const state)
{
  (void)state;
  struct desk desk = desk_new();
  make_history(&desk);
  play(&desk, 0, 60);
  uint32_t bar = 8;
  uint32_t all_slices = 0;
  for (uint32_t round = 0; round < 120; ++round) {
    struct take_image image;
    assert_int_equal(take_image_new(&image, TAKE_BARS, 20000, NULL), STATUS_SUCCESS);
    composer_image_begin(desk.composer, &image);
    uint32_t slices = 0;
    for (;;) {
      if (slices % 3 == 0) {
        disturb(&desk, random_below(7, 1000 * round + slices, 1000), &bar);
      }
      composer_work(desk.composer, random_below(8, 1000 * round + slices, 20000));
      if (composer_image_fill(desk.composer, &image, 3 + 3 * (slices++ / 200)) >= IMAGE_COMPLETE) {
        break;
      }
    }
    assert_int_equal(image.progress, IMAGE_COMPLETE);
    all_slices += slices;
    assert_int_equal(take_image_finish(&image, NULL), STATUS_SUCCESS);
    struct take_image whole = copy_take(&desk);
    uint8_t *bytes[2] = {NULL, NULL};
    size_t sizes[2] = {0, 0};
    assert_int_equal(take_encode(&image, &bytes[0], &sizes[0], NULL), STATUS_SUCCESS);
    assert_int_equal(take_encode(&whole, &bytes[1], &sizes[1], NULL), STATUS_SUCCESS);
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
    take_image_free(&whole);
    take_image_free(&image);
  }
  assert_true(all_slices > 600);
  desk_free(&desk);
}

static void
an_image_without_room_says_so(void **const state)
{
  (void)state;
  struct desk desk = desk_new();
  make_history(&desk);
  struct take_image image;
  assert_int_equal(take_image_new(&image, TAKE_BARS, 100, NULL), STATUS_SUCCESS);
  image.note_room = 50;
  composer_image_begin(desk.composer, &image);
  assert_int_equal(composer_image_fill(desk.composer, &image, ENTRIES_ALL), IMAGE_NO_ROOM);
  take_image_free(&image);
  desk_free(&desk);
}

static void
what_nobody_has_heard_is_not_saved(void **const state)
{
  (void)state;
  struct desk desk = desk_new();
  composer_work(desk.composer, UNLIMITED);
  assert_true(take_bar_count(composer_take(desk.composer)) > 0);
  struct take_image image = copy_take(&desk);
  assert_true(take_image_is_empty(&image));
  assert_false(composer_has_take(desk.composer));
  take_image_free(&image);

  // What is heard is; beyond it, what was composed at the place it stands at is not
  play(&desk, 0, 4);
  assert_true(composer_has_take(desk.composer));
  composer_locate(desk.composer, (struct position){100, 0}, four_four);
  composer_work(desk.composer, UNLIMITED);
  assert_non_null(take_bar(composer_take(desk.composer), 100));
  struct desk twin = twin_of(&desk, FAKE_EVENTS);
  assert_null(take_bar(composer_take(twin.composer), 100));
  assert_same_bars(&desk, &twin, 0, 5);
  play(&desk, 0, 8);
  play(&twin, 0, 8);
  assert_same_bars(&desk, &twin, 0, 9);
  desk_free(&twin);
  desk_free(&desk);
}

/// Restore what may be nonsense, and if it is taken, play with it.
static void
try_bytes(const uint8_t *const bytes, const size_t size)
{
  struct desk desk = desk_new();
  struct error error = {.status = STATUS_SUCCESS};
  if (restore(&desk, bytes, size, &error)) {
    play(&desk, 0, 4);
    play(&desk, 1001, 1003);
    composer_undo(desk.composer);
    play(&desk, 3, 5);
    composer_regenerate(desk.composer);
    play(&desk, 2, 4);
    composer_undo(desk.composer);
    composer_undo(desk.composer);
    play(&desk, 5, 12);
    size_t again = 0;
    free(save(&desk, &again));
  } else {
    assert_int_not_equal(error.status, STATUS_SUCCESS);
    assert_true(strlen(error.text) > 10);
  }
  desk_free(&desk);
}

static void
bytes_that_say_anything_do_no_harm(void **const state)
{
  (void)state;
  struct desk desk = desk_new();
  make_history(&desk);
  size_t size = 0;
  uint8_t *const bytes = save(&desk, &size);
  desk_free(&desk);
  uint8_t *const bad = malloc(size);
  for (uint32_t round = 0; round < 200; ++round) {
    memcpy(bad, bytes, size);
    for (uint32_t i = 0; i <= round % 3; ++i) {
      bad[random_below(1, 10 * round + i, (uint32_t)size)] = (uint8_t)random_below(2, 10 * round + i, 256);
    }
    try_bytes(bad, size);
  }
  for (uint32_t round = 0; round < 40; ++round) {
    struct take_image image;
    const size_t cut = random_below(3, round, (uint32_t)size);
    // Through memory of just that size, so that reading beyond it is seen
    uint8_t *const less = malloc(cut + 1);
    memcpy(less, bytes, cut);
    struct error error = {.status = STATUS_SUCCESS};
    if (take_decode(less, cut, &image, &error) == STATUS_SUCCESS) {
      take_image_free(&image);
    } else {
      assert_true(strlen(error.text) > 10);
    }
    free(less);
  }
  free(bad);
  free(bytes);
}

/// Find `text` in `bytes`.
static uint8_t *
find(uint8_t *const bytes, const size_t size, const char *const text)
{
  for (size_t i = 0; i + strlen(text) <= size; ++i) {
    if (memcmp(bytes + i, text, strlen(text)) == 0) {
      return bytes + i;
    }
  }
  return NULL;
}

static void
controls_and_chunks_that_are_unknown_are_passed_over(void **const state)
{
  (void)state;
  struct desk desk = desk_new();
  make_history(&desk);
  size_t size = 0;
  uint8_t *const bytes = save(&desk, &size);
  uint8_t *const longer = malloc(size + 8);
  memcpy(longer, bytes, size);
  memcpy(longer + size,
         "new!\x03"
         "abc",
         8);
  uint8_t *const name = find(longer, size, "density");
  assert_non_null(name);
  name[0] = 'D';
  struct desk twin = desk_new();
  assert_true(restore(&twin, longer, size + 8, NULL));
  assert_same_bars(&desk, &twin, 0, 14);
  longer[0] = 2; // A later version
  struct error error;
  assert_false(restore(&twin, longer, size + 8, &error));
  assert_non_null(strstr(error.text, "later version"));
  free(longer);
  free(bytes);
  desk_free(&twin);
  desk_free(&desk);
}

static void
locked_bars_stay_locked(void **const state)
{
  (void)state;
  struct desk desk = desk_new();
  make_history(&desk);
  struct desk twin = twin_of(&desk, FAKE_EVENTS);
  char *const before = describe(&twin, 6, 8);
  set_seed(&twin, 77);
  play(&twin, 0, 12);
  char *const after = describe(&twin, 6, 8);
  assert_string_equal(before, after);
  free(before);
  free(after);
  desk_free(&twin);
  desk_free(&desk);
}

static void
what_kept_bars_end_with_is_prepared_while_there_is_time(void **const state)
{
  (void)state;
  struct desk desk = desk_new();
  play(&desk, 0, 40);
  struct desk twin = twin_of(&desk, FAKE_EVENTS);
  composer_locate(twin.composer, (struct position){0, 0}, four_four);
  const uint32_t before = fake_feeds(twin.weights);
  while (composer_work(twin.composer, 10000) > 0) {
  }
  assert_true(fake_feeds(twin.weights) > before + 40); // All of it is fed, although nothing is to be composed
  const uint32_t resets = fake_resets(twin.weights);
  const uint32_t feeds = fake_feeds(twin.weights);
  play(&twin, 40, 41);
  assert_int_equal(fake_resets(twin.weights), resets); // It goes on at once
  assert_true(fake_feeds(twin.weights) < feeds + 40);
  play(&desk, 40, 50);
  play(&twin, 40, 50);
  assert_same_bars(&desk, &twin, 0, 51);
  desk_free(&twin);
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_restored_take_replays_and_goes_on_as_the_saved_one),
      cmocka_unit_test(undo_goes_as_far_back_in_a_restored_take),
      cmocka_unit_test(saving_a_restored_take_gives_the_same_bytes),
      cmocka_unit_test(an_image_made_in_slices_is_the_take_at_its_end),
      cmocka_unit_test(an_image_without_room_says_so),
      cmocka_unit_test(what_nobody_has_heard_is_not_saved),
      cmocka_unit_test(bytes_that_say_anything_do_no_harm),
      cmocka_unit_test(controls_and_chunks_that_are_unknown_are_passed_over),
      cmocka_unit_test(locked_bars_stay_locked),
      cmocka_unit_test(what_kept_bars_end_with_is_prepared_while_there_is_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
