// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Sessions: the take is saved with the state and comes back, in every way that hosts save and restore. The composer has all the
// time it needs here, so that what is compared does not depend on the machine. The program also is the other process of its own
// tests: "test_host_sessions --play BUNDLE STATE OUTPUT" restores a session and writes what it plays.

#include "fixture.h"

#include "engine/midi_file.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { BAR = 96000, TEXT_SIZE = 1 << 20 }; // Frames of a bar at 120 bpm

static void
assert_contains(const char *const text, const char *const part)
{
  if (!strstr(text, part)) {
    fail_msg("\"%s\" is not in \"%s\"", part, text);
  }
}

/// Play `bars` bars from bar `bar` on and stop; the text of what was played, frames counted from there. The caller frees it.
static char *
play_from(struct minihost *const host, const int64_t bar, const int bars)
{
  minihost_set(host, "freewheel", 1.0F);
  minihost_stop(host);
  minihost_run(host, 1024);
  minihost_locate(host, bar + 500, 0.0); // From near by, it would be no jump
  minihost_run(host, 1024);
  minihost_locate(host, bar, 0.0);
  minihost_run(host, 48000);
  minihost_forget_events(host);
  const int64_t begin = minihost_song(host)->frame;
  minihost_play(host);
  minihost_run(host, (int64_t)BAR * bars);
  minihost_stop(host);
  minihost_run(host, 1024);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  char *const text = calloc(count + 1, 48);
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    used += (size_t)snprintf(text + used, 48, "%lld %02x %d %d\n", (long long)(events[i].frame - begin),
                             events[i].bytes[0], events[i].bytes[1], events[i].bytes[2]);
  }
  return text;
}

/// A session in which the user has done much: automation, regenerated music, an undo, locked bars.
static void
work_on(struct minihost *const host)
{
  minihost_set(host, "freewheel", 1.0F);
  minihost_set(host, "seed", 4711.0F);
  minihost_set(host, "humanize", 30.0F);
  minihost_run(host, 48000);
  minihost_play(host);
  for (int bar = 0; bar < 8; ++bar) {
    minihost_set(host, "temperature", 0.6F + 0.1F * (float)bar);
    minihost_run(host, BAR);
  }
  minihost_set_bars(host, "lockBars", "2-3");
  minihost_locate(host, 1, 0.0);
  minihost_set(host, "key", 8.0F);
  minihost_run(host, 3 * (int64_t)BAR);
  minihost_set(host, "regenerate", 1.0F);
  minihost_run(host, 4 * (int64_t)BAR);
  minihost_set(host, "regenerate", 0.0F);
  minihost_run(host, 256);
  minihost_set(host, "undo", 1.0F);
  minihost_run(host, BAR);
  minihost_set(host, "undo", 0.0F);
  minihost_stop(host);
  minihost_run(host, 1024);
}

/// What the other process does.
static int
play_elsewhere(char **const arguments)
{
  const struct minihost_options options = {.bundle = arguments[0]};
  struct minihost *const host = minihost_new(&options);
  if (!host || minihost_restore(host, arguments[1]) != 0) {
    return EXIT_FAILURE;
  }
  char *const text = play_from(host, 0, 16);
  FILE *const file = fopen(arguments[2], "wb");
  const int written = file && fputs(text, file) >= 0 && fputs(minihost_property(host, "status"), file) >= 0;
  const int closed = file && fclose(file) == 0;
  free(text);
  minihost_free(host);
  return written && closed ? EXIT_SUCCESS : EXIT_FAILURE;
}

/// What a session that is restored in a process of its own plays, and then its status; the caller frees it.
static char *
played_elsewhere(const struct fixture *const fixture, const char *const folder)
{
  char output[FIXTURE_PATH];
  fixture_path(fixture, "played.txt", 0, output);
  const pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", "test_host_sessions", "--play", fixture->bundle, folder, output, (char *)NULL);
    _exit(127);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
  FILE *const file = fopen(output, "rb");
  assert_non_null(file);
  char *const text = calloc(1, TEXT_SIZE);
  assert_true(fread(text, 1, TEXT_SIZE - 1, file) > 100);
  fclose(file);
  return text;
}

