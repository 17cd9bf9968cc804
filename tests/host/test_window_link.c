// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The plugin's side of the window and the window's model together: whatever happens to the music, to the windows and to the
// messages on their way, what every window knows in the end is what the take holds.

#include "fake_network.h"
#include "plugin.h"
#include "roll_link.h"
#include "window_link.h"

#include "engine/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, WINDOWS = 3, URIS = 64, BUFFER = 8192, BEAT = TICKS_PER_QUARTER };

static const struct metre four_four = {4, 4};

struct window {
  bool is_open;
  struct roll_model *model;
  struct roll_link link;
  int32_t first;
  int32_t count;
  bool loses;   // The next message does not arrive
  bool is_mute; // Hears, but says nothing
};

// A plugin as far as the window sees it, windows, and the host between them
struct desk {
  LV2_URID_Map map;
  char *uris[URIS];
  uint32_t uri_count;
  struct plugin *plugin;
  struct weights *weights[2];
  struct controls controls;
  struct window windows[WINDOWS];
  union {
    LV2_Atom_Sequence sequence;
    uint8_t bytes[BUFFER];
  } notify;
  uint32_t notify_size;
  uint32_t windows_made;
  uint64_t bytes;    // Sent by the plugin
  uint32_t messages; // As well
  uint64_t random;
  uint64_t draws;
};

static uint32_t
map_uri(const LV2_URID_Map_Handle handle, const char *const uri)
{
  struct desk *const desk = handle;
  for (uint32_t i = 0; i < desk->uri_count; ++i) {
    if (!strcmp(desk->uris[i], uri)) {
      return i + 1;
    }
  }
  assert_true(desk->uri_count < URIS);
  desk->uris[desk->uri_count++] = strdup(uri);
  return desk->uri_count;
}

static uint32_t
draw(struct desk *const desk, const uint32_t bound)
{
  return random_below(desk->random, desk->draws++, bound);
}

static struct composer *
composer_of(const struct desk *const desk)
{
  return desk->plugin->audio.composer;
}

static void
set_controls(struct desk *const desk)
{
  composer_set_controls(composer_of(desk), &desk->controls);
}

static struct desk *
desk_new(const uint64_t seed)
{
  struct desk *const desk = calloc(1, sizeof *desk);
  desk->map = (LV2_URID_Map){desk, map_uri};
  desk->random = seed;
  desk->notify_size = BUFFER;
  desk->plugin = calloc(1, sizeof *desk->plugin);
  desk->plugin->sample_rate = RATE;
  struct audio *const audio = &desk->plugin->audio;
  assert_int_equal(composer_new(&audio->composer, NULL), STATUS_SUCCESS);
  clock_init(&audio->own, RATE);
  clock_set_tempo(&audio->own, 2.0 * BEAT);
  lv2_atom_forge_init(&audio->forge, &desk->map);
  window_link_init(&audio->window, &desk->map);
  desk->weights[0] = fake_weights_new(FAKE_EVENTS, seed + 1);
  desk->weights[1] = fake_weights_new(FAKE_TOKENS, seed + 2);
  desk->controls =
      (struct controls){.sampling = {.temperature = 1.0F, .top_p = 1.0F}, .seed = 1, .look_ahead = 8 * BEAT};
  set_controls(desk);
  composer_set_weights(composer_of(desk), desk->weights[0]);
  return desk;
}

static void
desk_free(struct desk *const desk)
{
  for (uint32_t i = 0; i < WINDOWS; ++i) {
    roll_model_free(desk->windows[i].model);
  }
  composer_free(composer_of(desk));
  fake_weights_free(desk->weights[0]);
  fake_weights_free(desk->weights[1]);
  free(desk->plugin);
  for (uint32_t i = 0; i < desk->uri_count; ++i) {
    free(desk->uris[i]);
  }
  free(desk);
}

static double
seconds(const struct desk *const desk)
{
  return (double)desk->plugin->audio.own.now / RATE;
}

static struct window *
open_window(struct desk *const desk, const uint32_t number)
{
  struct window *const window = &desk->windows[number];
  roll_model_free(window->model);
  *window = (struct window){.is_open = true, .model = roll_model_new(&desk->map), .count = 8};
  roll_link_init(&window->link, &desk->map, ++desk->windows_made);
  return window;
}

static void
send(struct desk *const desk, const LV2_Atom *const atom)
{
  assert_true(window_link_read(&desk->plugin->audio.window, (const LV2_Atom_Object *)atom));
}

static void
close_window(struct desk *const desk, struct window *const window, const bool says_so)
{
  if (says_so) {
    send(desk, roll_link_goodbye(&window->link));
  }
  window->is_open = false;
}

