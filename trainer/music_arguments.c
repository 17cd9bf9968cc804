// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "music_arguments.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { TONES = 12 };

// Read one or two digits; return what follows them, or NULL.
static const char *
read_small_number(const char *text, unsigned *const number)
{
  const char *const begin = text;
  *number = 0;
  for (; isdigit((unsigned char)*text) && text - begin < 2; ++text) {
    *number = *number * 10 + (unsigned)(*text - '0');
  }
  return text > begin ? text : NULL;
}

enum status
argument_metre(const char *const option, const char *const text, struct metre *const metre, struct error *const error)
{
  unsigned numerator = 0;
  unsigned denominator = 0;
  const char *end = read_small_number(text, &numerator);
  end = end && *end == '/' ? read_small_number(end + 1, &denominator) : NULL;
  const struct metre read = {(uint8_t)numerator, (uint8_t)denominator};
  if (!end || *end || !metre_is_valid(read)) {
    return error_set(error, STATUS_BAD_VALUE, "%s takes a time signature such as 3/4 or 6/8, not `%s'", option, text);
  }
  *metre = read;
  return STATUS_SUCCESS;
}

// If `*text` begins with `word` (whatever the case), skip it and blanks and hyphens around it.
static bool
skip_word(const char **const text, const char *const word)
{
  const char *const begin = *text + strspn(*text, " -");
  const size_t length = strlen(word);
  if (strncasecmp(begin, word, length)) {
    return false;
  }
  *text = begin + length;
  *text += strspn(*text, " -");
  return true;
}

static int
read_accidentals(const char **const text)
{
  if (skip_word(text, "sharp") || skip_word(text, "#")) {
    return 1;
  }
  return skip_word(text, "flat") || skip_word(text, "b") ? -1 : 0;
}

enum status
argument_key(const char *const option, const char *const text, uint8_t *const key, struct error *const error)
{
  static const int8_t tones[] = {9, 11, 0, 2, 4, 5, 7}; // A to G, from C
  if (!strcasecmp(text, "free")) {
    *key = 0;
    return STATUS_SUCCESS;
  }
  const int letter = toupper((unsigned char)text[0]);
  if (letter >= 'A' && letter <= 'G') {
    const char *rest = text + 1;
    const int tone = (tones[letter - 'A'] + read_accidentals(&rest) + TONES) % TONES;
    bool is_minor = *rest == '\0' && islower((unsigned char)text[0]);
    if (!skip_word(&rest, "major")) {
      is_minor = skip_word(&rest, "minor") || is_minor;
    }
    if (*rest == '\0') {
      *key = (uint8_t)(1 + tone + (is_minor ? TONES : 0));
      return STATUS_SUCCESS;
    }
  }
  return error_set(error, STATUS_BAD_VALUE, "%s takes a key such as \"C major\", \"f# minor\" or free, not `%s'",
                   option, text);
}