/// The first `text` must begin with the second.
static void
assert_begins(const char *const text, const char *const beginning)
{
  for (size_t i = 0; i < strlen(beginning); ++i) {
    if (text[i] != beginning[i]) {
      fail_msg("after %zu of %zu bytes there is \"%.40s\" instead of \"%.40s\"", i, strlen(beginning), text + i,
               beginning + i);
    }
  }
}

static void
a_saved_session_plays_the_same_bytes_in_a_new_process(void **const state)
{
  const struct fixture *const fixture = *state;
  char folder[FIXTURE_PATH];
  char moved[FIXTURE_PATH];
  fixture_path(fixture, "session", 1, folder);
  fixture_path(fixture, "session-moved", 0, moved);
  struct minihost *const host = fixture_host(fixture, NULL);
  work_on(host);
  assert_int_equal(minihost_save(host, folder), 0);
  char *const here = play_from(host, 0, 16); // Eight bars that were saved, and as many that follow
  assert_true(strlen(here) > 2000);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);

  char *const there = played_elsewhere(fixture, folder);
  assert_begins(there, here);
  assert_contains(there + strlen(here), "Ready");
  free(there);

  // And if the session's folder was moved
  assert_int_equal(rename(folder, moved), 0);
  char *const elsewhere = played_elsewhere(fixture, moved);
  assert_begins(elsewhere, here);
  free(elsewhere);
  free(here);
}

static void
a_session_whose_weights_are_gone_says_so_and_plays_its_take(void **const state)
{
  const struct fixture *const fixture = *state;
  char folder[FIXTURE_PATH];
  char again[FIXTURE_PATH];
  char mine[FIXTURE_PATH];
  fixture_path(fixture, "session-gone", 1, folder);
  fixture_path(fixture, "session-gone-again", 1, again);
  fixture_path(fixture, "mine.safetensors", 0, mine);
  assert_int_equal(fixture_random_weights(mine, 3), 0);
  struct minihost *const host = fixture_host(fixture, NULL);
  minihost_set_weights(host, mine);
  work_on(host);
  assert_string_equal(minihost_property(host, "weights"), mine);
  assert_int_equal(minihost_save(host, folder), 0);
  char *const here = play_from(host, 0, 4);
  minihost_free(host);
  assert_int_equal(unlink(mine), 0);

  // lilv leaves a link to files outside of the folder there
  char link[FIXTURE_PATH];
  fixture_path(fixture, "session-gone/mine.safetensors", 0, link);
  unlink(link);

  struct minihost *const other = fixture_host(fixture, NULL);
  assert_int_equal(minihost_restore(other, folder), 0);
  char *const there = play_from(other, 0, 4);
  assert_string_equal(there, here);
  char *const beyond = play_from(other, 0, 16);
  assert_true(strlen(beyond) > 2 * strlen(here)); // What was saved ends, and the bundle's weights go on
  free(beyond);
  assert_contains(minihost_property(other, "status"), "mine.safetensors");
  assert_contains(minihost_property(other, "weights"), "mine.safetensors");
  assert_int_equal(minihost_save(other, again), 0);
  minihost_free(other);

  // The path is still the one asked for after it was saved once more
  struct minihost *const third = fixture_host(fixture, NULL);
  assert_int_equal(minihost_restore(third, again), 0);
  minihost_run(third, 1024);
  assert_contains(minihost_property(third, "weights"), "mine.safetensors");
  minihost_free(third);
  free(here);
  free(there);
}

