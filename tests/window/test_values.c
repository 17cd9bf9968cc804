// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Values are shown so that people understand them, and read as people type them.

#include "points.h"
#include "values.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool
is_input(const unsigned port)
{
  return port_descriptions[port].type == CONTROL_INPUT;
}

/// Some values of a port: ends, default, and a few between.
static float
sample(const enum port_index port, const unsigned number)
{
  return port_round(port, value_at(port, number == 0 ? value_position(port, port_descriptions[port].normal)
                                                     : (double)(number - 1) / 40.0));
}

static void
what_is_shown_can_be_typed(void **const state)
{
  (void)state;
  for (unsigned port = 0; port < PORT_COUNT; ++port) {
    for (unsigned i = 0; is_input(port) && i <= 41; ++i) {
      const float value = sample(port, i);
      char text[VALUE_TEXT];
      float read = NAN;
      value_format(port, value, text);
      assert_true(value_parse(port, text, &read));
      assert_true(read == value);
      value_format_plain(port, value, text);
      assert_true(value_parse(port, text, &read));
      assert_true(read == value);
    }
  }
}

static void
names_of_values_are_read(void **const state)
{
  (void)state;
  for (unsigned port = 0; port < PORT_COUNT; ++port) {
    for (unsigned i = 0; is_input(port) && i < point_count(port_descriptions[port].points); ++i) {
      float read = NAN;
      assert_true(value_parse(port, point_name(port_descriptions[port].points, i), &read));
      assert_true(read == (float)i);
    }
  }
}

static void
assert_reads(const enum port_index port, const char *const text, const float expected)
{
  float read = NAN;
  assert_true(value_parse(port, text, &read));
  assert_true(fabsf(read - expected) < 1e-4F);
}

static void
people_type_in_many_ways(void **const state)
{
  (void)state;
  assert_reads(PORT_TEMPERATURE, "0.8", 0.8F);
  assert_reads(PORT_TEMPERATURE, "0,8", 0.8F);
  assert_reads(PORT_TEMPERATURE, "  .8 ", 0.8F);
  assert_reads(PORT_TEMPERATURE, "0.803", 0.8F); // On its steps
  assert_reads(PORT_TEMPERATURE, "99", 2.0F);    // In its range
  assert_reads(PORT_VELOCITY, "-12", -12.0F);
  assert_reads(PORT_VELOCITY, "+12", 12.0F);
  assert_reads(PORT_BPM, "96 bpm", 96.0F);
  assert_reads(PORT_HUMANIZE, "50 %", 50.0F);
  assert_reads(PORT_HUMANIZE, "50%", 50.0F);
  assert_reads(PORT_LOW_NOTE, "60", 60.0F);
  assert_reads(PORT_LOW_NOTE, "C4", 60.0F);
  assert_reads(PORT_LOW_NOTE, "c4", 60.0F);
  assert_reads(PORT_LOW_NOTE, "F#3", 54.0F);
  assert_reads(PORT_LOW_NOTE, "Gb3", 54.0F);
  assert_reads(PORT_LOW_NOTE,
               "B\xe2\x99\xad"
               "3",
               58.0F);
  assert_reads(PORT_LOW_NOTE, "A0", 21.0F);
  assert_reads(PORT_SURPRISE, "off", 0.0F);
  assert_reads(PORT_STYLE, "wolf", 2.0F);
  assert_reads(PORT_POLYPHONY, "any", 16.0F);
}

static void
nonsense_changes_nothing(void **const state)
{
  (void)state;
  static const char *const texts[] = {"", "  ", "x", "-", ".", "1.2.3", "H4", "C", "C4x", "1 2", "\xff", "0x10", "nan"};
  for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; ++i) {
    float read = 123.0F;
    if (value_parse(PORT_LOW_NOTE, texts[i], &read)) {
      fail_msg("'%s' was read as a note", texts[i]);
    }
    assert_true(read == 123.0F);
  }
  float read = 0.5F;
  assert_false(value_parse(PORT_TEMPERATURE, "C4", &read));
  assert_true(read == 0.5F);
}

