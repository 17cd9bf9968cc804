// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// One word for "the audio thread may call this". Where the compiler checks such promises (clang 20 and later), REALTIME
// makes it do so: a function so marked neither allocates, locks, waits, logs nor touches files, in any case it can reach.

#ifndef RITORNELLO_REALTIME_H
#define RITORNELLO_REALTIME_H

/// Mark a function that the audio thread may call; stands after the parameter list of a declaration and of a definition.
#if defined(__clang__) && defined(__has_attribute)
#  if __has_attribute(nonblocking)
#    define REALTIME __attribute__((nonblocking))
#  endif
#endif
#ifndef REALTIME
#  define REALTIME
#endif

#endif // RITORNELLO_REALTIME_H
