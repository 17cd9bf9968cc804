// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "midi_file.h"

#include <errno.h>
#include <fcntl.h>
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
  memset(file, 0, sizeof(*file));
}