// Hand what the plugin has written to all windows.
static void
deliver(struct desk *const desk)
{
  LV2_ATOM_SEQUENCE_FOREACH(&desk->notify.sequence, event)
  {
    ++desk->messages;
    for (uint32_t i = 0; i < WINDOWS; ++i) {
      struct window *const window = &desk->windows[i];
      if (window->is_open && !window->loses) {
        assert_true(roll_model_read(window->model, &event->body));
      }
      window->loses = false;
    }
  }
}

// One block: the music goes on (or not), the windows say what they have to say, the plugin answers.
static void
run_block(struct desk *const desk, const uint32_t frames, const bool rolls, const uint32_t operations)
{
  struct audio *const audio = &desk->plugin->audio;
  for (uint32_t i = 0; i < WINDOWS; ++i) {
    struct window *const window = &desk->windows[i];
    const LV2_Atom *const atom =
        window->is_open && !window->is_mute
            ? roll_link_message(&window->link, window->model, window->first, window->count, seconds(desk))
            : NULL;
    if (atom) {
      send(desk, atom);
    }
  }
  clock_set_tempo(&audio->own, rolls ? 2.0 * BEAT : 0.0);
  composer_move(composer_of(desk), (struct position){(uint32_t)audio->own.bar, (uint32_t)clock_bar_tick(&audio->own)},
                audio->own.metre);
  composer_work(composer_of(desk), operations);
  clock_advance(&audio->own, frames);

  LV2_Atom_Forge_Frame frame;
  lv2_atom_forge_set_buffer(&audio->forge, desk->notify.bytes, desk->notify_size);
  lv2_atom_forge_sequence_head(&audio->forge, &frame, 0);
  const uint32_t head = audio->forge.offset;
  plugin_write_window(desk->plugin);
  lv2_atom_forge_pop(&audio->forge, &frame);
  desk->bytes += audio->forge.offset - head;
  deliver(desk);
}

static void
run(struct desk *const desk, const double length, const bool rolls)
{
  for (double end = seconds(desk) + length; seconds(desk) < end;) {
    run_block(desk, 512, rolls, 200000);
  }
}

static void
locate(struct desk *const desk, const uint32_t bar)
{
  clock_locate(&desk->plugin->audio.own, bar, 0.0, four_four);
  composer_locate(composer_of(desk), (struct position){bar, 0}, four_four);
}

// Comparing

static void
assert_note(const struct roll_note *const told, const struct take_note *const note)
{
  assert_int_equal(told->tick, note->tick);
  assert_int_equal(told->pitch, note->event.pitch);
  assert_int_equal(told->velocity, note->event.velocity);
  assert_int_equal(told->sounding, note->sounding);
  assert_int_equal(told->is_left, note->event.hand == HAND_LEFT);
  assert_int_equal(told->is_played, note->origin != TAKE_COMPOSED);
}

static unsigned
flags_expected(struct composer *const composer, const struct take_bar *const bar)
{
  return (unsigned)BAR_IS_THERE | (bar->complete ? (unsigned)BAR_IS_COMPLETE : 0U) |
         (bar->ends ? (unsigned)BAR_IS_END : 0U) |
         (composer_is_locked(composer, bar->number) ? (unsigned)BAR_IS_LOCKED : 0U) |
         (composer_is_stale(composer, bar) ? (unsigned)BAR_IS_STALE : 0U);
}

// The window knows what the take holds of bar `number`. Return how many notes that are.
static uint32_t
assert_bar(const struct desk *const desk, const struct window *const window, const uint32_t number)
{
  struct take *const take = composer_take(composer_of(desk));
  const struct take_bar *const bar = take_bar(take, number);
  const struct roll_bar *const told = roll_model_bar(window->model, (int32_t)number);
  if (!bar) {
    assert_null(told);
    return 0;
  }
  assert_non_null(told);
  uint32_t count = 0;
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
    const struct take_note *const note = take_note(take, i);
    if (!note->rest && note->sounding > 0) {
      assert_true(count < told->count);
      assert_note(&told->notes[count++], note);
    }
  }
  assert_int_equal(told->count, count);
  assert_int_equal(told->flags, flags_expected(composer_of(desk), bar));
  assert_int_equal(told->metre.numerator, bar->metre.numerator);
  assert_int_equal(told->metre.denominator, bar->metre.denominator);
  assert_int_equal(told->section, bar->section);
  return count;
}

