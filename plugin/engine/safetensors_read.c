// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Reading a safetensors file that may be anything: a pipe, cut short, or made to harm. Each step trusts only what the
// steps before it have checked.

#include "safetensors_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_DEPTH = 3 }; // Header, tensor, shape

// Where reading is: the file and what to call it.
struct reading {
  struct safetensors *file;
  const char *name;
  const unsigned char *data; // [data_size] Behind the header
  size_t data_size;
  struct error *error;
};

static enum status
reading_fail(const struct reading *const reading, const char *const problem)
{
  return error_set(reading->error, STATUS_BAD_FORMAT, "%s is no usable safetensors file: %s", error_path(reading->name),
                   problem);
}

static enum status
tensor_fail(const struct reading *const reading, const char *const tensor, const char *const problem)
{
  return error_set(reading->error, STATUS_BAD_FORMAT, "%s is no usable safetensors file: tensor \"%.64s\" %s",
                   error_path(reading->name), tensor, problem);
}

// Return whether brackets nest no deeper than a header needs, so that the JSON parser's recursion stays shallow.
static bool
header_is_shallow(const char *const text, const size_t length)
{
  unsigned depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < length; ++i) {
    const char c = text[i];
    if (in_string) {
      i += c == '\\';
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > HEADER_DEPTH) {
        return false;
      }
    } else if ((c == '}' || c == ']') && depth) {
      --depth;
    }
  }
  return true;
}

// Find how long the header is that a file of reading->file->size bytes begins with, of which the first LENGTH_SIZE are there.
static enum status
header_length(const struct reading *const reading, size_t *const length)
{
  const struct safetensors *const file = reading->file;
  if (file->size < LENGTH_SIZE) {
    return reading_fail(reading, "it is shorter than 8 bytes");
  }
  uint64_t told = 0;
  for (unsigned i = 0; i < LENGTH_SIZE; ++i) {
    told |= (uint64_t)file->bytes[i] << (8 * i);
  }
  if (told > SAFETENSORS_HEADER_SIZE || told > file->size - LENGTH_SIZE) {
    return reading_fail(reading, "its header is longer than the file or 4 MiB");
  }
  *length = (size_t)told;
  return STATUS_SUCCESS;
}

static enum status
header_parse(struct reading *const reading, const size_t length)
{
  struct safetensors *const file = reading->file;
  const char *const text = (const char *)file->bytes + LENGTH_SIZE;
  if (!length || text[0] != '{') {
    return reading_fail(reading, "its header does not begin with {");
  }
  if (!header_is_shallow(text, length)) {
    return reading_fail(reading, "its header is nested too deeply");
  }
  json_error_t json_error;
  file->header = json_loadb(text, length, JSON_REJECT_DUPLICATES, &json_error);
  if (!file->header) {
    return reading_fail(reading, json_error.text);
  }
  reading->data = file->bytes + LENGTH_SIZE + length;
  reading->data_size = file->size - LENGTH_SIZE - length;
  return STATUS_SUCCESS;
}

static enum status
metadata_check(struct reading *const reading)
{
  json_t *const metadata = json_object_get(reading->file->header, METADATA_KEY);
  if (metadata && !json_is_object(metadata)) {
    return reading_fail(reading, "its metadata is no object");
  }
  for (void *i = json_object_iter(metadata); i; i = json_object_iter_next(metadata, i)) {
    if (!json_is_string(json_object_iter_value(i))) {
      return reading_fail(reading, "its metadata holds something that is no string");
    }
  }
  reading->file->metadata = metadata;
  return STATUS_SUCCESS;
}

// Store a JSON number in `value` if it is a whole one from 0 on.
static bool
size_parse(const json_t *const number, uint64_t *const value)
{
  const json_int_t integer = json_is_integer(number) ? json_integer_value(number) : -1;
  *value = integer < 0 ? 0 : (uint64_t)integer;
  return integer >= 0;
}

static bool
dtype_parse(const json_t *const name, enum dtype *const dtype)
{
  for (unsigned i = 0; json_is_string(name) && i < DTYPE_COUNT; ++i) {
    if (!strcmp(json_string_value(name), dtype_name((enum dtype)i))) {
      *dtype = (enum dtype)i;
      return true;
    }
  }
  return false;
}

