// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The bundled presets: which style, and what differs from the ports' defaults.

#ifndef RITORNELLO_PRESETS_H
#define RITORNELLO_PRESETS_H

#include "preset_writer.h"

#include <stddef.h>

enum { PRESET_VALUES = 4 };

struct preset {
  const char *id; ///< Last part of its URI
  const char *label;
  const char *style; ///< Name in styles.h
  const char *comment;
  struct preset_value values[PRESET_VALUES];
};

static const struct preset presets[] = {
    {"bach", "Bach", "bach", "Voices that answer each other.", {{0, 0.0F}}},
    {"mozart", "Mozart", "mozart", "Clear melody over a moving left hand.", {{0, 0.0F}}},
    {"beethoven", "Beethoven", "beethoven", "Sonata movements, from quiet to stormy.", {{0, 0.0F}}},
    {"chopin", "Chopin", "chopin", "Nocturnes, preludes and mazurkas.", {{0, 0.0F}}},
    {"schubert", "Schubert", "schubert", "Songs without a singer.", {{0, 0.0F}}},
    {"haydn", "Haydn", "haydn", "Witty and light-footed.", {{0, 0.0F}}},
    {"schumann", "Schumann", "schumann", "Scenes and character pieces.", {{0, 0.0F}}},
    {"liszt", "Liszt", "liszt", "The whole keyboard.", {{0, 0.0F}}},
    {"debussy", "Debussy", "debussy", "Colours and chords.", {{0, 0.0F}}},
};

enum { PRESET_COUNT = sizeof presets / sizeof presets[0] };

#endif // RITORNELLO_PRESETS_H
