// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The same music on every machine: with the bundled weights, every set of kernels that this processor runs composes the same
// MIDI files, byte for byte, in three styles.
//
//   test_identity [BARS]          (default: 200; fewer where the processor is an emulated one)

#include "engine/composer.h"
#include "engine/composer_private.h"
#include "engine/network_streaming_private.h"
#include "engine/take_export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BARS = 200, SETS = KERNEL_NEON + 1 };

static uint32_t bars = BARS;

struct music {
  uint8_t *bytes;
  size_t size;
};

// Compose in `style` with `kernels`, as `ritornello compose --style` does.
static struct music
compose(const char *const style, const struct kernels *const kernels)
{
  struct weights *weights = NULL;
  struct composer *composer = NULL;
  struct error error = {0};
  assert_int_equal(weights_load(BUNDLED_WEIGHTS, &weights, &error), STATUS_SUCCESS);
  assert_int_equal(composer_new(&composer, &error), STATUS_SUCCESS);
  ((struct streaming *)weights->network)->kernels = kernels;
  composer->sampler.kernels = kernels;
  const struct controls controls = {
      .sampling = {1.0F, 1.0F},
      .style = weights_style(weights, style),
      .seed = 7,
      .look_ahead = bars * 4 * TICKS_PER_QUARTER,
      .recall = recall_step(1.0F),
  };
  assert_true(controls.style > 0);
  composer_set_weights(composer, weights);
  composer_set_controls(composer, &controls);
  composer_locate(composer, (struct position){0}, (struct metre){4, 4});
  while (!composer_is_filled(composer)) {
    composer_work(composer, 100000000);
  }
  struct take_export exported;
  struct midi_file file;
  struct music music;
  assert_int_equal(take_export_bars(composer_take(composer), 0, bars, NULL, &exported, &error), STATUS_SUCCESS);
  assert_true(exported.note_count > (size_t)2 * bars);
  assert_int_equal(take_export_file(&exported, style, 120.0, &file, &error), STATUS_SUCCESS);
  assert_int_equal(midi_file_bytes(style, &file, &music.bytes, &music.size, &error), STATUS_SUCCESS);
  midi_file_free(&file);
  take_export_free(&exported);
  composer_free(composer);
  weights_free(weights);
  return music;
}

static void
assert_same_music(const char *const style)
{
  const struct music expected = compose(style, kernels_of(KERNEL_PORTABLE));
  unsigned compared = 0;
  for (unsigned set = KERNEL_PORTABLE + 1; set < SETS; ++set) {
    const struct kernels *const kernels = kernels_of((enum kernel_set)set);
    if (kernels) {
      const struct music music = compose(style, kernels);
      assert_int_equal(music.size, expected.size);
      assert_memory_equal(music.bytes, expected.bytes, expected.size);
      free(music.bytes);
      ++compared;
    }
  }
  print_message("%s: %u bars, %zu bytes, %u sets of kernels agree with plain C\n", style, bars, expected.size,
                compared);
  free(expected.bytes);
}

static void
all_kernels_compose_the_same_bach(void **const state)
{
  (void)state;
  assert_same_music("bach");
}

static void
all_kernels_compose_the_same_mozart(void **const state)
{
  (void)state;
  assert_same_music("mozart");
}

static void
all_kernels_compose_the_same_chopin(void **const state)
{
  (void)state;
  assert_same_music("chopin");
}

int
main(const int count, char **const arguments)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_kernels_compose_the_same_bach),
      cmocka_unit_test(all_kernels_compose_the_same_mozart),
      cmocka_unit_test(all_kernels_compose_the_same_chopin),
  };
  bars = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : bars;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
