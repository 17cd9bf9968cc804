// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The events of one track. Notes are appended when they begin and get their length when they end. Those that sound are
// queued per channel and pitch, so that of two notes of one pitch the first to begin is the first to end.

#include "midi_track.h"

#include <stdlib.h>
#include <string.h>

enum { SUSTAIN = 64 }; // The controller that is kept

static const uint64_t latest_tick = UINT32_MAX / 2;
static const uint32_t no_note = UINT32_MAX;

enum status
midi_parser_fail(const struct midi_parser *const parser, const char *const what)
{
  return error_set(parser->error, STATUS_BAD_FORMAT, "%s: %s at byte %zu; the file is damaged or not a MIDI file",
                   parser->name, what, parser->position);
}

// The bytes end too early: because the file does, or because a length inside it lies.
static enum status
fail_short(const struct midi_parser *const parser, const char *const what)
{
  return parser->cut ? error_set(parser->error, STATUS_BAD_FORMAT,
                                 "%s: ends after %zu bytes in the middle of track %u; the file is cut off",
                                 parser->name, parser->size, parser->file->tracks + 1U)
                     : midi_parser_fail(parser, what);
}

static enum status
fail_memory(const struct midi_parser *const parser)
{
  return error_set(parser->error, STATUS_NO_MEMORY, "%s: not enough memory to read it", parser->name);
}

// Return `items` with room for one more than `count`, NULL if there is no memory. Room doubles at powers of two, so that
// no capacity needs to be kept.
static void *
make_room(void *const items, const size_t count, const size_t item_size)
{
  if (count == 0) {
    return malloc(16 * item_size);
  }
  return count >= 16 && (count & (count - 1)) == 0 ? realloc(items, 2 * count * item_size) : items;
}

uint32_t
midi_big_endian(const uint8_t *const bytes, const unsigned count)
{
  uint32_t value = 0;
  for (unsigned i = 0; i < count; ++i) {
    value = value << 8 | bytes[i];
  }
  return value;
}

static uint32_t
time_now(const struct midi_parser *const parser)
{
  return (uint32_t)(parser->tick * parser->scale / parser->divisor);
}

static size_t
bytes_left(const struct midi_parser *const parser)
{
  return parser->end - parser->position;
}

// Read a variable-length quantity of at most four bytes.
static enum status
read_quantity(struct midi_parser *const parser, uint32_t *const quantity)
{
  uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    if (!bytes_left(parser)) {
      return fail_short(parser, "the track ends inside a number");
    }
    const uint8_t byte = parser->bytes[parser->position++];
    value = value << 7 | (byte & 0x7FU);
    if (byte < 0x80) {
      *quantity = value;
      return STATUS_SUCCESS;
    }
  }
  return midi_parser_fail(parser, "there is a number of more than four bytes");
}

static enum status
note_on(struct midi_parser *const parser, const unsigned channel, const unsigned pitch, const unsigned velocity)
{
  struct midi_file *const file = parser->file;
  const size_t count = file->note_count;
  struct midi_note *const notes = make_room(file->notes, count, sizeof(*notes));
  if (!notes) {
    return fail_memory(parser);
  }
  file->notes = notes;
  uint32_t *const next_open = make_room(parser->next_open, count, sizeof(*next_open));
  if (!next_open) {
    return fail_memory(parser);
  }
  parser->next_open = next_open;

  struct midi_queue *const queue = &parser->open[channel][pitch];
  const uint32_t index = (uint32_t)count;
  if (queue->first == no_note) {
    queue->first = index;
  } else {
    next_open[queue->last] = index;
  }
  queue->last = index;
  next_open[index] = no_note;
  notes[index] = (struct midi_note){
      .onset = time_now(parser),
      .track = file->tracks,
      .channel = (uint8_t)channel,
      .pitch = (uint8_t)pitch,
      .velocity = (uint8_t)velocity,
  };
  ++file->note_count;
  return STATUS_SUCCESS;
}

// End the note that has sounded longest; a note-off without a note is passed over.
static void
note_off(struct midi_parser *const parser, const unsigned channel, const unsigned pitch)
{
  struct midi_queue *const queue = &parser->open[channel][pitch];
  if (queue->first == no_note) {
    return;
  }
  struct midi_note *const note = &parser->file->notes[queue->first];
  const uint32_t duration = time_now(parser) - note->onset;
  note->duration = duration ? duration : 1;
  queue->first = parser->next_open[queue->first];
}

