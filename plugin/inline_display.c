// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "inline_display.h"

#include "engine/random.h"

#include <stdlib.h>
#include <string.h>

enum {
  HEIGHT_LEAST = 16,
  PITCHES_LEAST = 30, // Keys that are shown at least
  LONGEST_BARS = 6,   // Bars before the first shown from which a note may still sound
};

// As in the window (gui/theme.h), opaque
static const uint32_t BACKGROUND = 0xFF191B1E;
static const uint32_t LINE = 0xFF34373D;
static const uint32_t RIGHT = 0xFFE6B65C;
static const uint32_t RIGHT_AHEAD = 0xFF8A7243;
static const uint32_t LEFT = 0xFF62AECB;
static const uint32_t LEFT_AHEAD = 0xFF436B7B;
static const uint32_t PLAYHEAD = 0xFFF6F2EA;

void
inline_display_init(struct inline_display *const display, const struct inline_host *const host)
{
  memset(display, 0, sizeof *display);
  display->host = host;
  display->written = 0;
  display->shown = 1;
  atomic_init(&display->between, 2);
}

void
inline_display_clear(struct inline_display *const display)
{
  free(display->pixels);
}

// In run()

/// Add the notes of bar `number`, which begins at `start`, as far as they are shown.
static void
add_bar(struct inline_music *const music, struct take *const take, const uint32_t number, const int32_t start) REALTIME
{
  const struct take_bar *const bar = take_bar(take, number);
  for (uint32_t i = bar ? bar->first : TAKE_NONE; i != TAKE_NONE; i = take_note(take, i)->next) {
    const struct take_note *const note = take_note(take, i);
    const int32_t tick = start + note->tick;
    if (music->count < INLINE_NOTES && !note->rest && note->sounding > 0 && tick + (int32_t)note->sounding > 0) {
      music->notes[music->count++] = (struct inline_note){
          .tick = (int16_t)tick,
          .sounding = (uint16_t)(note->sounding < INT16_MAX ? note->sounding : INT16_MAX),
          .pitch = note->event.pitch,
          .is_left = note->event.hand == HAND_LEFT,
      };
    }
  }
}

static uint32_t
ticks_of(struct take *const take, const uint32_t number, const struct metre metre) REALTIME
{
  const struct take_bar *const bar = take_bar(take, number);
  return metre_bar_ticks(bar ? bar->metre : metre);
}

/// Describe the music around the place of `clock`.
static void
describe(struct inline_music *const music, struct take *const take, const struct clock *const clock) REALTIME
{
  const uint32_t present = clock->bar < 0 ? 0 : clock->bar < UINT32_MAX / 2 ? (uint32_t)clock->bar : UINT32_MAX / 2;
  const uint32_t first = present < INLINE_BARS / 2 ? 0 : present - INLINE_BARS / 2;
  memset(music, 0, sizeof *music);
  int32_t start = 0;
  for (uint32_t before = 0; before < LONGEST_BARS && before < first; ++before) { // What still sounds
    start -= (int32_t)ticks_of(take, first - 1 - before, clock->metre);
    if (start > -DURATION_LONGEST - (int32_t)metre_bar_ticks(clock->metre)) {
      add_bar(music, take, first - 1 - before, start);
    }
  }
  start = 0;
  music->playhead = -1;
  for (uint32_t i = 0; i < INLINE_BARS; ++i) {
    const uint32_t number = first + i;
    if (clock->bar >= 0 && number == present) {
      music->playhead = start + (int32_t)clock_bar_tick(clock);
    }
    music->lines[i] = (uint16_t)start;
    add_bar(music, take, number, start);
    start += (int32_t)(number == present ? metre_bar_ticks(clock->metre) : ticks_of(take, number, clock->metre));
  }
  music->lines[INLINE_BARS] = (uint16_t)start;
  const int32_t step = start / INLINE_STEPS > 0 ? start / INLINE_STEPS : 1;
  music->playhead = music->playhead < 0 ? -1 : music->playhead / step * step;
}

static uint64_t
hash_of(const struct inline_music *const music) REALTIME
{
  uint64_t hash = random_mix((uint64_t)(uint32_t)music->playhead << 32 | music->count);
  for (uint32_t i = 0; i <= INLINE_BARS; ++i) {
    hash = random_mix(hash ^ music->lines[i]);
  }
  for (uint32_t i = 0; i < music->count; ++i) {
    const struct inline_note *const note = &music->notes[i];
    hash = random_mix(hash ^ ((uint64_t)(uint16_t)note->tick << 32 | (uint64_t)note->sounding << 16 |
                              (uint64_t)note->pitch << 8 | note->is_left));
  }
  return hash;
}

// The host's own function: by the extension's contract queue_draw() may be called in run(), but no compiler can see that.
#if defined(__clang__)
#  pragma clang diagnostic push
#  pragma clang diagnostic ignored "-Wunknown-warning-option"
#  pragma clang diagnostic ignored "-Wfunction-effects"
#endif
static void
queue_draw(const struct inline_host *const host) REALTIME
{
  host->queue_draw(host->handle);
}
#if defined(__clang__)
#  pragma clang diagnostic pop
#endif

