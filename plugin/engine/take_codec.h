// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A finished image of a take as bytes, and back. The bytes stand in sequencer-specific meta events of a MIDI file
// (midi_file.h), so that a saved take is music to every other program too.
//
// The format. Numbers are unsigned, seven bits to a byte, the lowest first, the eighth bit set in all bytes but the last; "f64"
// is eight bytes (IEEE 754), "u64" as well, the lowest first. First comes the version, 1. Then chunks: four letters, the
// number of bytes in it, and these. Readers pass over chunks that they don't know. The first four below must be there.
//
//   name  the controls that music is composed under: how many, then for each the length of its name and the name
//   sets  how many sets of controls; for each set, an f64 for each control
//   view  the last version that was handed out; how often undo brought music back; the salt of the last regeneration; how
//         many views, the present one first, then those of undo from the oldest on; for each how many ranges; for each range
//         how many bars after the one before it begins, version, salt, acceptance
//   bars  how many, then, from the oldest to the newest, for each: number, version, metre (two numbers), how many bars ago its
//         section began and at which tick, flags (1: complete, 2: a piece ends here), steps before it, salt, acceptance, hash
//         of its weights (u64), how many notes; for each note: flags, ticks since the one before it (or the bar line),
//         advance, and, unless it is a rest, hand, pitch, velocity and duration; then what its flags say
//   lock  the locked bars: how many ranges; for each, the first bar and the bar after the last
//
// Flags of a note: 1 rest; 2 in one step with the one before it; 4 the conditions are other than those of the note before (of
// any bar): style, key, density, metre, recall; 8 so is the level of the surprise control: twice its distance from zero, less
// one if it is below; 16 so is the set; 64 it lasts other than its duration: so many ticks; 32 it sounds shorter than it lasts:
// so many ticks; 128 its origin (enum take_origin); 256 the held harmony is other than that of the note before.

#ifndef RITORNELLO_TAKE_CODEC_H
#define RITORNELLO_TAKE_CODEC_H

#include "status.h"
#include "take_image.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Write `image` into `*bytes` (the caller frees them).
enum status take_encode(const struct take_image *image, uint8_t **bytes, size_t *size, struct error *error);

/// Read `*image` from bytes that may say anything; on failure it is empty (safe to free). What comes out is finished, and
/// everything in it is in range.
enum status take_decode(const uint8_t *bytes, size_t size, struct take_image *image, struct error *error);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_TAKE_CODEC_H
