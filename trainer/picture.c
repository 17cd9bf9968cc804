// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "picture.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_SIZE = 32, BARS_MOST = 256, TEXT_PIXELS = 11, SIMILARITY_PIXELS = 320 };

// A picture in the making
struct picture {
  cairo_surface_t *surface;
  cairo_t *cairo;
  unsigned char *bytes; // [size] SVG so far
  size_t size;
  size_t room;
};

// A rectangle of the picture with values on both axes
struct frame {
  double left;
  double top;
  double width;
  double height;
  double x_least;
  double x_most;
  double y_least;
  double y_most;
};

struct colour {
  double red;
  double green;
  double blue;
};

static const struct colour real_colour = {0.20, 0.42, 0.70};
static const struct colour composed_colour = {0.85, 0.40, 0.10};

static cairo_status_t
take_bytes(void *const closure, const unsigned char *const bytes, const unsigned int size)
{
  struct picture *const picture = closure;
  if (picture->size + size > picture->room) {
    const size_t room = 2 * (picture->size + size) + 4096;
    unsigned char *const larger = realloc(picture->bytes, room);
    if (!larger) {
      return CAIRO_STATUS_NO_MEMORY;
    }
    picture->bytes = larger;
    picture->room = room;
  }
  memcpy(picture->bytes + picture->size, bytes, size);
  picture->size += size;
  return CAIRO_STATUS_SUCCESS;
}

static void
picture_begin(struct picture *const picture, const double width, const double height)
{
  *picture = (struct picture){.surface = NULL};
  picture->surface = cairo_svg_surface_create_for_stream(take_bytes, picture, width, height);
  picture->cairo = cairo_create(picture->surface);
  cairo_select_font_face(picture->cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(picture->cairo, TEXT_PIXELS);
  cairo_set_line_width(picture->cairo, 1.0);
}

static char *
base64_uri(const unsigned char *const bytes, const size_t size)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  static const char prefix[] = "data:image/svg+xml;base64,";
  char *const text = malloc(sizeof(prefix) + (size + 2) / 3 * 4);
  if (!text) {
    return NULL;
  }
  memcpy(text, prefix, sizeof(prefix));
  char *at = text + sizeof(prefix) - 1;
  for (size_t i = 0; i < size; i += 3) {
    const unsigned second = i + 1 < size ? bytes[i + 1] : 0;
    const unsigned third = i + 2 < size ? bytes[i + 2] : 0;
    const unsigned group = (unsigned)bytes[i] << 16 | second << 8 | third;
    *at++ = digits[group >> 18];
    *at++ = digits[group >> 12 & 63];
    *at++ = i + 1 < size ? digits[group >> 6 & 63] : '=';
    *at++ = i + 2 < size ? digits[group & 63] : '=';
  }
  *at = '\0';
  return text;
}

static char *
picture_end(struct picture *const picture)
{
  cairo_destroy(picture->cairo);
  cairo_surface_finish(picture->surface);
  const bool good = cairo_surface_status(picture->surface) == CAIRO_STATUS_SUCCESS;
  cairo_surface_destroy(picture->surface);
  char *const text = good ? base64_uri(picture->bytes, picture->size) : NULL;
  free(picture->bytes);
  return text;
}

static void
set_colour(cairo_t *const cairo, const struct colour colour, const double alpha)
{
  cairo_set_source_rgba(cairo, colour.red, colour.green, colour.blue, alpha);
}

static void
set_grey(cairo_t *const cairo, const double grey)
{
  cairo_set_source_rgb(cairo, grey, grey, grey);
}

// Write `text` so that its `align` (0: left end, 1: right end) is at `x`.
static void
write_text(cairo_t *const cairo, const double x, const double y, const double align, const char *const text)
{
  cairo_text_extents_t extents;
  cairo_text_extents(cairo, text, &extents);
  cairo_move_to(cairo, x - align * extents.x_advance, y);
  cairo_show_text(cairo, text);
}

static double
x_of(const struct frame *const frame, const double value)
{
  return frame->left + frame->width * (value - frame->x_least) / (frame->x_most - frame->x_least);
}

