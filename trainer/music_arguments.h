// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Musical values on the command line, as a musician writes them. Used as those of arguments.h.

#ifndef RITORNELLO_MUSIC_ARGUMENTS_H
#define RITORNELLO_MUSIC_ARGUMENTS_H

#include "../plugin/engine/event.h"
#include "../plugin/engine/status.h"

#include <stdint.h>

/// Read a time signature such as 3/4 or 6/8 into `*metre`.
enum status argument_metre(const char *option, const char *text, struct metre *metre, struct error *error);

/// Read a key such as "C major", "f# minor", "Bb", "E flat minor" or "free" into `*key`: 0 to KEY_COUNT as in struct
/// conditions. Without major or minor it is major, or minor if the letter is small.
enum status argument_key(const char *option, const char *text, uint8_t *key, struct error *error);

#endif // RITORNELLO_MUSIC_ARGUMENTS_H
