// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Faults in the plugin, while it is made, loads weights, saves, restores, exports and draws: it fails cleanly or goes on with
// what it had, says so in one sentence, leaves no half-written file and gives everything back.
//
// Usage: test_plugin_faults [--more | --all]

#include "campaign.h"

#include "fixture.h"

#include "engine/midi_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Bars of a take that are more than what is composed ahead at once.
static const float LONG_BARS = 10.0F;

enum { RATE = 48000, PATH = FIXTURE_PATH + 300 };

/// What all scenarios stand on.
struct ground {
  struct fixture *fixture;
  char state[FIXTURE_PATH];   ///< Folder of a state, with a take
  char weights[PATH];         ///< Path that the state names
  struct minihost_state bare; ///< The same in memory
};

static void
arm(struct faults *const faults, const bool is_armed)
{
  atomic_store(&faults->is_armed, is_armed);
}

static struct minihost *
new_host(const struct ground *const ground)
{
  const struct minihost_options options = {.bundle = ground->fixture->bundle, .block = 256, .inline_display = 1};
  return minihost_new(&options);
}

/// A host that plays, with notes in its take.
static struct minihost *
playing_host(const struct ground *const ground)
{
  struct minihost *const host = new_host(ground);
  if (!host) {
    abort();
  }
  minihost_run(host, RATE);
  minihost_play(host);
  minihost_run(host, 4 * (int64_t)RATE);
  return host;
}

/// What the plugin says of itself now.
static const char *
status_of(struct minihost *const host)
{
  minihost_ask(host);
  minihost_run(host, 512);
  return minihost_property(host, "status");
}

/// Whether the plugin says that all is well.
static bool
is_ready(const char *const status)
{
  return !strncmp(status, "Ready", 5);
}

/// Whether `status` tells of a failure in a sentence.
static bool
tells(const char *const status, const char *const of)
{
  return strstr(status, of) && strlen(status) > 20 && !strstr(status, "Success");
}

/// The session has to go on: new notes, and no rule broken.
static void
expect_music(struct faults *const faults, struct minihost *const host)
{
  const size_t notes = fixture_note_count(host);
  minihost_play(host);
  minihost_run(host, 4 * (int64_t)RATE);
  if (fixture_note_count(host) == notes) {
    campaign_complain(faults, "no notes come any more");
  }
  if (minihost_faults(host) > 0) {
    campaign_complain(faults, "MIDI out is broken");
  }
}

// Scenarios

static void
instantiate(struct faults *const faults, void *const data)
{
  arm(faults, true);
  struct minihost *const host = new_host(data);
  if (host) {
    minihost_run(host, RATE);
    minihost_play(host);
    minihost_run(host, RATE);
  }
  arm(faults, false);
  if (host && is_ready(status_of(host))) {
    expect_music(faults, host);
  } else if (host && !tells(status_of(host), "nothing can play without weights")) {
    campaign_complain(faults, "it says `%s'", status_of(host));
  } else if (!atomic_load(&faults->is_injected)) {
    campaign_complain(faults, "there is no instance");
  }
  minihost_free(host);
}

static void
load(struct faults *const faults, void *const data)
{
  const struct ground *const ground = data;
  struct minihost *const host = playing_host(ground);
  arm(faults, true);
  minihost_set_weights(host, ground->fixture->other);
  minihost_run(host, RATE);
  arm(faults, false);
  const char *const status = status_of(host);
  const bool is_loaded = !strcmp(minihost_property(host, "weights"), ground->fixture->other);
  if (is_ready(status) ? !is_loaded : !tells(status, "the weights before play on")) {
    campaign_complain(faults, "it says `%s'", status);
  }
  expect_music(faults, host);
  minihost_free(host);
}

/// Whether two states hold the same.
static bool
equals(const struct minihost_state *const a, const struct minihost_state *const b)
{
  bool same = a->count == b->count;
  for (size_t i = 0; same && i < a->count; ++i) {
    same = !strcmp(a->items[i].key, b->items[i].key) && a->items[i].size == b->items[i].size &&
           !memcmp(a->items[i].value, b->items[i].value, a->items[i].size);
  }
  return same;
}

/// What it says of a state that it could not save.
static void
expect_told(struct faults *const faults, struct minihost *const host, const bool is_saved)
{
  const char *const status = status_of(host);
  if (is_saved == (strstr(status, "could not be saved") != NULL)) {
    campaign_complain(faults, "the take is %s, but it says `%s'", is_saved ? "saved" : "not saved", status);
  }
}