/// A host with a session that was worked on, saved without any feature.
static struct minihost *
host_with_session(const struct fixture *const fixture, struct minihost_state *const saved)
{
  struct minihost *const host = fixture_host(fixture, NULL);
  work_on(host);
  assert_int_equal(minihost_save_bare(host, saved), 0);
  return host;
}

/// Set the ports of `to` to what they are on `from`.
static void
copy_ports(struct minihost *const from, struct minihost *const to)
{
  static const char *const symbols[] = {"seed", "humanize", "temperature", "key"};
  for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; ++i) {
    minihost_set(to, symbols[i], minihost_get(from, symbols[i]));
  }
}

static void
a_take_comes_back_without_features_and_files(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost_state saved = {.count = 0};
  struct minihost *const host = host_with_session(fixture, &saved);
  struct minihost *const other = fixture_host(fixture, NULL);
  copy_ports(host, other);
  assert_int_equal(minihost_restore_state(other, &saved), 0);
  char *const here = play_from(host, 0, 12);
  char *const there = play_from(other, 0, 12);
  assert_string_equal(here, there);
  assert_string_equal(minihost_property(other, "lockBars"), "2-3");
  free(here);
  free(there);
  minihost_state_free(&saved);
  minihost_free(host);
  minihost_free(other);
}

static void
a_take_comes_back_before_activation(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost_state saved = {.count = 0};
  struct minihost *const host = host_with_session(fixture, &saved);
  struct minihost *const other = fixture_host(fixture, NULL);
  minihost_deactivate(other);
  copy_ports(host, other);
  assert_int_equal(minihost_restore_state(other, &saved), 0);

  // Saved before it ever ran, it still is the same
  struct minihost_state again = {.count = 0};
  assert_int_equal(minihost_save_bare(other, &again), 0);
  minihost_activate(other);
  struct minihost *const third = fixture_host(fixture, NULL);
  copy_ports(host, third);
  assert_int_equal(minihost_restore_state(third, &again), 0);
  char *const here = play_from(host, 0, 12);
  char *const there = play_from(other, 0, 12);
  char *const elsewhere = play_from(third, 0, 12);
  assert_string_equal(here, there);
  assert_string_equal(here, elsewhere);
  free(here);
  free(there);
  free(elsewhere);
  minihost_state_free(&saved);
  minihost_state_free(&again);
  minihost_free(host);
  minihost_free(other);
  minihost_free(third);
}

static void
the_take_first_restored_is_the_take(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost_state first = {.count = 0};
  struct minihost_state second = {.count = 0};
  struct minihost *const host = host_with_session(fixture, &first);
  struct minihost *const second_host = fixture_host(fixture, NULL);
  minihost_set(second_host, "seed", 5.0F);
  free(play_from(second_host, 0, 4));
  assert_int_equal(minihost_save_bare(second_host, &second), 0);
  minihost_free(second_host);

  for (int runs = 0; runs < 2; ++runs) {
    struct minihost *const other = fixture_host(fixture, NULL);
    copy_ports(host, other);
    assert_int_equal(minihost_restore_state(other, &first), 0);
    minihost_run(other, runs ? 1024 : 0);
    assert_int_equal(minihost_restore_state(other, &second), 0);
    assert_int_equal(minihost_restore_state(other, &first), 0);
    char *const here = play_from(host, 0, 8);
    char *const there = play_from(other, 0, 8);
    assert_string_equal(here, there);
    free(here);
    free(there);
    minihost_free(other);
  }
  minihost_state_free(&first);
  minihost_state_free(&second);
  minihost_free(host);
}

static void
a_take_that_was_heard_stays_whatever_is_restored(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost_state saved = {.count = 0};
  minihost_free(host_with_session(fixture, &saved));
  struct minihost *const host = fixture_host(fixture, NULL);
  char *const before = play_from(host, 0, 6);
  assert_int_equal(minihost_restore_state(host, &saved), 0); // With a take, as in a preset that a host saved
  char *const after = play_from(host, 0, 6);
  assert_string_equal(before, after);
  assert_int_equal(minihost_restore_bare(host, fixture->weights), 0); // Without, as of an older version
  char *const at_last = play_from(host, 0, 6);
  assert_string_equal(before, at_last);
  free(before);
  free(after);
  free(at_last);
  minihost_state_free(&saved);
  minihost_free(host);
}

