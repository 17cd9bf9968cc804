// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A network that has learned a few tunes by heart is found out: it quotes, and says whom; asked to be original, it does not.
// And `ritornello evaluate` says so on the page and as JSON.

#include "commands.h"
#include "folder.h"
#include "judging.h"
#include "random_weights.h"
#include "report.h"
#include "sketch.h"
#include "training.h"
#include "windows.h"

#include "engine/random.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

// fontconfig keeps what it has read until the program ends
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
  return "leak:libfontconfig\n";
}

enum { PIECES = 3, NOTES = 320 };

// What all tests share: tunes, weights that know them, and the tunes as a corpus
struct school {
  struct folder *folder;
  char *music;
  char *weights;
  struct corpus corpus;
};

// A tune of eight eighths and quarters, played over and over, by two hands and with all velocities, so that nothing that is
// composed is new to the network
static void
write_tune(const struct folder *const folder, const uint32_t number)
{
  struct sketch *const sketch = sketch_new();
  uint32_t onset = 0;
  for (uint32_t i = 0; i < NOTES; ++i) {
    const uint32_t length = random_below(number, 2 * (i % 8), 3) ? 12 : 24;
    const bool is_right = i % 2;
    sketch_add_file_note(sketch,
                         (struct midi_note){
                             .onset = onset * SKETCH_TICK,
                             .duration = length * SKETCH_TICK,
                             .track = is_right ? 1 : 2,
                             .pitch = (uint8_t)((is_right ? 65 : 45) + random_below(number, 2 * (i % 8) + 1, 15)),
                             .velocity = (uint8_t)(20 + i % 8 * 11),
                         });
    onset += length;
  }
  char name[32];
  snprintf(name, sizeof(name), "folk/tune%u.mid", number);
  char *const path = folder_path(folder, name);
  assert_int_equal(midi_file_write(path, &sketch->file, NULL), STATUS_SUCCESS);
  free(path);
  free(sketch);
}

static void
learn(const struct school *const school)
{
  static const volatile sig_atomic_t stop = 0;
  struct training_options o;
  struct error error = {0};
  training_defaults(&o);
  o.folder = school->music;
  o.output = school->weights;
  o.sizes = (struct streaming_sizes){
      .embedding = 32, .hidden = 48, .heads = 2, .key = 16, .value = 16, .dense = 48, .segment = 16, .memory = 64};
  o.epochs = 200.0;
  o.threads = 1;
  o.streams = 3;
  o.shards = 1;
  o.steps = 32;
  o.rate = 0.006;
  o.dropout = 0.0;
  o.noise = 0.0;
  o.cold = 1.0; // Or it would learn the first bar of each tune alone, and recall that
  o.validation = 0.0;
  o.stop = &stop;
  if (training_run(&o, &error)) {
    fail_msg("%s", error.text);
  }
}

static int
open_school(void **const state)
{
  struct school *const school = calloc(1, sizeof(*school));
  void *folder = NULL;
  folder_setup(&folder);
  school->folder = folder;
  for (uint32_t i = 0; i < PIECES; ++i) {
    write_tune(school->folder, i);
  }
  school->music = folder_path(school->folder, "");
  school->weights = folder_path(school->folder, "weights.safetensors");
  learn(school);
  *state = school;
  return corpus_read(school->music, &school->corpus, NULL);
}

static int
close_school(void **const state)
{
  struct school *const school = *state;
  void *folder = school->folder;
  corpus_free(&school->corpus);
  free(school->weights);
  free(school->music);
  free(school);
  return folder_teardown(&folder);
}

static struct judging *
judge(const struct school *const school, const uint8_t originality)
{
  const struct judging_request request = {
      .weights = school->weights,
      .real = &school->corpus,
      .quoted = &school->corpus,
      .styles = {true},
      .temperature_count = 1,
      .temperatures = {0.5},
      .pieces = 4,
      .bars = 24,
      .seed = 1,
      .controls = {.sampling = {.top_p = 1.0F}, .originality = originality},
  };
  struct judging *const judging = calloc(1, sizeof(*judging));
  struct error error = {0};
  if (judging_run(&request, judging, &error)) {
    fail_msg("%s", error.text);
  }
  assert_int_equal(judging->style_count, 1);
  return judging;
}

static void
what_was_learned_by_heart_is_quoted(void **const state)
{
  struct judging *const judging = judge(*state, 0);
  const struct judged *const composed = &judging->styles[0].composed[0];
  print_message("%.0f %% of runs are quotations, the longest of %u moves\n",
                100.0 * quotations_short_share(&composed->quotations), composed->quotations.longest.moves);
  assert_int_equal(composed->pieces, 4);
  assert_true(composed->quotations.longest.moves >= 32);
  assert_true(quotations_short_share(&composed->quotations) > 0.1);
  assert_true(composed->longest_median >= 8.0);
  free(judging);
}

static void
originality_holds_for_what_was_learned_by_heart(void **const state)
{
  static const uint8_t limits[] = {8, 12, 24};
  for (unsigned i = 0; i < sizeof(limits); ++i) {
    struct judging *const judging = judge(*state, limits[i]);
    const struct judged *const composed = &judging->styles[0].composed[0];
    print_message("at most %u notes: %u moves\n", limits[i], composed->quotations.longest.moves);
    assert_true(composed->notes > 50);
    assert_true(composed->quotations.longest.moves < limits[i]);
    free(judging);
  }
}