static void
save_bare(struct faults *const faults, void *const data)
{
  struct minihost *const host = playing_host(data);
  struct minihost_state before = {.count = 0};
  struct minihost_state during = {.count = 0};
  struct minihost_state after = {.count = 0};
  minihost_save_bare(host, &before);
  arm(faults, true);
  const bool is_saved = minihost_save_bare(host, &during) == 0;
  arm(faults, false);
  if (is_saved && !equals(&before, &during)) {
    campaign_complain(faults, "another state is saved, without an error");
  }
  expect_told(faults, host, is_saved);
  if (minihost_save_bare(host, &after) != 0) {
    campaign_complain(faults, "nothing can be saved any more");
  }
  expect_told(faults, host, true);
  expect_music(faults, host);
  minihost_state_free(&before);
  minihost_state_free(&during);
  minihost_state_free(&after);
  minihost_free(host);
}

/// All of `folder` must be whole; there must be at least `least` takes.
static void
expect_whole(struct faults *const faults, const char *const folder, const unsigned least)
{
  unsigned takes = 0;
  DIR *const directory = opendir(folder);
  for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    const char *const ending = strrchr(entry->d_name, '.');
    char path[PATH];
    snprintf(path, sizeof path, "%s/%.255s", folder, entry->d_name);
    if (ending && !strcmp(ending, ".part")) {
      campaign_complain(faults, "%s is left", entry->d_name);
    }
    if (ending && !strcmp(ending, ".mid")) {
      struct midi_file file = {.format = 1};
      if (midi_file_read(path, &file, NULL) != STATUS_SUCCESS || file.note_count == 0) {
        campaign_complain(faults, "%s is not whole", entry->d_name);
      }
      midi_file_free(&file);
      ++takes;
    }
  }
  closedir(directory);
  if (takes < least) {
    campaign_complain(faults, "there are %u takes in the folder", takes);
  }
}

/// The state in `folder` has to bring back its take.
static void
expect_saved(struct faults *const faults, const struct ground *const ground, const char *const folder)
{
  struct minihost *const host = new_host(ground);
  minihost_restore(host, folder);
  minihost_run(host, 512);
  if (minihost_get(host, "bars") < LONG_BARS) {
    campaign_complain(faults, "it says nothing, but no take comes back");
  }
  minihost_free(host);
}

static void
save_files(struct faults *const faults, void *const data)
{
  const struct ground *const ground = data;
  struct minihost *const host = playing_host(ground);
  char folder[FIXTURE_PATH];
  snprintf(folder, sizeof folder, "%.900s/%ld", ground->fixture->folder, (long)getpid());
  minihost_save(host, folder);
  minihost_run(host, 20 * (int64_t)RATE); // So that the next one is another, and long
  arm(faults, true);
  minihost_save(host, folder);
  arm(faults, false);
  expect_whole(faults, folder, 1);
  const bool is_saved = !strstr(status_of(host), "could not be saved");
  expect_music(faults, host);
  minihost_free(host);
  if (is_saved) {
    expect_saved(faults, ground, folder);
  }
}

/// After restoring: the take is there, or it is told that it is not.
static void
expect_restored(struct faults *const faults, struct minihost *const host)
{
  const char *const status = status_of(host);
  const float bars = minihost_get(host, "bars");
  if (bars < LONG_BARS && !tells(status, "no take was restored") && !tells(status, "weights")) {
    campaign_complain(faults, "%g bars are restored, and it says `%s'", (double)bars, status);
  }
  expect_music(faults, host);
  minihost_free(host);
}

static void
restore_files(struct faults *const faults, void *const data)
{
  const struct ground *const ground = data;
  struct minihost *const host = new_host(ground);
  arm(faults, true);
  minihost_restore(host, ground->state);
  minihost_run(host, 512);
  arm(faults, false);
  expect_restored(faults, host);
}

static void
restore_bare(struct faults *const faults, void *const data)
{
  const struct ground *const ground = data;
  struct minihost *const host = new_host(ground);
  arm(faults, true);
  minihost_restore_state(host, &ground->bare);
  minihost_run(host, 512);
  arm(faults, false);
  expect_restored(faults, host);
}

/// Read all of a file; the caller frees it.
static char *
read_file(const char *const path, size_t *const size)
{
  FILE *const file = fopen(path, "rb");
  char *const bytes = calloc(1, 1 << 22);
  *size = file ? fread(bytes, 1, 1 << 22, file) : 0;
  if (file) {
    fclose(file);
  }
  return bytes;
}

