// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// LV2's atom forge, vouched for on the audio thread: with a buffer set (lv2_atom_forge_set_buffer()) it only writes into
// that buffer. The two functions that would call a sink, which we never set, are declared REALTIME here; the compiler sees
// into all others.

#ifndef RITORNELLO_FORGE_H
#define RITORNELLO_FORGE_H

#include "engine/realtime.h"

#include <lv2/atom/forge.h>

static inline LV2_Atom_Forge_Ref lv2_atom_forge_raw(LV2_Atom_Forge *forge, const void *data, uint32_t size) REALTIME;
static inline LV2_Atom *lv2_atom_forge_deref(LV2_Atom_Forge *forge, LV2_Atom_Forge_Ref ref) REALTIME;

#endif // RITORNELLO_FORGE_H
