// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello preset`: a weight file becomes presets that lilv, and with it every host, lists and can restore; what others
// have put there is never touched.

#include "preset_bundle.h"

#include "folder.h"
#include "random_weights.h"

#include "../../plugin/uris.h"

#include "engine/safetensors.h"

#include <lilv/lilv.h>
#include <lv2/presets/presets.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { STYLES = 6 }; // One more than the plugin knows: random_weights.h

static const struct streaming_sizes sizes = {.embedding = 16,
                                             .hidden = 16,
                                             .heads = 1,
                                             .key = 16,
                                             .value = 16,
                                             .dense = 16,
                                             .segment = 8,
                                             .memory = 16,
                                             .styles = STYLES};

static char *
write_weights(const struct folder *const folder, const char *const name)
{
  char *const path = folder_path(folder, name);
  assert_int_equal(random_weights_write(path, &sizes, 1, 0.1F), 0);
  return path;
}

// The labels of all presets in the bundles of `directory`, sorted, one a line; `weights` gets the path that the first's
// state names.
static void
list(const char *const directory, char *const labels, const size_t size, char *const weights, const size_t weights_size)
{
  LilvWorld *const world = lilv_world_new();
  LilvNode *const path = lilv_new_string(world, directory);
  lilv_world_set_option(world, LILV_OPTION_LV2_PATH, path);
  lilv_world_load_all(world);
  LilvNode *const type = lilv_new_uri(world, LV2_CORE__appliesTo);
  LilvNode *const plugin = lilv_new_uri(world, RITORNELLO_URI);
  LilvNode *const label = lilv_new_uri(world, LILV_NS_RDFS "label");
  LilvNode *const state = lilv_new_uri(world, LV2_STATE__state);
  LilvNode *const property = lilv_new_uri(world, RITORNELLO_WEIGHTS);
  LilvNodes *const presets = lilv_world_find_nodes(world, NULL, type, plugin);
  labels[0] = weights[0] = '\0';
  LILV_FOREACH(nodes, i, presets)
  {
    const LilvNode *const preset = lilv_nodes_get(presets, i);
    lilv_world_load_resource(world, preset);
    LilvNode *const text = lilv_world_get(world, preset, label, NULL);
    LilvNode *const values = lilv_world_get(world, preset, state, NULL);
    LilvNode *const file = lilv_world_get(world, values, property, NULL);
    char *const found = lilv_node_get_path(file, NULL);
    strncat(labels, lilv_node_as_string(text), size - strlen(labels) - 2);
    strcat(labels, "\n");
    snprintf(weights, weights_size, "%s", found);
    lilv_free(found);
    lilv_node_free(file);
    lilv_node_free(values);
    lilv_node_free(text);
  }
  lilv_nodes_free(presets);
  lilv_node_free(property);
  lilv_node_free(state);
  lilv_node_free(label);
  lilv_node_free(plugin);
  lilv_node_free(type);
  lilv_node_free(path);
  lilv_world_free(world);
}

static bool
same_bytes(const char *const path, const char *const other)
{
  FILE *const a = fopen(path, "rb");
  FILE *const b = fopen(other, "rb");
  bool same = a && b;
  for (int c = 0; same && c != EOF;) {
    c = fgetc(a);
    same = c == fgetc(b);
  }
  if (a) {
    fclose(a);
  }
  if (b) {
    fclose(b);
  }
  return same;
}

