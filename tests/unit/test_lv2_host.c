// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The offline host runs other people's plugins as they want to be run. Tests with a real plugin use mda-lv2's piano and are
// skipped where it is not installed.

#include "folder.h"
#include "instrument.h"
#include "lv2_host.h"
#include "lv2_instance.h"
#include "lv2_worker.h"

#include <lv2/midi/midi.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
make_host(void **const state)
{
  struct lv2_host *host = NULL;
  const enum status status = lv2_host_new(NULL, 48000.0, &host, NULL);
  *state = host;
  return (int)status;
}

static int
free_host(void **const state)
{
  lv2_host_free(*state);
  return 0;
}

static const LilvPlugin *
require_piano(const struct lv2_host *const host)
{
  const LilvPlugin *const plugin = lv2_host_plugin(host, INSTRUMENT_DEFAULT);
  if (!plugin) {
    skip();
  }
  return plugin;
}

static void
a_uri_has_one_number_and_a_number_one_uri(void **const state)
{
  struct lv2_host *const host = *state;
  for (unsigned i = 0; i < 500; ++i) {
    char uri[32];
    snprintf(uri, sizeof(uri), "urn:test:%u", i);
    const LV2_URID urid = lv2_host_map(host, uri);
    assert_true(urid > 0);
    assert_int_equal(host->map.map(host->map.handle, uri), urid);
    assert_string_equal(host->unmap.unmap(host->unmap.handle, urid), uri);
  }
  assert_null(host->unmap.unmap(host->unmap.handle, 0));
  assert_null(host->unmap.unmap(host->unmap.handle, 100000));
}

static void
what_is_not_installed_is_not_found(void **const state)
{
  struct lv2_host *const host = *state;
  struct error error;
  struct instrument *instrument = NULL;
  assert_null(lv2_host_plugin(host, "urn:test:nothing"));
  assert_null(lv2_host_plugin(host, "no uri at all"));
  assert_int_equal(instrument_new(host, "urn:test:nothing", &instrument, &error), STATUS_NOT_FOUND);
  assert_non_null(strstr(error.text, "urn:test:nothing"));
}

static void
a_bundle_that_is_not_there_is_an_error(void **const state)
{
  (void)state;
  struct lv2_host *host = NULL;
  struct error error;
  assert_int_equal(lv2_host_new("/nowhere/x.lv2", 48000.0, &host, &error), STATUS_NO_FILE);
  assert_non_null(strstr(error.text, "/nowhere/x.lv2"));
  assert_null(host);
}

static void
an_effect_is_no_instrument(void **const state)
{
  struct lv2_host *const host = *state;
  require_piano(host);
  struct error error;
  struct instrument *instrument = NULL;
  const char *const effect = "http://drobilla.net/plugins/mda/Ambience";
  assert_int_equal(instrument_new(host, effect, &instrument, &error), STATUS_BAD_VALUE);
  assert_null(instrument);
}

// Play a chord for half a second and let it go; say how loud it was at most, and in the last block
static void
play_chord(struct instrument *const instrument, float *const loudest, float *const last)
{
  static const uint8_t keys[] = {48, 64, 67};
  *loudest = *last = 0.0F;
  for (unsigned block = 0; block < 240; ++block) {
    for (unsigned i = 0; i < 3 && (block == 0 || block == 24); ++i) {
      const uint8_t message[3] = {block ? 0x80 : 0x90, keys[i], 100};
      instrument_midi(instrument, 100 * i, message, 3);
    }
    const float *left = NULL;
    const float *right = NULL;
    instrument_run(instrument, LV2_HOST_BLOCK, &left, &right);
    *last = 0.0F;
    for (unsigned i = 0; i < LV2_HOST_BLOCK; ++i) {
      *last = fmaxf(*last, fmaxf(fabsf(left[i]), fabsf(right[i])));
    }
    *loudest = fmaxf(*loudest, *last);
  }
}

static void
an_instrument_sounds_and_falls_silent(void **const state)
{
  struct lv2_host *const host = *state;
  require_piano(host);
  struct instrument *instrument = NULL;
  assert_int_equal(instrument_new(host, NULL, &instrument, NULL), STATUS_SUCCESS);
  assert_string_equal(instrument_name(instrument), "MDA Piano");
  float loudest = 0.0F;
  float last = 0.0F;
  play_chord(instrument, &loudest, &last);
  assert_true(loudest > 0.01F);
  assert_true(last < 0.01F * loudest);
  instrument_free(instrument);
}

