// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Values as people read and type them.

#include "points.h"
#include "values.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/// Values that mean something else than their number.
static const struct {
  enum port_index port;
  float value;
  const char *name;
} words[] = {
    {PORT_SURPRISE, 0.0F, "off"},   {PORT_ORIGINALITY, 0.0F, "off"}, {PORT_TOP_P, 1.0F, "off"},
    {PORT_POLYPHONY, 16.0F, "any"}, {PORT_LOOP_BARS, 0.0F, "off"},   {PORT_LEFT_CHANNEL, 0.0F, "same"},
    {PORT_HUMANIZE, 0.0F, "off"},
};

static const char *const unit_suffixes[] = {
    [UNIT_NONE] = "",      [UNIT_BEATS] = " beats",  [UNIT_BARS] = " bars",
    [UNIT_BPM] = " bpm",   [UNIT_PERCENT] = " %",    [UNIT_MIDI_NOTE] = "",
    [UNIT_BITS] = " bits", [UNIT_EVENTS] = " notes", [UNIT_FACTOR] = "",
};

static const char *const note_names[12] = {"C", "C\xe2\x99\xaf", "D", "E\xe2\x99\xad", "E", "F", "F\xe2\x99\xaf",
                                           "G", "A\xe2\x99\xad", "A", "B\xe2\x99\xad", "B"};

/// The word for `value`, NULL if it is just a number.
static const char *
word_of(const enum port_index port, const float value)
{
  for (size_t i = 0; i < sizeof words / sizeof words[0]; ++i) {
    if (words[i].port == port && words[i].value == value) {
      return words[i].name;
    }
  }
  const struct port_description *const description = &port_descriptions[port];
  if (description->properties & PORT_ENUMERATION && value >= 0.0F) {
    return point_name(description->points, (unsigned)value);
  }
  if (description->properties & PORT_TOGGLED) {
    return value > 0.0F ? "on" : "off";
  }
  return NULL;
}

/// How many digits a step needs after the point.
static int
decimals(const struct port_description *const description)
{
  if (description->properties & PORT_INTEGER) {
    return 0;
  }
  const float range = description->maximum - description->minimum;
  const float step = description->steps > 0 ? range / (float)description->steps : range / 100.0F;
  return step >= 0.99F ? 0 : step >= 0.099F ? 1 : 2;
}

void
value_format_plain(const enum port_index port, const float value, char text[VALUE_TEXT])
{
  const struct port_description *const description = &port_descriptions[port];
  if (description->unit == UNIT_MIDI_NOTE) {
    const int note = (int)value;
    snprintf(text, VALUE_TEXT, "%s%d", note_names[note % 12], note / 12 - 1);
  } else {
    snprintf(text, VALUE_TEXT, "%.*f", decimals(description), (double)value);
  }
}

void
value_format(const enum port_index port, const float value, char text[VALUE_TEXT])
{
  const char *const word = word_of(port, value);
  if (word) {
    snprintf(text, VALUE_TEXT, "%s", word);
    return;
  }
  value_format_plain(port, value, text);
  const struct port_description *const description = &port_descriptions[port];
  const char *suffix = unit_suffixes[description->unit];
  if (value == 1.0F && description->unit == UNIT_BEATS) {
    suffix = " beat";
  } else if (value == 1.0F && description->unit == UNIT_BARS) {
    suffix = " bar";
  }
  strncat(text, suffix, VALUE_TEXT - 1 - strlen(text));
  if (port == PORT_VELOCITY && value > 0.0F) {
    memmove(text + 1, text, strnlen(text, VALUE_TEXT - 2) + 1);
    text[0] = '+';
  }
}

/// Skip `word` in `*text` if it begins with it.
static bool
skip(const char **const text, const char *const word)
{
  if (strncmp(*text, word, strlen(word)) != 0) {
    return false;
  }
  *text += strlen(word);
  return true;
}

