// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Writing safetensors files: the same input gives the same bytes, and a file is there whole or not at all.

#include "safetensors_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DATA_ALIGNMENT = 64, TEMPORARY_NAMES = 100 };

// Put metadata into the header; fails if a key is there twice or a text is no UTF-8.
static bool
header_add_metadata(json_t *const header, const struct metadata *const metadata, const size_t count)
{
  json_t *const object = json_object();
  if (json_object_set_new(header, METADATA_KEY, object)) {
    return false;
  }
  for (size_t i = 0; i < count; ++i) {
    if (json_object_get(object, metadata[i].key) ||
        json_object_set_new(object, metadata[i].key, json_string(metadata[i].value))) {
      return false;
    }
  }
  return true;
}

// Put one tensor, whose data begins at `offset`, into the header.
static bool
header_add_tensor(json_t *const header, const struct tensor *const tensor, const uint64_t offset)
{
  size_t size = 0;
  if (!memchr(tensor->name, '\0', sizeof(tensor->name)) || json_object_get(header, tensor->name) ||
      tensor->rank > SAFETENSORS_RANK || !tensor_size(tensor->dtype, tensor->shape, tensor->rank, &size) ||
      size != tensor->size || offset + size > SAFETENSORS_FILE_SIZE) {
    return false;
  }
  json_t *const shape = json_array();
  bool is_whole = shape;
  for (unsigned i = 0; is_whole && i < tensor->rank; ++i) {
    is_whole = json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i])) == 0;
  }
  json_t *const info = json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtype_name(tensor->dtype), "shape", shape,
                                 "data_offsets", (json_int_t)offset, (json_int_t)(offset + size));
  if (!is_whole || !info) {
    json_decref(info);
    return false;
  }
  return json_object_set_new(header, tensor->name, info) == 0;
}

// Return the header's text, or NULL. Free with free().
static char *
header_format(const struct metadata *const metadata,
              const size_t metadata_count,
              const struct tensor *const tensors,
              const size_t tensor_count)
{
  json_t *const header = json_object();
  bool good = metadata_count == 0 || header_add_metadata(header, metadata, metadata_count);
  uint64_t offset = 0;
  for (size_t i = 0; good && i < tensor_count; ++i) {
    good = header_add_tensor(header, &tensors[i], offset);
    offset += tensors[i].size;
  }
  char *const text = good ? json_dumps(header, JSON_COMPACT) : NULL;
  json_decref(header);
  return text;
}

static bool
bytes_write(const int descriptor, const void *const bytes, const size_t size)
{
  const char *const begin = bytes;
  for (size_t done = 0; done < size;) {
    const ssize_t count = write(descriptor, begin + done, size - done);
    if (count < 0 && errno != EINTR) {
      return false;
    }
    done += count > 0 ? (size_t)count : 0;
  }
  return true;
}

// Write length, header and spaces, so that the data begins at a multiple of DATA_ALIGNMENT.
static bool
header_write(const int descriptor, const char *const text)
{
  static const char spaces[DATA_ALIGNMENT + 1] = "                                                                ";
  const size_t text_length = strlen(text);
  const size_t padding = (DATA_ALIGNMENT - (LENGTH_SIZE + text_length) % DATA_ALIGNMENT) % DATA_ALIGNMENT;
  const uint64_t length = text_length + padding;
  unsigned char bytes[LENGTH_SIZE];
  for (unsigned i = 0; i < LENGTH_SIZE; ++i) {
    bytes[i] = (unsigned char)(length >> (8 * i));
  }
  return bytes_write(descriptor, bytes, sizeof(bytes)) && bytes_write(descriptor, text, text_length) &&
         bytes_write(descriptor, spaces, padding);
}

static bool
file_write(const int descriptor, const char *const header, const struct tensor *const tensors, const size_t count)
{
  bool good = header_write(descriptor, header);
  for (size_t i = 0; good && i < count; ++i) {
    good = bytes_write(descriptor, tensors[i].data, tensors[i].size);
  }
  return good && fsync(descriptor) == 0;
}

// Open a new file beside `path` and store its name in `temporary` [size].
static int
temporary_open(const char *const path, char *const temporary, const size_t size)
{
  int descriptor = -1;
  for (unsigned i = 0; descriptor < 0 && i < TEMPORARY_NAMES; ++i) {
    snprintf(temporary, size, "%s.%ld-%u.tmp", path, (long)getpid(), i);
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno != EEXIST) {
      break;
    }
  }
  return descriptor;
}

// Ask the system to keep the new name of `path` through a power failure; where it can't, the file is still whole.
static void
folder_sync(char *const path)
{
  char *const slash = strrchr(path, '/');
  if (slash) {
    slash[slash == path] = '\0';
  }
  const int descriptor = open(slash ? path : ".", O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0) {
    (void)fsync(descriptor);
    close(descriptor);
  }
}

static enum status
file_replace(const char *const path,
             const char *const header,
             const struct tensor *const tensors,
             const size_t count,
             struct error *const error)
{
  const size_t name_size = strlen(path) + 64;
  char *const temporary = malloc(name_size);
  if (!temporary) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to write %s", error_path(path));
  }
  enum status status = STATUS_SUCCESS;
  const int descriptor = temporary_open(path, temporary, name_size);
  if (descriptor < 0) {
    status = error_set(error, STATUS_NO_FILE, "%s can't be created: %s", error_path(path), strerror(errno));
  } else {
    const bool written = file_write(descriptor, header, tensors, count);
    const int reason = errno;
    if ((close(descriptor) || !written || rename(temporary, path)) != 0) {
      status =
          error_set(error, STATUS_IO, "%s can't be written: %s", error_path(path), strerror(written ? errno : reason));
      (void)unlink(temporary);
    } else {
      folder_sync(temporary);
    }
  }
  free(temporary);
  return status;
}

enum status
safetensors_write(const char *const path,
                  const struct metadata *const metadata,
                  const size_t metadata_count,
                  const struct tensor *const tensors,
                  const size_t tensor_count,
                  struct error *const error)
{
  char *const header = header_format(metadata, metadata_count, tensors, tensor_count);
  if (!header) {
    return error_set(
        error, STATUS_BAD_VALUE,
        "%s can't be written: a name is there twice, a text is no UTF-8 or a tensor's size is not its shape's",
        error_path(path));
  }
  enum status status = STATUS_SUCCESS;
  if (strlen(header) > SAFETENSORS_HEADER_SIZE - DATA_ALIGNMENT || tensor_count > SAFETENSORS_TENSORS) {
    status = error_set(error, STATUS_TOO_LARGE, "%s can't be written: its header or list of tensors is too long",
                       error_path(path));
  } else {
    status = file_replace(path, header, tensors, tensor_count, error);
  }
  free(header);
  return status;
}