// Write a bundle whose instrument is called `name`, and has no ports and no binary
static void
write_instrument(const struct folder *const folder, const char *const uri, const char *const name)
{
  char text[512];
  char path[64];
  snprintf(text, sizeof(text),
           "@prefix lv2: <http://lv2plug.in/ns/lv2core#> .\n@prefix doap: <http://usefulinc.com/ns/doap#> .\n"
           "<%s> a lv2:Plugin , lv2:InstrumentPlugin ; lv2:binary <none.so> ; doap:name \"%s\" .\n",
           uri, name);
  snprintf(path, sizeof(path), "%s.lv2/manifest.ttl", strrchr(uri, ':') + 1);
  folder_write_text(folder, path, text);
}

static void
without_the_usual_piano_another_is_taken_and_at_last_the_one_built_in(void **const state)
{
  const struct folder *const folder = *state;
  write_instrument(folder, "urn:test:b", "Grand PIANO");
  write_instrument(folder, "urn:test:a", "Pianola");
  write_instrument(folder, "urn:test:c", "Organ");
  char *const path = strdup(getenv("LV2_PATH") ? getenv("LV2_PATH") : "");
  setenv("LV2_PATH", folder->path, 1);

  struct lv2_host *host = NULL;
  struct instrument *instrument = NULL;
  assert_int_equal(lv2_host_new(NULL, 48000.0, &host, NULL), STATUS_SUCCESS);
  assert_ptr_equal(lv2_host_next_instrument(host, "piano", NULL), lv2_host_plugin(host, "urn:test:a"));
  assert_ptr_equal(lv2_host_next_instrument(host, "piano", "urn:test:a"), lv2_host_plugin(host, "urn:test:b"));
  assert_null(lv2_host_next_instrument(host, "piano", "urn:test:b"));
  assert_int_equal(instrument_new(host, NULL, &instrument, NULL), STATUS_SUCCESS); // The others don't work
  assert_string_equal(instrument_name(instrument), "the built-in piano");
  float loudest = 0.0F;
  float last = 0.0F;
  play_chord(instrument, &loudest, &last);
  assert_true(loudest > 0.01F);
  instrument_free(instrument);
  lv2_host_free(host);

  *path ? setenv("LV2_PATH", path, 1) : unsetenv("LV2_PATH");
  free(path);
}

static void
presets_are_found_by_label_and_listed(void **const state)
{
  struct lv2_host *const host = *state;
  const LilvPlugin *const plugin = require_piano(host);
  char labels[256];
  lv2_host_list_presets(host, plugin, "Pianola", labels, sizeof(labels));
  assert_non_null(strstr(labels, "Broken Piano, Compressed Piano, Concert Piano"));
  lv2_host_list_presets(host, plugin, "BROK", labels, sizeof(labels));
  assert_string_equal(labels, "Broken Piano");
  lv2_host_list_presets(host, plugin, "Pianola", labels, 40);
  assert_true(strlen(labels) < 40);
  assert_non_null(strstr(labels, "Broken Piano and "));
  assert_non_null(strstr(labels, " more"));
  lv2_host_list_presets(host, plugin, "Pianola", labels, 10);
  assert_true(strlen(labels) < 10);

  char *const uri = lv2_host_find_preset(host, plugin, "dark PIANO");
  assert_non_null(uri);
  char *const same = lv2_host_find_preset(host, plugin, uri);
  assert_string_equal(uri, same);
  assert_null(lv2_host_find_preset(host, plugin, "Pianola"));

  struct lv2_instance *instance = NULL;
  assert_int_equal(lv2_instance_new(host, plugin, &instance, NULL), STATUS_SUCCESS);
  assert_int_equal(lv2_instance_restore(instance, uri, NULL), STATUS_SUCCESS);
  assert_int_equal(lv2_instance_restore(instance, "urn:test:nothing", NULL), STATUS_NOT_FOUND);
  lv2_instance_free(instance);
  free(same);
  free(uri);
}

static void
controls_are_set_by_symbol_within_their_range(void **const state)
{
  struct lv2_host *const host = *state;
  const LilvPlugin *const plugin = require_piano(host);
  struct lv2_instance *instance = NULL;
  struct error error;
  assert_int_equal(lv2_instance_new(host, plugin, &instance, NULL), STATUS_SUCCESS);
  assert_int_equal(lv2_instance_set(instance, "env_decay", "0.25", NULL), STATUS_SUCCESS);
  assert_int_equal(lv2_instance_set(instance, "env_decay", "1.25", &error), STATUS_BAD_VALUE);
  assert_non_null(strstr(error.text, "env_decay"));
  assert_int_equal(lv2_instance_set(instance, "no_such", "1", &error), STATUS_NOT_FOUND);
  assert_non_null(strstr(error.text, "no_such"));
  lv2_instance_free(instance);
}

