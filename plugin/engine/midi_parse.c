// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The reader of midi_file.h: header and chunks. The events inside a track are read by midi_track.c.

#include "midi_track.h"

#include <stdlib.h>
#include <string.h>

enum {
  CHUNK_HEADER = 8,
  SMPTE_DIVISION = 480,    // What files in seconds are converted to,
  SMPTE_TICKS_PER_SECOND = // as if at 120 bpm
  2 * SMPTE_DIVISION,
};

// Return whether a chunk may begin at `position`: the end of the file, or four letters.
static bool
chunk_may_begin(const struct midi_parser *const parser, const size_t position)
{
  if (parser->size - position < CHUNK_HEADER) {
    return true;
  }
  for (unsigned i = 0; i < 4; ++i) {
    const uint8_t letter = parser->bytes[position + i];
    if (letter < 0x20 || letter > 0x7E) {
      return false;
    }
  }
  return true;
}

static bool
chunk_is(const struct midi_parser *const parser, const size_t position, const char *const kind)
{
  return memcmp(parser->bytes + position, kind, 4) == 0;
}

// Return where the chunk whose contents begin at `begin` ends: where its length says, or, if that can't be, before the next
// track or at the end of the file. `cut` tells whether the file ends before the length says and no track follows.
static size_t
find_chunk_end(const struct midi_parser *const parser, const size_t begin, const uint32_t length, bool *const cut)
{
  *cut = false;
  if (length <= parser->size - begin && chunk_may_begin(parser, begin + length)) {
    return begin + length;
  }
  for (size_t end = begin; parser->size - end >= CHUNK_HEADER; ++end) {
    if (chunk_is(parser, end, "MTrk")) {
      return end;
    }
  }
  *cut = length > parser->size - begin;
  return parser->size;
}

static enum status
read_chunks(struct midi_parser *const parser)
{
  while (parser->size - parser->position >= CHUNK_HEADER) {
    const size_t begin = parser->position + CHUNK_HEADER;
    const bool is_track = chunk_is(parser, parser->position, "MTrk");
    const uint32_t length = midi_big_endian(parser->bytes + parser->position + 4, 4);
    const size_t end = find_chunk_end(parser, begin, length, &parser->cut);
    if (is_track) {
      parser->position = begin;
      parser->end = end;
      const enum status status =
          parser->file->tracks < UINT16_MAX ? midi_track_read(parser) : midi_parser_fail(parser, "too many tracks");
      if (status) {
        return status;
      }
    }
    parser->position = end;
  }
  return STATUS_SUCCESS;
}

static enum status
read_division(struct midi_parser *const parser, const uint32_t division)
{
  struct midi_file *const file = parser->file;
  parser->scale = 1;
  parser->divisor = 1;
  if (division < 0x8000) {
    file->division = (uint16_t)division;
    return division ? STATUS_SUCCESS : midi_parser_fail(parser, "the header says that a quarter note has no ticks");
  }
  const uint32_t frames_per_second = 256 - (division >> 8);
  const uint32_t ticks_per_frame = division & 0xFF;
  if ((frames_per_second != 24 && frames_per_second != 25 && frames_per_second != 29 && frames_per_second != 30) ||
      ticks_per_frame == 0) {
    return midi_parser_fail(parser, "the header's frames per second are none that exist");
  }
  file->division = SMPTE_DIVISION;
  parser->scale = SMPTE_TICKS_PER_SECOND;
  parser->divisor = (uint64_t)frames_per_second * ticks_per_frame;
  if (frames_per_second == 29) { // Drop frame: 30000 frames in 1001 seconds
    parser->scale *= 1001;
    parser->divisor = (uint64_t)30000 * ticks_per_frame;
  }
  return STATUS_SUCCESS;
}

// Read the header chunk, which may stand in a RIFF wrapper; `track_count` is what it says.
static enum status
read_header(struct midi_parser *const parser, unsigned *const track_count)
{
  if (parser->size >= 20 && chunk_is(parser, 0, "RIFF") && chunk_is(parser, 8, "RMID")) {
    parser->position = 20;
  }
  if (parser->size - parser->position < CHUNK_HEADER + 6 || !chunk_is(parser, parser->position, "MThd")) {
    return error_set(parser->error, STATUS_BAD_FORMAT, "%s: is not a MIDI file: %s", parser->name,
                     parser->size ? "it has no MIDI header" : "it is empty");
  }
  const uint8_t *const header = parser->bytes + parser->position;
  const uint32_t format = midi_big_endian(header + 8, 2);
  if (format > 2) {
    return midi_parser_fail(parser, "the header says another format than 0, 1 or 2");
  }
  parser->file->format = (uint16_t)format;
  *track_count = midi_big_endian(header + 10, 2);
  const enum status status = read_division(parser, midi_big_endian(header + 12, 2));
  const uint32_t length = midi_big_endian(header + 4, 4);
  bool cut = false;
  parser->position += CHUNK_HEADER;
  parser->position = find_chunk_end(parser, parser->position, length < 6 ? 6 : length, &cut);
  return status;
}

static enum status
read_file(struct midi_parser *const parser)
{
  unsigned track_count = 0;
  enum status status = read_header(parser, &track_count);
  if (!status) {
    status = read_chunks(parser);
  }
  if (!status && parser->file->tracks < track_count) {
    status =
        error_set(parser->error, STATUS_BAD_FORMAT, "%s: has %u tracks where its header says %u; the file is cut off",
                  parser->name, (unsigned)parser->file->tracks, track_count);
  }
  return status;
}

enum status
midi_file_parse(const uint8_t *const bytes,
                const size_t size,
                const char *const name,
                struct midi_file *const file,
                struct error *const error)
{
  memset(file, 0, sizeof(*file));
  if (size > MIDI_FILE_SIZE) {
    return error_set(error, STATUS_TOO_LARGE, "%s: is larger than %d MiB, which no MIDI file of piano music is", name,
                     MIDI_FILE_SIZE / (1024 * 1024));
  }
  struct midi_parser parser = {.bytes = bytes, .size = size, .name = name, .error = error, .file = file};
  enum status status = read_file(&parser);
  free(parser.next_open);
  if (!status && !midi_file_sort(file)) {
    status = error_set(error, STATUS_NO_MEMORY, "%s: not enough memory to read it", name);
  }
  if (status) {
    midi_file_free(file);
  }
  return status;
}