static bool
shape_parse(const json_t *const array, struct tensor *const tensor)
{
  if (!json_is_array(array) || json_array_size(array) > SAFETENSORS_RANK) {
    return false;
  }
  tensor->rank = (unsigned)json_array_size(array);
  for (unsigned i = 0; i < tensor->rank; ++i) {
    if (!size_parse(json_array_get(array, i), &tensor->shape[i])) {
      return false;
    }
  }
  return tensor_size(tensor->dtype, tensor->shape, tensor->rank, &tensor->size);
}

static enum status
tensor_parse(const struct reading *const reading,
             const char *const name,
             json_t *const info,
             struct tensor *const tensor)
{
  if (!*name || strlen(name) >= sizeof(tensor->name)) {
    return tensor_fail(reading, name, "has a name of no or too many bytes");
  }
  memcpy(tensor->name, name, strlen(name) + 1);
  if (!json_is_object(info) || json_object_size(info) != 3) {
    return tensor_fail(reading, name, "is not described by dtype, shape and data_offsets");
  }
  if (!dtype_parse(json_object_get(info, "dtype"), &tensor->dtype)) {
    return tensor_fail(reading, name, "has an unknown dtype");
  }
  if (!shape_parse(json_object_get(info, "shape"), tensor)) {
    return tensor_fail(reading, name, "has a bad shape");
  }
  const json_t *const offsets = json_object_get(info, "data_offsets");
  uint64_t begin = 0;
  uint64_t end = 0;
  if (json_array_size(offsets) != 2 || !size_parse(json_array_get(offsets, 0), &begin) ||
      !size_parse(json_array_get(offsets, 1), &end) || begin > end || end > reading->data_size) {
    return tensor_fail(reading, name, "has offsets outside the file");
  }
  if (end - begin != tensor->size) {
    return tensor_fail(reading, name, "has offsets that don't agree with its shape");
  }
  tensor->data = reading->data + begin;
  return STATUS_SUCCESS;
}

static int
tensor_compare(const void *const a, const void *const b)
{
  const struct tensor *const first = a;
  const struct tensor *const second = b;
  const unsigned char *const first_data = first->data;
  const unsigned char *const second_data = second->data;
  if (first_data != second_data) {
    return first_data < second_data ? -1 : 1;
  }
  if (first->size != second->size) { // An empty tensor comes before the one that begins where it is
    return first->size < second->size ? -1 : 1;
  }
  return strcmp(first->name, second->name);
}

// Sort the tensors by their data and check that they cover all of it, each byte once.
static enum status
tensors_tile(const struct reading *const reading)
{
  const struct safetensors *const file = reading->file;
  const unsigned char *place = reading->data;
  if (file->count) {
    qsort(file->tensors, file->count, sizeof(*file->tensors), tensor_compare);
  }
  for (size_t i = 0; i < file->count; ++i) {
    if (file->tensors[i].data != place) {
      return tensor_fail(reading, file->tensors[i].name, "does not begin where the one before it ends");
    }
    place += file->tensors[i].size;
  }
  if (place != reading->data + reading->data_size) {
    return reading_fail(reading, "there are bytes behind the last tensor");
  }
  return STATUS_SUCCESS;
}

static enum status
tensors_parse(struct reading *const reading)
{
  struct safetensors *const file = reading->file;
  const size_t count = json_object_size(file->header) - (file->metadata ? 1 : 0);
  if (count > SAFETENSORS_TENSORS) {
    return reading_fail(reading, "it has too many tensors");
  }
  file->tensors = calloc(count + 1, sizeof(*file->tensors));
  if (!file->tensors) {
    return error_set(reading->error, STATUS_NO_MEMORY, "no memory to read %s", error_path(reading->name));
  }
  for (void *i = json_object_iter(file->header); i; i = json_object_iter_next(file->header, i)) {
    const char *const name = json_object_iter_key(i);
    if (strcmp(name, METADATA_KEY) != 0) {
      const enum status status = tensor_parse(reading, name, json_object_iter_value(i), &file->tensors[file->count]);
      if (status) {
        return status;
      }
      ++file->count;
    }
  }
  return tensors_tile(reading);
}

