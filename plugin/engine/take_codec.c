// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The writer of take_codec.h; the reader is in take_decode.c.

#include "take_codec.h"

#include "take_codec_private.h"

#include <stdlib.h>
#include <string.h>

const char *const take_control_names[TAKE_CONTROLS] = {LATCHED_CONTROLS(TAKE_CONTROL_NAME)};

struct output {
  uint8_t *bytes;
  size_t size;
  size_t room;
  bool no_memory; // Looked at once, at the end
};

static void
put_byte(struct output *const output, const uint8_t byte)
{
  if (output->size == output->room && !output->no_memory) {
    const size_t room = 2 * output->room + 4096;
    uint8_t *const grown = realloc(output->bytes, room);
    output->no_memory = !grown;
    output->bytes = grown ? grown : output->bytes;
    output->room = grown ? room : output->room;
  }
  if (!output->no_memory) {
    output->bytes[output->size++] = byte;
  }
}

static void
put_text(struct output *const output, const char *const text, const size_t length)
{
  for (size_t i = 0; i < length; ++i) {
    put_byte(output, (uint8_t)text[i]);
  }
}

static void
put_number(struct output *const output, uint64_t number)
{
  for (; number >= 0x80; number >>= 7) {
    put_byte(output, (uint8_t)(number | 0x80U));
  }
  put_byte(output, (uint8_t)number);
}

static void
put_eight(struct output *const output, const uint64_t bits)
{
  for (unsigned i = 0; i < 8; ++i) {
    put_byte(output, (uint8_t)(bits >> (8 * i)));
  }
}

// Append `chunk` under its name and empty it.
static void
put_chunk(struct output *const output, const char name[4], struct output *const chunk)
{
  put_text(output, name, 4);
  put_number(output, chunk->size);
  for (size_t i = 0; i < chunk->size; ++i) {
    put_byte(output, chunk->bytes[i]);
  }
  output->no_memory = output->no_memory || chunk->no_memory;
  chunk->size = 0;
}

static void
put_names(struct output *const output)
{
  put_number(output, TAKE_CONTROLS);
  for (unsigned i = 0; i < TAKE_CONTROLS; ++i) {
    const size_t length = strlen(take_control_names[i]);
    put_number(output, length);
    put_text(output, take_control_names[i], length);
  }
}

static void
put_set(struct output *const output, const struct controls *const set)
{
  const double values[TAKE_CONTROLS] = {
#define VALUE(field) (double)set->field,
      LATCHED_CONTROLS(VALUE)
#undef VALUE
  };
  for (unsigned i = 0; i < TAKE_CONTROLS; ++i) {
    uint64_t bits = 0;
    memcpy(&bits, &values[i], sizeof(bits));
    put_eight(output, bits);
  }
}

static void
put_sets(struct output *const output, const struct take_image *const image)
{
  put_number(output, image->set_count);
  for (uint32_t i = 0; i < image->set_count; ++i) {
    put_set(output, &image->sets[i]);
  }
}

static void
put_view(struct output *const output, const struct view *const view)
{
  put_number(output, view->count);
  uint32_t first = 0;
  for (uint32_t i = 0; i < view->count; ++i) {
    const struct view_range *const range = &view->ranges[i];
    put_number(output, range->first - first);
    put_number(output, range->version);
    put_number(output, range->salt);
    put_number(output, range->accepted);
    first = range->first;
  }
}

static void
put_views(struct output *const output, const struct take_image *const image)
{
  put_number(output, image->versions);
  put_number(output, image->acceptances);
  put_number(output, image->salt);
  put_number(output, image->history_count + 1);
  put_view(output, &image->view);
  for (uint32_t i = 0; i < image->history_count; ++i) {
    put_view(output, &image->history[i]);
  }
}

static bool
conditions_differ(const struct conditions *const a, const struct conditions *const b)
{
  return a->style != b->style || a->key != b->key || a->density != b->density || a->metre != b->metre ||
         a->recall != b->recall;
}

static void
put_event(struct output *const output, const struct event *const event)
{
  put_number(output, event->hand);
  put_number(output, event->pitch);
  put_number(output, event->velocity);
  put_number(output, event->duration);
}

static void
put_conditions(struct output *const output, const struct conditions *const conditions)
{
  put_number(output, conditions->style);
  put_number(output, conditions->key);
  put_number(output, conditions->density);
  put_number(output, conditions->metre);
  put_number(output, conditions->recall);
}

