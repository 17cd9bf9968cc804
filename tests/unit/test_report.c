// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The report: one whole page that needs nothing else, whatever is there to be shown.

#include "commands.h"
#include "folder.h"
#include "learning_log.h"
#include "picture.h"
#include "random_weights.h"
#include "report.h"

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

static char *
make_weights(const struct folder *const folder)
{
  static const struct streaming_sizes sizes = {16, 16, 16, 2, 16, 16, 16, 4, 32, 5};
  char *const path = folder_path(folder, "w<&>.safetensors");
  assert_int_equal(random_weights_write(path, &sizes, 1, 0.5F), 0);
  return path;
}

static char *
read_text(const char *const path)
{
  FILE *const file = fopen(path, "rb");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  const size_t size = (size_t)ftell(file);
  rewind(file);
  char *const text = calloc(size + 1, 1);
  assert_int_equal(fread(text, 1, size, file), size);
  fclose(file);
  return text;
}

static unsigned
count(const char *text, const char *const what)
{
  unsigned found = 0;
  for (text = strstr(text, what); text; text = strstr(text + 1, what)) {
    ++found;
  }
  return found;
}

// Write a report and return the page.
static char *
report(const struct folder *const folder, const char *const weights, const char *const music)
{
  char *const output = folder_path(folder, "page.html");
  const struct report_request request = {
      .weights = weights, .folder = music, .output = output, .temperature = 1.0, .pieces = 2, .bars = 6, .seed = 1};
  struct error error = {0};
  if (report_write(&request, &error)) {
    fail_msg("%s", error.text);
  }
  char *const text = read_text(output);
  free(output);
  assert_memory_equal(text, "<!DOCTYPE html>", 15);
  assert_non_null(strstr(text, "</body></html>\n"));
  assert_non_null(strstr(text, "w&lt;&amp;&gt;.safetensors"));
  assert_null(strstr(text, "w<&>"));
  assert_int_equal(count(text, "<img "), count(text, "src=\"data:image/svg+xml;base64,PD94bWwg")); // <?xml
  return text;
}

static void
a_page_without_log_and_music_shows_what_is_composed(void **const state)
{
  const struct folder *const folder = *state;
  char *const weights = make_weights(folder);
  char *const page = report(folder, weights, NULL);
  assert_int_equal(count(page, "<img "), 4);
  assert_null(strstr(page, "Learning"));
  assert_non_null(strstr(page, "Where attention looks"));
  free(page);
  free(weights);
}

static void
a_page_with_everything_shows_everything(void **const state)
{
  const struct folder *const folder = *state;
  char *const weights = make_weights(folder);
  folder_write_text(folder, "w<&>.safetensors.run/log.csv",
                    "epoch,notes,train_pitch,train,held_out\n1,1000000,3,5.5,5\n2,2000000,2,4.5,4\n");
  folder_write_piece(folder, "bach/one.mid", 100);
  folder_write_piece(folder, "bach/two.mid", 120);
  folder_write_piece(folder, "chopin/three.mid", 150);
  char *const page = report(folder, weights, folder->path);
  assert_int_equal(count(page, "<img "), 13);
  assert_non_null(strstr(page, "Learning"));
  assert_non_null(strstr(page, "in the style of bach")); // Of which there is most
  assert_non_null(strstr(page, "notes per beat"));
  assert_non_null(strstr(page, "<td>real</td><td>100.00 %")); // All are one scale
  free(page);
  free(weights);
}

static void
a_log_is_read_as_far_as_it_makes_sense(void **const state)
{
  const struct folder *const folder = *state;
  char *const weights = folder_path(folder, "w");
  struct learning_log *const log = malloc(sizeof(*log));
  assert_int_equal(learning_log_read(weights, log, NULL), STATUS_SUCCESS);
  assert_int_equal(log->count, 0);
  folder_write_text(folder, "w.run/log.csv", "epoch,notes,train\n1,2,3\n");
  assert_int_equal(learning_log_read(weights, log, NULL), STATUS_SUCCESS);
  assert_int_equal(log->count, 0);
  folder_write_text(folder, "w.run/log.csv",
                    "held_out,notes,train\r\n4,2500000,3.5\r\n5,x,3\n6,1,nan\n7\n\n3,5e6,2.5\n");
  assert_int_equal(learning_log_read(weights, log, NULL), STATUS_SUCCESS);
  assert_int_equal(log->count, 2);
  assert_true(log->notes[0] > 2.49 && log->notes[0] < 2.51 && log->held_out[1] > 2.9 && log->train[1] < 2.6);
  free(log);
  free(weights);
}

static void
what_is_wrong_is_said_and_no_page_is_left(void **const state)
{
  const struct folder *const folder = *state;
  char *const weights = make_weights(folder);
  char *const output = folder_path(folder, "bad.html");
  struct report_request request = {.weights = weights, .output = output, .style = "nobody", .pieces = 1, .bars = 2};
  struct error error = {0};
  assert_int_equal(report_write(&request, &error), STATUS_NOT_FOUND);
  assert_non_null(strstr(error.text, "nobody"));
  folder_write_piece(folder, "bach/one.mid", 20);
  request.folder = folder->path;
  assert_int_equal(report_write(&request, &error), STATUS_NOT_FOUND);
  request.weights = "/nowhere/w.safetensors";
  assert_int_equal(report_write(&request, &error), STATUS_NO_FILE);
  request = (struct report_request){.weights = weights, .output = "/nowhere/page.html", .pieces = 1, .bars = 2};
  assert_int_equal(report_write(&request, &error), STATUS_IO);
  assert_non_null(strstr(error.text, "/nowhere/page.html"));
  assert_int_not_equal(access(output, F_OK), 0);
  free(output);
  free(weights);
}

static void
a_piece_without_music_in_the_bars_shown_is_drawn_all_the_same(void **const state)
{
  (void)state;
  struct event event = {.pitch = 60, .velocity = 64, .duration = 12, .advance = ADVANCE_END};
  uint32_t bar = 0;
  uint16_t tick = 0;
  struct metre metre = {4, 4};
  const struct piece piece = {.count = 1, .events = &event, .bars = &bar, .ticks = &tick, .metres = &metre};
  char *const roll = picture_roll(&piece, 7, 16);
  char *const similarity = picture_similarity(&piece, 0);
  const double nothing[2] = {0.0, 0.0};
  char *const histogram = picture_histograms(nothing, nothing, 2, (const char *[]){"", ""});
  assert_non_null(roll);
  assert_non_null(similarity);
  assert_non_null(histogram);
  free(histogram);
  free(similarity);
  free(roll);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_page_without_log_and_music_shows_what_is_composed, folder_setup,
                                      folder_teardown),
      cmocka_unit_test_setup_teardown(a_page_with_everything_shows_everything, folder_setup, folder_teardown),
      cmocka_unit_test_setup_teardown(a_log_is_read_as_far_as_it_makes_sense, folder_setup, folder_teardown),
      cmocka_unit_test_setup_teardown(what_is_wrong_is_said_and_no_page_is_left, folder_setup, folder_teardown),
      cmocka_unit_test(a_piece_without_music_in_the_bars_shown_is_drawn_all_the_same),
  };
  return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