static void
a_weight_file_becomes_a_preset_for_each_style_that_the_plugin_knows(void **const state)
{
  char *const weights = write_weights(*state, "My weights.safetensors");
  char *const home = folder_path(*state, "a home with spaces/.lv2");
  struct preset_bundle bundle;
  struct error error = {0};
  const struct preset_request request = {.weights = weights, .directory = home};
  assert_int_equal(preset_bundle_install(&request, &bundle, &error), STATUS_SUCCESS);
  assert_non_null(strstr(bundle.path, "/ritornello-My-weights.lv2"));
  assert_int_equal(bundle.count, STYLES);
  assert_false(bundle.replaced);

  char labels[4096];
  char found[PRESET_PATH_SIZE];
  list(home, labels, sizeof(labels), found, sizeof(found));
  assert_non_null(strstr(labels, "Random test: Johann Sebastian Bach\n"));
  assert_non_null(strstr(labels, "Random test: Frédéric Chopin\n"));
  assert_non_null(strstr(labels, "Random test\n")); // For the style that the plugin has no number for
  assert_true(same_bytes(found, weights));
  assert_int_equal(preset_bundle_remove(&request, &error), STATUS_SUCCESS);
  list(home, labels, sizeof(labels), found, sizeof(found));
  assert_string_equal(labels, "");
  assert_int_not_equal(access(bundle.path, F_OK), 0);
  free(home);
  free(weights);
}

static void
presets_are_made_anew_in_place_of_the_old_ones(void **const state)
{
  char *const weights = write_weights(*state, "again.safetensors");
  char *const home = folder_path(*state, "again/lv2");
  struct preset_bundle bundle;
  struct error error = {0};
  const struct preset_request request = {.weights = weights, .directory = home};
  assert_int_equal(preset_bundle_install(&request, &bundle, &error), STATUS_SUCCESS);
  assert_int_equal(random_weights_write(weights, &sizes, 2, 0.1F), 0);
  assert_int_equal(preset_bundle_install(&request, &bundle, &error), STATUS_SUCCESS);
  assert_true(bundle.replaced);
  char copy[PRESET_PATH_SIZE + 32];
  snprintf(copy, sizeof(copy), "%s/weights.safetensors", bundle.path);
  assert_true(same_bytes(copy, weights));
  struct stat status;
  assert_int_equal(stat(home, &status), 0);
  assert_int_equal(status.st_nlink, 3); // Nothing but the one bundle is left in there
  free(home);
  free(weights);
}

static void
what_others_have_made_is_left_alone(void **const state)
{
  char *const weights = write_weights(*state, "other.safetensors");
  char *const home = folder_path(*state, "others/lv2");
  char *const manifest = folder_path(*state, "others/lv2/ritornello-other.lv2/manifest.ttl");
  struct preset_bundle bundle;
  struct error error = {0};
  const struct preset_request request = {.weights = weights, .directory = home};
  mkdir(home, 0777);
  *strrchr(manifest, '/') = '\0';
  mkdir(manifest, 0777);
  manifest[strlen(manifest)] = '/';
  folder_write_text(*state, "others/lv2/ritornello-other.lv2/manifest.ttl", "# Mine\n");
  assert_int_equal(preset_bundle_install(&request, &bundle, &error), STATUS_BAD_VALUE);
  assert_non_null(strstr(error.text, "--name"));
  assert_int_equal(preset_bundle_remove(&request, &error), STATUS_BAD_VALUE);
  assert_int_equal(access(manifest, R_OK), 0);

  const struct preset_request renamed = {.weights = weights, .directory = home, .name = "../../else"};
  assert_int_equal(preset_bundle_install(&renamed, &bundle, &error), STATUS_SUCCESS);
  assert_non_null(strstr(bundle.path, "lv2/ritornello-..-..-else.lv2")); // It stays in its folder
  assert_int_equal(preset_bundle_remove(&renamed, &error), STATUS_SUCCESS);
  assert_int_equal(preset_bundle_remove(&renamed, &error), STATUS_NOT_FOUND);
  free(manifest);
  free(home);
  free(weights);
}

static void
weights_that_cannot_be_played_make_no_preset(void **const state)
{
  char *const home = folder_path(*state, "broken/lv2");
  char *const weights = folder_path(*state, "broken.safetensors");
  struct preset_bundle bundle;
  struct error error = {0};
  const struct preset_request request = {.weights = weights, .directory = home};
  folder_write_text(*state, "broken.safetensors", "no weights");
  assert_int_not_equal(preset_bundle_install(&request, &bundle, &error), STATUS_SUCCESS);
  assert_non_null(strstr(error.text, "broken.safetensors"));
  assert_int_not_equal(access(home, F_OK), 0);
  free(weights);
  free(home);
}

