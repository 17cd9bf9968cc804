// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A small piece for tests that need tokens: eight bars in 4/4, typed in, with notes, chords and rests.

#ifndef RITORNELLO_THEME_H
#define RITORNELLO_THEME_H

#include "engine/event.h"
#include "engine/vocabulary.h"

enum { THEME_EVENTS = 40 };

/// Fill `events` and `metres` [THEME_EVENTS]; return how many there are.
size_t theme_events(struct event *events, struct metre *metres);

/// Make the vocabulary of the theme, in as many transpositions by semitones as are asked for (1 to 12). Returns 0, or -1 on
/// failure.
int theme_vocabulary(unsigned transpositions, struct vocabulary *vocabulary);

#endif // RITORNELLO_THEME_H
