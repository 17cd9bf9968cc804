// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Instances of the built plugin, run one after the other by one thread as a host does it, with a clock.

#ifndef RITORNELLO_RIG_H
#define RITORNELLO_RIG_H

#include <stdbool.h>
#include <stdint.h>

enum { RIG_RATE = 48000, RIG_BLOCK = 64, RIG_BPM = 120 };

struct rig;

/// Make `count` activated instances of the plugin `module` (a shared object), which find their weights in the folder `bundle`
/// and have different seeds; NULL (and a line on stderr) on failure.
struct rig *rig_new(const char *module, const char *bundle, uint32_t count);
void rig_free(struct rig *rig);

/// Be at `bar` from the next block on, all of them at once, rolling or standing.
void rig_locate(struct rig *rig, int64_t bar, bool is_rolling);

/// Run all instances for one block; return the seconds of the processor's time that takes. What the system does with other
/// programs meanwhile does not count.
double rig_run(struct rig *rig);

/// Return the late notes, and the notes played, of all.
uint32_t rig_late(const struct rig *rig);
uint64_t rig_notes(const struct rig *rig);

#endif // RITORNELLO_RIG_H
