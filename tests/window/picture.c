// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "picture.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  TOLERANCE = 40,    ///< Of 255, per colour: another version of a font or of cairo makes such differences at edges
  MOST_DIFFERENT = 4 ///< Of 10,000 pixels, that may differ by more
};

static const double MEAN_DIFFERENCE = 0.5; ///< Of 255, over all pixels

cairo_surface_t *
picture_new(const double width, const double height, const double scale)
{
  return cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * scale), (int)ceil(height * scale));
}

cairo_t *
picture_begin(cairo_surface_t *const picture, const double scale)
{
  cairo_t *const cairo = cairo_create(picture);
  cairo_scale(cairo, scale, scale);
  return cairo;
}

/// The row `y` of a picture, one word 0xXXRRGGBB per pixel.
static const uint32_t *
row_of(cairo_surface_t *const picture, const int y)
{
  const unsigned char *const data = cairo_image_surface_get_data(picture);
  return (const uint32_t *)(const void *)(data + (size_t)y * (size_t)cairo_image_surface_get_stride(picture));
}

/// The largest difference of two pixels in a colour.
static unsigned
pixel_difference(const uint32_t a, const uint32_t b)
{
  unsigned largest = 0;
  for (unsigned shift = 0; shift <= 16; shift += 8) {
    const unsigned difference = (unsigned)abs((int)(a >> shift & 0xFFU) - (int)(b >> shift & 0xFFU));
    largest = difference > largest ? difference : largest;
  }
  return largest;
}

/// What is different between two pictures.
struct difference {
  unsigned count; ///< Pixels beyond a tolerance
  double sum;     ///< Of all differences
  int left, top, right, bottom;
};

static struct difference
compare(cairo_surface_t *const a, cairo_surface_t *const b, const unsigned tolerance)
{
  struct difference found = {.left = INT32_MAX, .top = INT32_MAX, .right = -1, .bottom = -1};
  cairo_surface_flush(a);
  cairo_surface_flush(b);
  for (int y = 0; y < cairo_image_surface_get_height(a); ++y) {
    for (int x = 0; x < cairo_image_surface_get_width(a); ++x) {
      const unsigned difference = pixel_difference(row_of(a, y)[x], row_of(b, y)[x]);
      found.sum += difference;
      if (difference > tolerance) {
        ++found.count;
        found.left = x < found.left ? x : found.left;
        found.right = x > found.right ? x : found.right;
        found.top = y < found.top ? y : found.top;
        found.bottom = y;
      }
    }
  }
  return found;
}

unsigned
picture_difference(cairo_surface_t *const a, cairo_surface_t *const b, const unsigned most)
{
  return compare(a, b, most).count;
}

/// Write the picture of differences: what is equal is dim, what is not is red.
static void
write_differences(cairo_surface_t *const a, cairo_surface_t *const b, const char *const path)
{
  const int width = cairo_image_surface_get_width(a);
  const int height = cairo_image_surface_get_height(a);
  cairo_surface_t *const picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  unsigned char *const data = cairo_image_surface_get_data(picture);
  for (int y = 0; y < height; ++y) {
    uint32_t *const row = (uint32_t *)(void *)(data + (size_t)y * (size_t)cairo_image_surface_get_stride(picture));
    for (int x = 0; x < width; ++x) {
      const unsigned difference = pixel_difference(row_of(a, y)[x], row_of(b, y)[x]);
      row[x] = difference > TOLERANCE ? 0xFF2020U : (row_of(a, y)[x] >> 2 & 0x3F3F3FU);
    }
  }
  cairo_surface_mark_dirty(picture);
  cairo_surface_write_to_png(picture, path);
  cairo_surface_destroy(picture);
}

/// A folder from the environment, or this one.
static const char *
folder(const char *const variable)
{
  const char *const path = getenv(variable);
  return path ? path : ".";
}

bool
picture_is_as_ever(cairo_surface_t *const picture, const char *const name)
{
  char reference_path[1024];
  char new_path[1024];
  char difference_path[1024];
  snprintf(reference_path, sizeof reference_path, "%s/%s.png", folder("RITORNELLO_PICTURES"), name);
  snprintf(new_path, sizeof new_path, "%s/%s.png", folder("RITORNELLO_NEW_PICTURES"), name);
  snprintf(difference_path, sizeof difference_path, "%s/%s-difference.png", folder("RITORNELLO_NEW_PICTURES"), name);
  cairo_surface_t *const reference = cairo_image_surface_create_from_png(reference_path);
  bool is_as_ever = false;
  if (cairo_surface_status(reference) != CAIRO_STATUS_SUCCESS) {
    fprintf(stderr, "There is no picture %s: look at %s, and copy it there if it is good\n", reference_path, new_path);
  } else if (cairo_image_surface_get_width(reference) != cairo_image_surface_get_width(picture) ||
             cairo_image_surface_get_height(reference) != cairo_image_surface_get_height(picture)) {
    fprintf(stderr, "%s is of another size than %s\n", new_path, reference_path);
  } else {
    const struct difference found = compare(reference, picture, TOLERANCE);
    const double pixels =
        (double)cairo_image_surface_get_width(picture) * (double)cairo_image_surface_get_height(picture);
    is_as_ever = found.count * 10000.0 <= MOST_DIFFERENT * pixels && found.sum <= MEAN_DIFFERENCE * pixels;
    if (!is_as_ever) {
      fprintf(
          stderr,
          "%s differs from %s: %u of %.0f pixels by more than %d of 255, from (%d, %d) to (%d, %d), and all by %.2f "
          "in the mean; %s shows where\n",
          new_path, reference_path, found.count, pixels, TOLERANCE, found.left, found.top, found.right, found.bottom,
          found.sum / pixels, difference_path);
      write_differences(reference, picture, difference_path);
    }
  }
  if (!is_as_ever) {
    cairo_surface_write_to_png(picture, new_path);
  }
  cairo_surface_destroy(reference);
  return is_as_ever;
}