/// Read a note's name: a letter, sharps or flats, an octave.
static bool
parse_note(const char *text, float *const value)
{
  static const int steps[7] = {9, 11, 0, 2, 4, 5, 7}; // A to G
  const int letter = toupper((unsigned char)*text) - 'A';
  if (letter < 0 || letter > 6) {
    return false;
  }
  int note = steps[letter];
  ++text;
  if (skip(&text, "#") || skip(&text, "\xe2\x99\xaf")) {
    ++note;
  } else if (skip(&text, "b") || skip(&text, "\xe2\x99\xad")) {
    --note;
  }
  char *end = NULL;
  const long octave = strtol(text, &end, 10);
  if (end == text || *end != '\0' || octave < -2 || octave > 10) {
    return false;
  }
  *value = (float)(note + 12 * ((int)octave + 1));
  return true;
}

/// Read a number; what follows must be nothing or letters (a unit).
static bool
parse_number(const char *const text, float *const value)
{
  char copy[VALUE_TEXT];
  snprintf(copy, sizeof copy, "%s", text);
  char *const comma = strchr(copy, ',');
  if (comma) {
    *comma = '.';
  }
  // Not strtod(), whose decimal point is the host's locale's
  double number = 0.0;
  double place = 1.0;
  const char *at = copy;
  const double sign = *at == '-' ? -1.0 : 1.0;
  at += *at == '-' || *at == '+' ? 1 : 0;
  const char *const digits = at;
  for (bool is_fraction = false; isdigit((unsigned char)*at) || (*at == '.' && !is_fraction); ++at) {
    if (*at == '.') {
      is_fraction = true;
    } else if (is_fraction) {
      number += (*at - '0') * (place /= 10.0);
    } else {
      number = number * 10.0 + (*at - '0');
    }
  }
  if (at == digits || !(isdigit((unsigned char)digits[0]) || isdigit((unsigned char)at[-1]))) {
    return false;
  }
  while (*at == ' ' || *at == '%' || isalpha((unsigned char)*at)) {
    ++at;
  }
  *value = (float)(sign * number);
  return *at == '\0';
}

/// The `number`-th word that a value of `port` may have, and the value; NULL if there are no more.
static const char *
word_at(const enum port_index port, const unsigned number, float *const value)
{
  unsigned found = 0;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; ++i) {
    if (words[i].port == port && found++ == number) {
      *value = words[i].value;
      return words[i].name;
    }
  }
  *value = (float)(number - found);
  if (port_descriptions[port].properties & PORT_TOGGLED) {
    return number - found == 0 ? "off" : number - found == 1 ? "on" : NULL;
  }
  return point_name(port_descriptions[port].points, number - found);
}

/// Find the word that is `text`, or the first that begins so.
static bool
parse_word(const enum port_index port, const char *const text, float *const value)
{
  const char *word = NULL;
  float at = 0.0F;
  bool is_found = false;
  for (unsigned i = 0; (word = word_at(port, i, &at)) != NULL; ++i) {
    const bool is_exact = !strcasecmp(word, text);
    if (is_exact || (!is_found && !strncasecmp(word, text, strlen(text)))) {
      *value = at;
      is_found = true;
    }
    if (is_exact) {
      break;
    }
  }
  return is_found;
}

bool
value_parse(const enum port_index port, const char *text, float *const value)
{
  char trimmed[VALUE_TEXT];
  while (*text == ' ') {
    ++text;
  }
  snprintf(trimmed, sizeof trimmed, "%s", text);
  for (size_t length = strlen(trimmed); length > 0 && trimmed[length - 1] == ' '; --length) {
    trimmed[length - 1] = '\0';
  }
  float parsed = 0.0F;
  if (trimmed[0] == '\0' || (!parse_number(trimmed, &parsed) && !parse_word(port, trimmed, &parsed) &&
                             (port_descriptions[port].unit != UNIT_MIDI_NOTE || !parse_note(trimmed, &parsed)))) {
    return false;
  }
  *value = port_round(port, parsed);
  return true;
}
