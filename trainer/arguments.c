// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "arguments.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// strtol() and strtod() skip blanks before a number and take nothing for 0; here both are errors.
static bool
is_read(const char *const text, const char *const end)
{
  return *text && !isspace((unsigned char)*text) && end != text && !*end;
}

enum status
argument_whole(const char *const option,
               const char *const text,
               const int64_t lowest,
               const int64_t highest,
               int64_t *const value,
               struct error *const error)
{
  char *end = NULL;
  errno = 0;
  const long long number = strtoll(text, &end, 10);
  if (!is_read(text, end) || errno || number < lowest || number > highest) {
    return error_set(error, STATUS_BAD_VALUE, "%s takes a whole number from %" PRId64 " to %" PRId64 ", not `%s'",
                     option, lowest, highest, text);
  }
  *value = number;
  return STATUS_SUCCESS;
}

enum status
argument_number(const char *const option,
                const char *const text,
                const double lowest,
                const double highest,
                double *const value,
                struct error *const error)
{
  char *end = NULL;
  const double number = strtod(text, &end);
  if (!is_read(text, end) || !isfinite(number) || number < lowest || number > highest) {
    return error_set(error, STATUS_BAD_VALUE, "%s takes a number from %g to %g, not `%s'", option, lowest, highest,
                     text);
  }
  *value = number;
  return STATUS_SUCCESS;
}

static void
list_choices(const char *const *const choices, char *const text, const size_t size)
{
  size_t length = 0;
  text[0] = '\0';
  for (size_t i = 0; choices[i] && length < size; ++i) {
    const int added = snprintf(text + length, size - length, "%s%s", i ? ", " : "", choices[i]);
    length += added > 0 ? (size_t)added : 0;
  }
}

enum status
argument_choice(const char *const option,
                const char *const text,
                const char *const *const choices,
                unsigned *const index,
                struct error *const error)
{
  for (unsigned i = 0; choices[i]; ++i) {
    if (!strcasecmp(choices[i], text)) {
      *index = i;
      return STATUS_SUCCESS;
    }
  }

  char list[ERROR_TEXT_SIZE / 2];
  list_choices(choices, list, sizeof(list));
  return error_set(error, STATUS_BAD_VALUE, "%s takes one of %s, not `%s'", option, list, text);
}

error_t
argument_end(const struct argp_state *const state, const enum status status, const struct error *const error)
{
  if (status) {
    argp_error(state, "%s", error->text);
    return EINVAL;
  }
  return 0;
}

error_t
argument_option_whole(const struct argp_state *const state,
                      const char *const option,
                      const char *const text,
                      const int64_t lowest,
                      const int64_t highest,
                      uint32_t *const value)
{
  struct error error;
  int64_t whole = 0;
  const enum status status = argument_whole(option, text, lowest, highest, &whole, &error);
  *value = (uint32_t)whole;
  return argument_end(state, status, &error);
}

error_t
argument_option_number(const struct argp_state *const state,
                       const char *const option,
                       const char *const text,
                       const double lowest,
                       const double highest,
                       double *const value)
{
  struct error error;
  return argument_end(state, argument_number(option, text, lowest, highest, value, &error), &error);
}

error_t
argument_option_float(const struct argp_state *const state,
                      const char *const option,
                      const char *const text,
                      const double lowest,
                      const double highest,
                      float *const value)
{
  double number = 0.0;
  const error_t result = argument_option_number(state, option, text, lowest, highest, &number);
  *value = (float)number;
  return result;
}
