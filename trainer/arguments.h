// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Values on the command line. argp reads the options; the functions here turn their texts into checked values, with
// errors that name the option, the text and what is allowed.
//
// In an argp parser, wrap them: `return argument_end(state, argument_whole("--epochs", text, 1, 1000, &n, &error), &error)`.

#ifndef RITORNELLO_ARGUMENTS_H
#define RITORNELLO_ARGUMENTS_H

#include "../plugin/engine/status.h"

#include <argp.h>
#include <stdint.h>

/// Read the whole number `text`, from `lowest` to `highest`, into `*value`. `option` is its name for errors ("--epochs").
enum status argument_whole(
    const char *option, const char *text, int64_t lowest, int64_t highest, int64_t *value, struct error *error);

/// Read the decimal number `text`, from `lowest` to `highest`, into `*value`. Infinity and not-a-number are refused.
enum status argument_number(
    const char *option, const char *text, double lowest, double highest, double *value, struct error *error);

/// Find `text` in `choices` (ended by NULL), whatever the case, and set `*index` to its place.
enum status
argument_choice(const char *option, const char *text, const char *const *choices, unsigned *index, struct error *error);

/// Return 0 for success. Otherwise print the error and end the program with status 2, as argp does for wrong usage.
error_t argument_end(const struct argp_state *state, enum status status, const struct error *error);

/// Read an option's number into `*value`, or end as argument_end() does.
error_t argument_option_whole(const struct argp_state *state,
                              const char *option,
                              const char *text,
                              int64_t lowest,
                              int64_t highest,
                              uint32_t *value);
error_t argument_option_number(
    const struct argp_state *state, const char *option, const char *text, double lowest, double highest, double *value);
error_t argument_option_float(
    const struct argp_state *state, const char *option, const char *text, double lowest, double highest, float *value);

#endif // RITORNELLO_ARGUMENTS_H