// `windowed` networks know no styles; evaluating them and reporting on them with real music beside it works all the same.
static void
a_network_without_styles_is_held_against_any_music(void **const state)
{
  const struct school *const school = *state;
  struct windowed_sizes sizes = {.context = 8};
  struct tokens_left_out left_out = {0};
  struct vocabulary vocabulary;
  struct error error = {0};
  assert_int_equal(windows_vocabulary(&school->corpus, NULL, 0, &vocabulary, &left_out, &error), STATUS_SUCCESS);
  assert_int_equal(windowed_layers_parse("embed:16, attention:16, lstm:16, softmax", &sizes, &error), STATUS_SUCCESS);
  sizes.vocabulary = vocabulary.count;
  struct school other = *school;
  other.weights = folder_path(school->folder, "layers.safetensors");
  assert_int_equal(random_windowed_write(other.weights, &sizes, &vocabulary, 1, 0.1F), 0);
  void *pointer = &other;
  struct judging *const judging = judge(pointer, 0);
  assert_int_equal(judging->styles[0].composed[0].pieces, 4);
  assert_true(judging->styles[0].composed[0].notes > 0);
  free(judging);

  char *const page = folder_path(school->folder, "layers.html");
  const struct report_request request = {
      .weights = other.weights, .folder = school->music, .output = page, .temperature = 1.0, .pieces = 1, .bars = 8};
  if (report_write(&request, &error)) {
    fail_msg("%s", error.text);
  }
  assert_int_equal(access(page, R_OK), 0);
  free(page);
  free(other.weights);
  vocabulary_clear(&vocabulary);
}

static void
real_pieces_are_not_counted_as_quoting_themselves(void **const state)
{
  struct judging *const judging = judge(*state, 8);
  const struct judged *const real = &judging->styles[0].real;
  assert_int_equal(real->pieces, PIECES);
  assert_int_equal(real->quotations.longest.moves, 0);
  assert_true(real->structure.means[STRUCTURE_RETURNS] > 0.2);
  assert_true(isfinite(structure_distance(&real->structure, 3.0, STRUCTURE_DENSITY)));
  free(judging);
}

static void
a_style_with_too_little_music_is_said(void **const state)
{
  const struct school *const school = *state;
  struct corpus one = school->corpus;
  one.piece_count = 1;
  const struct judging_request request = {
      .weights = school->weights, .real = &one, .quoted = &one, .styles = {true}, .pieces = 1, .bars = 4};
  struct judging *const judging = calloc(1, sizeof(*judging));
  struct error error = {0};
  assert_int_equal(judging_run(&request, judging, &error), STATUS_NOT_FOUND);
  assert_non_null(strstr(error.text, "weights.safetensors"));
  free(judging);
}

// Run the command with `arguments` (ended by NULL) and return what it wrote, as JSON.
static json_t *
evaluation_of(const struct school *const school, const char *const *const arguments)
{
  char *copies[16] = {strdup("ritornello evaluate"), strdup(school->weights), strdup(school->music), strdup("--json")};
  char *sorted[16];
  int count = 4;
  for (; arguments[count - 4]; ++count) {
    copies[count] = strdup(arguments[count - 4]);
  }
  memcpy(sorted, copies, sizeof(sorted)); // argp sorts them
  char *const path = folder_path(school->folder, "output.json");
  fflush(stdout);
  const int terminal = dup(STDOUT_FILENO);
  assert_non_null(freopen(path, "w", stdout));
  const int status = command_evaluate(count, sorted);
  fflush(stdout);
  dup2(terminal, STDOUT_FILENO);
  close(terminal);
  assert_int_equal(status, 0);
  json_t *const root = json_load_file(path, 0, NULL);
  for (int i = 0; i < count; ++i) {
    free(copies[i]);
  }
  free(path);
  assert_non_null(root);
  return root;
}

static double
number(json_t *const root, const char *const *const keys)
{
  json_t *at = root;
  for (unsigned i = 0; keys[i]; ++i) {
    at = json_object_get(at, keys[i]);
  }
  if (!json_is_number(at)) {
    fail_msg("there is no %s", keys[0]);
  }
  return json_number_value(at);
}

static void
the_command_says_it_as_json_beside_what_it_said_before(void **const state)
{
  const struct school *const school = *state;
  json_t *const plain = evaluation_of(school, (const char *[]){NULL});
  json_t *const judged = evaluation_of(
      school, (const char *[]){"--compose", "6", "--bars", "8", "--temperatures", "0.5,1.3", "--styles", "folk", NULL});
  assert_null(json_object_get(plain, "composed"));
  for (void *i = json_object_iter(plain); i; i = json_object_iter_next(plain, i)) {
    assert_true(json_equal(json_object_iter_value(i), json_object_get(judged, json_object_iter_key(i))));
  }
  number(plain, (const char *[]){"nats_per_note", NULL});
  number(judged, (const char *[]){"composed", "styles", "folk", "real", "structure", "notes_per_beat", "mean", NULL});
  number(judged, (const char *[]){"composed", "styles", "folk", "temperatures", "1.3", "structure", "notes_per_beat",
                                  "distance", NULL});
  const double quoted = number(
      judged, (const char *[]){"composed", "styles", "folk", "temperatures", "0.5", "quotations", "runs_of_8", NULL});
  assert_true(quoted > 0.05 && quoted <= 1.0);
  json_decref(judged);
  json_decref(plain);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_learned_by_heart_is_quoted),
      cmocka_unit_test(originality_holds_for_what_was_learned_by_heart),
      cmocka_unit_test(a_network_without_styles_is_held_against_any_music),
      cmocka_unit_test(real_pieces_are_not_counted_as_quoting_themselves),
      cmocka_unit_test(a_style_with_too_little_music_is_said),
      cmocka_unit_test(the_command_says_it_as_json_beside_what_it_said_before),
  };
  return cmocka_run_group_tests_name("judging", tests, open_school, close_school);
}