static double
y_of(const struct frame *const frame, const double value)
{
  return frame->top + frame->height * (1.0 - (value - frame->y_least) / (frame->y_most - frame->y_least));
}

// A step of 1, 2 or 5 times a power of ten that divides `range` into about five
static double
step_of(const double range)
{
  const double rough = range / 5.0;
  const double power = pow(10.0, floor(log10(rough)));
  const double digit = rough / power;
  return power * (digit < 1.5 ? 1.0 : digit < 3.5 ? 2.0 : digit < 7.5 ? 5.0 : 10.0);
}

static void
draw_axes(cairo_t *const cairo, const struct frame *const frame, const char *const x_words, const char *const y_words)
{
  char label[LABEL_SIZE];
  const double y_step = step_of(frame->y_most - frame->y_least);
  const int y_last = (int)floor(frame->y_most / y_step);
  for (int i = (int)ceil(frame->y_least / y_step); i <= y_last; ++i) {
    const double y = i * y_step;
    set_grey(cairo, 0.88);
    cairo_move_to(cairo, frame->left, y_of(frame, y));
    cairo_rel_line_to(cairo, frame->width, 0.0);
    cairo_stroke(cairo);
    set_grey(cairo, 0.3);
    snprintf(label, sizeof(label), "%g", y);
    write_text(cairo, frame->left - 4.0, y_of(frame, y) + 4.0, 1.0, label);
  }
  const double x_step = step_of(frame->x_most - frame->x_least);
  const int x_last = (int)floor(frame->x_most / x_step);
  for (int i = (int)ceil(frame->x_least / x_step); i <= x_last; ++i) {
    const double x = i * x_step;
    snprintf(label, sizeof(label), "%g", x);
    write_text(cairo, x_of(frame, x), frame->top + frame->height + 14.0, 0.5, label);
  }
  write_text(cairo, frame->left + frame->width, frame->top + frame->height + 28.0, 1.0, x_words);
  write_text(cairo, frame->left, frame->top - 6.0, 0.0, y_words);
}

char *
picture_curves(const struct curve *const curves,
               const size_t count,
               const char *const x_words,
               const char *const y_words)
{
  struct frame frame = {.left = 40.0, .top = 20.0, .width = 560.0, .height = 240.0, .y_most = 1e-9, .x_most = 1e-9};
  for (size_t c = 0; c < count; ++c) {
    for (size_t i = 0; i < curves[c].count; ++i) {
      frame.x_most = fmax(frame.x_most, curves[c].x[i]);
      frame.y_most = fmax(frame.y_most, curves[c].y[i] * 1.05);
    }
  }
  struct picture picture;
  picture_begin(&picture, 620.0, 300.0);
  cairo_t *const cairo = picture.cairo;
  draw_axes(cairo, &frame, x_words, y_words);
  for (size_t c = 0; c < count; ++c) {
    set_colour(cairo, c ? composed_colour : real_colour, 1.0);
    write_text(cairo, frame.left + frame.width - 8.0, frame.top + 16.0 + 16.0 * (double)c, 1.0, curves[c].name);
    cairo_set_line_width(cairo, 2.0);
    cairo_new_path(cairo);
    for (size_t i = 0; i < curves[c].count; ++i) {
      cairo_line_to(cairo, x_of(&frame, curves[c].x[i]), y_of(&frame, curves[c].y[i]));
    }
    cairo_stroke(cairo);
  }
  return picture_end(&picture);
}

// Piano roll

// Return the onset of event `i` in ticks from the first one's bar, going on from that of the event before.
static uint32_t
next_onset(const struct piece *const piece, const uint32_t i, const uint32_t onset)
{
  return i == 0 ? piece->ticks[0] : onset + piece->events[i - 1].advance;
}

