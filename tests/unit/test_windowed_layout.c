// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Lists of layers: the article's networks have names, a list survives its text, a wrong one is refused with a sentence, and
// the tensors are those that the formulas name.

#include "engine/windowed_layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct windowed_sizes
sizes_of(const char *const layers)
{
  struct windowed_sizes sizes = {.context = 100, .vocabulary = 3400};
  struct error error = {0};
  if (windowed_layers_parse(layers, &sizes, &error)) {
    fail_msg("%s: %s", layers, error.text);
  }
  return sizes;
}

static void
the_articles_networks_have_names(void **const state)
{
  (void)state;
  static const char *const names[] = {"article", "article-1", "article-2", "article-3", "plain"};
  static const uint32_t counts[] = {8, 6, 8, 10, 8};
  for (unsigned i = 0; i < 5; ++i) {
    char text[WINDOWED_TEXT_SIZE];
    const struct windowed_sizes sizes = sizes_of(names[i]);
    assert_string_equal(windowed_layers_name(i), names[i]);
    assert_int_equal(sizes.layer_count, counts[i]);
    windowed_layers_format(&sizes, text);
    assert_string_equal(text, windowed_layers_named(names[i]));
  }
  assert_null(windowed_layers_name(5));
  assert_null(windowed_layers_named("index"));
}

static void
a_list_survives_its_text_whatever_the_spaces(void **const state)
{
  (void)state;
  static const char *const lists[][2] = {
      {"embed:128,bilstm:256,attention:32,lstm:256,dense:256,softmax",
       "embed:128, bilstm:256, attention:32, lstm:256, dense:256, softmax"},
      {"  index ,lstm:16 ,  dropout:0.125,softmax ", "index, lstm:16, dropout:0.125, softmax"},
      {"index, lstm:0016, dropout:0.0, dropout:0.90, softmax", "index, lstm:16, dropout:0.0, dropout:0.9, softmax"},
  };
  for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); ++i) {
    char text[WINDOWED_TEXT_SIZE];
    const struct windowed_sizes sizes = sizes_of(lists[i][0]);
    windowed_layers_format(&sizes, text);
    assert_string_equal(text, lists[i][1]);
  }
}

static void
wrong_lists_are_refused_with_a_sentence(void **const state)
{
  (void)state;
  static const char *const lists[] = {
      "",
      "softmax",
      "index",
      "index, softmax",
      "index, dense:16, softmax",
      "lstm:16, softmax",
      "index, lstm:16",
      "index, index, lstm:16, softmax",
      "index, lstm:16, softmax, softmax",
      "index, lstm:16, dense:16, lstm:16, softmax",
      "index, lstm, softmax",
      "index, lstm:, softmax",
      "index, lstm:0, softmax",
      "index, lstm:17, softmax",
      "index, lstm:1040, softmax",
      "index, lstm:99999999999, softmax",
      "index, lstm:-16, softmax",
      "index, attention:272, softmax",
      "embed:8, lstm:16, softmax",
      "index:16, lstm:16, softmax",
      "index, lstm:16, softmax:16",
      "index, lstm:16, dropout, softmax",
      "index, lstm:16, dropout:1, softmax",
      "index, lstm:16, dropout:0.95, softmax",
      "index, lstm:16, dropout:0.1234, softmax",
      "index, lstm:16, dropout:0., softmax",
      "index, gru:16, softmax",
      "index, lstm:16,, softmax",
      "index, lstm:16, softmax,",
      "index lstm:16 softmax",
      "index, LSTM:16, softmax",
      "article-4",
      "index, lstm:16, lstm:16, lstm:16, lstm:16, lstm:16, lstm:16, lstm:16, lstm:16, lstm:16, lstm:16, lstm:16, "
      "lstm:16, "
      "lstm:16, lstm:16, lstm:16, lstm:16, softmax",
  };
  for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); ++i) {
    struct windowed_sizes sizes = {.context = 100, .vocabulary = 3400};
    struct error error = {0};
    if (!windowed_layers_parse(lists[i], &sizes, &error)) {
      fail_msg("\"%s\" was taken", lists[i]);
    }
    assert_true(error.text[0]);
  }
}

static void
a_description_survives_its_text(void **const state)
{
  (void)state;
  char text[WINDOWED_TEXT_SIZE];
  struct windowed_sizes back;
  const struct windowed_sizes sizes = sizes_of("article-3");
  windowed_sizes_format(&sizes, text);
  assert_int_equal(windowed_sizes_parse(text, &back, NULL), STATUS_SUCCESS);
  assert_memory_equal(&sizes, &back, sizeof(back));
}

static void
the_longest_list_has_room(void **const state)
{
  (void)state;
  struct windowed_sizes sizes = {.context = 512, .vocabulary = WINDOWED_VOCABULARY, .layer_count = WINDOWED_LAYERS};
  sizes.layers[0] = (struct windowed_layer){.kind = LAYER_EMBED, .size = 1024};
  for (unsigned i = 1; i < WINDOWED_LAYERS - 1; ++i) {
    sizes.layers[i] = (struct windowed_layer){.kind = LAYER_BILSTM, .size = 1024};
  }
  sizes.layers[WINDOWED_LAYERS - 1].kind = LAYER_SOFTMAX;
  char text[WINDOWED_TEXT_SIZE];
  struct windowed_sizes back;
  struct windowed_tensor tensors[WINDOWED_TENSORS];
  assert_int_equal(windowed_sizes_check(&sizes, NULL), STATUS_SUCCESS);
  windowed_sizes_format(&sizes, text);
  assert_int_equal(windowed_sizes_parse(text, &back, NULL), STATUS_SUCCESS);
  assert_memory_equal(&sizes, &back, sizeof(back));
  assert_int_equal(windowed_tensors(&sizes, tensors), 1 + 14 * 6 + 2);
  for (unsigned i = 1; i < WINDOWED_LAYERS - 1; ++i) {
    sizes.layers[i] = (struct windowed_layer){.kind = LAYER_ATTENTION, .size = 256};
  }
  windowed_sizes_format(&sizes, text);
  assert_int_equal(windowed_sizes_parse(text, &back, NULL), STATUS_SUCCESS);
}

