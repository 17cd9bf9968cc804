// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// An opened safetensors file and the values of its tensors. Reading is in safetensors_read.c, writing in
// safetensors_write.c.

#include "safetensors_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name;
  size_t size;
} dtypes[DTYPE_COUNT] = {
    [DTYPE_F32] = {"F32", 4}, [DTYPE_F16] = {"F16", 2}, [DTYPE_I8] = {"I8", 1},
    [DTYPE_U8] = {"U8", 1},   [DTYPE_U64] = {"U64", 8},
};

size_t
dtype_size(const enum dtype dtype)
{
  return dtypes[dtype].size;
}

const char *
dtype_name(const enum dtype dtype)
{
  return dtypes[dtype].name;
}

bool
tensor_size(const enum dtype dtype, const uint64_t *const shape, const unsigned rank, size_t *const size)
{
  uint64_t bytes = dtype_size(dtype);
  for (unsigned i = 0; i < rank; ++i) {
    if (shape[i] && bytes > SAFETENSORS_FILE_SIZE / shape[i]) {
      return false;
    }
    bytes *= shape[i];
  }
  *size = (size_t)bytes;
  return true;
}

void
safetensors_free(struct safetensors *const file)
{
  if (file) {
    free(file->tensors);
    json_decref(file->header);
    free(file->bytes);
    free(file);
  }
}

const char *
safetensors_metadata(const struct safetensors *const file, const char *const key)
{
  return json_string_value(json_object_get(file->metadata, key));
}

size_t
safetensors_metadata_list(const struct safetensors *const file, struct metadata *const list, const size_t room)
{
  size_t count = 0;
  for (void *i = json_object_iter(file->metadata); i; i = json_object_iter_next(file->metadata, i)) {
    if (count < room) {
      list[count] = (struct metadata){json_object_iter_key(i), json_string_value(json_object_iter_value(i))};
    }
    ++count;
  }
  return count;
}

const struct tensor *
safetensors_find(const struct safetensors *const file, const char *const name)
{
  for (size_t i = 0; i < file->count; ++i) {
    if (!strcmp(file->tensors[i].name, name)) {
      return &file->tensors[i];
    }
  }
  return NULL;
}

size_t
safetensors_count(const struct safetensors *const file)
{
  return file->count;
}

const struct tensor *
safetensors_tensor(const struct safetensors *const file, const size_t index)
{
  assert(index < file->count);
  return &file->tensors[index];
}

uint64_t
safetensors_hash(const struct safetensors *const file)
{
  uint64_t hash = 0xCBF29CE484222325U;
  for (size_t i = 0; i < file->size; ++i) {
    hash = (hash ^ file->bytes[i]) * 0x100000001B3U;
  }
  return hash;
}

static uint16_t
half_load(const unsigned char *const bytes)
{
  return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static float
float_load(const unsigned char *const bytes)
{
  const uint32_t bits =
      (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
  float value = 0.0F;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static bool
float_is_finite(const float value)
{
  uint32_t bits = 0;
  memcpy(&bits, &value, sizeof(bits));
  return (bits & 0x7F800000U) != 0x7F800000U;
}

// Return the float that has the value of the half with these bits.
static float
float_of_half(const uint32_t half)
{
  const uint32_t sign = (half & 0x8000U) << 16;
  const uint32_t exponent = (half >> 10) & 0x1FU;
  const uint32_t fraction = half & 0x3FFU;
  uint32_t bits = sign | (exponent + 112U) << 23 | fraction << 13;
  if (exponent == 0x1FU) {
    bits = sign | 0x7F800000U | fraction << 13;
  } else if (exponent == 0) {
    const float magnitude = (float)fraction * 0x1p-24F;
    memcpy(&bits, &magnitude, sizeof(bits));
    bits |= sign;
  }
  float value = 0.0F;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

// Return the bits of the half nearest to `value`, to even where two are equally near.
static uint16_t
half_of_float(const float value)
{
  uint32_t bits = 0;
  memcpy(&bits, &value, sizeof(bits));
  const uint32_t sign = bits >> 16 & 0x8000U;
  const uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) {
    return (uint16_t)(sign | 0x7E00U);
  }
  if (magnitude >= 0x477FF000U) { // Rounds to more than the largest half, 65504
    return (uint16_t)(sign | 0x7C00U);
  }
  const uint32_t exponent = magnitude >> 23;
  if (exponent < 102) { // Not more than half the smallest half, 2^-24; 2^-25 itself goes to even, zero, below
    return (uint16_t)sign;
  }
  // A subnormal half keeps fewer bits of the significand, whose leading one is then explicit
  const uint32_t significand = (magnitude & 0x7FFFFFU) | 0x800000U;
  const uint32_t shift = exponent < 113 ? 126 - exponent : 13;
  const uint32_t kept = significand >> shift;
  const uint32_t rest = significand & ((1U << shift) - 1U);
  const uint32_t middle = 1U << (shift - 1U);
  const uint32_t rounded = kept + (rest > middle || (rest == middle && (kept & 1U)));
  return (uint16_t)(sign | (exponent < 113 ? rounded : rounded + ((exponent - 113U) << 10)));
}

void
floats_to_halves(const float *const floats, uint16_t *const halves, const size_t count)
{
  for (size_t i = 0; i < count; ++i) {
    halves[i] = half_of_float(floats[i]);
  }
}

void
halves_to_floats(const uint16_t *const halves, float *const floats, const size_t count)
{
  for (size_t i = 0; i < count; ++i) {
    floats[i] = float_of_half(halves[i]);
  }
}

enum status
tensor_floats(const struct tensor *const tensor, float *const values, const size_t count, struct error *const error)
{
  const size_t value_size = dtype_size(tensor->dtype);
  if (tensor->dtype != DTYPE_F32 && tensor->dtype != DTYPE_F16) {
    return error_set(error, STATUS_BAD_FORMAT, "tensor %s is of type %s, neither F32 nor F16", tensor->name,
                     dtype_name(tensor->dtype));
  }
  if (tensor->size / value_size != count) {
    return error_set(error, STATUS_BAD_FORMAT, "tensor %s has %zu values instead of %zu", tensor->name,
                     tensor->size / value_size, count);
  }
  const unsigned char *bytes = tensor->data;
  for (size_t i = 0; i < count; ++i, bytes += value_size) {
    values[i] = tensor->dtype == DTYPE_F16 ? float_of_half(half_load(bytes)) : float_load(bytes);
    if (!float_is_finite(values[i])) {
      return error_set(error, STATUS_BAD_FORMAT, "value %zu of tensor %s is not finite", i, tensor->name);
    }
  }
  return STATUS_SUCCESS;
}