static void
draw_notes(cairo_t *const cairo,
           const struct frame *const frame,
           const struct piece *const piece,
           const uint32_t first,
           const uint32_t bars,
           const uint32_t begin)
{
  uint32_t onset = 0;
  uint32_t bar = UINT32_MAX;
  for (uint32_t i = 0; i < piece->count && piece->bars[i] < first + bars; ++i) {
    onset = next_onset(piece, i, onset);
    if (piece->bars[i] < first) {
      continue;
    }
    const struct event *const event = &piece->events[i];
    if (piece->bars[i] != bar) {
      bar = piece->bars[i];
      set_grey(cairo, 0.85);
      cairo_move_to(cairo, x_of(frame, (double)onset - piece->ticks[i] - begin), frame->top);
      cairo_rel_line_to(cairo, 0.0, frame->height);
      cairo_stroke(cairo);
    }
    const double x = x_of(frame, (double)onset - begin);
    const double end = x_of(frame, fmin((double)onset + event->duration - begin, frame->x_most));
    set_colour(cairo, event->hand == HAND_LEFT ? real_colour : composed_colour,
               event->velocity ? 0.35 + 0.65 * event->velocity / 127.0 : 0.8);
    cairo_rectangle(cairo, x, y_of(frame, event->pitch + 1.0), fmax(end - x - 0.5, 1.0), 3.0);
    cairo_fill(cairo);
  }
}

char *
picture_roll(const struct piece *const piece, const uint32_t first, const uint32_t bars)
{
  uint32_t onset = 0;
  uint32_t begin = 0;
  uint32_t end = 1;
  bool is_inside = false;
  for (uint32_t i = 0; i < piece->count && piece->bars[i] < first + bars; ++i) {
    onset = next_onset(piece, i, onset);
    if (piece->bars[i] >= first && !is_inside) {
      begin = onset - piece->ticks[i];
      is_inside = true;
    }
    end = onset - piece->ticks[i] + metre_bar_ticks(piece->metres[i]);
  }
  const struct frame frame = {.top = 4.0,
                              .left = 4.0,
                              .width = 892.0,
                              .height = 3.0 * (PITCH_HIGHEST - PITCH_LOWEST + 1),
                              .x_most = end > begin ? end - begin : 1.0,
                              .y_least = PITCH_LOWEST,
                              .y_most = PITCH_HIGHEST + 1.0};
  struct picture picture;
  picture_begin(&picture, frame.width + 8.0, frame.height + 8.0);
  set_grey(picture.cairo, 0.93);
  for (int c = 24; c <= PITCH_HIGHEST; c += 12) {
    cairo_move_to(picture.cairo, frame.left, y_of(&frame, c));
    cairo_rel_line_to(picture.cairo, frame.width, 0.0);
    cairo_stroke(picture.cairo);
  }
  draw_notes(picture.cairo, &frame, piece, first, bars, begin);
  return picture_end(&picture);
}

// Self-similarity

// Return the index of the first event of bar `bar` or later.
static uint32_t
bar_begin(const struct piece *const piece, const uint32_t bar)
{
  uint32_t i = 0;
  while (i < piece->count && piece->bars[i] < bar) {
    ++i;
  }
  return i;
}

// Return how many notes bars [a, a_end) and [b, b_end) of events have in common, over all that are in either.
static double
bars_alike(const struct piece *const piece, uint32_t a, const uint32_t a_end, uint32_t b, const uint32_t b_end)
{
  const uint32_t all = a_end - a + b_end - b;
  uint32_t same = 0;
  while (a < a_end && b < b_end) {
    const uint32_t first = piece->ticks[a] * 128U + piece->events[a].pitch;
    const uint32_t second = piece->ticks[b] * 128U + piece->events[b].pitch;
    same += first == second;
    a += first <= second;
    b += second <= first;
  }
  return all ? (double)same / (all - same) : 1.0;
}

// Paint a square of `cell` pixels.
static void
paint_cell(unsigned char *const corner, const uint32_t cell, const int stride, const double black)
{
  for (uint32_t row = 0; row < cell; ++row) {
    memset(corner + (size_t)row * (size_t)stride, (int)(255.0 * (1.0 - black) + 0.5), 4 * (size_t)cell);
  }
}

