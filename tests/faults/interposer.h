// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The parts of the interposer: who calls and what lives (interposer.c), and the functions that stand before those of the C
// library, memory (interposer_memory.c), files and threads (interposer_files.c), streams (interposer_streams.c).

#ifndef RITORNELLO_INTERPOSER_H
#define RITORNELLO_INTERPOSER_H

#include "faults.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

// None of this is for the programs that the interposer stands in
#pragma GCC visibility push(hidden)

struct caller {
  unsigned object;
  uint32_t place;
  const char *name; // Of the binary
};

// Where a function here was called
struct call {
  struct caller caller;
  bool counts; // It is our own code, and the interposer is armed
  bool fails;
};

/// What is shared with the program that watches, or NULL before and after that.
extern struct faults *shared;

/// The function of that name that comes next. Meson's _FILE_OFFSET_BITS makes open64() and the like of some functions here, as
/// it does where our code calls them.
void *next_function(const char *name);

// Functions by name, each looked for once
#define REAL(name)                                                                                                     \
  static __typeof__(&name) real;                                                                                       \
  if (!real) {                                                                                                         \
    *(void **)&real = next_function(#name);                                                                            \
  }

/// What all threads share, but for `shared`, is changed between these.
void take_lock(void);
void give_lock(void);

/// Count a call of our code. Returns whether it is to fail.
bool count_call(enum fault_kind kind, const char *name, const struct caller *caller);

/// A call of a function here from `address`.
struct call enter(enum fault_kind kind, const char *name, const void *address);

#define ENTER(kind, name) enter(kind, name, __builtin_return_address(0))

/// Note what a call got, by its address or descriptor_key(), and that it was given back.
void add_thing(const struct call *call, uintptr_t key, const char *name);
void remove_thing(uintptr_t key);
uintptr_t descriptor_key(int descriptor);

/// What failing functions return; they set errno.
void *no_memory(void);
int failed(int reason);

/// What open() fails with.
int open_reason(int flags);

/// The work of read(), write() and close(), for streams too.
ssize_t read_some(const struct call *call, int descriptor, void *bytes, size_t size);
ssize_t write_some(const struct call *call, int descriptor, const void *bytes, size_t size);
int close_it(const struct call *call, int descriptor);

#pragma GCC visibility pop

#endif // RITORNELLO_INTERPOSER_H
