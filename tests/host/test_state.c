// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Weights, state and presets: chosen, swapped, saved and restored in every way that hosts have, without a wrong note.
//
// What hosts do, matter by matter, and where it is tested (here where no program is named):
//
// paths               a_relative_path_is_the_hosts_to_resolve, a_moved_weight_file_is_found_in_the_bundle_by_its_name,
//                     a_missing_weight_file_is_named_kept_and_survives_a_save; sessions: a_saved_session_plays_the_same_...
// restore in Ardour   restore_may_happen_while_it_runs, restore_before_activation_counts; sessions: a_take_comes_back_...
// default             a_fresh_instance_plays_the_bundled_weights
// the weights property asking_for_everything_answers_everything, weights_are_swapped_while_it_plays; lv2_validate
// status              without_any_weights_it_is_silent_and_says_so, a_bad_weight_file_leaves_the_old_ones_playing
// loading             a_fresh_instance_plays_the_bundled_weights (every kind of worker); loading: the_newest_request_wins_...
// telling the host    weights_are_swapped_while_it_plays; sessions: the_host_is_told_once_that_there_is_something_to_save
// presets             a_preset_sets_the_style_and_plays; sessions: a_take_that_was_heard_stays_whatever_is_restored
// swapping            presets_are_scrolled_through_quickly, what_sounds_ends_when_other_weights_come
// saving              sessions: saving_beside_run_changes_nothing, a_take_comes_back_before_activation
// older versions      sessions: unknown_keys_are_passed_over, a_take_that_was_heard_stays_whatever_is_restored

#include "fixture.h"

#include <lv2/atom/forge.h>
#include <lv2/patch/patch.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
assert_contains(const char *const text, const char *const part)
{
  if (!strstr(text, part)) {
    fail_msg("\"%s\" is not in \"%s\"", part, text);
  }
}

static void
a_fresh_instance_plays_the_bundled_weights(void **const state)
{
  const struct fixture *const fixture = *state;
  static const enum minihost_worker workers[] = {MINIHOST_WORKER_SYNC, MINIHOST_WORKER_THREAD, MINIHOST_WORKER_NONE};
  for (size_t i = 0; i < 3; ++i) {
    const struct minihost_options options = {.worker = workers[i]};
    struct minihost *const host = fixture_host(fixture, &options);
    fixture_start(host);
    minihost_run(host, 10 * 48000);
    assert_true(fixture_note_count(host) > 5);
    assert_string_equal(minihost_property(host, "weights"), fixture->weights);
    assert_contains(minihost_property(host, "status"), "Ready");
    assert_contains(minihost_property(host, "styles"), "mozart");
    minihost_free(host);
  }
}

