// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The door of run(): what a host, a window or a keyboard may send into it. The input is a row of actions: ports take any
// value, blocks have any length, output buffers any size, and events of all kinds that the plugin knows come in, some of
// which lie about their sizes and types. At the end it is bypassed, and then nothing may sound any more.

#include "fuzz.h"
#include "instance.h"

#include "uris.h"
#include "window_messages.h"

#include <lv2/atom/atom.h>

#include <string.h>

enum { BODY_SIZE = 4096, BLOCKS = 48, FRAMES = 4096, TOTAL_FRAMES = 48 * 2048 };

// The body of a sequence in the making.
struct body {
  uint8_t bytes[BODY_SIZE];
  uint32_t size;
};

static void
append(struct body *const body, const void *const bytes, const size_t size)
{
  if (size <= BODY_SIZE - body->size) {
    memcpy(body->bytes + body->size, bytes, size);
    body->size += (uint32_t)size;
  }
}

static void
pad(struct body *const body)
{
  static const uint8_t zeros[8] = {0};
  append(body, zeros, (8U - body->size % 8U) % 8U);
}

// Change a size or type in the making into a lie, now and then.
static uint32_t
maybe(struct fuzz_input *const input, const uint32_t truth)
{
  switch (fuzz_byte(input)) {
  case 0xF0:
    return 0;
  case 0xF1:
    return truth - 1;
  case 0xF2:
    return truth + 1;
  case 0xF3:
    return truth + 64;
  case 0xF4:
    return UINT32_MAX;
  case 0xF5:
    return 0x7FFFFFF9;
  case 0xF6:
    return fuzz_word(input);
  default:
    return truth;
  }
}

// Overwrite the size of the atom whose header stands at `at`, by what follows it.
static void
close_atom(struct body *const body, struct fuzz_input *const input, const uint32_t at)
{
  const uint32_t size = maybe(input, body->size - at - (uint32_t)sizeof(LV2_Atom));
  if (at + sizeof size <= body->size) {
    memcpy(body->bytes + at, &size, sizeof size);
  }
}

// Begin an atom; return where its header is.
static uint32_t
open_atom(struct body *const body, struct fuzz_input *const input, const char *const type)
{
  const uint32_t at = body->size;
  const LV2_Atom atom = {0, maybe(input, instance_map(type))};
  append(body, &atom, sizeof atom);
  return at;
}

static const char *const properties[] = {
    LV2_TIME__bar,
    LV2_TIME__barBeat,
    LV2_TIME__beatUnit,
    LV2_TIME__beatsPerBar,
    LV2_TIME__beatsPerMinute,
    LV2_TIME__frame,
    LV2_TIME__speed,
    LV2_PATCH__property,
    LV2_PATCH__value,
    LV2_PATCH__subject,
    LV2_PATCH__body,
    RITORNELLO_WEIGHTS,
    RITORNELLO_EXPORT,
    RITORNELLO_LOCK_BARS,
    RITORNELLO_REGENERATE_BARS,
    RITORNELLO_THRU,
    RITORNELLO_TITLE,
    RITORNELLO_STATUS,
    RITORNELLO_STYLES,
    RITORNELLO_CONTENT,
    RITORNELLO_URI,
    "http://ardour.org/lv2/time#scale",
};

static const char *const objects[] = {
    LV2_TIME__Position, LV2_PATCH__Set,    LV2_PATCH__Put,    LV2_PATCH__Get, RITORNELLO_LOOK,
    RITORNELLO_GOODBYE, RITORNELLO_MOMENT, RITORNELLO_FORGET, RITORNELLO_BAR, LV2_ATOM__Path,
};

enum { PROPERTIES = sizeof properties / sizeof properties[0], OBJECTS = sizeof objects / sizeof objects[0] };

static void append_object(struct body *body, struct fuzz_input *input, unsigned depth);

