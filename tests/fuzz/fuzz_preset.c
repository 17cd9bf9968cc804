// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The door of presets: titles and styles in a weight file, names of files and folders, all of which end up in Turtle. Presets
// are made of any of them; then what was written must be Turtle, with as many presets as were made, under their labels. And any
// manifest may stand where they are to go: what this program has not made, it leaves alone.

#include "fuzz.h"

#include "random_weights.h"

#include "engine/safetensors.h"
#include "preset_bundle.h"

#include <lilv/lilv.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { METADATA = 6, TEXT_SIZE = 300, PATH_SIZE = 256 };

// Write a good weight file of that title and those styles, as many as there are.
static void
write_weights(const char *const path, const char *const title, const char *const styles, const uint32_t count)
{
  const struct streaming_sizes sizes = {16, 16, 0, 1, 16, 16, 16, 4, 16, count};
  char network[STREAMING_TEXT_SIZE];
  char other[PATH_SIZE];
  struct safetensors *file = NULL;
  struct tensor tensors[STREAMING_TENSORS];
  snprintf(other, sizeof other, "%s/plain", fuzz_folder());
  streaming_sizes_format(&sizes, network);
  fuzz_must(!random_weights_write(other, &sizes, 1, 0.1F), "weights can be written");
  fuzz_must(!safetensors_read(other, &file, NULL), "and read");
  const struct metadata metadata[METADATA] = {
      {"format", "ritornello-1"}, {"network", network}, {"vocabulary", safetensors_metadata(file, "vocabulary")},
      {"styles", styles},         {"title", title},     {"licence", ""}};
  for (size_t i = 0; i < safetensors_count(file); ++i) {
    tensors[i] = *safetensors_tensor(file, i);
  }
  safetensors_write(path, metadata, METADATA, tensors, safetensors_count(file), NULL);
  safetensors_free(file);
}

// Count the presets that a host finds in the bundle.
static size_t
count_presets(const char *const bundle)
{
  char path[PRESET_PATH_SIZE + 1];
  snprintf(path, sizeof path, "%s/", bundle);
  LilvWorld *const world = lilv_world_new();
  LilvNode *const folder = lilv_new_file_uri(world, NULL, path);
  lilv_world_load_bundle(world, folder);
  LilvNode *const kind = lilv_new_uri(world, "http://lv2plug.in/ns/ext/presets#Preset");
  LilvNode *const type = lilv_new_uri(world, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type");
  LilvNode *const label = lilv_new_uri(world, "http://www.w3.org/2000/01/rdf-schema#label");
  LilvNodes *const presets = lilv_world_find_nodes(world, NULL, type, kind);
  size_t count = 0;
  LILV_FOREACH(nodes, i, presets)
  {
    const LilvNode *const preset = lilv_nodes_get(presets, i);
    count += lilv_world_load_resource(world, preset) >= 0 && lilv_world_ask(world, preset, label, NULL);
  }
  lilv_nodes_free(presets);
  lilv_node_free(label);
  lilv_node_free(type);
  lilv_node_free(kind);
  lilv_node_free(folder);
  lilv_world_free(world);
  return count;
}

static void
check_install(const struct preset_request *const request)
{
  struct preset_bundle *const bundle = calloc(1, sizeof *bundle);
  struct error error = {.status = STATUS_SUCCESS};
  if (preset_bundle_install(request, bundle, &error)) {
    fuzz_must(error.text[0] != '\0', "a failure is told");
  } else {
    fuzz_must(count_presets(bundle->path) == bundle->count, "hosts find all presets");
    fuzz_must(!preset_bundle_install(request, bundle, &error) && bundle->replaced, "they can be made anew");
  }
  free(bundle);
}

// Put a manifest where the bundle of that name is to go.
static void
write_manifest(const char *const directory, const uint8_t *const bytes, const size_t size)
{
  char path[2 * PATH_SIZE];
  snprintf(path, sizeof path, "%s/ritornello-taken.lv2", directory);
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/ritornello-taken.lv2/manifest.ttl", directory);
  FILE *const file = fopen(path, "w");
  fuzz_must(file != NULL, "a manifest can be written");
  fwrite(bytes, 1, size, file);
  fclose(file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *const data, const size_t size)
{
  struct fuzz_input input = {data, size};
  char texts[3][TEXT_SIZE];
  char weights[PATH_SIZE];
  char directory[PATH_SIZE];
  const uint8_t kind = fuzz_byte(&input);
  for (unsigned i = 0; i < 3; ++i) {
    fuzz_text(&input, texts[i], TEXT_SIZE);
  }
  snprintf(weights, sizeof weights, "%s/w.safetensors", fuzz_folder());
  snprintf(directory, sizeof directory, "%s/presets", fuzz_folder());
  write_weights(weights, texts[0], texts[1], kind % 4);
  mkdir(directory, 0700);
  if (kind & 16) {
    write_manifest(directory, input.at, input.left);
  }
  const struct preset_request request = {.weights = weights,
                                         .directory = directory,
                                         .name = kind & 16  ? "taken"
                                                 : kind & 4 ? texts[2]
                                                            : NULL};
  check_install(&request);
  fuzz_clear_folder(fuzz_folder());
  return 0;
}