static void
wrong_descriptions_are_refused_with_a_sentence(void **const state)
{
  (void)state;
  static const char *const list = "\"layers\": \"index, lstm:16, softmax\", ";
  static const char *const ends[] = {
      "\"kind\": \"windowed\", \"context\": 2, \"vocabulary\": 3", // This one is good
      "\"kind\": \"streaming\", \"context\": 2, \"vocabulary\": 3",
      "\"context\": 2, \"vocabulary\": 3",
      "\"kind\": \"windowed\", \"context\": 1, \"vocabulary\": 3",
      "\"kind\": \"windowed\", \"context\": 513, \"vocabulary\": 3",
      "\"kind\": \"windowed\", \"context\": -100, \"vocabulary\": 3",
      "\"kind\": \"windowed\", \"context\": 4294967298, \"vocabulary\": 3",
      "\"kind\": \"windowed\", \"context\": 2.0, \"vocabulary\": 3",
      "\"kind\": \"windowed\", \"context\": 2, \"vocabulary\": 2",
      "\"kind\": \"windowed\", \"context\": 2, \"vocabulary\": 8193",
      "\"kind\": \"windowed\", \"context\": 2, \"vocabulary\": \"3\"",
      "\"kind\": \"windowed\", \"context\": 2",
      "\"kind\": \"windowed\", \"context\": 2, \"vocabulary\": 3, \"more\": 1",
      "\"kind\": \"windowed\", \"context\": 2, \"context\": 2, \"vocabulary\": 3",
      "\"kind\": \"windowed\", \"context\": 2, \"vocabulary\": 3, \"layers\": \"softmax\"",
      "\"kind\": \"windowed\", \"context\": 2, \"vocabulary\": ",
  };
  for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); ++i) {
    char text[WINDOWED_TEXT_SIZE];
    struct windowed_sizes sizes;
    struct error error = {0};
    snprintf(text, sizeof(text), "{%s%s}", strstr(ends[i], "layers") ? "" : list, ends[i]);
    const enum status status = windowed_sizes_parse(text, &sizes, &error);
    assert_true((status == STATUS_SUCCESS) == (i == 0));
    assert_true(i == 0 || error.text[0]);
  }
}

static void
widths_follow_the_layers(void **const state)
{
  (void)state;
  struct windowed_width widths[WINDOWED_LAYERS];
  const struct windowed_sizes sizes = sizes_of("article");
  static const uint32_t inputs[] = {0, 1, 1024, 1024, 1024, 512, 512, 256};
  static const uint32_t outputs[] = {1, 1024, 1024, 1024, 512, 512, 256, 3400};
  windowed_widths(&sizes, widths);
  for (unsigned i = 0; i < 8; ++i) {
    assert_int_equal(widths[i].input, inputs[i]);
    assert_int_equal(widths[i].output, outputs[i]);
    assert_int_equal(widths[i].is_sequence, i <= 4); // The lstm is the last that reads the window
    assert_int_equal(widths[i].gives_sequence, i < 4);
  }
}

static void
tensors_are_named_after_their_layers(void **const state)
{
  (void)state;
  static const struct tensor_shape expected[] = {
      {"embed", 3400, 64},
      {"layer1.forward.input", 128, 64},
      {"layer1.forward.recurrent", 128, 32},
      {"layer1.forward.bias", 128, 0},
      {"layer1.backward.input", 128, 64},
      {"layer1.backward.recurrent", 128, 32},
      {"layer1.backward.bias", 128, 0},
      {"layer2.query", 16, 64},
      {"layer2.key", 16, 64},
      {"layer2.bias", 16, 0},
      {"layer2.weight", 16, 0},
      {"layer4.input", 192, 64},
      {"layer4.recurrent", 192, 48},
      {"layer4.bias", 192, 0},
      {"layer5.weight", 80, 48},
      {"layer5.bias", 80, 0},
      {"layer6.weight", 3400, 80},
      {"layer6.bias", 3400, 0},
  };
  enum { COUNT = sizeof(expected) / sizeof(*expected) };
  struct windowed_tensor tensors[WINDOWED_TENSORS];
  const struct windowed_sizes sizes =
      sizes_of("embed:64, bilstm:32, attention:16, dropout:0.3, lstm:48, dense:80, softmax");
  assert_int_equal(windowed_tensors(&sizes, tensors), COUNT);
  for (unsigned i = 0; i < COUNT; ++i) {
    assert_string_equal(tensors[i].shape.name, expected[i].name);
    assert_int_equal(tensors[i].shape.rows, expected[i].rows);
    assert_int_equal(tensors[i].shape.columns, expected[i].columns);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_articles_networks_have_names),
      cmocka_unit_test(a_list_survives_its_text_whatever_the_spaces),
      cmocka_unit_test(wrong_lists_are_refused_with_a_sentence),
      cmocka_unit_test(a_description_survives_its_text),
      cmocka_unit_test(the_longest_list_has_room),
      cmocka_unit_test(wrong_descriptions_are_refused_with_a_sentence),
      cmocka_unit_test(widths_follow_the_layers),
      cmocka_unit_test(tensors_are_named_after_their_layers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