// Write `note`, which begins `ticks` after the one before it in the bar; `before` is the one before it of any bar.
static void
put_note(struct output *const output,
         const struct take_note *const note,
         const uint32_t ticks,
         const struct take_note *const before)
{
  const bool is_short = note->sounding != note->length;
  const bool has_length = note->length != note->event.duration;
  const unsigned flags = (note->rest ? NOTE_REST : 0U) | (note->joined ? NOTE_JOINED : 0U) |
                         (conditions_differ(&note->conditions, &before->conditions) ? NOTE_CONDITIONS : 0U) |
                         (note->steering != before->steering ? NOTE_STEERING : 0U) |
                         (note->latched != before->latched ? NOTE_SET : 0U) | (is_short ? NOTE_SHORT : 0U) |
                         (has_length ? NOTE_LENGTH : 0U) | (note->origin ? NOTE_ORIGIN : 0U) |
                         (note->harmony != before->harmony ? NOTE_HARMONY : 0U);
  put_number(output, flags);
  put_number(output, ticks);
  put_number(output, note->event.advance);
  if (!note->rest) {
    put_event(output, &note->event);
  }
  if (flags & NOTE_CONDITIONS) {
    put_conditions(output, &note->conditions);
  }
  if (flags & NOTE_STEERING) {
    const int32_t level = note->steering;
    put_number(output, level < 0 ? (uint64_t)(-2 * level - 1) : (uint64_t)(2 * level));
  }
  if (flags & NOTE_SET) {
    put_number(output, note->latched);
  }
  if (flags & NOTE_LENGTH) {
    put_number(output, note->length);
  }
  if (flags & NOTE_SHORT) {
    put_number(output, note->sounding);
  }
  if (flags & NOTE_ORIGIN) {
    put_number(output, note->origin);
  }
  if (flags & NOTE_HARMONY) {
    put_number(output, note->harmony);
  }
}

static void
put_bar(struct output *const output, const struct take_bar *const bar)
{
  put_number(output, bar->number);
  put_number(output, bar->version);
  put_number(output, bar->metre.numerator);
  put_number(output, bar->metre.denominator);
  put_number(output, bar->number - bar->section);
  put_number(output, bar->entry);
  put_number(output, (bar->complete ? BAR_COMPLETE : 0U) | (bar->ends ? BAR_ENDS : 0U));
  put_number(output, bar->step);
  put_number(output, bar->salt);
  put_number(output, bar->accepted);
  put_eight(output, bar->weights);
  put_number(output, bar->count);
}

static void
put_bars(struct output *const output, const struct take_image *const image)
{
  put_number(output, image->bar_count);
  struct take_note before = {.rest = 0};
  for (uint32_t i = 0; i < image->bar_count; ++i) {
    const struct take_bar *const bar = &image->bars[i];
    put_bar(output, bar);
    uint32_t tick = 0;
    for (uint32_t k = bar->first; k < bar->first + bar->count; ++k) {
      put_note(output, &image->notes[k], image->notes[k].tick - tick, &before);
      tick = image->notes[k].tick;
      before = image->notes[k];
    }
  }
}

static void
put_locked(struct output *const output, const struct bar_set *const locked)
{
  put_number(output, locked->count);
  for (uint32_t i = 0; i < locked->count; ++i) {
    put_number(output, locked->ranges[i].first);
    put_number(output, locked->ranges[i].end);
  }
}

enum status
take_encode(const struct take_image *const image, uint8_t **const bytes, size_t *const size, struct error *const error)
{
  struct output output = {.size = 0};
  struct output chunk = {.size = 0};
  put_number(&output, TAKE_FORMAT);
  put_names(&chunk);
  put_chunk(&output, "name", &chunk);
  put_sets(&chunk, image);
  put_chunk(&output, "sets", &chunk);
  put_views(&chunk, image);
  put_chunk(&output, "view", &chunk);
  put_bars(&chunk, image);
  put_chunk(&output, "bars", &chunk);
  put_locked(&chunk, &image->locked);
  put_chunk(&output, "lock", &chunk);
  free(chunk.bytes);
  if (output.no_memory) {
    free(output.bytes);
    return error_set(error, STATUS_NO_MEMORY, "There is not enough memory to save the take");
  }
  *bytes = output.bytes;
  *size = output.size;
  return STATUS_SUCCESS;
}