static void
unknown_keys_are_passed_over(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost_state saved = {.count = 0};
  struct minihost *const host = host_with_session(fixture, &saved);
  minihost_state_set(&saved, "somethingNew", "/nowhere");
  struct minihost *const other = fixture_host(fixture, NULL);
  copy_ports(host, other);
  assert_int_equal(minihost_restore_state(other, &saved), 0);
  char *const here = play_from(host, 0, 4);
  char *const there = play_from(other, 0, 4);
  assert_string_equal(here, there);
  free(here);
  free(there);
  minihost_state_free(&saved);
  minihost_free(host);
  minihost_free(other);
}

static void
a_take_that_cannot_be_read_is_named_and_the_music_begins_anew(void **const state)
{
  const struct fixture *const fixture = *state;
  static const char *const contents[] = {NULL, "", "this is no music",
                                         "MThd\0\0\0\6\0\1\0\1\0\x18MTrk\0\0\0\4\0\xFF\x2F\0"};
  static const size_t sizes[] = {0, 0, 16, 26};
  char path[FIXTURE_PATH];
  fixture_path(fixture, "bad-take.mid", 0, path);
  for (size_t i = 0; i < 4; ++i) {
    FILE *const file = contents[i] ? fopen(path, "wb") : NULL;
    assert_true(!contents[i] || file);
    assert_true(!file || (fwrite(contents[i], 1, sizes[i], file) == sizes[i] && fclose(file) == 0));
    struct minihost_state saved = {.count = 0};
    minihost_state_set(&saved, "weights", fixture->weights);
    minihost_state_set(&saved, "take", path);
    struct minihost *const host = fixture_host(fixture, NULL);
    assert_int_equal(minihost_restore_state(host, &saved), 0);
    minihost_run(host, 1024);
    assert_contains(minihost_property(host, "status"), "no take was restored");
    char *const text = play_from(host, 0, 4);
    assert_true(strlen(text) > 100);
    free(text);
    minihost_state_free(&saved);
    minihost_free(host);
    unlink(path);
  }
}

static void
the_saved_file_is_music_to_other_programs(void **const state)
{
  const struct fixture *const fixture = *state;
  char folder[FIXTURE_PATH];
  char path[FIXTURE_PATH];
  fixture_path(fixture, "session-music", 1, folder);
  fixture_path(fixture, "session-music/take.mid", 0, path);
  struct minihost *const host = fixture_host(fixture, NULL);
  char *const text = play_from(host, 0, 6);
  assert_int_equal(minihost_save(host, folder), 0);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  struct midi_file file;
  assert_int_equal(midi_file_read(path, &file, NULL), STATUS_SUCCESS);
  assert_true(file.note_count > 20);
  assert_true(file.tempos[0].microseconds == 500000);
  assert_non_null(file.title);
  size_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    if ((events[i].bytes[0] & 0xF0U) == 0x90U) {
      const int64_t onset = events[i].tick * file.division / 24;
      bool is_there = false;
      for (size_t k = 0; k < file.note_count; ++k) {
        is_there = is_there || (file.notes[k].onset == onset && file.notes[k].pitch == events[i].bytes[1] &&
                                file.notes[k].velocity == events[i].bytes[2]);
      }
      assert_true(is_there);
      ++at;
    }
  }
  assert_true(at > 10);
  midi_file_free(&file);
  free(text);
  minihost_free(host);
}