static void
an_event_input_takes_events_until_it_is_full(void **const state)
{
  struct lv2_host *const host = *state;
  const LilvPlugin *const plugin = require_piano(host);
  struct lv2_instance *instance = NULL;
  assert_int_equal(lv2_instance_new(host, plugin, &instance, NULL), STATUS_SUCCESS);
  struct lv2_events *const events = lv2_instance_events(instance, true, LV2_MIDI__MidiEvent);
  assert_non_null(events);
  assert_null(lv2_instance_events(instance, false, LV2_MIDI__MidiEvent));

  const uint8_t message[3] = {0x90, 60, 1};
  unsigned count = 0;
  while (count < 1000000 && lv2_events_append(events, 0, host->urids.midi_event, 3, message)) {
    ++count;
  }
  assert_true(count > 1000 && count < 1000000);
  assert_true(events->sequence->atom.size + sizeof(LV2_Atom) <= events->capacity);
  lv2_instance_run(instance, LV2_HOST_BLOCK);
  assert_true(lv2_events_append(events, 0, host->urids.midi_event, 3, message));
  lv2_instance_free(instance);
}

// A plugin that asks its worker to count down, one step per request
struct countdown {
  struct lv2_worker worker;
  int done;
  int answered;
  int ended;
};

static LV2_Worker_Status
count_work(LV2_Handle handle,
           LV2_Worker_Respond_Function respond,
           LV2_Worker_Respond_Handle respond_handle,
           const uint32_t size,
           const void *const data)
{
  struct countdown *const countdown = handle;
  ++countdown->done;
  return respond(respond_handle, size, data);
}

static LV2_Worker_Status
count_response(LV2_Handle handle, const uint32_t size, const void *const data)
{
  struct countdown *const countdown = handle;
  int left = 0;
  assert_int_equal(size, sizeof(left));
  memcpy(&left, data, sizeof(left));
  ++countdown->answered;
  if (--left > 0) {
    countdown->worker.schedule.schedule_work(countdown->worker.schedule.handle, sizeof(left), &left);
  }
  return LV2_WORKER_SUCCESS;
}

static LV2_Worker_Status
count_end(LV2_Handle handle)
{
  struct countdown *const countdown = handle;
  ++countdown->ended;
  return LV2_WORKER_SUCCESS;
}

static void
the_worker_does_all_that_is_asked_and_all_that_comes_of_it(void **const state)
{
  (void)state;
  static const LV2_Worker_Interface interface = {count_work, count_response, count_end};
  struct countdown countdown = {.done = 0};
  lv2_worker_begin(&countdown.worker);
  countdown.worker.plugin = &interface;
  countdown.worker.handle = &countdown;
  for (int steps = 3; steps <= 4; ++steps) {
    countdown.worker.schedule.schedule_work(countdown.worker.schedule.handle, sizeof(steps), &steps);
  }
  lv2_worker_run(&countdown.worker);
  assert_int_equal(countdown.done, 7);
  assert_int_equal(countdown.answered, 7);
  assert_int_equal(countdown.ended, 1);
  lv2_worker_end(&countdown.worker);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_uri_has_one_number_and_a_number_one_uri, make_host, free_host),
      cmocka_unit_test_setup_teardown(what_is_not_installed_is_not_found, make_host, free_host),
      cmocka_unit_test(a_bundle_that_is_not_there_is_an_error),
      cmocka_unit_test_setup_teardown(an_effect_is_no_instrument, make_host, free_host),
      cmocka_unit_test_setup_teardown(an_instrument_sounds_and_falls_silent, make_host, free_host),
      cmocka_unit_test_setup_teardown(without_the_usual_piano_another_is_taken_and_at_last_the_one_built_in,
                                      folder_setup, folder_teardown),
      cmocka_unit_test_setup_teardown(presets_are_found_by_label_and_listed, make_host, free_host),
      cmocka_unit_test_setup_teardown(controls_are_set_by_symbol_within_their_range, make_host, free_host),
      cmocka_unit_test_setup_teardown(an_event_input_takes_events_until_it_is_full, make_host, free_host),
      cmocka_unit_test(the_worker_does_all_that_is_asked_and_all_that_comes_of_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
