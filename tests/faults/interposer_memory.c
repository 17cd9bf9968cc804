// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Memory, of the heap and mapped.

#include "interposer.h"

#include <string.h>
#include <sys/mman.h>

enum { EARLY = 1 << 16 }; // Bytes for what is allocated while the real functions are looked for

static _Alignas(16) char early[EARLY];
static size_t early_used;

static void *
early_allocate(const size_t size)
{
  const size_t begin = early_used;
  early_used += (size + 15) / 16 * 16;
  return early_used <= EARLY ? early + begin : NULL;
}

static bool
is_early(const void *const memory)
{
  return (const char *)memory >= early && (const char *)memory < early + EARLY;
}

// dlsym() may allocate itself
static _Thread_local bool looking __attribute__((tls_model("initial-exec")));

#define REAL_OR_EARLY(name, size)                                                                                      \
  static __typeof__(&name) real;                                                                                       \
  if (!real) {                                                                                                         \
    if (looking) {                                                                                                     \
      return early_allocate(size);                                                                                     \
    }                                                                                                                  \
    looking = true;                                                                                                    \
    *(void **)&real = next_function(#name);                                                                            \
    looking = false;                                                                                                   \
  }

void *
no_memory(void)
{
  errno = ENOMEM;
  return NULL;
}

void *
malloc(const size_t size)
{
  REAL_OR_EARLY(malloc, size)
  const struct call call = ENTER(FAULT_MEMORY, "malloc");
  void *const memory = call.fails ? no_memory() : real(size);
  add_thing(&call, (uintptr_t)memory, "malloc");
  return memory;
}

void *
calloc(const size_t count_, const size_t size)
{
  REAL_OR_EARLY(calloc, count_ * size)
  const struct call call = ENTER(FAULT_MEMORY, "calloc");
  void *const memory = call.fails ? no_memory() : real(count_, size);
  add_thing(&call, (uintptr_t)memory, "calloc");
  return memory;
}

void *
realloc(void *const before, const size_t size)
{
  REAL_OR_EARLY(realloc, size)
  const struct call call = ENTER(FAULT_MEMORY, "realloc");
  if (call.fails) {
    return no_memory();
  }
  remove_thing((uintptr_t)before);
  void *const memory = real(before, size);
  add_thing(&call, (uintptr_t)memory, "realloc");
  return memory;
}

void *
aligned_alloc(const size_t alignment, const size_t size)
{
  REAL(aligned_alloc)
  const struct call call = ENTER(FAULT_MEMORY, "aligned_alloc");
  void *const memory = call.fails ? no_memory() : real(alignment, size);
  add_thing(&call, (uintptr_t)memory, "aligned_alloc");
  return memory;
}

int
posix_memalign(void **const memory, const size_t alignment, const size_t size)
{
  REAL(posix_memalign)
  const struct call call = ENTER(FAULT_MEMORY, "posix_memalign");
  const int result = call.fails ? ENOMEM : real(memory, alignment, size);
  if (!result) {
    add_thing(&call, (uintptr_t)*memory, "posix_memalign");
  }
  return result;
}

void
free(void *const memory)
{
  if (is_early(memory)) {
    return;
  }
  REAL(free)
  remove_thing((uintptr_t)memory);
  real(memory);
}

char *
strdup(const char *const text)
{
  REAL(strdup)
  const struct call call = ENTER(FAULT_MEMORY, "strdup");
  char *const copy = call.fails ? no_memory() : real(text);
  add_thing(&call, (uintptr_t)copy, "strdup");
  return copy;
}

char *
strndup(const char *const text, const size_t size)
{
  REAL(strndup)
  const struct call call = ENTER(FAULT_MEMORY, "strndup");
  char *const copy = call.fails ? no_memory() : real(text, size);
  add_thing(&call, (uintptr_t)copy, "strndup");
  return copy;
}

char *
realpath(const char *const path, char *const resolved)
{
  REAL(realpath)
  const struct call call = ENTER(FAULT_MEMORY, "realpath");
  char *const result = call.fails ? no_memory() : real(path, resolved);
  if (!resolved) {
    add_thing(&call, (uintptr_t)result, "realpath");
  }
  return result;
}

void *
mmap(
    void *const address, const size_t size, const int protection, const int flags, const int descriptor, const off_t at)
{
  REAL(mmap)
  const struct call call = ENTER(FAULT_MAPPING, "mmap");
  void *const memory = call.fails ? MAP_FAILED : real(address, size, protection, flags, descriptor, at);
  if (call.fails) {
    errno = ENOMEM;
  } else if (memory != MAP_FAILED) {
    add_thing(&call, (uintptr_t)memory, "mmap");
  }
  return memory;
}

int
munmap(void *const address, const size_t size)
{
  REAL(munmap)
  remove_thing((uintptr_t)address);
  return real(address, size);
}
