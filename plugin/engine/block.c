// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

// For anonymous mappings and huge pages, which POSIX does not know
#define _DEFAULT_SOURCE // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)

#include "block.h"

#include "kernels.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HUGE_PAGE = 2 * 1024 * 1024 };

// What stands before the block, in KERNEL_ALIGNMENT bytes
struct block_head {
  size_t size; // Of the mapping
};

// Return memory of the system that begins at a huge page if it is as large as one, or NULL.
static char *
mapping_new(const size_t size)
{
  const size_t slack = size >= HUGE_PAGE ? HUGE_PAGE : 0;
  char *const mapping = mmap(NULL, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) {
    return NULL;
  }
  const size_t before = slack ? (HUGE_PAGE - (uintptr_t)mapping % HUGE_PAGE) % HUGE_PAGE : 0;
  if (before) {
    munmap(mapping, before);
  }
  if (slack > before) {
    munmap(mapping + before + size, slack - before);
  }
  return mapping + before;
}

void *
block_new(const size_t size)
{
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (size > SIZE_MAX / 2) {
    return NULL;
  }
  const size_t whole = (size + KERNEL_ALIGNMENT + page - 1) / page * page;
  char *const mapping = mapping_new(whole);
  if (!mapping) {
    return NULL;
  }
#ifdef MADV_HUGEPAGE
  (void)madvise(mapping, whole, MADV_HUGEPAGE); // A wish
#endif
  for (size_t i = 0; i < whole; i += page) {
    ((volatile char *)mapping)[i] = 0;
  }
  ((struct block_head *)mapping)->size = whole;
  return mapping + KERNEL_ALIGNMENT;
}

static struct block_head *
head_of(void *const block)
{
  return (struct block_head *)((char *)block - KERNEL_ALIGNMENT);
}

void
block_seal(void *const block)
{
  (void)mprotect(head_of(block), head_of(block)->size, PROT_READ);
}

void
block_free(void *const block)
{
  if (block) {
    munmap(head_of(block), head_of(block)->size);
  }
}