// A disk that is full, as far as a process can be told so
static void
a_full_disk_leaves_the_old_presets(void **const state)
{
  char *const weights = write_weights(*state, "full.safetensors");
  char *const home = folder_path(*state, "full/lv2");
  struct preset_bundle bundle;
  struct error error = {0};
  const struct preset_request request = {.weights = weights, .directory = home};
  assert_int_equal(preset_bundle_install(&request, &bundle, &error), STATUS_SUCCESS);
  const pid_t child = fork();
  if (child == 0) {
    const struct rlimit limit = {2048, 2048};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    _exit(preset_bundle_install(&request, &bundle, &error) == STATUS_IO ? 42 : 1);
  }
  int result = 0;
  waitpid(child, &result, 0);
  assert_int_equal(WEXITSTATUS(result), 42);
  char labels[4096];
  char found[PRESET_PATH_SIZE];
  list(home, labels, sizeof(labels), found, sizeof(found));
  assert_true(same_bytes(found, weights));
  struct stat status;
  assert_int_equal(stat(home, &status), 0);
  assert_int_equal(status.st_nlink, 3);
  free(home);
  free(weights);
}

// The weights again under another title
static void
retitle(const char *const from, const char *const to, const char *const title)
{
  struct safetensors *file = NULL;
  assert_int_equal(safetensors_read(from, &file, NULL), STATUS_SUCCESS);
  static const char *const keys[] = {"format", "network", "vocabulary", "styles", "licence"};
  struct metadata metadata[6] = {{"title", title}};
  for (size_t i = 0; i < 5; ++i) {
    metadata[i + 1] = (struct metadata){keys[i], safetensors_metadata(file, keys[i])};
  }
  struct tensor tensors[STREAMING_TENSORS];
  for (size_t i = 0; i < safetensors_count(file); ++i) {
    tensors[i] = *safetensors_tensor(file, i);
  }
  assert_int_equal(safetensors_write(to, metadata, 6, tensors, safetensors_count(file), NULL), STATUS_SUCCESS);
  safetensors_free(file);
}

static void
titles_may_hold_anything(void **const state)
{
  char *const plain = write_weights(*state, "plain.safetensors");
  char *const weights = folder_path(*state, "title.safetensors");
  char *const home = folder_path(*state, "titles/lv2");
  struct preset_bundle bundle;
  struct error error = {0};
  const struct preset_request request = {.weights = weights, .directory = home};
  char labels[4096];
  char found[PRESET_PATH_SIZE];
  retitle(plain, weights, "\"Quoted\" \\ <x> .\n] ; a tab\t");
  assert_int_equal(preset_bundle_install(&request, &bundle, &error), STATUS_SUCCESS);
  list(home, labels, sizeof(labels), found, sizeof(found));
  assert_non_null(strstr(labels, "\"Quoted\" \\ <x> . ] ; a tab : Ludwig van Beethoven\n"));

  char title[151] = "";
  for (int i = 0; i < 30; ++i) {
    strcat(title, "Ω€" + (i % 2 ? 0 : 2)); // Of two and three bytes: a cut falls into a character somewhere
  }
  retitle(plain, weights, title);
  assert_int_equal(preset_bundle_install(&request, &bundle, &error), STATUS_SUCCESS);
  list(home, labels, sizeof(labels), found, sizeof(found));
  assert_true(strstr(labels, "€: Ludwig van Beethoven\n") || strstr(labels, "Ω: Ludwig van Beethoven\n"));
  free(home);
  free(weights);
  free(plain);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_weight_file_becomes_a_preset_for_each_style_that_the_plugin_knows),
      cmocka_unit_test(presets_are_made_anew_in_place_of_the_old_ones),
      cmocka_unit_test(what_others_have_made_is_left_alone),
      cmocka_unit_test(weights_that_cannot_be_played_make_no_preset),
      cmocka_unit_test(a_full_disk_leaves_the_old_presets),
      cmocka_unit_test(titles_may_hold_anything),
  };
  return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
