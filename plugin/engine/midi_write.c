// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The writer of midi_file.h. Each track is a list of small messages, sorted by time and written one after another without
// running status, so that the same contents always give the same bytes.

#include "midi_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_DELTA = 0x0FFFFFFF, MESSAGE_BYTES = 8, NOTE_OFF_VELOCITY = 64, OWN_BYTES = 1 << 20 };

// What comes first at one tick: notes end before others begin.
enum rank { RANK_METRE, RANK_KEY, RANK_TEMPO, RANK_NOTE_OFF, RANK_CONTROL, RANK_NOTE_ON };

struct message {
  uint64_t tick;
  size_t index; // Place among messages of the same tick and rank
  uint8_t rank; // enum rank
  uint8_t length;
  uint8_t bytes[MESSAGE_BYTES];
};

struct messages {
  struct message *items;
  size_t count;
};

struct output {
  uint8_t *bytes;
  size_t size;
  size_t capacity;
  bool no_memory; // Checked once at the end
};

static void
put_bytes(struct output *const output, const void *const bytes, const size_t size)
{
  if (output->no_memory || size == 0) {
    return;
  }
  if (size > output->capacity - output->size) {
    const size_t capacity = 2 * output->capacity + size + 256;
    uint8_t *const grown = realloc(output->bytes, capacity);
    if (!grown) {
      output->no_memory = true;
      return;
    }
    output->bytes = grown;
    output->capacity = capacity;
  }
  memcpy(output->bytes + output->size, bytes, size);
  output->size += size;
}

static void
put_big_endian(struct output *const output, const uint32_t value, const unsigned count)
{
  for (unsigned i = count; i-- > 0;) {
    const uint8_t byte = (uint8_t)(value >> (8 * i));
    put_bytes(output, &byte, 1);
  }
}

static void
put_quantity(struct output *const output, const uint32_t quantity)
{
  for (unsigned i = 4; i-- > 0;) {
    if (i == 0 || quantity >> (7 * i)) {
      const uint8_t byte = (uint8_t)((quantity >> (7 * i) & 0x7FU) | (i ? 0x80U : 0U));
      put_bytes(output, &byte, 1);
    }
  }
}

static int
compare_messages(const void *const a, const void *const b)
{
  const struct message *const first = a;
  const struct message *const second = b;
  if (first->tick != second->tick) {
    return first->tick < second->tick ? -1 : 1;
  }
  if (first->rank != second->rank) {
    return first->rank < second->rank ? -1 : 1;
  }
  return first->index < second->index ? -1 : first->index > second->index;
}

static void
add_message(struct messages *const messages, struct message message)
{
  message.index = messages->count;
  messages->items[messages->count++] = message;
}

static void
put_title(struct output *const output, const char *const title)
{
  const size_t length = strlen(title);
  const uint32_t kept = (uint32_t)(length < LONGEST_DELTA ? length : LONGEST_DELTA);
  put_bytes(output, "\0\xFF\x03", 3);
  put_quantity(output, kept);
  put_bytes(output, title, kept);
}

// Write the file's own data as sequencer-specific meta events.
static void
put_own(struct output *const output, const struct midi_file *const file)
{
  for (size_t at = 0; at < file->own_size; at += OWN_BYTES) {
    const size_t left = file->own_size - at;
    const uint32_t size = (uint32_t)(left < OWN_BYTES ? left : OWN_BYTES);
    put_bytes(output, "\0\xFF\x7F", 3);
    put_quantity(output, MIDI_OWN_MARK_SIZE + size);
    put_bytes(output, MIDI_OWN_MARK, MIDI_OWN_MARK_SIZE);
    put_bytes(output, file->own + at, size);
  }
}

// Write a track chunk of `messages`, which are sorted on the way; the title and own data of `file` go first (NULL: none).
static enum status
put_track(struct output *const output,
          struct messages *const messages,
          const struct midi_file *const file,
          struct error *const error)
{
  put_bytes(output, "MTrk", 4);
  const size_t length_place = output->size;
  put_big_endian(output, 0, 4);
  if (file && file->title) {
    put_title(output, file->title);
  }
  if (file) {
    put_own(output, file);
  }
  if (messages->count) {
    qsort(messages->items, messages->count, sizeof(*messages->items), compare_messages);
  }
  uint64_t tick = 0;
  for (size_t i = 0; i < messages->count; ++i) {
    const struct message *const message = &messages->items[i];
    if (message->tick - tick > LONGEST_DELTA) {
      return error_set(error, STATUS_TOO_LARGE, "a rest of %llu ticks is longer than a MIDI file can hold",
                       (unsigned long long)(message->tick - tick));
    }
    put_quantity(output, (uint32_t)(message->tick - tick));
    put_bytes(output, message->bytes, message->length);
    tick = message->tick;
  }
  put_bytes(output, "\0\xFF\x2F\0", 4);
  if (!output->no_memory) {
    struct output length = {.bytes = output->bytes + length_place, .capacity = 4};
    put_big_endian(&length, (uint32_t)(output->size - length_place - 4), 4);
  }
  return STATUS_SUCCESS;
}