// The window knows what is in sight and around the playhead, and nothing of what it knows is wrong.
static uint32_t
assert_true_picture(const struct desk *const desk, const struct window *const window)
{
  const uint32_t playhead = (uint32_t)desk->plugin->audio.own.bar;
  uint32_t count = 0;
  for (uint32_t number = playhead < WINDOW_BARS_BEFORE ? 0 : playhead - WINDOW_BARS_BEFORE;
       number < playhead + WINDOW_BARS_AFTER; ++number) {
    count += assert_bar(desk, window, number);
  }
  for (int32_t i = 0; i < window->count; ++i) {
    count += assert_bar(desk, window, (uint32_t)(window->first + i));
  }
  for (int32_t number = 0; number < 3000; ++number) {
    count += roll_model_bar(window->model, number) ? assert_bar(desk, window, (uint32_t)number) : 0;
  }
  const struct roll_moment *const moment = roll_model_moment(window->model);
  const struct position ready = composer_ready(composer_of(desk));
  assert_int_equal(moment->bar, playhead);
  assert_true(moment->tick == (double)(int32_t)(clock_bar_tick(&desk->plugin->audio.own) * 256.0) / 256.0);
  assert_int_equal(moment->ready_bar, ready.bar);
  assert_int_equal(moment->ready_tick, ready.tick);
  assert_int_equal(moment->undo, take_undo_count(composer_take(composer_of(desk))));
  return count;
}

// Stand still until all is told.
static void
settle(struct desk *const desk)
{
  desk->notify_size = BUFFER;
  run(desk, 4.0, false);
}

// Tests

static void
a_window_that_opens_late_is_told_everything_around(void **const state)
{
  (void)state;
  struct desk *const desk = desk_new(1);
  run(desk, 60.0, true);
  assert_int_equal(desk->messages, 0); // Nobody looked
  struct window *const window = open_window(desk, 0);
  window->first = 2;
  settle(desk);
  assert_true(assert_true_picture(desk, window) > 100);

  const uint32_t told = desk->messages;
  const uint32_t revision = roll_model_revision(window->model);
  const uint32_t moment_revision = roll_model_moment_revision(window->model);
  run(desk, 10.0, false);
  assert_in_range(desk->messages, told,
                  told + 10 / WINDOW_LOOK_SECONDS);               // The moment, when the window says that it is there
  assert_int_equal(roll_model_revision(window->model), revision); // Nothing changes
  assert_int_equal(roll_model_moment_revision(window->model), moment_revision);

  run(desk, 5.0, true);
  settle(desk);
  assert_true_picture(desk, window);
  close_window(desk, window, true);
  const uint32_t closed = desk->messages;
  run(desk, 5.0, true);
  assert_int_equal(desk->messages, closed);
  open_window(desk, 0);
  settle(desk);
  assert_true(assert_true_picture(desk, &desk->windows[0]) > 100);
  desk_free(desk);
}

static void
a_window_that_vanished_is_forgotten(void **const state)
{
  (void)state;
  struct desk *const desk = desk_new(2);
  struct window *const window = open_window(desk, 0);
  run(desk, 10.0, true);
  assert_true(desk->messages > 0);
  close_window(desk, window, false);
  run(desk, WINDOW_FORGET_SECONDS + 1.0, true);
  const uint32_t told = desk->messages;
  run(desk, 10.0, true);
  assert_int_equal(desk->messages, told);
  desk_free(desk);
}

static void
a_window_that_was_forgotten_and_comes_back_knows_what_has_changed(void **const state)
{
  (void)state;
  struct desk *const desk = desk_new(9);
  struct window *const window = open_window(desk, 0);
  run(desk, 20.0, true);
  settle(desk);
  assert_non_null(roll_model_bar(window->model, 3));
  window->is_mute = true; // Its program is busy while the host exports, say
  run(desk, WINDOW_FORGET_SECONDS + 1.0, true);
  composer_regenerate_bars(composer_of(desk), &(struct bar_set){.count = 1, .ranges = {{2, 5}}});
  window->is_mute = false;
  settle(desk);
  assert_null(roll_model_bar(window->model, 3));
  assert_true(assert_true_picture(desk, window) > 50);
  desk_free(desk);
}

