// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Reading and writing safetensors files (https://huggingface.co/docs/safetensors): eight bytes of header length (little
// endian), a JSON header of that length, then the tensors' bytes without gaps. Nothing in such a file is executed.
//
// A file is hostile until checked: length and count bounds before any allocation, no duplicate names, offsets that tile the
// data exactly, shapes that agree with them, known dtypes, and only finite numbers (checked when a tensor's values are
// taken). Not for the audio thread.

#ifndef RITORNELLO_SAFETENSORS_H
#define RITORNELLO_SAFETENSORS_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  SAFETENSORS_NAME_SIZE = 64,               ///< Longest tensor name, with its end
  SAFETENSORS_RANK = 4,                     ///< Most dimensions
  SAFETENSORS_TENSORS = 512,                ///< Most tensors in a file
  SAFETENSORS_HEADER_SIZE = 4 * 1024 * 1024 ///< Longest header in bytes
};

/// Largest file that is read, in bytes.
#define SAFETENSORS_FILE_SIZE ((uint64_t)1 << 30)

enum dtype { DTYPE_F32, DTYPE_F16, DTYPE_I8, DTYPE_U8, DTYPE_U64 };

/// A tensor in an opened file, or one to be written.
struct tensor {
  char name[SAFETENSORS_NAME_SIZE];
  enum dtype dtype;
  unsigned rank;                    ///< 0 to SAFETENSORS_RANK
  uint64_t shape[SAFETENSORS_RANK]; ///< Row-major, slowest first
  const void *data; ///< Little endian; owned by the file, or by the caller when writing; maybe unaligned
  size_t size;      ///< Bytes of `data`
};

/// One entry of `__metadata__`.
struct metadata {
  const char *key;
  const char *value;
};

/// An opened file: immutable, holds its bytes in memory.
struct safetensors;

/// Read and check the file at `path` (a regular file, followed through symbolic links) into `*file`.
///
/// On failure `*file` is NULL and `error` says what is wrong with which file. Free with safetensors_free().
enum status safetensors_read(const char *path, struct safetensors **file, struct error *error);

/// The same from `size` bytes in memory, which are copied; `name` stands for the file in errors.
enum status
safetensors_parse(const void *bytes, size_t size, const char *name, struct safetensors **file, struct error *error);

void safetensors_free(struct safetensors *file);

/// Return the value of metadata `key`, or NULL; owned by `file`.
const char *safetensors_metadata(const struct safetensors *file, const char *key);

/// Write up to `room` entries of the metadata to `list`, owned by `file`; return how many there are in all.
size_t safetensors_metadata_list(const struct safetensors *file, struct metadata *list, size_t room);

/// Return the tensor called `name`, or NULL; owned by `file`.
const struct tensor *safetensors_find(const struct safetensors *file, const char *name);

/// Return the number of tensors, and the one at `index` in the order of their data.
size_t safetensors_count(const struct safetensors *file);
const struct tensor *safetensors_tensor(const struct safetensors *file, size_t index);

/// Return the FNV-1a hash of all bytes of the file, which tells two files apart.
uint64_t safetensors_hash(const struct safetensors *file);

/// Return the bytes that one value of `dtype` takes, and its name in the file.
size_t dtype_size(enum dtype dtype);
const char *dtype_name(enum dtype dtype);

/// Convert all values of an F32 or F16 tensor into `values`, which has room for `count` of them.
///
/// Fails with a sentence if the dtype is another, the count differs or a value is not finite.
enum status tensor_floats(const struct tensor *tensor, float *values, size_t count, struct error *error);

/// Round `count` floats to IEEE 754 half precision (to nearest even), and back.
void floats_to_halves(const float *floats, uint16_t *halves, size_t count);
void halves_to_floats(const uint16_t *halves, float *floats, size_t count);

/// Write a file at `path`: to a temporary name beside it first, synced, then renamed, so that `path` is never half written.
enum status safetensors_write(const char *path,
                              const struct metadata *metadata,
                              size_t metadata_count,
                              const struct tensor *tensors,
                              size_t tensor_count,
                              struct error *error);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_SAFETENSORS_H