static uint8_t
denominator_power(const unsigned denominator)
{
  uint8_t power = 0;
  while (power < 15 && 1U << power < denominator) {
    ++power;
  }
  return power;
}

static void
add_first_track(struct messages *const messages, const struct midi_file *const file)
{
  for (size_t i = 0; i < file->metre_count; ++i) {
    const struct midi_metre *const metre = &file->metres[i];
    const uint8_t power = denominator_power(metre->denominator);
    add_message(messages,
                (struct message){metre->tick, 0, RANK_METRE, 7, {0xFF, 0x58, 4, metre->numerator, power, 24, 8}});
  }
  for (size_t i = 0; i < file->key_count; ++i) {
    const struct midi_key *const key = &file->keys[i];
    add_message(messages,
                (struct message){key->tick, 0, RANK_KEY, 5, {0xFF, 0x59, 2, (uint8_t)key->sharps, key->minor}});
  }
  for (size_t i = 0; i < file->tempo_count; ++i) {
    const struct midi_tempo *const tempo = &file->tempos[i];
    const uint32_t microseconds = tempo->microseconds > 0xFFFFFF ? 0xFFFFFF : tempo->microseconds;
    add_message(messages, (struct message){tempo->tick,
                                           0,
                                           RANK_TEMPO,
                                           6,
                                           {0xFF, 0x51, 3, (uint8_t)(microseconds >> 16), (uint8_t)(microseconds >> 8),
                                            (uint8_t)microseconds}});
  }
}

static void
add_controls(struct messages *const messages, const struct midi_file *const file)
{
  for (size_t i = 0; i < file->control_count; ++i) {
    const struct midi_control *const control = &file->controls[i];
    const uint8_t status = (uint8_t)(0xB0U | (control->channel & 0xFU));
    add_message(messages,
                (struct message){
                    control->tick, 0, RANK_CONTROL, 3, {status, control->controller & 0x7FU, control->value & 0x7FU}});
  }
}

static void
add_note(struct messages *const messages, const struct midi_note *const note)
{
  const uint8_t channel = note->channel & 0xFU;
  const uint8_t pitch = note->pitch & 0x7FU;
  const uint8_t velocity = (uint8_t)(note->velocity < 1 ? 1 : note->velocity > 127 ? 127 : note->velocity);
  const uint64_t end = (uint64_t)note->onset + (note->duration ? note->duration : 1);
  add_message(messages, (struct message){note->onset, 0, RANK_NOTE_ON, 3, {0x90U | channel, pitch, velocity}});
  add_message(messages, (struct message){end, 0, RANK_NOTE_OFF, 3, {0x80U | channel, pitch, NOTE_OFF_VELOCITY}});
}

static int
compare_track_then_place(const void *const a, const void *const b)
{
  const struct midi_note *const *const first = a;
  const struct midi_note *const *const second = b;
  if ((*first)->track != (*second)->track) {
    return (*first)->track < (*second)->track ? -1 : 1;
  }
  return *first < *second ? -1 : *first > *second;
}

// Write one chunk per distinct track of `sorted` (by track, then place in the file); controls go with the first.
static enum status
put_note_tracks(struct output *const output,
                struct messages *const messages,
                const struct midi_file *const file,
                const struct midi_note *const *const sorted,
                struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  messages->count = 0;
  add_controls(messages, file);
  for (size_t i = 0; i < file->note_count && !status; ++i) {
    if (i > 0 && sorted[i]->track != sorted[i - 1]->track) {
      status = put_track(output, messages, NULL, error);
      messages->count = 0;
    }
    add_note(messages, sorted[i]);
  }
  if (!status && messages->count) {
    status = put_track(output, messages, NULL, error);
  }
  return status;
}

static uint16_t
count_tracks(const struct midi_file *const file, const struct midi_note *const *const sorted)
{
  uint32_t count = file->note_count || file->control_count ? 2 : 1;
  for (size_t i = 1; i < file->note_count; ++i) {
    count += sorted[i]->track != sorted[i - 1]->track;
  }
  return (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX);
}