static void
what_notes_looked_back_at_is_told(void **const state)
{
  (void)state;
  struct desk *const desk = desk_new(3);
  struct window *const window = open_window(desk, 0);
  run(desk, 140.0, true);
  struct take *const take = composer_take(composer_of(desk));
  uint32_t glances = 0;
  for (int32_t number = 62; number < 70; ++number) {
    const struct roll_bar *const told = roll_model_bar(window->model, number);
    const struct take_bar *const bar = take_bar(take, (uint32_t)number);
    uint32_t at = 0;
    for (uint32_t i = bar->first; i != TAKE_NONE && at < told->count; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      if (note->rest || note->sounding == 0) {
        continue;
      }
      const struct recollection *const known = composer_recollection(composer_of(desk), bar->number, note);
      const struct roll_note *const seen = &told->notes[at++];
      assert_int_equal(seen->glance_count, known->count);
      assert_int_equal(seen->quotation, known->quotation);
      for (uint32_t g = 0; g < known->count; ++g, ++glances) {
        assert_int_equal(seen->glances[g].bar, known->glances[g].bar);
        assert_int_equal(seen->glances[g].tick, known->glances[g].tick);
        assert_int_equal(seen->glances[g].pitch, known->glances[g].pitch);
        assert_int_equal(seen->glances[g].share, known->glances[g].share);
      }
    }
  }
  assert_true(glances > 100);
  desk_free(desk);
}

static void
traffic_is_bounded(void **const state)
{
  (void)state;
  struct desk *const desk = desk_new(4);
  run(desk, 120.0, true);
  struct window *const window = open_window(desk, 0);
  window->count = 60;
  const double begin = seconds(desk);
  const uint64_t before = desk->bytes;
  while (seconds(desk) < begin + 2.0) {
    const uint64_t bytes = desk->bytes;
    run_block(desk, 64, true, 20000);
    assert_true(desk->bytes - bytes <= WINDOW_BYTES_BURST + WINDOW_MESSAGE_SIZE);
    assert_true((double)(desk->bytes - before) <=
                WINDOW_BYTES_BURST + WINDOW_MESSAGE_SIZE + WINDOW_BYTES_PER_SECOND * (seconds(desk) - begin));
  }
  settle(desk);
  assert_true_picture(desk, window);
  desk_free(desk);
}

static void
small_buffers_only_make_it_slower(void **const state)
{
  (void)state;
  struct desk *const desk = desk_new(5);
  run(desk, 60.0, true);
  struct window *const window = open_window(desk, 0);
  desk->notify_size = 192;
  for (uint32_t i = 0; i < 20000; ++i) {
    run_block(desk, 512, false, 20000);
  }
  assert_true(assert_true_picture(desk, window) > 100);
  desk->notify_size = 24; // Not even one message
  run(desk, 1.0, true);
  desk_free(desk);
}

static void
lost_messages_are_told_again(void **const state)
{
  (void)state;
  struct desk *const desk = desk_new(6);
  struct window *const window = open_window(desk, 0);
  struct window *const other = open_window(desk, 1);
  for (uint32_t i = 0; i < 40; ++i) {
    run(desk, 0.7, true);
    window->loses = true;
  }
  settle(desk);
  assert_true(assert_true_picture(desk, window) > 100);
  assert_true(assert_true_picture(desk, other) > 100);
  desk_free(desk);
}

// Bar 3 and bar 3 + WINDOW_BARS have one place; whoever is looked at is there.
static void
bars_make_way_for_others_of_their_place(void **const state)
{
  (void)state;
  struct desk *const desk = desk_new(8);
  struct window *const window = open_window(desk, 0);
  run(desk, 20.0, true);
  settle(desk);
  assert_non_null(roll_model_bar(window->model, 3));
  locate(desk, WINDOW_BARS);
  window->first = WINDOW_BARS;
  run(desk, 20.0, true);
  settle(desk);
  assert_true(assert_true_picture(desk, window) > 50);
  assert_null(roll_model_bar(window->model, 3));
  assert_non_null(roll_model_bar(window->model, 3 + WINDOW_BARS));
  window->first = 0; // Both are looked at now: that one stays which was there
  settle(desk);
  assert_non_null(roll_model_bar(window->model, 3 + WINDOW_BARS));
  locate(desk, 3 * WINDOW_BARS + 300);
  settle(desk);
  assert_true(assert_true_picture(desk, window) > 50);
  assert_non_null(roll_model_bar(window->model, 3));
  desk_free(desk);
}

