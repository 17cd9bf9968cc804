// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Reference pictures: what is drawn from fixed data, compared with a PNG file that somebody has looked at. Where it differs, the
// new picture and one that shows the differences are written into the build folder, beside a line that says where it is.
//
// The references lie in the folder that RITORNELLO_PICTURES names (tests/window/pictures), the new ones go into
// RITORNELLO_NEW_PICTURES. To take a new picture for the reference, look at it, and copy it there.

#ifndef RITORNELLO_PICTURE_H
#define RITORNELLO_PICTURE_H

#include <cairo.h>

#include <stdbool.h>

/// Return a picture of `width` x `height` logical pixels at `scale`, to draw on through picture_begin().
cairo_surface_t *picture_new(double width, double height, double scale);

/// Return a context that draws in logical pixels. Destroy it.
cairo_t *picture_begin(cairo_surface_t *picture, double scale);

/// Return whether `picture` looks like the reference of that name: no more than a few pixels differ by more than antialiasing
/// does. Says on stderr what is different, and where.
bool picture_is_as_ever(cairo_surface_t *picture, const char *name);

/// Return how many pixels of two pictures of one size differ by more than `most` (of 255) in a colour.
unsigned picture_difference(cairo_surface_t *a, cairo_surface_t *b, unsigned most);

#endif // RITORNELLO_PICTURE_H
