// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Weight files are chosen and takes are saved: from the menu, in the host's chooser, or with a path that is typed.

#include "entry.h"
#include "folder_list.h"
#include "label.h"
#include "pilot.h"
#include "preset_menu.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct home {
  char path[256];
  struct pilot *pilot;
};

static void
make_folder(const struct home *const home, const char *const name)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", home->path, name);
  assert_int_equal(mkdir(path, S_IRWXU), 0);
}

static void
make_file(const struct home *const home, const char *const name)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", home->path, name);
  FILE *const file = fopen(path, "w");
  assert_non_null(file);
  fclose(file);
}

static int
setup(void **const state)
{
  struct home *const home = calloc(1, sizeof *home);
  const char *const folder = getenv("TMPDIR");
  snprintf(home->path, sizeof home->path, "%s/ritornello-files-XXXXXX", folder ? folder : "/tmp");
  assert_non_null(mkdtemp(home->path));
  setenv("HOME", home->path, 1);
  make_folder(home, "ritornello.lv2");
  make_file(home, "ritornello.lv2/ritornello.safetensors");
  make_file(home, "ritornello.lv2/manifest.ttl");
  make_folder(home, ".lv2");
  make_folder(home, ".lv2/mine.lv2");
  make_file(home, ".lv2/mine.lv2/mine.safetensors");
  make_folder(home, "music");
  make_folder(home, "museum");
  make_file(home, "music/chopin.safetensors");
  make_file(home, "music/chorale.safetensors");
  make_file(home, "music/notes.txt");
  make_file(home, "music/old.mid");
  char bundle[512];
  snprintf(bundle, sizeof bundle, "%s/ritornello.lv2/", home->path);
  home->pilot = pilot_new(strdup(bundle));
  *state = home;
  return 0;
}

static int
remove_one(const char *const path, const struct stat *const status, const int kind, struct FTW *const walk)
{
  (void)status;
  (void)kind;
  (void)walk;
  return remove(path);
}

static int
teardown(void **const state)
{
  struct home *const home = *state;
  char *const bundle = (char *)(uintptr_t)home->pilot->desk->bundle;
  pilot_free(home->pilot);
  free(bundle);
  nftw(home->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  free(home);
  return 0;
}

static void
assert_wish(const struct home *const home, const enum desk_wish wish, const char *const name)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s", home->path, name);
  const struct pilot_record *const record = pilot_last(home->pilot, PILOT_WISH);
  assert_non_null(record);
  assert_int_equal(record->wish, wish);
  assert_string_equal(record->text, path);
}

/// Replace what stands in the entry.
static void
type_path(const struct home *const home, const char *const text)
{
  home->pilot->modifiers = INPUT_CONTROL;
  pilot_type(home->pilot, "a");
  home->pilot->modifiers = 0;
  pilot_type(home->pilot, text);
}

static void
weights_at_hand_are_in_the_menu(void **const state)
{
  const struct home *const home = *state;
  pilot_click(home->pilot, "weights");
  pilot_type(home->pilot, "mine");
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, ".lv2/mine.lv2/mine.safetensors");
  pilot_click(home->pilot, "weights");
  pilot_type(home->pilot, "rito");
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, "ritornello.lv2/ritornello.safetensors");
}

// What the plugin says once it plays the file of that name in the bundle, and the preset that is then shown
static const char *
preset_with_weights(const struct home *const home, const char *const name)
{
  char path[512];
  snprintf(path, sizeof path, "%s/ritornello.lv2/%s", home->path, name);
  desk_receive_text(home->pilot->desk, DESK_WEIGHTS, path);
  desk_tick(home->pilot->desk, home->pilot->now);
  const int preset = preset_find(&home->pilot->desk->values, path);
  return preset < 0 ? "None" : preset_label(preset);
}