// Check the header of `length` bytes, which is there, against the file's size, and describe the tensors. Of their data nothing
// needs to be there yet.
static enum status
header_check(struct reading *const reading, const size_t length)
{
  enum status status = header_parse(reading, length);
  if (!status) {
    status = metadata_check(reading);
  }
  return status ? status : tensors_parse(reading);
}

// Begin to read a file of `size` bytes: take memory for it, of which none is touched.
static enum status
reading_begin(struct reading *const reading, const size_t size)
{
  if (size > SAFETENSORS_FILE_SIZE) {
    return error_set(reading->error, STATUS_TOO_LARGE, "%s is larger than 1 GiB", error_path(reading->name));
  }
  reading->file = calloc(1, sizeof(*reading->file));
  if (reading->file) {
    reading->file->bytes = malloc(size ? size : 1);
    reading->file->size = size;
  }
  return reading->file && reading->file->bytes
             ? STATUS_SUCCESS
             : error_set(reading->error, STATUS_NO_MEMORY, "no memory to read %s", error_path(reading->name));
}

// Hand out what was read, or free it if that failed.
static enum status
reading_end(struct reading *const reading, const enum status status, struct safetensors **const file)
{
  if (status) {
    safetensors_free(reading->file);
    return status;
  }
  *file = reading->file;
  return STATUS_SUCCESS;
}

enum status
safetensors_parse(const void *const bytes,
                  const size_t size,
                  const char *const name,
                  struct safetensors **const file,
                  struct error *const error)
{
  struct reading reading = {.name = name, .error = error};
  size_t length = 0;
  *file = NULL;
  enum status status = reading_begin(&reading, size);
  if (!status) {
    memcpy(reading.file->bytes, size ? bytes : "", size);
    status = header_length(&reading, &length);
  }
  if (!status) {
    status = header_check(&reading, length);
  }
  return reading_end(&reading, status, file);
}

// Read the bytes of the file from `begin` to before `end`.
static enum status
descriptor_read(const int descriptor, const struct reading *const reading, const size_t begin, const size_t end)
{
  for (size_t done = begin; done < end;) {
    const ssize_t count = read(descriptor, reading->file->bytes + done, end - done);
    if (count == 0) {
      return error_set(reading->error, STATUS_IO, "%s became shorter while it was read", error_path(reading->name));
    }
    if (count < 0 && errno != EINTR) {
      return error_set(reading->error, STATUS_IO, "%s can't be read: %s", error_path(reading->name), strerror(errno));
    }
    done += count > 0 ? (size_t)count : 0;
  }
  return STATUS_SUCCESS;
}

// Read and check the header, and then the data.
static enum status
descriptor_parse(const int descriptor, struct reading *const reading)
{
  const size_t size = reading->file->size;
  const size_t first = size < LENGTH_SIZE ? size : LENGTH_SIZE;
  size_t length = 0;
  enum status status = descriptor_read(descriptor, reading, 0, first);
  if (!status) {
    status = header_length(reading, &length);
  }
  if (!status) {
    status = descriptor_read(descriptor, reading, first, first + length);
  }
  if (!status) {
    status = header_check(reading, length);
  }
  return status ? status : descriptor_read(descriptor, reading, first + length, size);
}

// Begin to read an opened file after making sure that it is a regular one.
static enum status
descriptor_begin(const int descriptor, struct reading *const reading)
{
  struct stat stat;
  if (fstat(descriptor, &stat)) {
    return error_set(reading->error, STATUS_IO, "%s can't be read: %s", error_path(reading->name), strerror(errno));
  }
  if (!S_ISREG(stat.st_mode)) {
    return error_set(reading->error, STATUS_BAD_FORMAT, "%s is no regular file", error_path(reading->name));
  }
  return reading_begin(reading, (uint64_t)stat.st_size > SAFETENSORS_FILE_SIZE ? SIZE_MAX : (size_t)stat.st_size);
}

enum status
safetensors_read(const char *const path, struct safetensors **const file, struct error *const error)
{
  struct reading reading = {.name = path, .error = error};
  *file = NULL;
  const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) {
    return error_set(error, STATUS_NO_FILE, "%s can't be opened: %s", error_path(path), strerror(errno));
  }
  enum status status = descriptor_begin(descriptor, &reading);
  if (!status) {
    status = descriptor_parse(descriptor, &reading);
  }
  close(descriptor);
  return reading_end(&reading, status, file);
}
