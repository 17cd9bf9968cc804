// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the music is heard on: an LV2 instrument, or the plain piano if there is none.

#ifndef RITORNELLO_INSTRUMENT_H
#define RITORNELLO_INSTRUMENT_H

#include "lv2_host.h"

#include <stdint.h>

/// The instrument that is taken if it is installed and nothing else is asked for; otherwise it is another one that calls itself
/// a piano, the first by URI, and at last the plain piano that is built in.
#define INSTRUMENT_DEFAULT "http://drobilla.net/plugins/mda/Piano"

struct instrument;

/// Make the instrument that is called `uri`; with NULL the first that works of those said above.
enum status instrument_new(struct lv2_host *host, const char *uri, struct instrument **instrument, struct error *error);

void instrument_free(struct instrument *instrument);

/// Return the instrument's name for people. Owned by the instrument.
const char *instrument_name(const struct instrument *instrument);

/// Send a MIDI message to frame `frame` of the next block; messages come in order. What doesn't fit is left out.
void instrument_midi(struct instrument *instrument, uint32_t frame, const uint8_t *message, uint32_t size);

/// Play one block of `frames` (1 to LV2_HOST_BLOCK) and return its two channels, owned by the instrument.
void instrument_run(struct instrument *instrument, uint32_t frames, const float **left, const float **right);

#endif // RITORNELLO_INSTRUMENT_H