static void
presets_bring_their_own_weights(void **const state)
{
  const struct home *const home = *state;
  pilot_click(home->pilot, "presets");
  pilot_type(home->pilot, "the article: good");
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, "ritornello.lv2/article-good.safetensors");
  assert_string_equal(preset_with_weights(home, "article-good.safetensors"), "The Article: Good");
  assert_string_equal(preset_with_weights(home, "article-early.safetensors"), "None");
  assert_string_equal(preset_with_weights(home, "ritornello.safetensors"), "None");
  pilot_click(home->pilot, "presets");
  pilot_type(home->pilot, "the article: over");
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, "ritornello.lv2/article-overfitted.safetensors");
  preset_with_weights(home, "article-overfitted.safetensors");
  pilot_click(home->pilot, "presets");
  pilot_type(home->pilot, "satie");
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, "ritornello.lv2/ritornello.safetensors");
}

static void
weights_from_elsewhere_stay_in_the_menu(void **const state)
{
  const struct home *const home = *state;
  char path[512];
  snprintf(path, sizeof path, "%s/music/chopin.safetensors", home->path);
  desk_receive_text(home->pilot->desk, DESK_WEIGHTS, path);
  pilot_click(home->pilot, "weights");
  pilot_type(home->pilot, "chopin");
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, "music/chopin.safetensors");
}

static void
choose_another(const struct home *const home)
{
  pilot_click(home->pilot, "weights");
  pilot_key(home->pilot, KEY_END);
  pilot_key(home->pilot, KEY_ENTER);
}

static void
the_host_asks_if_it_can(void **const state)
{
  const struct home *const home = *state;
  home->pilot->host_can_ask = true;
  choose_another(home);
  assert_int_equal(pilot_count(home->pilot, PILOT_ASK), 1);
  assert_null(stage_top(&home->pilot->desk->stage));
}

static void
otherwise_a_path_is_typed(void **const state)
{
  const struct home *const home = *state;
  choose_another(home);
  assert_int_equal(pilot_count(home->pilot, PILOT_ASK), 1);
  type_path(home, "~/music/chopin.safetensors");
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, "music/chopin.safetensors");
  assert_null(stage_top(&home->pilot->desk->stage));
}

static void
tab_completes(void **const state)
{
  const struct home *const home = *state;
  choose_another(home);
  type_path(home, "~/mus");
  pilot_key(home->pilot, KEY_TAB); // Two begin so: nothing to add
  pilot_type(home->pilot, "i");
  pilot_key(home->pilot, KEY_TAB);
  pilot_type(home->pilot, "ch");
  pilot_key(home->pilot, KEY_TAB); // "cho"
  pilot_type(home->pilot, "r");
  pilot_key(home->pilot, KEY_TAB);
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, "music/chorale.safetensors");
}

static void
a_file_that_is_not_there_is_not_loaded(void **const state)
{
  const struct home *const home = *state;
  choose_another(home);
  type_path(home, "~/music/none.safetensors");
  pilot_key(home->pilot, KEY_ENTER);
  assert_int_equal(pilot_count(home->pilot, PILOT_WISH), 0);
  assert_string_equal(label_text(pilot_find(home->pilot, "message")), "There is no such file.");
  type_path(home, "~/nowhere/");
  assert_string_equal(label_text(pilot_find(home->pilot, "message")), "There is no such folder, or it can't be read.");
  pilot_key(home->pilot, KEY_ESCAPE);
  assert_null(stage_top(&home->pilot->desk->stage));
}

static void
files_are_picked_from_the_list(void **const state)
{
  const struct home *const home = *state;
  choose_another(home);
  type_path(home, "~/music/");
  pilot_key(home->pilot, KEY_DOWN); // Only weight files are there: chopin, chorale
  pilot_key(home->pilot, KEY_DOWN);
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, "music/chorale.safetensors");
  choose_another(home);
  type_path(home, "~/music/");
  const struct box list = pilot_find(home->pilot, "files")->box;
  pilot_move(home->pilot, list.x + 60.0 - home->pilot->x, list.y + 10.0 - home->pilot->y);
  home->pilot->now += 1000;
  for (unsigned i = 0; i < 2; ++i) {
    pilot_press(home->pilot, BUTTON_LEFT);
    pilot_lift(home->pilot, BUTTON_LEFT);
  }
  assert_wish(home, DESK_LOAD, "music/chopin.safetensors");
}