// Fill `output` with the whole file; `messages` has room for its largest track.
static enum status
put_file(struct output *const output,
         struct messages *const messages,
         const struct midi_file *const file,
         const struct midi_note **const sorted,
         struct error *const error)
{
  for (size_t i = 0; i < file->note_count; ++i) {
    sorted[i] = &file->notes[i];
  }
  if (file->note_count) {
    qsort(sorted, file->note_count, sizeof(*sorted), compare_track_then_place);
  }
  put_bytes(output, "MThd", 4);
  put_big_endian(output, 6, 4);
  put_big_endian(output, 1, 2);
  put_big_endian(output, count_tracks(file, sorted), 2);
  put_big_endian(output, file->division, 2);
  add_first_track(messages, file);
  enum status status = put_track(output, messages, file, error);
  if (!status) {
    status = put_note_tracks(output, messages, file, sorted, error);
  }
  return status ? status : output->no_memory ? STATUS_NO_MEMORY : STATUS_SUCCESS;
}

static bool
write_all(const int descriptor, const uint8_t *const bytes, const size_t size)
{
  size_t count = 0;
  while (count < size) {
    const ssize_t step = write(descriptor, bytes + count, size - count);
    if (step < 0 && errno != EINTR) {
      return false;
    }
    count += step > 0 ? (size_t)step : 0;
  }
  return true;
}

// Write `output` under the name `spare`, then give it the name `path`.
static enum status
save_as(const char *const path, const char *const spare, const struct output *const output, struct error *const error)
{
  const int descriptor = open(spare, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    return error_set(error, STATUS_NO_FILE, "%s: can't be written: %s", path, strerror(errno));
  }
  bool saved = write_all(descriptor, output->bytes, output->size);
  int reason = errno;
  if (close(descriptor) && saved) {
    saved = false;
    reason = errno;
  }
  if (saved && rename(spare, path)) {
    saved = false;
    reason = errno;
  }
  if (!saved) {
    unlink(spare);
    return error_set(error, STATUS_IO, "%s: can't be written: %s", path, strerror(reason));
  }
  return STATUS_SUCCESS;
}

static enum status
save(const char *const path, const struct output *const output, struct error *const error)
{
  const size_t size = strlen(path) + 32;
  char *const spare = malloc(size);
  if (!spare) {
    return error_set(error, STATUS_NO_MEMORY, "%s: not enough memory to write it", path);
  }
  snprintf(spare, size, "%s.%ld.part", path, (long)getpid());
  unlink(spare); // Of a process that had this number and was killed
  const enum status status = save_as(path, spare, output, error);
  free(spare);
  return status;
}

// Make the file's bytes.
static enum status
make_bytes(const char *const name,
           const struct midi_file *const file,
           struct output *const output,
           struct error *const error)
{
  if (file->division < 1 || file->division > 32767) {
    return error_set(error, STATUS_BAD_VALUE, "%s: %u ticks per quarter note can't be written; 1 to 32767 can", name,
                     (unsigned)file->division);
  }
  const size_t first_track = file->metre_count + file->key_count + file->tempo_count;
  const size_t note_track = file->control_count + 2 * file->note_count;
  struct messages messages = {.items = malloc((first_track + note_track + 1) * sizeof(struct message))};
  const struct midi_note **const sorted = malloc((file->note_count + 1) * sizeof(*sorted));
  enum status status = STATUS_NO_MEMORY;
  if (messages.items && sorted) {
    status = put_file(output, &messages, file, sorted, error);
  }
  if (status == STATUS_NO_MEMORY) {
    error_set(error, status, "%s: not enough memory to write it", name);
  }
  free(sorted);
  free(messages.items);
  return status;
}

enum status
midi_file_write(const char *const path, const struct midi_file *const file, struct error *const error)
{
  struct output output = {0};
  enum status status = make_bytes(path, file, &output, error);
  if (!status) {
    status = save(path, &output, error);
  }
  free(output.bytes);
  return status;
}

enum status
midi_file_bytes(const char *const name,
                const struct midi_file *const file,
                uint8_t **const bytes,
                size_t *const size,
                struct error *const error)
{
  struct output output = {0};
  const enum status status = make_bytes(name, file, &output, error);
  if (status) {
    free(output.bytes);
    return status;
  }
  *bytes = output.bytes;
  *size = output.size;
  return STATUS_SUCCESS;
}