static enum status
add_control(struct midi_parser *const parser, const unsigned channel, const uint8_t *const data)
{
  struct midi_file *const file = parser->file;
  if (data[0] != SUSTAIN) {
    return STATUS_SUCCESS;
  }
  struct midi_control *const controls = make_room(file->controls, file->control_count, sizeof(*controls));
  if (!controls) {
    return fail_memory(parser);
  }
  file->controls = controls;
  controls[file->control_count++] = (struct midi_control){time_now(parser), (uint8_t)channel, data[0], data[1]};
  return STATUS_SUCCESS;
}

static enum status
read_channel_message(struct midi_parser *const parser, const uint8_t status)
{
  const unsigned kind = status >> 4;
  const unsigned channel = status & 0xFU;
  const unsigned length = kind == 0xC || kind == 0xD ? 1 : 2;
  if (bytes_left(parser) < length) {
    return fail_short(parser, "the track ends inside an event");
  }
  const uint8_t *const data = parser->bytes + parser->position;
  if (data[0] > 127 || data[length - 1] > 127) {
    return midi_parser_fail(parser, "an event holds a value above 127");
  }
  parser->position += length;
  switch (kind) {
  case 0x8:
    note_off(parser, channel, data[0]);
    return STATUS_SUCCESS;
  case 0x9:
    if (data[1] > 0) {
      return note_on(parser, channel, data[0], data[1]);
    }
    note_off(parser, channel, data[0]);
    return STATUS_SUCCESS;
  case 0xB:
    return add_control(parser, channel, data);
  default:
    return STATUS_SUCCESS;
  }
}

static enum status
add_title(struct midi_parser *const parser, const uint8_t *const text, const uint32_t length)
{
  if (parser->file->title || length == 0) {
    return STATUS_SUCCESS;
  }
  char *const title = malloc(length + (size_t)1);
  if (!title) {
    return fail_memory(parser);
  }
  for (uint32_t i = 0; i < length; ++i) {
    title[i] = (char)(text[i] < 0x20 || text[i] == 0x7F ? ' ' : text[i]);
  }
  title[length] = '\0';
  parser->file->title = title;
  return STATUS_SUCCESS;
}

static enum status
add_metre(struct midi_parser *const parser, const uint8_t *const data)
{
  struct midi_file *const file = parser->file;
  if (data[1] > 15) {
    return STATUS_SUCCESS;
  }
  struct midi_metre *const metres = make_room(file->metres, file->metre_count, sizeof(*metres));
  if (!metres) {
    return fail_memory(parser);
  }
  file->metres = metres;
  metres[file->metre_count++] = (struct midi_metre){time_now(parser), data[0], (uint16_t)(1U << data[1])};
  return STATUS_SUCCESS;
}

static enum status
add_tempo(struct midi_parser *const parser, const uint8_t *const data)
{
  struct midi_file *const file = parser->file;
  const uint32_t microseconds = midi_big_endian(data, 3);
  if (microseconds == 0 || parser->divisor != 1) { // A file in seconds has no tempo
    return STATUS_SUCCESS;
  }
  struct midi_tempo *const tempos = make_room(file->tempos, file->tempo_count, sizeof(*tempos));
  if (!tempos) {
    return fail_memory(parser);
  }
  file->tempos = tempos;
  tempos[file->tempo_count++] = (struct midi_tempo){time_now(parser), microseconds};
  return STATUS_SUCCESS;
}

static enum status
add_key(struct midi_parser *const parser, const uint8_t *const data)
{
  struct midi_file *const file = parser->file;
  const int sharps = data[0] < 128 ? data[0] : data[0] - 256;
  if (sharps < -7 || sharps > 7 || data[1] > 1) {
    return STATUS_SUCCESS;
  }
  struct midi_key *const keys = make_room(file->keys, file->key_count, sizeof(*keys));
  if (!keys) {
    return fail_memory(parser);
  }
  file->keys = keys;
  keys[file->key_count++] = (struct midi_key){time_now(parser), (int8_t)sharps, data[1]};
  return STATUS_SUCCESS;
}

// Keep what a sequencer-specific meta event holds, if it is ours.
static enum status
add_own(struct midi_parser *const parser, const uint8_t *const data, const uint32_t length)
{
  struct midi_file *const file = parser->file;
  if (length <= MIDI_OWN_MARK_SIZE || memcmp(data, MIDI_OWN_MARK, MIDI_OWN_MARK_SIZE) != 0) {
    return STATUS_SUCCESS;
  }
  const size_t size = length - (size_t)MIDI_OWN_MARK_SIZE;
  uint8_t *const own = realloc(file->own, file->own_size + size);
  if (!own) {
    return fail_memory(parser);
  }
  memcpy(own + file->own_size, data + MIDI_OWN_MARK_SIZE, size);
  file->own = own;
  file->own_size += size;
  return STATUS_SUCCESS;
}

