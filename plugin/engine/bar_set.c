// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "bar_set.h"

#include <stdio.h>
#include <string.h>

// The rest of a text
struct reader {
  const char *at;
  const char *end;
};

static void
skip_spaces(struct reader *const reader) REALTIME
{
  while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t')) {
    ++reader->at;
  }
}

// Take the character `wanted`, if it is next.
static bool
take_character(struct reader *const reader, const char wanted) REALTIME
{
  skip_spaces(reader);
  const bool is_next = reader->at < reader->end && *reader->at == wanted;
  reader->at += is_next;
  return is_next;
}

// Take a bar's number as users count.
static bool
take_number(struct reader *const reader, uint32_t *const number) REALTIME
{
  skip_spaces(reader);
  *number = 0;
  const char *const begin = reader->at;
  for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; ++reader->at) {
    *number = *number * 10 + (uint32_t)(*reader->at - '0');
    if (*number > BAR_SET_LAST) {
      return false;
    }
  }
  return reader->at > begin && *number >= 1;
}

static bool
take_range_of_bars(struct reader *const reader, struct bar_range *const range) REALTIME
{
  uint32_t first = 0;
  if (!take_number(reader, &first)) {
    return false;
  }
  uint32_t last = first;
  if (take_character(reader, '-') && !take_number(reader, &last)) {
    return false;
  }
  *range = (struct bar_range){.first = first - 1, .end = last};
  return last >= first;
}

static bool
is_word(const struct reader *const reader, const char *const word, const size_t length) REALTIME
{
  return (size_t)(reader->end - reader->at) == length && memcmp(reader->at, word, length) == 0;
}

bool
bar_set_read(struct bar_set *const set, const char *const text, const size_t length) REALTIME
{
  struct bar_set read = {.count = 0};
  struct reader reader = {text, text + length};
  skip_spaces(&reader);
  if (is_word(&reader, "all", 3)) {
    read.ranges[read.count++] = (struct bar_range){0, BAR_SET_LAST};
  } else if (reader.at < reader.end && !is_word(&reader, "none", 4)) {
    do {
      if (read.count == BAR_SET_RANGES || !take_range_of_bars(&reader, &read.ranges[read.count])) {
        return false;
      }
      ++read.count;
    } while (take_character(&reader, ','));
    skip_spaces(&reader);
    if (reader.at < reader.end) {
      return false;
    }
  }
  *set = read;
  return true;
}

bool
bar_set_has(const struct bar_set *const set, const uint32_t bar) REALTIME
{
  for (uint32_t i = 0; i < set->count; ++i) {
    if (bar >= set->ranges[i].first && bar < set->ranges[i].end) {
      return true;
    }
  }
  return false;
}

void
bar_set_write(const struct bar_set *const set, char text[BAR_SET_TEXT])
{
  size_t used = (size_t)snprintf(text, BAR_SET_TEXT, "%s", set->count ? "" : "none");
  for (uint32_t i = 0; i < set->count; ++i) {
    const struct bar_range range = set->ranges[i];
    const char *const comma = i ? ", " : "";
    if (range.first == 0 && range.end == BAR_SET_LAST) {
      snprintf(text, BAR_SET_TEXT, "all");
      return;
    }
    used += range.end == range.first + 1
                ? (size_t)snprintf(text + used, BAR_SET_TEXT - used, "%s%u", comma, range.end)
                : (size_t)snprintf(text + used, BAR_SET_TEXT - used, "%s%u-%u", comma, range.first + 1, range.end);
  }
}