static void
without_any_weights_it_is_silent_and_says_so(void **const state)
{
  const struct fixture *const fixture = *state;
  char hidden[FIXTURE_PATH];
  fixture_path(fixture, "hidden.safetensors", 0, hidden);
  assert_int_equal(rename(fixture->weights, hidden), 0);
  struct minihost *const host = fixture_host(fixture, NULL);
  fixture_start(host);
  minihost_run(host, 5 * 48000);
  assert_int_equal(rename(hidden, fixture->weights), 0);
  assert_int_equal(fixture_note_count(host), 0);
  assert_contains(minihost_property(host, "status"), "ritornello.safetensors");

  // And plays as soon as it is given some
  minihost_set_weights(host, fixture->other);
  minihost_run(host, 10 * 48000);
  assert_true(fixture_note_count(host) > 0);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
weights_are_swapped_while_it_plays(void **const state)
{
  const struct fixture *const fixture = *state;
  const struct minihost_options options = {.worker = MINIHOST_WORKER_THREAD};
  struct minihost *const host = fixture_host(fixture, &options);
  fixture_start(host);
  for (int i = 0; i < 10; ++i) {
    minihost_run(host, 48000);
    minihost_set_weights(host, i % 2 ? fixture->weights : fixture->other);
    minihost_run(host, 256);
    minihost_wait_for_worker(host);
    minihost_run(host, 512);
    assert_string_equal(minihost_property(host, "weights"), i % 2 ? fixture->weights : fixture->other);
  }
  assert_true(minihost_changes(host) >= 10);
  minihost_forget_events(host);
  minihost_run(host, 10 * 48000);
  assert_true(fixture_note_count(host) > 5);
  fixture_finish(host);
}

static void
what_sounds_ends_when_other_weights_come(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const host = fixture_host(fixture, NULL);
  fixture_start(host);
  fixture_run_until_sounding(host);
  minihost_block(host, 1);
  minihost_set_weights(host, fixture->other);
  minihost_run(host, 1);
  const unsigned sounding = minihost_sounding(host);
  assert_true(sounding > 0);
  minihost_forget_events(host);
  minihost_run(host, 1);
  fixture_assert_ended(host, sounding);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
a_bad_weight_file_leaves_the_old_ones_playing(void **const state)
{
  const struct fixture *const fixture = *state;
  char bad[FIXTURE_PATH];
  fixture_path(fixture, "bad.safetensors", 0, bad);
  FILE *const file = fopen(bad, "wb");
  assert_non_null(file);
  fputs("this is no weight file", file);
  fclose(file);

  struct minihost *const host = fixture_host(fixture, NULL);
  fixture_start(host);
  minihost_run(host, 48000);
  minihost_set_weights(host, bad);
  minihost_run(host, 512);
  assert_contains(minihost_property(host, "status"), "bad.safetensors");
  minihost_forget_events(host);
  minihost_run(host, 10 * 48000);
  assert_true(fixture_note_count(host) > 5);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

/// What a saved state folder says, as text; the caller frees it.
static char *
state_text(const char *const folder)
{
  char path[2 * FIXTURE_PATH];
  snprintf(path, sizeof path, "%s/state.ttl", folder);
  FILE *const file = fopen(path, "rb");
  assert_non_null(file);
  char *const text = calloc(1, 65536);
  assert_true(fread(text, 1, 65535, file) > 0);
  fclose(file);
  return text;
}

static void
a_missing_weight_file_is_named_kept_and_survives_a_save(void **const state)
{
  const struct fixture *const fixture = *state;
  char missing[FIXTURE_PATH];
  char folder[FIXTURE_PATH];
  fixture_path(fixture, "missing.safetensors", 0, missing);
  fixture_path(fixture, "state-missing", 1, folder);
  struct minihost *const host = fixture_host(fixture, NULL);
  fixture_start(host);
  assert_int_equal(minihost_restore_bare(host, missing), 0);
  minihost_run(host, 10 * 48000);
  assert_contains(minihost_property(host, "status"), "missing.safetensors");
  assert_string_equal(minihost_property(host, "weights"), missing);
  assert_true(fixture_note_count(host) > 5);
  assert_int_equal(minihost_save(host, folder), 0);
  char *const text = state_text(folder);
  assert_contains(text, "missing.safetensors");
  free(text);
  minihost_free(host);
}

static void
a_relative_path_is_the_hosts_to_resolve(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const host = fixture_host(fixture, NULL);
  assert_int_equal(minihost_restore_relative(host, fixture->folder, "other.safetensors"), 0);
  minihost_run(host, 1024);
  assert_string_equal(minihost_property(host, "weights"), fixture->other);
  assert_contains(minihost_property(host, "status"), "Ready");
  minihost_free(host);
}

static void
a_moved_weight_file_is_found_in_the_bundle_by_its_name(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const host = fixture_host(fixture, NULL);
  assert_int_equal(minihost_restore_bare(host, "/nowhere/at/all/ritornello.safetensors"), 0);
  fixture_start(host);
  minihost_run(host, 48000);
  assert_contains(minihost_property(host, "status"), "Ready");
  minihost_free(host);
}

/// A thread that restores again and again, as hosts do on session load.
struct restorer {
  struct minihost *host;
  const struct fixture *fixture;
};

static void *
restore_often(void *const argument)
{
  const struct restorer *const restorer = argument;
  for (int i = 0; i < 30; ++i) {
    minihost_restore_bare(restorer->host, i % 2 ? restorer->fixture->weights : restorer->fixture->other);
  }
  return NULL;
}

static void
restore_may_happen_while_it_runs(void **const state)
{
  const struct fixture *const fixture = *state;
  const struct minihost_options options = {.worker = MINIHOST_WORKER_THREAD};
  struct minihost *const host = fixture_host(fixture, &options);
  struct restorer restorer = {host, fixture};
  pthread_t thread;
  fixture_start(host);
  assert_int_equal(pthread_create(&thread, NULL, restore_often, &restorer), 0);
  for (int i = 0; i < 200; ++i) {
    minihost_run(host, 1024);
  }
  pthread_join(thread, NULL);
  minihost_run(host, 1024);
  assert_string_equal(minihost_property(host, "weights"), fixture->weights);
  fixture_finish(host);
}

static void
restore_before_activation_counts(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const host = fixture_host(fixture, NULL);
  minihost_deactivate(host);
  assert_int_equal(minihost_restore_bare(host, fixture->other), 0);
  minihost_activate(host);
  fixture_start(host);
  minihost_run(host, 10 * 48000);
  assert_string_equal(minihost_property(host, "weights"), fixture->other);
  assert_true(fixture_note_count(host) > 0);
  minihost_free(host);
}

/// Copy the note-ons of a host into one text, to compare.
static char *
notes_text(const struct minihost *const host)
{
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  char *const text = calloc(count + 1, 32);
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    used += (size_t)snprintf(text + used, 32, "%lld %02x %02x\n", (long long)events[i].tick, events[i].bytes[0],
                             events[i].bytes[1]);
  }
  return text;
}

static void
a_saved_state_plays_the_same_after_its_folder_was_moved(void **const state)
{
  const struct fixture *const fixture = *state;
  char folder[FIXTURE_PATH];
  char moved[FIXTURE_PATH];
  char gathered[FIXTURE_PATH];
  fixture_path(fixture, "state-saved", 1, folder);
  fixture_path(fixture, "state-moved", 0, moved);
  fixture_path(fixture, "state-moved/other.safetensors", 0, gathered);
  struct minihost *const host = fixture_host(fixture, NULL);
  minihost_set_weights(host, fixture->other);
  minihost_set(host, "seed", 16777215.0F);
  minihost_set(host, "style", 2.0F);
  minihost_set(host, "key", 13.0F);
  minihost_set(host, "temperature", 0.85F);
  minihost_run(host, 512);
  assert_int_equal(minihost_save(host, folder), 0);
  fixture_start(host);
  minihost_run(host, 10 * 48000);
  char *const before = notes_text(host);
  minihost_free(host);

  // Elsewhere, and with the weights in the session's folder instead of where they were
  assert_int_equal(rename(folder, moved), 0);
  assert_int_equal(rename(fixture->other, gathered), 0);
  struct minihost *const again = fixture_host(fixture, NULL);
  assert_int_equal(minihost_restore(again, moved), 0);
  assert_int_equal(rename(gathered, fixture->other), 0);
  assert_true(minihost_get(again, "seed") == 16777215.0F);
  assert_true(minihost_get(again, "style") == 2.0F);
  assert_true(minihost_get(again, "key") == 13.0F);
  assert_true(minihost_get(again, "temperature") == 0.85F);
  minihost_run(again, 512);
  fixture_start(again);
  minihost_run(again, 10 * 48000);
  char *const after = notes_text(again);
  assert_true(strlen(before) > 100);
  assert_string_equal(before, after);
  assert_contains(minihost_property(again, "weights"), "other");
  assert_contains(minihost_property(again, "status"), "Ready");
  free(before);
  free(after);
  minihost_free(again);
}

static void
a_preset_sets_the_style_and_plays(void **const state)
{
  static const struct {
    const char *uri;
    float style;
  } presets[] = {
      {MINIHOST_PLUGIN "#preset-mozart", 2.0F},
      {MINIHOST_PLUGIN "#preset-bach", 1.0F},
      {MINIHOST_PLUGIN "#preset-debussy", 9.0F},
  };
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  for (size_t i = 0; i < 3; ++i) {
    minihost_set(host, "temperature", 0.3F);
    assert_int_equal(minihost_preset(host, presets[i].uri), 0);
    minihost_run(host, 5 * 48000);
    assert_true(minihost_get(host, "style") == presets[i].style);
    assert_true(minihost_get(host, "temperature") == 1.0F);
  }
  assert_true(fixture_note_count(host) > 5);
  assert_contains(minihost_property(host, "status"), "Ready");
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
presets_are_scrolled_through_quickly(void **const state)
{
  static const char *const uris[] = {MINIHOST_PLUGIN "#preset-mozart", MINIHOST_PLUGIN "#preset-bach",
                                     MINIHOST_PLUGIN "#preset-debussy"};
  const struct minihost_options options = {.worker = MINIHOST_WORKER_THREAD};
  struct minihost *const host = fixture_host(*state, &options);
  fixture_start(host);
  for (int i = 0; i < 60; ++i) {
    assert_int_equal(minihost_preset(host, uris[i % 3]), 0);
    minihost_run(host, i % 4 ? 64 : 4800);
  }
  minihost_wait_for_worker(host);
  minihost_run(host, 20 * 48000);
  minihost_stop(host);
  minihost_run(host, 256);
  assert_true(fixture_note_count(host) > 5);
  assert_int_equal(minihost_sounding(host), 0);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
asking_for_everything_answers_everything(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const host = fixture_host(fixture, NULL);
  minihost_run(host, 512);
  minihost_ask(host);
  minihost_run(host, 512);
  assert_string_equal(minihost_property(host, "weights"), fixture->weights);
  assert_true(strlen(minihost_property(host, "title")) > 0);
  assert_true(strlen(minihost_property(host, "status")) > 0);
  assert_true(strlen(minihost_property(host, "styles")) > 0);
  minihost_free(host);
}

// A patch:Put of #lockBars and #thru, all in one.
static void
send_put(struct minihost *const host, const char *const bars)
{
  union {
    LV2_Atom atom; // For its alignment
    uint8_t bytes[512];
  } message;
  LV2_URID_Map *const map = minihost_map(host);
  LV2_Atom_Forge forge;
  LV2_Atom_Forge_Frame put;
  LV2_Atom_Forge_Frame body;
  lv2_atom_forge_init(&forge, map);
  lv2_atom_forge_set_buffer(&forge, message.bytes, sizeof message.bytes);
  lv2_atom_forge_object(&forge, &put, 0, map->map(map->handle, LV2_PATCH__Put));
  lv2_atom_forge_key(&forge, map->map(map->handle, LV2_PATCH__body));
  lv2_atom_forge_object(&forge, &body, 0, 0);
  lv2_atom_forge_key(&forge, map->map(map->handle, MINIHOST_PLUGIN "#lockBars"));
  lv2_atom_forge_string(&forge, bars, (uint32_t)strlen(bars));
  lv2_atom_forge_key(&forge, map->map(map->handle, MINIHOST_PLUGIN "#thru"));
  lv2_atom_forge_bool(&forge, false);
  lv2_atom_forge_pop(&forge, &body);
  lv2_atom_forge_pop(&forge, &put);
  minihost_send_atom(host, &message.atom);
}

// A patch:Get of one property.
static void
send_get(struct minihost *const host, const char *const property)
{
  union {
    LV2_Atom atom;
    uint8_t bytes[128];
  } message;
  LV2_URID_Map *const map = minihost_map(host);
  LV2_Atom_Forge forge;
  LV2_Atom_Forge_Frame get;
  lv2_atom_forge_init(&forge, map);
  lv2_atom_forge_set_buffer(&forge, message.bytes, sizeof message.bytes);
  lv2_atom_forge_object(&forge, &get, 0, map->map(map->handle, LV2_PATCH__Get));
  lv2_atom_forge_key(&forge, map->map(map->handle, LV2_PATCH__property));
  lv2_atom_forge_urid(&forge, map->map(map->handle, property));
  lv2_atom_forge_pop(&forge, &get);
  minihost_send_atom(host, &message.atom);
}

static void
a_put_sets_what_it_names_and_a_get_of_one_property_tells_that_one(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const host = fixture_host(fixture, NULL);
  minihost_run(host, 512);
  send_put(host, "3-4");
  minihost_run(host, 512);
  assert_string_equal(minihost_property(host, "lockBars"), "3-4");

  minihost_ask(host); // Forgets what was told
  minihost_run(host, 0);
  send_put(host, "no bars");
  send_get(host, MINIHOST_PLUGIN "#lockBars");
  minihost_run(host, 512);
  assert_string_equal(minihost_property(host, "lockBars"), "3-4");
  minihost_free(host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_fresh_instance_plays_the_bundled_weights),
      cmocka_unit_test(without_any_weights_it_is_silent_and_says_so),
      cmocka_unit_test(weights_are_swapped_while_it_plays),
      cmocka_unit_test(what_sounds_ends_when_other_weights_come),
      cmocka_unit_test(a_bad_weight_file_leaves_the_old_ones_playing),
      cmocka_unit_test(a_missing_weight_file_is_named_kept_and_survives_a_save),
      cmocka_unit_test(a_relative_path_is_the_hosts_to_resolve),
      cmocka_unit_test(a_moved_weight_file_is_found_in_the_bundle_by_its_name),
      cmocka_unit_test(restore_may_happen_while_it_runs),
      cmocka_unit_test(restore_before_activation_counts),
      cmocka_unit_test(a_saved_state_plays_the_same_after_its_folder_was_moved),
      cmocka_unit_test(a_preset_sets_the_style_and_plays),
      cmocka_unit_test(presets_are_scrolled_through_quickly),
      cmocka_unit_test(asking_for_everything_answers_everything),
      cmocka_unit_test(a_put_sets_what_it_names_and_a_get_of_one_property_tells_that_one),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