// A number as an atom of any of the types.
static void
append_number(struct body *const body, struct fuzz_input *const input)
{
  const float number = fuzz_float(input);
  const int32_t whole = number > -2e9F && number < 2e9F ? (int32_t)number : INT32_MIN;
  const double wide = number;
  const int64_t longer = (int64_t)whole * (1 + (int64_t)fuzz_byte(input));
  const LV2_URID urid = instance_map(properties[fuzz_below(input, PROPERTIES)]);
  static const char *const types[] = {LV2_ATOM__Float, LV2_ATOM__Int,  LV2_ATOM__Double,
                                      LV2_ATOM__Long,  LV2_ATOM__URID, LV2_ATOM__Bool};
  const void *const values[] = {&number, &whole, &wide, &longer, &urid, &whole};
  static const size_t sizes[] = {4, 4, 8, 8, 4, 4};
  const uint32_t type = fuzz_below(input, 6);
  const uint32_t at = open_atom(body, input, types[type]);
  append(body, values[type], sizes[type]);
  close_atom(body, input, at);
}

// A text: of the input, or a path that is good or bad.
static void
append_text(struct body *const body, struct fuzz_input *const input)
{
  char text[256];
  const uint32_t at = open_atom(body, input, fuzz_byte(input) % 2 ? LV2_ATOM__Path : LV2_ATOM__String);
  switch (fuzz_below(input, 6)) {
  case 0:
    append(body, instance_weights_path(INSTANCE_STREAMING), strlen(instance_weights_path(INSTANCE_STREAMING)) + 1);
    break;
  case 1:
    append(body, instance_weights_path(INSTANCE_WINDOWED), strlen(instance_weights_path(INSTANCE_WINDOWED)) + 1);
    break;
  case 2:
    append(body, "/dev/null/none", 15);
    break;
  case 3:
    append(body, "1-4, 9", 7);
    break;
  default:
    fuzz_text(input, text, sizeof text);
    append(body, text, strlen(text) + fuzz_below(input, 2));
  }
  close_atom(body, input, at);
}

// A vector of integers, as windows send it.
static void
append_vector(struct body *const body, struct fuzz_input *const input)
{
  const uint32_t at = open_atom(body, input, LV2_ATOM__Vector);
  const LV2_Atom_Vector_Body head = {maybe(input, 4), maybe(input, instance_map(LV2_ATOM__Int))};
  append(body, &head, sizeof head);
  for (uint32_t count = fuzz_below(input, 8); count > 0; --count) {
    const int32_t value = fuzz_byte(input) < 200 ? (int32_t)fuzz_byte(input) : (int32_t)fuzz_word(input);
    append(body, &value, sizeof value);
  }
  close_atom(body, input, at);
}

static void
append_property(struct body *const body, struct fuzz_input *const input, const unsigned depth)
{
  const uint32_t key[2] = {maybe(input, instance_map(properties[fuzz_below(input, PROPERTIES)])), 0};
  append(body, key, sizeof key);
  switch (fuzz_below(input, 4)) {
  case 0:
    append_text(body, input);
    break;
  case 1:
    append_vector(body, input);
    break;
  case 2:
    if (depth < 2) {
      append_object(body, input, depth + 1);
      break;
    }
    append_number(body, input);
    break;
  default:
    append_number(body, input);
  }
  pad(body);
}

static void
append_object(struct body *const body, struct fuzz_input *const input, const unsigned depth)
{
  const uint32_t at = open_atom(body, input, fuzz_byte(input) % 4 ? LV2_ATOM__Object : LV2_ATOM__Blank);
  const LV2_Atom_Object_Body head = {0, maybe(input, instance_map(objects[fuzz_below(input, OBJECTS)]))};
  append(body, &head, sizeof head);
  for (uint32_t count = fuzz_below(input, 9); count > 0; --count) {
    append_property(body, input, depth);
  }
  close_atom(body, input, at);
}

static void
append_midi(struct body *const body, struct fuzz_input *const input)
{
  const uint32_t at = open_atom(body, input, LV2_MIDI__MidiEvent);
  const uint8_t kind = fuzz_byte(input);
  const uint8_t pitch = fuzz_byte(input);
  if (kind < 128) { // A key, on few enough pitches that it comes up again
    const uint8_t message[] = {(uint8_t)((kind & 1 ? 0x90 : 0x80) | (kind >> 1 & 1)), (uint8_t)(48 + pitch % 24), 64};
    append(body, message, sizeof message);
  } else {
    size_t size = 0;
    const uint8_t *const bytes = fuzz_take(input, 8, &size);
    append(body, bytes, size);
  }
  close_atom(body, input, at);
}