static void
values_are_words_where_words_say_more(void **const state)
{
  (void)state;
  static const struct {
    enum port_index port;
    float value;
    const char *text;
  } expected[] = {
      {PORT_SURPRISE, 0.0F, "off"},
      {PORT_SURPRISE, 3.4F, "3.4 bits"},
      {PORT_ORIGINALITY, 12.0F, "12 notes"},
      {PORT_TOP_P, 1.0F, "off"},
      {PORT_TOP_P, 0.9F, "0.90"},
      {PORT_LOW_NOTE, 21.0F, "A0"},
      {PORT_LOW_NOTE, 66.0F,
       "F\xe2\x99\xaf"
       "4"},
      {PORT_BPM, 120.0F, "120 bpm"},
      {PORT_LOOK_AHEAD, 1.0F, "1 beat"},
      {PORT_LOOK_AHEAD, 4.0F, "4 beats"},
      {PORT_LEFT_CHANNEL, 0.0F, "same"},
      {PORT_LEFT_CHANNEL, 2.0F, "2"},
      {PORT_VELOCITY, 5.0F, "+5"},
      {PORT_VELOCITY, -5.0F, "-5"},
      {PORT_VELOCITY, 0.0F, "0"},
      {PORT_LOOP_BARS, 0.0F, "off"},
      {PORT_LOOP_BARS, 8.0F, "8 bars"},
      {PORT_SEED, 16777215.0F, "16777215"},
      {PORT_HUMANIZE, 30.0F, "30 %"},
      {PORT_HANDS, 2.0F, "Left hand"},
      {PORT_TEMPERATURE, 0.85F, "0.85"},
  };
  for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; ++i) {
    char text[VALUE_TEXT];
    value_format(expected[i].port, expected[i].value, text);
    assert_string_equal(text, expected[i].text);
  }
}

struct told {
  unsigned touches;
  unsigned releases;
  unsigned writes;
  float written;
  bool was_touched_at_write;
  bool is_touched;
};

static void
touch(void *const handle, const enum port_index port, const bool is_touched)
{
  struct told *const told = handle;
  (void)port;
  ++*(is_touched ? &told->touches : &told->releases);
  told->is_touched = is_touched;
}

static void
write_value(void *const handle, const enum port_index port, const float value)
{
  struct told *const told = handle;
  (void)port;
  ++told->writes;
  told->written = value;
  told->was_touched_at_write = told->is_touched;
}

static void
the_host_is_told_within_a_touch(void **const state)
{
  (void)state;
  struct told told = {0};
  struct values values;
  values_init(&values, &(struct values_listener){.handle = &told, .touch = touch, .write = write_value});
  values_change(&values, PORT_TEMPERATURE, 1.5001F);
  assert_int_equal(told.writes, 1);
  assert_true(told.written == 1.5F && told.was_touched_at_write && !told.is_touched);
  assert_int_equal(told.touches, 1);
  assert_int_equal(told.releases, 1);
  values_change(&values, PORT_TEMPERATURE, 1.5F); // It is that already
  assert_int_equal(told.writes, 1);
  values_change(&values, PORT_TEMPERATURE, NAN);
  assert_true(told.written == 1.0F);
}

static void
what_the_user_holds_stays(void **const state)
{
  (void)state;
  struct told told = {0};
  struct values values;
  values_init(&values, &(struct values_listener){.handle = &told, .touch = touch, .write = write_value});
  values_receive(&values, PORT_RECALL, 2.0F);
  assert_true(values.now[PORT_RECALL] == 2.0F);
  assert_int_equal(told.writes, 0); // What the host says is not said back
  values_touch(&values, PORT_RECALL);
  values_receive(&values, PORT_RECALL, 3.0F);
  assert_true(values.now[PORT_RECALL] == 2.0F);
  values_release(&values, PORT_RECALL);
  values_receive(&values, PORT_RECALL, 3.0F);
  assert_true(values.now[PORT_RECALL] == 3.0F);
  values_receive(&values, PORT_RECALL, NAN);
  values_receive(&values, PORT_STYLE, 1e9F);
  assert_true(values.now[PORT_RECALL] == 1.0F && values.now[PORT_STYLE] == (float)STYLE_COUNT);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_shown_can_be_typed),
      cmocka_unit_test(names_of_values_are_read),
      cmocka_unit_test(people_type_in_many_ways),
      cmocka_unit_test(nonsense_changes_nothing),
      cmocka_unit_test(values_are_words_where_words_say_more),
      cmocka_unit_test(the_host_is_told_within_a_touch),
      cmocka_unit_test(what_the_user_holds_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
