// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "midi_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Read `size` bytes from `descriptor`; what is missing at the end of a file that shrank meanwhile is an error.
static enum status
read_all(
    const int descriptor, uint8_t *const bytes, const size_t size, const char *const path, struct error *const error)
{
  size_t count = 0;
  while (count < size) {
    const ssize_t step = read(descriptor, bytes + count, size - count);
    if (step < 0 && errno == EINTR) {
      continue;
    }
    if (step <= 0) {
      return error_set(error, STATUS_IO, "%s: can't be read: %s", path, step ? strerror(errno) : "it became shorter");
    }
    count += (size_t)step;
  }
  return STATUS_SUCCESS;
}

// Check that `descriptor` is an ordinary file of a sensible size and store that.
static enum status
check_size(const int descriptor, const char *const path, size_t *const size, struct error *const error)
{
  struct stat info;
  if (fstat(descriptor, &info)) {
    return error_set(error, STATUS_IO, "%s: can't be read: %s", path, strerror(errno));
  }
  if (!S_ISREG(info.st_mode)) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: is not an ordinary file", path);
  }
  if (info.st_size > MIDI_FILE_SIZE) {
    return error_set(error, STATUS_TOO_LARGE, "%s: is larger than %d MiB, which no MIDI file of piano music is", path,
                     MIDI_FILE_SIZE / (1024 * 1024));
  }
  *size = (size_t)info.st_size;
  return STATUS_SUCCESS;
}

static enum status
read_open_file(const int descriptor, const char *const path, struct midi_file *const file, struct error *const error)
{
  size_t size = 0;
  enum status status = check_size(descriptor, path, &size, error);
  if (status) {
    return status;
  }
  uint8_t *const bytes = malloc(size ? size : 1);
  if (!bytes) {
    return error_set(error, STATUS_NO_MEMORY, "%s: not enough memory to read it", path);
  }
  status = read_all(descriptor, bytes, size, path, error);
  if (!status) {
    status = midi_file_parse(bytes, size, path, file, error);
  }
  free(bytes);
  return status;
}

enum status
midi_file_read(const char *const path, struct midi_file *const file, struct error *const error)
{
  memset(file, 0, sizeof(*file));
  // Without O_NONBLOCK a named pipe would keep us waiting for ever
  const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) {
    return error_set(error, STATUS_NO_FILE, "%s: can't be opened: %s", path, strerror(errno));
  }
  const enum status status = read_open_file(descriptor, path, file, error);
  close(descriptor);
  return status;
}

void
midi_file_free(struct midi_file *const file)
{
  free(file->notes);
  free(file->metres);
  free(file->tempos);
  free(file->keys);
  free(file->controls);
  free(file->title);
  free(file->own);
  memset(file, 0, sizeof(*file));
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

bool
midi_file_sort(struct midi_file *const file)
{
  if (file->note_count) {
    qsort(file->notes, file->note_count, sizeof(*file->notes), compare_notes);
  }
  return sort_by_tick(file->metres, file->metre_count, sizeof(*file->metres)) &&
         sort_by_tick(file->tempos, file->tempo_count, sizeof(*file->tempos)) &&
         sort_by_tick(file->keys, file->key_count, sizeof(*file->keys)) &&
         sort_by_tick(file->controls, file->control_count, sizeof(*file->controls));
}
