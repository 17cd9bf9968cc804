// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A plain piano, for machines where no better instrument is installed: each key is a sum of slightly stretched partials that
// die away, the higher the sooner, brighter when struck harder, low keys to the left and high ones to the right. It listens
// to notes and to the sustain pedal.
// Stretching after H. Fletcher, "Normal Vibration Frequencies of a Stiff Piano String", JASA 36 (1964).

#ifndef RITORNELLO_PIANO_H
#define RITORNELLO_PIANO_H

#include <stdint.h>

struct piano;

/// Make a silent piano for `rate` frames per second. NULL without memory.
struct piano *piano_new(double rate);

void piano_free(struct piano *piano);

/// Take a MIDI message of `size` bytes; any but note on, note off, sustain and all-notes-off is ignored.
void piano_midi(struct piano *piano, const uint8_t *message, uint32_t size);

/// Add `frames` of sound to `left` and `right` [frames].
void piano_run(struct piano *piano, float *left, float *right, uint32_t frames);

#endif // RITORNELLO_PIANO_H