static enum status
read_meta(struct midi_parser *const parser)
{
  if (!bytes_left(parser)) {
    return fail_short(parser, "the track ends inside an event");
  }
  const uint8_t type = parser->bytes[parser->position++];
  uint32_t length = 0;
  const enum status status = read_quantity(parser, &length);
  if (status) {
    return status;
  }
  if (length > bytes_left(parser)) {
    return fail_short(parser, "an event is longer than its track");
  }
  const uint8_t *const data = parser->bytes + parser->position;
  parser->position += length;
  switch (type) {
  case 0x03:
    return add_title(parser, data, length);
  case 0x2F:
    parser->finished = true;
    return STATUS_SUCCESS;
  case 0x51:
    return length >= 3 ? add_tempo(parser, data) : STATUS_SUCCESS;
  case 0x58:
    return length >= 2 ? add_metre(parser, data) : STATUS_SUCCESS;
  case 0x59:
    return length >= 2 ? add_key(parser, data) : STATUS_SUCCESS;
  case 0x7F:
    return add_own(parser, data, length);
  default:
    return STATUS_SUCCESS;
  }
}

// Skip a system message: exclusive ones say their length, the others have no place in a file but do occur.
static enum status
skip_system_message(struct midi_parser *const parser, const uint8_t status)
{
  uint32_t length = status == 0xF2 ? 2 : status == 0xF1 || status == 0xF3 ? 1 : 0;
  if (status == 0xF0 || status == 0xF7) {
    const enum status read_status = read_quantity(parser, &length);
    if (read_status) {
      return read_status;
    }
  }
  if (length > bytes_left(parser)) {
    return fail_short(parser, "an event is longer than its track");
  }
  parser->position += length;
  return STATUS_SUCCESS;
}

static enum status
read_event(struct midi_parser *const parser)
{
  uint8_t status = parser->running_status;
  if (parser->bytes[parser->position] >= 0x80) {
    status = parser->bytes[parser->position++];
  }
  if (status == 0) {
    return midi_parser_fail(parser, "there is a value where an event should begin");
  }
  if (status == 0xFF) {
    return read_meta(parser);
  }
  if (status >= 0xF0) {
    return skip_system_message(parser, status);
  }
  parser->running_status = status;
  return read_channel_message(parser, status);
}

static enum status
read_delta(struct midi_parser *const parser)
{
  uint32_t delta = 0;
  const enum status status = read_quantity(parser, &delta);
  if (status) {
    return status;
  }
  parser->tick += delta;
  if (parser->tick > latest_tick || parser->tick * parser->scale / parser->divisor > latest_tick) {
    return error_set(parser->error, STATUS_TOO_LARGE,
                     "%s: time goes on beyond %llu ticks at byte %zu; the file is damaged", parser->name,
                     (unsigned long long)latest_tick, parser->position);
  }
  return STATUS_SUCCESS;
}

static void
begin_track(struct midi_parser *const parser)
{
  parser->tick = parser->base;
  parser->running_status = 0;
  parser->finished = false;
  for (unsigned channel = 0; channel < MIDI_CHANNELS; ++channel) {
    for (unsigned pitch = 0; pitch < MIDI_PITCHES; ++pitch) {
      parser->open[channel][pitch] = (struct midi_queue){no_note, no_note};
    }
  }
}

// End all notes that still sound.
static void
end_track(struct midi_parser *const parser)
{
  for (unsigned channel = 0; channel < MIDI_CHANNELS; ++channel) {
    for (unsigned pitch = 0; pitch < MIDI_PITCHES; ++pitch) {
      while (parser->open[channel][pitch].first != no_note) {
        note_off(parser, channel, pitch);
      }
    }
  }
  if (parser->file->format == 2) {
    parser->base = parser->tick;
  }
  ++parser->file->tracks;
}

enum status
midi_track_read(struct midi_parser *const parser)
{
  begin_track(parser);
  while (!parser->finished && bytes_left(parser)) {
    enum status status = read_delta(parser);
    if (!status && bytes_left(parser)) {
      status = read_event(parser);
    }
    if (status) {
      return status;
    }
  }
  if (!parser->finished && parser->cut) {
    return fail_short(parser, "the file ends in the middle of a track");
  }
  end_track(parser);
  return STATUS_SUCCESS;
}
