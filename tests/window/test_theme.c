// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Text can be read, and takes the same room at every scale.

#include "theme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/// Relative luminance (WCAG 2.1) of what theme_set() gives.
static double
luminance(const enum theme_colour colour)
{
  cairo_surface_t *const surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  cairo_t *const cairo = cairo_create(surface);
  theme_set(cairo, colour);
  double parts[4];
  assert_int_equal(cairo_pattern_get_rgba(cairo_get_source(cairo), &parts[0], &parts[1], &parts[2], &parts[3]),
                   CAIRO_STATUS_SUCCESS);
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
  for (unsigned i = 0; i < 3; ++i) {
    parts[i] = parts[i] <= 0.04045 ? parts[i] / 12.92 : pow((parts[i] + 0.055) / 1.055, 2.4);
  }
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

static double
contrast(const enum theme_colour one, const enum theme_colour other)
{
  const double a = luminance(one) + 0.05;
  const double b = luminance(other) + 0.05;
  return a > b ? a / b : b / a;
}

static void
text_can_be_read_on_what_it_stands_on(void **const state)
{
  (void)state;
  static const enum theme_colour grounds[] = {THEME_BACKGROUND, THEME_PANEL, THEME_WELL};
  static const enum theme_colour inks[] = {THEME_TEXT_DIM, THEME_ACCENT, THEME_RIGHT_HAND, THEME_LEFT_HAND,
                                           THEME_PLAYHEAD, THEME_GOOD,   THEME_WARNING,    THEME_ERROR};
  for (unsigned ground = 0; ground < sizeof grounds / sizeof grounds[0]; ++ground) {
    assert_true(contrast(THEME_TEXT, grounds[ground]) >= 7.0);
    for (unsigned ink = 0; ink < sizeof inks / sizeof inks[0]; ++ink) {
      assert_true(contrast(inks[ink], grounds[ground]) >= 4.0);
    }
  }
  assert_true(contrast(THEME_TEXT, THEME_BUTTON) >= 7.0);
  assert_true(contrast(THEME_TEXT_ON_ACCENT, THEME_ACCENT) >= 7.0);
}

static void
text_takes_the_same_room_at_every_scale(void **const state)
{
  (void)state;
  cairo_surface_t *const surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
  for (enum theme_font font = 0; font < FONT_COUNT; ++font) {
    cairo_t *const cairo = cairo_create(surface);
    const double width = theme_text_width(cairo, font, "Ritornello \xc3\xa9");
    assert_true(width > 20.0);
    cairo_scale(cairo, 1.5, 1.5);
    assert_true(fabs(theme_text_width(cairo, font, "Ritornello \xc3\xa9") - width) < 0.05);
    cairo_destroy(cairo);
  }
  cairo_surface_destroy(surface);
}

static void
lines_hold_their_letters(void **const state)
{
  (void)state;
  for (enum theme_font font = 0; font < FONT_COUNT; ++font) {
    cairo_rectangle_t *const unbounded = NULL;
    cairo_surface_t *const surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, unbounded);
    cairo_t *const cairo = cairo_create(surface);
    theme_text(cairo, font, 0.0, 0.0,
               "\xc3\x89"
               "Agjpqy|");
    double x = 0.0;
    double y = 0.0;
    double width = 0.0;
    double height = 0.0;
    cairo_recording_surface_ink_extents(surface, &x, &y, &width, &height);
    assert_true(height > 5.0);
    assert_true(y >= -1.0 && y + height <= theme_line_height(font) + 1.0);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_can_be_read_on_what_it_stands_on),
      cmocka_unit_test(text_takes_the_same_room_at_every_scale),
      cmocka_unit_test(lines_hold_their_letters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