static void
folders_are_opened_from_the_list(void **const state)
{
  const struct home *const home = *state;
  choose_another(home);
  type_path(home, "~/music");
  pilot_key(home->pilot, KEY_ENTER); // A folder: look into it
  assert_int_equal(pilot_count(home->pilot, PILOT_WISH), 0);
  pilot_key(home->pilot, KEY_DOWN);
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_LOAD, "music/chopin.safetensors");
}

static void
takes_are_saved(void **const state)
{
  const struct home *const home = *state;
  pilot_click(home->pilot, "save");
  pilot_type(home->pilot, "first"); // Instead of the name, in the folder
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_EXPORT, "first.mid");
  pilot_click(home->pilot, "save"); // It remembers
  pilot_key(home->pilot, KEY_ENTER);
  assert_wish(home, DESK_EXPORT, "first.mid");
}

static void
replacing_a_file_is_said_before(void **const state)
{
  const struct home *const home = *state;
  pilot_click(home->pilot, "save");
  type_path(home, "~/music/old.mid");
  assert_string_equal(label_text(pilot_find(home->pilot, "message")),
                      "There is a file of that name: it will be replaced.");
  pilot_click(home->pilot, "action");
  assert_wish(home, DESK_EXPORT, "music/old.mid");
  pilot_click(home->pilot, "save");
  type_path(home, "~/music");
  pilot_key(home->pilot, KEY_ENTER);
  assert_string_equal(label_text(pilot_find(home->pilot, "message")), "Type a name for the file.");
  pilot_click(home->pilot, "cancel");
  assert_null(stage_top(&home->pilot->desk->stage));
  assert_int_equal(pilot_count(home->pilot, PILOT_WISH), 1);
}

static void
paths_may_be_too_long(void **const state)
{
  const struct home *const home = *state;
  pilot_click(home->pilot, "save");
  char text[2 * FOLDER_PATH];
  memset(text, 'x', sizeof text);
  text[sizeof text - 1] = '\0';
  text[0] = '~';
  text[1] = '/';
  type_path(home, text);
  pilot_key(home->pilot, KEY_ENTER);
  assert_int_equal(pilot_count(home->pilot, PILOT_WISH), 0);
  assert_string_equal(label_text(pilot_find(home->pilot, "message")), "This path is too long.");
}

static void
text_is_edited(void **const state)
{
  const struct home *const home = *state;
  pilot_click(home->pilot, "save");
  struct widget *const entry = pilot_find(home->pilot, "path");
  type_path(home, "abcdef");
  pilot_key(home->pilot, KEY_LEFT);
  pilot_key(home->pilot, KEY_LEFT);
  pilot_key(home->pilot, KEY_BACKSPACE);
  assert_string_equal(entry_text(entry), "abcef");
  pilot_key(home->pilot, KEY_DELETE);
  pilot_key(home->pilot, KEY_HOME);
  pilot_type(home->pilot, "0");
  assert_string_equal(entry_text(entry), "0abcf");
  home->pilot->modifiers = INPUT_SHIFT;
  pilot_key(home->pilot, KEY_END);
  home->pilot->modifiers = 0;
  pilot_type(home->pilot, "x");
  assert_string_equal(entry_text(entry), "0x");
  entry_set_text(entry, "\xc3\xa9\xc3\xa9"); // Characters of two bytes
  pilot_key(home->pilot, KEY_BACKSPACE);
  assert_string_equal(entry_text(entry), "\xc3\xa9");
  stage_pasted(&home->pilot->desk->stage, "one\ntwo");
  assert_string_equal(entry_text(entry), "\xc3\xa9one");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(weights_at_hand_are_in_the_menu),
      TEST(presets_bring_their_own_weights),
      TEST(weights_from_elsewhere_stay_in_the_menu),
      TEST(the_host_asks_if_it_can),
      TEST(otherwise_a_path_is_typed),
      TEST(tab_completes),
      TEST(a_file_that_is_not_there_is_not_loaded),
      TEST(files_are_picked_from_the_list),
      TEST(folders_are_opened_from_the_list),
      TEST(takes_are_saved),
      TEST(replacing_a_file_is_said_before),
      TEST(paths_may_be_too_long),
      TEST(text_is_edited),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