static void
append_event(struct body *const body, struct fuzz_input *const input, const uint32_t frames, int64_t *const frame)
{
  const uint8_t step = fuzz_byte(input);
  if (step >= 0xF8) { // Out of order, or out of the block
    *frame = (int64_t)(int32_t)fuzz_word(input) * (step == 0xFF ? (int64_t)UINT32_MAX : 1);
  } else if (*frame < (int64_t)frames) {
    *frame += step % 4 ? 0 : (int64_t)(frames / 8U) * (step / 4 % 8);
  }
  append(body, frame, sizeof *frame);
  if (fuzz_byte(input) % 2) {
    append_midi(body, input);
  } else {
    append_object(body, input, 0);
  }
  pad(body);
}

static void
run_block(struct instance *const instance, struct fuzz_input *const input)
{
  static const uint32_t lengths[] = {64, 256, 1, 0, 2048, 17, FRAMES, 3};
  struct body body = {.size = 0};
  int64_t frame = 0;
  const uint8_t head = fuzz_byte(input);
  const uint32_t frames = lengths[head % 8];
  const LV2_Atom_Sequence_Body unit = {fuzz_byte(input) == 0xFF ? fuzz_word(input) : 0, 0};
  append(&body, &unit, sizeof unit);
  if (head & 0x80) { // A host that means well: where it is, and that it rolls
    body.size = instance_position(body.bytes, body.size, fuzz_byte(input), 0.0, 120.0, 1.0);
  }
  for (uint32_t count = head >> 3 & 7U; count > 0; --count) {
    append_event(&body, input, frames, &frame);
  }
  const uint32_t cut = head & 0x40 ? fuzz_byte(input) : 0; // A sequence that ends inside an event
  instance_run(instance, frames, body.bytes, cut < body.size ? body.size - cut : 0);
}

static void
set_buffers(struct instance *const instance, struct fuzz_input *const input)
{
  static const uint32_t sizes[] = {8192, 0, 7, 8, 15, 16, 24, 40, 41, 64, 100, 300, 1000, 32768};
  enum { SIZES = sizeof sizes / sizeof sizes[0] };
  instance->output_size = sizes[fuzz_below(input, SIZES)];
  instance->notify_size = sizes[fuzz_below(input, SIZES)];
  instance->is_deaf = fuzz_byte(input) == 0xFF;
}

static void
set_active(struct instance *const instance, const bool is_active)
{
  if (instance->is_active != is_active) {
    instance->is_active = is_active;
    (is_active ? instance->descriptor->activate : instance->descriptor->deactivate)(instance->handle);
  }
}

static void
act(struct instance *const instance, struct fuzz_input *const input)
{
  const uint8_t action = fuzz_byte(input);
  if (action < 160) {
    set_active(instance, true);
    run_block(instance, input);
  } else if (action < 220) {
    instance->controls[3 + action % (PORT_COUNT - 3)] = fuzz_float(input);
  } else if (action < 240) {
    instance_work(instance);
  } else if (action < 250) {
    set_buffers(instance, input);
  } else {
    set_active(instance, !instance->is_active);
  }
}

// Bypassed, and with room for what it has to say, it is silent.
static void
end(struct instance *const instance)
{
  static const uint8_t nothing[sizeof(LV2_Atom_Sequence_Body)] = {0};
  set_active(instance, true);
  instance_work(instance);
  instance->output_size = 32768;
  instance->notify_size = 32768;
  instance->controls[PORT_ENABLED] = 0.0F;
  instance_run(instance, 64, nothing, sizeof nothing);
  instance_run(instance, 64, nothing, sizeof nothing);
  fuzz_must(!instance_sounds(instance), "nothing sounds when it is bypassed");
}

int
LLVMFuzzerTestOneInput(const uint8_t *const data, const size_t size)
{
  static const double rates[] = {48000.0, 8000.0, 44100.0, 384000.0, 1000.0, 1e7, 192000.0};
  struct fuzz_input input = {data, size};
  const enum instance_weights weights = (enum instance_weights)fuzz_below(&input, INSTANCE_WEIGHTS);
  struct instance *const instance = instance_new(weights, rates[fuzz_below(&input, 7)]);
  for (unsigned i = 0; i < BLOCKS && input.left > 0; ++i) {
    act(instance, &input);
  }
  end(instance);
  instance_free(instance);
  return 0;
}
