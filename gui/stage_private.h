// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the parts of the stage ask of each other.

#ifndef RITORNELLO_STAGE_PRIVATE_H
#define RITORNELLO_STAGE_PRIVATE_H

#include "stage.h"

/// Free the overlays that were closed.
void overlays_settle(struct stage *stage);

/// The pointer moved, or something else happened: the tooltip goes, and another may come (tip.c).
void tip_hide(struct stage *stage);
void tip_restart(struct stage *stage);

/// Let it appear if it is time.
void tip_tick(struct stage *stage);
void tip_draw(const struct stage *stage, struct painter *painter);

#endif // RITORNELLO_STAGE_PRIVATE_H
