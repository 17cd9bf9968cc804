// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Things that only tell: texts and meters.

#ifndef RITORNELLO_LABEL_H
#define RITORNELLO_LABEL_H

#include "paint.h"
#include "values.h"
#include "widget.h"

/// Make a text of one line, copied.
struct widget *label_new(const char *name, enum theme_font font, enum theme_colour colour, const char *text);

/// Let it be shortened where there is no room: its tooltip has it whole. It stretches.
void label_make_elastic(struct widget *label);

void label_set_text(struct widget *label, const char *text);
void label_set_colour(struct widget *label, enum theme_colour colour);
const char *label_text(const struct widget *label);

/// Make a text of as many lines as it takes at a width of about `width`; not copied.
struct widget *paragraph_new(const char *name, enum theme_colour colour, double width, const char *text);

/// Make a meter for an output port: its name and value, and a bar if it is a percentage.
struct widget *meter_new(struct values *values, enum port_index port);

#endif // RITORNELLO_LABEL_H
