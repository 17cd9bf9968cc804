// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The reader of midi_file.h: bytes to arrays. One pass over the chunks; a track's notes are appended when they begin and
// get their length when they end. Notes that begin are queued per channel and pitch, so that of two sounding notes of one
// pitch the first to begin is the first to end.

#include "midi_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  CHUNK_HEADER = 8,
  CHANNELS = 16,
  PITCHES = 128,
  SUSTAIN = 64,            // The controller that is kept
  SMPTE_DIVISION = 480,    // What files in seconds are converted to,
  SMPTE_TICKS_PER_SECOND = // as if at 120 bpm
  2 * SMPTE_DIVISION,
};

static const uint64_t latest_tick = UINT32_MAX / 2;
static const uint32_t no_note = UINT32_MAX;

// The first and the last of the notes that sound at one channel and pitch, as indices, or `no_note`
struct queue {
  uint32_t first;
  uint32_t last;
};

struct parser {
  const uint8_t *bytes;
  size_t size;
  size_t position;
  size_t end; // Of the track
  const char *name;
  struct error *error;
  struct midi_file *file;
  uint32_t *next_open;    // [note_count] the note of the same channel and pitch that began after this one
  uint64_t scale;         // File ticks times scale / divisor are ticks of file->division
  uint64_t divisor;       // Both are 1 but for SMPTE files
  uint64_t base;          // Where the track begins, in file ticks; not 0 in format 2 only
  uint64_t tick;          // Time now, in file ticks
  uint8_t running_status; // 0: none
  bool cut;               // The file ends before the track should
  bool finished;          // The end of track was read
  struct queue open[CHANNELS][PITCHES];
};

static enum status
fail(const struct parser *const parser, const char *const what)
{
  return error_set(parser->error, STATUS_BAD_FORMAT, "%s: %s at byte %zu; the file is damaged or not a MIDI file",
                   parser->name, what, parser->position);
}

// The bytes end too early: because the file does, or because a length inside it lies.
static enum status
fail_short(const struct parser *const parser, const char *const what)
{
  return parser->cut ? error_set(parser->error, STATUS_BAD_FORMAT,
                                 "%s: ends after %zu bytes in the middle of track %u; the file is cut off",
                                 parser->name, parser->size, parser->file->tracks + 1U)
                     : fail(parser, what);
}

static enum status
fail_memory(const struct parser *const parser)
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

static uint32_t
read_big_endian(const uint8_t *const bytes, const unsigned count)
{
  uint32_t value = 0;
  for (unsigned i = 0; i < count; ++i) {
    value = value << 8 | bytes[i];
  }
  return value;
}

static uint32_t
time_now(const struct parser *const parser)
{
  return (uint32_t)(parser->tick * parser->scale / parser->divisor);
}

static size_t
bytes_left(const struct parser *const parser)
{
  return parser->end - parser->position;
}

// Read a variable-length quantity of at most four bytes.
static enum status
read_quantity(struct parser *const parser, uint32_t *const quantity)
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
  return fail(parser, "there is a number of more than four bytes");
}

static enum status
note_on(struct parser *const parser, const unsigned channel, const unsigned pitch, const unsigned velocity)
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

  struct queue *const queue = &parser->open[channel][pitch];
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
note_off(struct parser *const parser, const unsigned channel, const unsigned pitch)
{
  struct queue *const queue = &parser->open[channel][pitch];
  if (queue->first == no_note) {
    return;
  }
  struct midi_note *const note = &parser->file->notes[queue->first];
  const uint32_t duration = time_now(parser) - note->onset;
  note->duration = duration ? duration : 1;
  queue->first = parser->next_open[queue->first];
}