// What may happen in a session
static void
happen(struct desk *const desk)
{
  struct composer *const composer = composer_of(desk);
  struct window *const window = &desk->windows[draw(desk, WINDOWS)];
  const uint32_t bar = draw(desk, 50);
  struct bar_set bars = {.count = 1, .ranges = {{bar, bar + 1 + draw(desk, 6)}}};
  switch (draw(desk, 20)) {
  case 0:
    locate(desk, draw(desk, 8) == 0 ? 80 + draw(desk, 380) : bar);
    break;
  case 1:
    composer_undo(composer);
    break;
  case 2:
    composer_regenerate(composer);
    break;
  case 3:
    composer_regenerate_bars(composer, &bars);
    break;
  case 4:
    bars.count = draw(desk, 3) > 0;
    composer_lock_bars(composer, &bars);
    break;
  case 5:
    composer_lock(composer, draw(desk, 4) == 0);
    break;
  case 6:
    desk->controls.seed = draw(desk, 3);
    set_controls(desk);
    break;
  case 7:
    desk->controls.loop_bars = draw(desk, 4) == 0 ? 2 : 0;
    desk->controls.ending = draw(desk, 2) == 0;
    set_controls(desk);
    break;
  case 8:
    composer_set_weights(composer, desk->weights[draw(desk, 2)]);
    break;
  case 9:
  case 10:
    open_window(desk, draw(desk, WINDOWS))->first = (int32_t)bar;
    break;
  case 11:
    if (window->is_open) {
      close_window(desk, window, draw(desk, 3) > 0);
    }
    break;
  case 12:
    window->first = (int32_t)(draw(desk, 4) == 0 ? draw(desk, 450) : bar);
    window->count = (int32_t)draw(desk, 40);
    break;
  case 13:
    window->loses = true;
    break;
  case 14:
    desk->notify_size = (uint32_t[]){64, 192, 1024, BUFFER}[draw(desk, 4)];
    break;
  default:
    run(desk, 0.1 * (1 + draw(desk, 30)), draw(desk, 5) > 0);
  }
}

static void
whatever_happens_the_windows_know_what_is_true(void **const state)
{
  (void)state;
  uint32_t notes = 0;
  for (uint64_t seed = 100; seed < 250; ++seed) {
    struct desk *const desk = desk_new(seed);
    open_window(desk, 0);
    for (uint32_t i = 0; i < 120; ++i) {
      happen(desk);
      run_block(desk, 1 + draw(desk, 1024), draw(desk, 4) > 0, draw(desk, 60000));
      if (i % 30 == 29) {
        settle(desk);
        for (uint32_t w = 0; w < WINDOWS; ++w) {
          notes += desk->windows[w].is_open ? assert_true_picture(desk, &desk->windows[w]) : 0;
        }
      }
    }
    desk_free(desk);
  }
  assert_true(notes > 10000);
}

static void
nonsense_from_windows_is_left_alone(void **const state)
{
  (void)state;
  struct desk *const desk = desk_new(7);
  struct window_link *const link = &desk->plugin->audio.window;
  const struct window_uris *const uris = &link->uris;
  union {
    LV2_Atom atom;
    uint32_t words[64];
  } message;
  LV2_Atom_Forge forge;
  const int32_t bad[][LOOK_SIZE] = {{1, -1, 4, 0}, {1, WINDOW_BAR_LAST, 4, 0}, {1, 0, -1, 0}, {1, 0, 300, 0}};
  lv2_atom_forge_init(&forge, &desk->map);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i) {
    lv2_atom_forge_set_buffer(&forge, (uint8_t *)message.words, sizeof message);
    window_message_write(uris, &forge, uris->look, bad[i], LOOK_SIZE);
    send(desk, &message.atom);
    assert_false(window_link_is_seen(link));
  }
  for (uint32_t i = 0; i < 200000; ++i) { // A good one with some words changed
    const int32_t good[LOOK_SIZE] = {1, 0, 8, 1};
    lv2_atom_forge_set_buffer(&forge, (uint8_t *)message.words, sizeof message);
    window_message_write(uris, &forge, draw(desk, 2) ? uris->look : uris->goodbye, good, LOOK_SIZE);
    const uint32_t size = message.atom.size;
    message.words[draw(desk, 14)] = draw(desk, 3) ? draw(desk, 64) : (uint32_t)random_bits(desk->random, i);
    message.atom.size = size - draw(desk, size + 1);
    window_link_read(link, (const LV2_Atom_Object *)&message.atom);
  }
  run(desk, 5.0, true);
  desk_free(desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_window_that_opens_late_is_told_everything_around),
      cmocka_unit_test(a_window_that_vanished_is_forgotten),
      cmocka_unit_test(a_window_that_was_forgotten_and_comes_back_knows_what_has_changed),
      cmocka_unit_test(what_notes_looked_back_at_is_told),
      cmocka_unit_test(traffic_is_bounded),
      cmocka_unit_test(small_buffers_only_make_it_slower),
      cmocka_unit_test(lost_messages_are_told_again),
      cmocka_unit_test(bars_make_way_for_others_of_their_place),
      cmocka_unit_test(whatever_happens_the_windows_know_what_is_true),
      cmocka_unit_test(nonsense_from_windows_is_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