void
inline_display_look(struct inline_display *const display,
                    struct composer *const composer,
                    const struct clock *const clock,
                    const int64_t frame) REALTIME
{
  if (!display->host || (double)(frame - display->looked) * INLINE_PER_SECOND < clock->frames_per_second) {
    return;
  }
  display->looked = frame;
  struct inline_music *const music = &display->music[display->written];
  describe(music, composer_take(composer), clock);
  const uint64_t hash = hash_of(music);
  if (hash != display->seen) {
    display->seen = hash;
    display->written = atomic_exchange(&display->between, display->written | INLINE_FRESH) & ~(unsigned)INLINE_FRESH;
    queue_draw(display->host);
  }
}

// In the host's thread

/// Fill a rectangle as far as it is inside.
static void
fill(struct inline_surface *const surface, int left, int top, int right, int bottom, const uint32_t colour)
{
  uint32_t *const pixels = (uint32_t *)(void *)surface->data;
  left = left < 0 ? 0 : left;
  top = top < 0 ? 0 : top;
  right = right < surface->width ? right : surface->width;
  bottom = bottom < surface->height ? bottom : surface->height;
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      pixels[(size_t)y * (size_t)surface->width + (size_t)x] = colour;
    }
  }
}

/// The keys that are shown.
struct range {
  int lowest;
  int count;
};

static struct range
range_of(const struct inline_music *const music)
{
  int lowest = 60 - PITCHES_LEAST / 2;
  int highest = lowest + PITCHES_LEAST - 1;
  for (uint32_t i = 0; i < music->count; ++i) {
    lowest = music->notes[i].pitch < lowest ? music->notes[i].pitch : lowest;
    highest = music->notes[i].pitch > highest ? music->notes[i].pitch : highest;
  }
  return (struct range){lowest - 1, highest - lowest + 3};
}

static void
draw(struct inline_surface *const surface, const struct inline_music *const music)
{
  const int width = surface->width;
  const int height = surface->height;
  const int length = music->lines[INLINE_BARS] > 0 ? music->lines[INLINE_BARS] : 1;
  const struct range range = range_of(music);
  fill(surface, 0, 0, width, height, BACKGROUND);
  for (uint32_t i = 1; i < INLINE_BARS; ++i) {
    const int x = music->lines[i] * width / length;
    fill(surface, x, 0, x + 1, height, LINE);
  }
  for (uint32_t i = 0; i < music->count; ++i) {
    const struct inline_note *const note = &music->notes[i];
    const bool is_ahead = note->tick >= music->playhead;
    const int left = note->tick * width / length;
    const int right = (note->tick + note->sounding) * width / length;
    const int top = (range.lowest + range.count - 1 - note->pitch) * height / range.count;
    const int bottom = (range.lowest + range.count - note->pitch) * height / range.count;
    fill(surface, left, top, right - 1 > left ? right - 1 : left + 1, bottom > top ? bottom : top + 1,
         note->is_left ? (is_ahead ? LEFT_AHEAD : LEFT) : (is_ahead ? RIGHT_AHEAD : RIGHT));
  }
  if (music->playhead >= 0) {
    const int x = music->playhead * width / length;
    fill(surface, x, 0, x + 1, height, PLAYHEAD);
  }
}

/// Make the surface as large. False without memory.
static bool
resize(struct inline_display *const display, const uint32_t width, const uint32_t height)
{
  const size_t pixels = (size_t)width * height;
  if (pixels > display->room) {
    uint32_t *const larger = realloc(display->pixels, pixels * sizeof *larger);
    if (!larger) {
      return false;
    }
    display->pixels = larger;
    display->room = pixels;
  }
  display->surface = (struct inline_surface){
      .data = (unsigned char *)display->pixels,
      .width = (int)width,
      .height = (int)height,
      .stride = (int)(width * sizeof(uint32_t)),
  };
  return true;
}

struct inline_surface *
inline_display_render(struct inline_display *const display, const uint32_t width, const uint32_t height_most)
{
  const uint32_t wide = width < 1 ? 1 : width < INLINE_WIDTH_MOST ? width : INLINE_WIDTH_MOST;
  const uint32_t wanted = wide / 3 > HEIGHT_LEAST ? wide / 3 : HEIGHT_LEAST;
  const uint32_t high = height_most < 1 ? 1 : height_most < wanted ? height_most : wanted;
  if (atomic_load(&display->between) & INLINE_FRESH) {
    display->shown = atomic_exchange(&display->between, display->shown) & ~(unsigned)INLINE_FRESH;
  }
  if (!resize(display, wide, high)) {
    return NULL;
  }
  draw(&display->surface, &display->music[display->shown]);
  return &display->surface;
}
