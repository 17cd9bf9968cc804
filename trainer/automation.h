// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Automation of a plugin's control in the offline host: points in bars, with straight lines between them, or steps where
// the control has whole numbers, names or two positions.

#ifndef RITORNELLO_AUTOMATION_H
#define RITORNELLO_AUTOMATION_H

#include "lv2_instance.h"

#include <stddef.h>

struct automation;

/// Read "SYMBOL=BAR:VALUE,BAR:VALUE,..." for a control of `instance`, which outlives it. Bars are counted from 1, in rising
/// order, and may have a fraction; values are as in lv2_instance_set(). A bad text gives an error that says what is
/// wrong. Free with automation_free().
enum status
automation_new(struct lv2_instance *instance, const char *text, struct automation **made, struct error *error);

void automation_free(struct automation *automation);

/// Set the control to what it is at `bar`, counted from 0: the first point's value before it, the last one's after it.
void automation_apply(const struct automation *automation, double bar);

/// Return the place, in bars from 0, of the first point after `bar`; infinity if there is none.
double automation_next(const struct automation *automation, double bar);

#endif // RITORNELLO_AUTOMATION_H
