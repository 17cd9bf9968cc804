// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the writer and the reader of take_codec.h share.

#ifndef RITORNELLO_TAKE_CODEC_PRIVATE_H
#define RITORNELLO_TAKE_CODEC_PRIVATE_H

#include "composer.h"

enum { TAKE_FORMAT = 1 };

enum note_flag {
  NOTE_REST = 1,
  NOTE_JOINED = 2,
  NOTE_CONDITIONS = 4,
  NOTE_STEERING = 8,
  NOTE_SET = 16,
  NOTE_SHORT = 32,
  NOTE_LENGTH = 64,
  NOTE_ORIGIN = 128,
  NOTE_HARMONY = 256,
  NOTE_FLAGS = 511,
};

enum bar_flag { BAR_COMPLETE = 1, BAR_ENDS = 2, BAR_FLAGS = 3 };

#define TAKE_CONTROL_NAME(field) #field,

/// How many controls music is composed under.
enum { TAKE_CONTROLS = sizeof((const char *const[]){LATCHED_CONTROLS(TAKE_CONTROL_NAME)}) / sizeof(const char *) };

/// [TAKE_CONTROLS] Their names.
extern const char *const take_control_names[TAKE_CONTROLS];

#endif // RITORNELLO_TAKE_CODEC_PRIVATE_H
