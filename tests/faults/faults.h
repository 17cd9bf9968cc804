// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Faults of the system, made on purpose. interposer.c is a shared library that stands before the C library (linked first, or
// with LD_PRELOAD). While it is armed it counts the calls that our own code makes of what may fail: allocations, mappings,
// files (also through streams), folders and threads; and lets one of them fail as the system would: without memory, file
// descriptors or space on the disk. What our code got while it was armed and has not given back is counted too.
//
// All that it is told and tells lies in memory that it shares with the program that watches, so that it outlives a crash. It
// is the interposer's own memory, which child processes share, or the file that the environment's FAULTS_FILE names.

#ifndef RITORNELLO_FAULTS_H
#define RITORNELLO_FAULTS_H

#include <stdatomic.h>
#include <stdint.h>

#define FAULTS_FILE "RITORNELLO_FAULTS"

enum {
  FAULTS_OBJECTS = 4,
  FAULTS_NAME = 32,
  FAULTS_TEXT = 512,
  FAULTS_CALLS = 1 << 19, ///< Calls whose places are noted
};

enum fault_kind {
  FAULT_MEMORY, ///< malloc, calloc, realloc, aligned_alloc, posix_memalign, strdup, strndup, realpath
  FAULT_MAPPING,
  FAULT_OPEN, ///< open, fopen, fdopen, opendir, mkdtemp
  FAULT_READ,
  FAULT_WRITE,
  FAULT_SYNC,
  FAULT_CLOSE,
  FAULT_RENAME,
  FAULT_FOLDER,
  FAULT_THREAD,
  FAULT_KINDS,
};

struct faults {
  // Told
  char objects[FAULTS_OBJECTS]
              [FAULTS_NAME];     ///< How the names of the binaries that are our own code begin; the rest empty
  atomic_uint_least64_t fail_at; ///< Number of the call that fails, from 1; 0: none
  atomic_bool is_armed;
  atomic_bool is_hesitant; ///< Reads and writes take some bytes only, or are interrupted, as often as that is allowed

  // Tells
  atomic_uint_least64_t calls;   ///< Counted
  atomic_uint_least64_t live;    ///< Things that were got and not given back
  atomic_bool is_injected;       ///< The fault has happened
  char injected[FAULTS_TEXT];    ///< Which: "malloc in ritornello.so at 0x1234"
  char left[FAULTS_TEXT];        ///< One of the things that live, when faults_find_left() was called
  char complaint[FAULTS_TEXT];   ///< For the tests: what did not hold
  uint64_t places[FAULTS_CALLS]; ///< Of the calls: object, kind and place, as one number
};

/// The memory that this process shares with the interposer. Only for programs that are linked with it.
struct faults *faults_state(void);

/// Let `faults->left` tell of one of the things that live. At the end of a program this is done by itself.
void faults_find_left(void);

#endif // RITORNELLO_FAULTS_H
