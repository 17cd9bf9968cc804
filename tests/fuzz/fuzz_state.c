// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The door of saved states: what a session file may say to restore(). The input is the state's properties and the take, either
// as a MIDI file or as what such a file holds for the plugin alone, around which a good file is made. What was restored is
// played, saved, and restored once more: then it must be the same take.

#include "fuzz.h"
#include "instance.h"

#include "uris.h"

#include "engine/midi_file.h"

#include <lv2/atom/atom.h>

#include <stdlib.h>
#include <string.h>

enum { VALUES = 16, TEXT_SIZE = 512, BLOCKS = 12, BLOCK = 1024 };

// One property of a state.
struct value {
  LV2_URID key;
  LV2_URID type;
  void *bytes; // Owned
  size_t size;
};

struct state {
  struct value values[VALUES];
  size_t count;
};

static void
add(struct state *const state, const LV2_URID key, const LV2_URID type, const void *const bytes, const size_t size)
{
  if (state->count < VALUES) {
    void *const copy = malloc(size ? size : 1);
    memcpy(copy, size ? bytes : "", size);
    state->values[state->count++] = (struct value){key, type, copy, size};
  }
}

static void
clear(struct state *const state)
{
  while (state->count > 0) {
    free(state->values[--state->count].bytes);
  }
}

static LV2_State_Status
store(const LV2_State_Handle handle,
      const uint32_t key,
      const void *const value,
      const size_t size,
      const uint32_t type,
      const uint32_t flags)
{
  (void)flags;
  add(handle, key, type, value, size);
  return LV2_STATE_SUCCESS;
}

static const void *
retrieve(
    const LV2_State_Handle handle, const uint32_t key, size_t *const size, uint32_t *const type, uint32_t *const flags)
{
  const struct state *const state = handle;
  for (size_t i = 0; i < state->count; ++i) {
    if (state->values[i].key == key) {
      *size = state->values[i].size;
      *type = state->values[i].type;
      *flags = LV2_STATE_IS_POD;
      return state->values[i].bytes;
    }
  }
  return NULL;
}

// A text property, well-formed or not.
static void
add_text(struct state *const state, struct fuzz_input *const input, const char *const key, const char *const good)
{
  char text[TEXT_SIZE];
  const uint8_t kind = fuzz_byte(input);
  if (kind < 128) {
    return;
  }
  const char *const type = kind & 1 ? LV2_ATOM__String : LV2_ATOM__Path;
  if (kind < 192) {
    add(state, instance_map(key), instance_map(type), good, strlen(good) + 1);
  } else {
    fuzz_text(input, text, sizeof text);
    add(state, instance_map(key), instance_map(type), text, strlen(text) + (kind < 224));
  }
}

// A take as a MIDI file, whose own data are `bytes`.
static void
add_own(struct state *const state, const uint8_t *const bytes, const size_t size)
{
  struct midi_note note = {.onset = 0, .duration = 24, .pitch = 60, .velocity = 64};
  const struct midi_file file = {.format = 1,
                                 .division = 24,
                                 .tracks = 1,
                                 .notes = &note,
                                 .note_count = 1,
                                 .own = size ? (uint8_t *)(uintptr_t)bytes : NULL,
                                 .own_size = size};
  uint8_t *written = NULL;
  size_t length = 0;
  if (!midi_file_bytes("take.mid", &file, &written, &length, NULL)) {
    add(state, instance_map(RITORNELLO_TAKE_DATA), instance_map(LV2_ATOM__Chunk), written, length);
  }
  free(written);
}

static void
read_state(struct state *const state, struct fuzz_input *const input)
{
  const uint8_t kind = fuzz_byte(input);
  add_text(state, input, RITORNELLO_WEIGHTS, instance_weights_path(INSTANCE_WINDOWED));
  add_text(state, input, RITORNELLO_WEIGHTS_FILE, instance_weights_path(INSTANCE_STREAMING));
  if (kind & 4) {
    const uint32_t number = fuzz_word(input);
    add(state, instance_map(RITORNELLO_THRU), instance_map(LV2_ATOM__Bool), &number, kind & 8 ? 4 : kind % 4);
  }
  switch (kind % 4) {
  case 0: { // In a file, whose path the state has
    const char *const path = fuzz_file(input->at, input->left);
    add(state, instance_map(kind & 16 ? RITORNELLO_TAKE : RITORNELLO_TAKE_FILE), instance_map(LV2_ATOM__Path), path,
        strlen(path) + 1);
    break;
  }
  case 1:
    add(state, instance_map(RITORNELLO_TAKE_DATA), instance_map(LV2_ATOM__Chunk), input->at, input->left);
    break;
  default:
    add_own(state, input->at, input->left);
  }
}

// Play some blocks from `bar` on.
static void
play(struct instance *const instance, const double bar)
{
  for (unsigned i = 0; i < BLOCKS; ++i) {
    uint8_t body[sizeof(LV2_Atom_Sequence_Body) + INSTANCE_POSITION_SIZE] = {0};
    uint32_t size = sizeof(LV2_Atom_Sequence_Body);
    if (i == 0) {
      size = instance_position(body, size, bar, 0.0, 900.0, 1.0);
    }
    instance_run(instance, BLOCK, body, size);
    instance_work(instance);
  }
}

static const struct value *
find(const struct state *const state, const char *const key)
{
  for (size_t i = 0; i < state->count; ++i) {
    if (state->values[i].key == instance_map(key)) {
      return &state->values[i];
    }
  }
  return NULL;
}

// What a fresh instance makes of `state` and saves at once.
static void
restore_and_save(const struct state *const state, struct state *const saved)
{
  struct instance *const instance = instance_new(INSTANCE_NO_WEIGHTS, 48000.0);
  const LV2_State_Interface *const interface = instance_state(instance);
  interface->restore(instance->handle, retrieve, (LV2_State_Handle)(uintptr_t)state, 0, NULL);
  interface->save(instance->handle, store, saved, 0, NULL);
  instance_free(instance);
}

// What is saved, restored and saved again is the same take.
static void
check_round_trip(const struct state *const first)
{
  struct state second = {.count = 0};
  struct state third = {.count = 0};
  restore_and_save(first, &second);
  restore_and_save(&second, &third);
  const struct value *const one = find(&second, RITORNELLO_TAKE_DATA);
  const struct value *const other = find(&third, RITORNELLO_TAKE_DATA);
  fuzz_must(!one == !other, "what was saved is restored");
  fuzz_must(!one || (one->size == other->size && !memcmp(one->bytes, other->bytes, one->size)),
            "what was saved, restored and saved again is the same");
  clear(&second);
  clear(&third);
}

int
LLVMFuzzerTestOneInput(const uint8_t *const data, const size_t size)
{
  struct fuzz_input input = {data, size};
  struct state state = {.count = 0};
  struct state saved = {.count = 0};
  const double bar = fuzz_byte(&input);
  read_state(&state, &input);
  struct instance *const instance = instance_new(INSTANCE_STREAMING, 48000.0);
  const LV2_State_Interface *const interface = instance_state(instance);
  interface->restore(instance->handle, retrieve, &state, 0, NULL);
  play(instance, 0.0);
  play(instance, bar);
  interface->restore(instance->handle, retrieve, &state, 0, NULL);
  play(instance, 1.0);
  interface->save(instance->handle, store, &saved, 0, NULL);
  instance_free(instance);
  check_round_trip(&saved);
  clear(&state);
  clear(&saved);
  return 0;
}