char *
picture_square(const double *const values, const uint32_t size)
{
  const uint32_t cell = (SIMILARITY_PIXELS + size - 1) / size; // Readers of SVG blur what they enlarge
  const int pixels_wide = (int)(size * cell);
  cairo_surface_t *const image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, pixels_wide, pixels_wide);
  unsigned char *const pixels = cairo_image_surface_get_data(image);
  if (!pixels) {
    cairo_surface_destroy(image);
    return NULL;
  }
  cairo_surface_flush(image);
  const int stride = cairo_image_surface_get_stride(image);
  for (uint32_t row = 0; row < size; ++row) {
    for (uint32_t column = 0; column < size; ++column) {
      paint_cell(pixels + (size_t)row * cell * (size_t)stride + 4 * (size_t)column * cell, cell, stride,
                 values[(size_t)row * size + column]);
    }
  }
  cairo_surface_mark_dirty(image);
  struct picture picture;
  picture_begin(&picture, SIMILARITY_PIXELS, SIMILARITY_PIXELS);
  cairo_scale(picture.cairo, (double)SIMILARITY_PIXELS / pixels_wide, (double)SIMILARITY_PIXELS / pixels_wide);
  cairo_set_source_surface(picture.cairo, image, 0.0, 0.0);
  cairo_pattern_set_filter(cairo_get_source(picture.cairo), CAIRO_FILTER_NEAREST);
  cairo_paint(picture.cairo);
  cairo_surface_destroy(image);
  return picture_end(&picture);
}

char *
picture_similarity(const struct piece *const piece, const uint32_t bars)
{
  const uint32_t last = piece->count ? piece->bars[piece->count - 1] + 1 : 1;
  const uint32_t most = last < BARS_MOST ? last : BARS_MOST;
  const uint32_t size = bars == 0 ? 1 : bars < most ? bars : most;
  double *const alike = calloc((size_t)size * size, sizeof(*alike));
  uint32_t begins[BARS_MOST + 1];
  for (uint32_t bar = 0; bar <= size; ++bar) {
    begins[bar] = bar_begin(piece, bar);
  }
  for (uint32_t a = 0; alike && a < size; ++a) {
    for (uint32_t b = 0; b < size; ++b) {
      alike[(size_t)a * size + b] = bars_alike(piece, begins[a], begins[a + 1], begins[b], begins[b + 1]);
    }
  }
  char *const picture = alike ? picture_square(alike, size) : NULL;
  free(alike);
  return picture;
}

// Histograms

static void
draw_histogram(cairo_t *const cairo,
               const struct frame *const frame,
               const double *const values,
               const size_t count,
               const double total,
               const struct colour colour)
{
  set_colour(cairo, colour, 0.5);
  for (size_t i = 0; i < count && total > 0.0; ++i) {
    const double x = x_of(frame, (double)i + 0.1);
    const double top = y_of(frame, values[i] / total);
    cairo_rectangle(cairo, x, top, x_of(frame, (double)i + 0.9) - x, frame->top + frame->height - top);
    cairo_fill(cairo);
  }
}

char *
picture_histograms(const double *const real,
                   const double *const composed,
                   const size_t count,
                   const char *const *const labels)
{
  double totals[2] = {0.0, 0.0};
  for (size_t i = 0; i < count; ++i) {
    totals[0] += real[i];
    totals[1] += composed[i];
  }
  double most = 1e-9;
  for (size_t i = 0; i < count; ++i) {
    most = fmax(most, totals[0] > 0.0 ? real[i] / totals[0] : 0.0);
    most = fmax(most, totals[1] > 0.0 ? composed[i] / totals[1] : 0.0);
  }
  const struct frame frame = {
      .left = 4.0, .top = 8.0, .width = 412.0, .height = 170.0, .x_most = (double)count, .y_most = most};
  struct picture picture;
  picture_begin(&picture, 420.0, 200.0);
  draw_histogram(picture.cairo, &frame, real, count, totals[0], real_colour);
  draw_histogram(picture.cairo, &frame, composed, count, totals[1], composed_colour);
  set_grey(picture.cairo, 0.3);
  for (size_t i = 0; i < count; ++i) {
    write_text(picture.cairo, x_of(&frame, (double)i + 0.5), frame.top + frame.height + 14.0, 0.5, labels[i]);
  }
  return picture_end(&picture);
}