static void
export_take(struct faults *const faults, void *const data)
{
  const struct ground *const ground = data;
  struct minihost *const host = playing_host(ground);
  char folder[FIXTURE_PATH];
  char path[PATH];
  snprintf(folder, sizeof folder, "%.900s/%ld", ground->fixture->folder, (long)getpid());
  fixture_path(ground->fixture, folder + strlen(ground->fixture->folder) + 1, 1, folder);
  snprintf(path, sizeof path, "%s/export.mid", folder);
  minihost_export(host, path);
  minihost_run(host, RATE);
  size_t size_before = 0;
  size_t size = 0;
  char *const before = read_file(path, &size_before);
  minihost_run(host, 4 * (int64_t)RATE);
  arm(faults, true);
  minihost_export(host, path);
  minihost_run(host, RATE);
  arm(faults, false);
  char *const after = read_file(path, &size);
  const bool is_old = size == size_before && !memcmp(before, after, size);
  const char *const status = status_of(host);
  if (is_old ? !tells(status, "export") && !tells(status, "written") && !tells(status, "memory")
             : !strstr(status, "Exported")) {
    campaign_complain(faults, "the file is %s, and it says `%s'", is_old ? "the old one" : "another", status);
  }
  if (is_old && strstr(status, "Exported")) {
    campaign_complain(faults, "nothing is exported, and it says `%s'", status);
  }
  free(before);
  free(after);
  expect_whole(faults, folder, 1);
  expect_music(faults, host);
  minihost_export(host, path);
  minihost_run(host, RATE);
  if (!strstr(status_of(host), "Exported")) {
    campaign_complain(faults, "nothing can be exported any more: `%s'", status_of(host));
  }
  minihost_free(host);
}

static void
draw(struct faults *const faults, void *const data)
{
  struct minihost *const host = playing_host(data);
  struct minihost_picture picture;
  arm(faults, true);
  const int first = minihost_render(host, 200, 60, &picture);
  const int larger = minihost_render(host, 400, 120, &picture);
  arm(faults, false);
  if (!atomic_load(&faults->is_injected) && (first || larger)) {
    campaign_complain(faults, "nothing is drawn");
  }
  if (minihost_render(host, 300, 90, &picture) || picture.width > 300 || picture.height > 90) {
    campaign_complain(faults, "nothing is drawn any more");
  }
  expect_music(faults, host);
  minihost_free(host);
}

/// Save a take, to be restored.
static void
prepare(struct ground *const ground)
{
  fixture_path(ground->fixture, "state", 1, ground->state);
  struct minihost *const host = playing_host(ground);
  minihost_run(host, 20 * (int64_t)RATE);
  if (minihost_save(host, ground->state) != 0 || minihost_save_bare(host, &ground->bare) != 0) {
    abort();
  }
  minihost_free(host);
}

int
main(const int count, char **const arguments)
{
  struct faults *const faults = faults_state();
  const enum campaign_extent extent = campaign_extent_of(count > 1 ? arguments[1] : "");
  void *state = NULL;
  static struct ground ground;
  if (fixture_setup(&state) != 0) {
    fprintf(stderr, "There is no room to test in\n");
    return EXIT_FAILURE;
  }
  ground.fixture = state;
  if (fixture_random_weights(ground.fixture->weights, 1) != 0) {
    return EXIT_FAILURE;
  }
  prepare(&ground);
  const struct scenario scenarios[] = {
      {.name = "instantiate", .play = instantiate, .hesitates = true},
      {.name = "load weights", .play = load, .hesitates = true},
      {.name = "save in memory", .play = save_bare},
      {.name = "save in files", .play = save_files, .hesitates = true},
      {.name = "restore from memory", .play = restore_bare},
      {.name = "restore from files", .play = restore_files, .hesitates = true},
      {.name = "export the take", .play = export_take, .hesitates = true},
      {.name = "inline display", .play = draw},
  };
  bool is_well = true;
  for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; ++i) {
    struct scenario scenario = scenarios[i];
    scenario.data = &ground;
    scenario.objects[0] = "ritornello.so";
    scenario.objects[1] = "libjansson";
    is_well = campaign_run(&scenario, faults, extent) && is_well;
  }
  minihost_state_free(&ground.bare);
  fixture_teardown(&state);
  return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}
