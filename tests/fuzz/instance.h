// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// An instance of the plugin for fuzzers: no host that means well stands between it and the input. Its buffers are exactly as
// long as they say, work is done when the fuzzer wants it, and what comes out is checked: events in order and in their block,
// MIDI messages that exist, an end for every note, numbers in their ranges.

#ifndef RITORNELLO_FUZZ_INSTANCE_H
#define RITORNELLO_FUZZ_INSTANCE_H

#include "fuzz.h"

#include "ports.h"

#include <lv2/core/lv2.h>
#include <lv2/state/state.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

enum { INSTANCE_BLOCK_MOST = 4096, INSTANCE_WORK = 16, INSTANCE_WORK_SIZE = 4096 };

enum instance_weights { INSTANCE_STREAMING, INSTANCE_WINDOWED, INSTANCE_NO_WEIGHTS, INSTANCE_WEIGHTS };

struct instance {
  const LV2_Descriptor *descriptor;
  LV2_Handle handle;
  LV2_URID_Map map;
  LV2_Worker_Schedule worker;
  float controls[PORT_COUNT];
  uint8_t *input;      ///< [8 + input_size] A sequence, of the block to come
  uint32_t input_size; ///< Bytes of its body
  uint8_t *output;     ///< Of the block that was last
  uint8_t *notify;
  uint32_t output_size; ///< Capacities of the body that the two have
  uint32_t notify_size;
  bool is_deaf;   ///< events_in is connected to nothing
  bool is_dumb;   ///< midi_out, as well
  bool is_active; ///< Between activate() and deactivate()
  unsigned char sounding[16][128];
  struct {
    uint32_t size;
    char body[INSTANCE_WORK_SIZE];
  } work[INSTANCE_WORK];
  uint32_t work_count;
};

/// Make an activated instance at that sample rate.
struct instance *instance_new(enum instance_weights weights, double rate);
void instance_free(struct instance *instance);

/// Return the path of a weight file, which is good.
const char *instance_weights_path(enum instance_weights weights);

/// The number of `uri`.
LV2_URID instance_map(const char *uri);

/// Run a block of `frames` with the events in `body` [size], which is what follows the header of a sequence's atom, and check
/// what comes out.
void instance_run(struct instance *instance, uint32_t frames, const uint8_t *body, uint32_t size);

/// Do the work that waits.
void instance_work(struct instance *instance);

/// Whether any note sounds.
bool instance_sounds(const struct instance *instance);

/// Its state interface.
const LV2_State_Interface *instance_state(const struct instance *instance);

/// Append a time:Position at frame 0 to `body`, which has `used` bytes so far; return how many it has then.
uint32_t instance_position(uint8_t *body, uint32_t used, double bar, double beat, double bpm, double speed);

enum { INSTANCE_POSITION_SIZE = 256 };

#endif // RITORNELLO_FUZZ_INSTANCE_H