static enum status
add_control(struct parser *const parser, const unsigned channel, const uint8_t *const data)
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
read_channel_message(struct parser *const parser, const uint8_t status)
{
  const unsigned kind = status >> 4;
  const unsigned channel = status & 0xFU;
  const unsigned length = kind == 0xC || kind == 0xD ? 1 : 2;
  if (bytes_left(parser) < length) {
    return fail_short(parser, "the track ends inside an event");
  }
  const uint8_t *const data = parser->bytes + parser->position;
  if (data[0] > 127 || data[length - 1] > 127) {
    return fail(parser, "an event holds a value above 127");
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
add_title(struct parser *const parser, const uint8_t *const text, const uint32_t length)
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
add_metre(struct parser *const parser, const uint8_t *const data)
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
add_tempo(struct parser *const parser, const uint8_t *const data)
{
  struct midi_file *const file = parser->file;
  const uint32_t microseconds = read_big_endian(data, 3);
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
add_key(struct parser *const parser, const uint8_t *const data)
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

static enum status
read_meta(struct parser *const parser)
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
  default:
    return STATUS_SUCCESS;
  }
}

// Skip a system message: exclusive ones say their length, the others have no place in a file but do occur.
static enum status
skip_system_message(struct parser *const parser, const uint8_t status)
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
read_event(struct parser *const parser)
{
  uint8_t status = parser->running_status;
  if (parser->bytes[parser->position] >= 0x80) {
    status = parser->bytes[parser->position++];
  }
  if (status == 0) {
    return fail(parser, "there is a value where an event should begin");
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
read_delta(struct parser *const parser)
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
begin_track(struct parser *const parser)
{
  parser->tick = parser->base;
  parser->running_status = 0;
  parser->finished = false;
  for (unsigned channel = 0; channel < CHANNELS; ++channel) {
    for (unsigned pitch = 0; pitch < PITCHES; ++pitch) {
      parser->open[channel][pitch] = (struct queue){no_note, no_note};
    }
  }
}

// End all notes that still sound.
static void
end_track(struct parser *const parser)
{
  for (unsigned channel = 0; channel < CHANNELS; ++channel) {
    for (unsigned pitch = 0; pitch < PITCHES; ++pitch) {
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

// Read the events between `position` and `end`. The end of track may be missing, but nothing else may.
static enum status
read_track(struct parser *const parser)
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

// Return whether a chunk may begin at `position`: the end of the file, or four letters.
static bool
chunk_may_begin(const struct parser *const parser, const size_t position)
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
chunk_is(const struct parser *const parser, const size_t position, const char *const kind)
{
  return memcmp(parser->bytes + position, kind, 4) == 0;
}

// Return where the chunk whose contents begin at `begin` ends: where its length says, or, if that can't be, before the next
// track or at the end of the file. `cut` tells whether the file ends before the length says and no track follows.
static size_t
find_chunk_end(const struct parser *const parser, const size_t begin, const uint32_t length, bool *const cut)
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
read_chunks(struct parser *const parser)
{
  while (parser->size - parser->position >= CHUNK_HEADER) {
    const size_t begin = parser->position + CHUNK_HEADER;
    const bool is_track = chunk_is(parser, parser->position, "MTrk");
    const uint32_t length = read_big_endian(parser->bytes + parser->position + 4, 4);
    const size_t end = find_chunk_end(parser, begin, length, &parser->cut);
    if (is_track) {
      parser->position = begin;
      parser->end = end;
      const enum status status =
          parser->file->tracks < UINT16_MAX ? read_track(parser) : fail(parser, "too many tracks");
      if (status) {
        return status;
      }
    }
    parser->position = end;
  }
  return STATUS_SUCCESS;
}

static enum status
read_division(struct parser *const parser, const uint32_t division)
{
  struct midi_file *const file = parser->file;
  parser->scale = 1;
  parser->divisor = 1;
  if (division < 0x8000) {
    file->division = (uint16_t)division;
    return division ? STATUS_SUCCESS : fail(parser, "the header says that a quarter note has no ticks");
  }
  const uint32_t frames_per_second = 256 - (division >> 8);
  const uint32_t ticks_per_frame = division & 0xFF;
  if ((frames_per_second != 24 && frames_per_second != 25 && frames_per_second != 29 && frames_per_second != 30) ||
      ticks_per_frame == 0) {
    return fail(parser, "the header's frames per second are none that exist");
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
read_header(struct parser *const parser, unsigned *const track_count)
{
  if (parser->size >= 20 && chunk_is(parser, 0, "RIFF") && chunk_is(parser, 8, "RMID")) {
    parser->position = 20;
  }
  if (parser->size - parser->position < CHUNK_HEADER + 6 || !chunk_is(parser, parser->position, "MThd")) {
    return error_set(parser->error, STATUS_BAD_FORMAT, "%s: is not a MIDI file: %s", parser->name,
                     parser->size ? "it has no MIDI header" : "it is empty");
  }
  const uint8_t *const header = parser->bytes + parser->position;
  const uint32_t format = read_big_endian(header + 8, 2);
  if (format > 2) {
    return fail(parser, "the header says another format than 0, 1 or 2");
  }
  parser->file->format = (uint16_t)format;
  *track_count = read_big_endian(header + 10, 2);
  const enum status status = read_division(parser, read_big_endian(header + 12, 2));
  const uint32_t length = read_big_endian(header + 4, 4);
  bool cut = false;
  parser->position += CHUNK_HEADER;
  parser->position = find_chunk_end(parser, parser->position, length < 6 ? 6 : length, &cut);
  return status;
}

static enum status
read_file(struct parser *const parser)
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

static int
compare_notes(const void *const a, const void *const b)
{
  const struct midi_note *const first = a;
  const struct midi_note *const second = b;
  const int64_t differences[] = {
      (int64_t)first->onset - second->onset,       (int64_t)first->pitch - second->pitch,
      (int64_t)first->track - second->track,       (int64_t)first->channel - second->channel,
      (int64_t)first->duration - second->duration, (int64_t)first->velocity - second->velocity,
  };
  for (unsigned i = 0; i < sizeof(differences) / sizeof(differences[0]); ++i) {
    if (differences[i]) {
      return differences[i] < 0 ? -1 : 1;
    }
  }
  return 0;
}

// Return the tick that each of the structs to be sorted begins with.
static uint32_t
leading_tick(const char *const item)
{
  uint32_t tick = 0;
  memcpy(&tick, item, sizeof(tick));
  return tick;
}

static bool
is_sorted(const char *const items, const size_t count, const size_t size)
{
  for (size_t i = 1; i < count; ++i) {
    if (leading_tick(items + i * size) < leading_tick(items + (i - 1) * size)) {
      return false;
    }
  }
  return true;
}

// Merge the sorted runs [begin, middle) and [middle, end) of `from` into `to`; of equals the first run's come first.
static void
merge_runs(const char *const from,
           char *const to,
           const size_t begin,
           const size_t middle,
           const size_t end,
           const size_t size)
{
  size_t left = begin;
  size_t right = middle;
  for (size_t i = begin; i < end; ++i) {
    const bool take_left =
        right == end || (left < middle && leading_tick(from + left * size) <= leading_tick(from + right * size));
    memcpy(to + i * size, from + (take_left ? left++ : right++) * size, size);
  }
}

// Sort by tick, keeping the file's order among equals (of two tempos at one place the later counts): a merge sort.
static bool
sort_by_tick(void *const items, const size_t count, const size_t size)
{
  if (is_sorted(items, count, size)) {
    return true;
  }
  char *const spare = malloc(count * size);
  if (!spare) {
    return false;
  }
  for (size_t run = 1; run < count; run *= 2) {
    for (size_t begin = 0; begin < count; begin += 2 * run) {
      const size_t middle = count - begin < run ? count : begin + run;
      const size_t end = count - begin < 2 * run ? count : begin + 2 * run;
      merge_runs(items, spare, begin, middle, end, size);
    }
    memcpy(items, spare, count * size);
  }
  free(spare);
  return true;
}

static bool
sort_contents(struct midi_file *const file)
{
  if (file->note_count) {
    qsort(file->notes, file->note_count, sizeof(*file->notes), compare_notes);
  }
  return sort_by_tick(file->metres, file->metre_count, sizeof(*file->metres)) &&
         sort_by_tick(file->tempos, file->tempo_count, sizeof(*file->tempos)) &&
         sort_by_tick(file->keys, file->key_count, sizeof(*file->keys)) &&
         sort_by_tick(file->controls, file->control_count, sizeof(*file->controls));
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
  struct parser parser = {.bytes = bytes, .size = size, .name = name, .error = error, .file = file};
  enum status status = read_file(&parser);
  free(parser.next_open);
  if (!status && !sort_contents(file)) {
    status = fail_memory(&parser);
  }
  if (status) {
    midi_file_free(file);
  }
  return status;
}