static void
a_fresh_instance_saves_no_take(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const host = fixture_host(fixture, NULL);
  struct minihost_state saved = {.count = 0};
  minihost_run(host, 48000); // It composes ahead, but nobody has heard that
  assert_int_equal(minihost_save_bare(host, &saved), 0);
  assert_int_equal(saved.count, 3); // The weights, twice, and MIDI thru
  minihost_state_free(&saved);
  minihost_free(host);
}

static void
the_host_is_told_once_that_there_is_something_to_save(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost_state saved = {.count = 0};
  struct minihost *const host = fixture_host(fixture, NULL);
  minihost_run(host, 48000);
  assert_int_equal(minihost_changes(host), 0);
  free(play_from(host, 0, 4));
  assert_int_equal(minihost_changes(host), 1);
  assert_int_equal(minihost_save_bare(host, &saved), 0);
  minihost_run(host, 4096);
  assert_int_equal(minihost_changes(host), 1);
  free(play_from(host, 3, 4));
  assert_int_equal(minihost_changes(host), 2);
  minihost_state_free(&saved);
  minihost_free(host);
}

/// A thread that saves again and again.
struct saver {
  struct minihost *host;
  struct minihost_state state; ///< The last one
  unsigned saves;
  atomic_bool is_over;
};

static void *
save_often(void *const argument)
{
  struct saver *const saver = argument;
  while (!atomic_load(&saver->is_over) || saver->saves < 3) {
    minihost_state_free(&saver->state);
    if (minihost_save_bare(saver->host, &saver->state) != 0) {
      return NULL;
    }
    ++saver->saves;
  }
  return argument;
}

static void
saving_beside_run_changes_nothing(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const quiet = fixture_host(fixture, NULL);
  work_on(quiet);
  char *const wanted = play_from(quiet, 0, 12);
  const float late = minihost_get(quiet, "late");
  minihost_free(quiet);

  struct saver saver = {.host = fixture_host(fixture, NULL)};
  pthread_t thread;
  work_on(saver.host);
  assert_int_equal(pthread_create(&thread, NULL, save_often, &saver), 0);
  char *const text = play_from(saver.host, 0, 12);
  atomic_store(&saver.is_over, true);
  void *result = NULL;
  pthread_join(thread, &result); // Nothing runs any more, and it still comes to its end
  assert_ptr_equal(result, &saver);
  assert_string_equal(text, wanted);
  assert_true(minihost_get(saver.host, "late") == late);

  // And what was saved last is all of it
  struct minihost *const other = fixture_host(fixture, NULL);
  copy_ports(saver.host, other);
  assert_int_equal(minihost_restore_state(other, &saver.state), 0);
  char *const again = play_from(other, 0, 12);
  assert_string_equal(again, wanted);
  minihost_state_free(&saver.state);
  minihost_free(saver.host);
  minihost_free(other);
  free(wanted);
  free(text);
  free(again);
}

int
main(const int count, char **const arguments)
{
  if (count == 5 && !strcmp(arguments[1], "--play")) {
    return play_elsewhere(arguments + 2);
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_saved_session_plays_the_same_bytes_in_a_new_process),
      cmocka_unit_test(a_session_whose_weights_are_gone_says_so_and_plays_its_take),
      cmocka_unit_test(a_take_comes_back_without_features_and_files),
      cmocka_unit_test(a_take_comes_back_before_activation),
      cmocka_unit_test(the_take_first_restored_is_the_take),
      cmocka_unit_test(a_take_that_was_heard_stays_whatever_is_restored),
      cmocka_unit_test(unknown_keys_are_passed_over),
      cmocka_unit_test(a_take_that_cannot_be_read_is_named_and_the_music_begins_anew),
      cmocka_unit_test(the_saved_file_is_music_to_other_programs),
      cmocka_unit_test(a_fresh_instance_saves_no_take),
      cmocka_unit_test(the_host_is_told_once_that_there_is_something_to_save),
      cmocka_unit_test(saving_beside_run_changes_nothing),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
