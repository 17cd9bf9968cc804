// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What a `streaming` network consists of: its sizes, and the one table of its tensors, from which the plugin loads, the
// trainer allocates and writes, and the reference scripts read.
//
// With E = embedding, H = hidden, B = backward, N = heads, K = key, V = value, D = dense, gates in the order input, forget,
// cell, output, and all matrices [outputs][inputs]:
//
//     x_t = embed.hand[] + embed.pitch[] + embed.duration[] + embed.velocity[] + embed.advance[] of event t
//           (at the start of a piece embed.start instead)
//         + place.tick[] + place.beat[] + place.length[] of onset t + 1
//         + condition.style[] + condition.key[] + condition.density[] + condition.metre[] of onset t + 1      [E]
//     f_t = LSTM_forward(x_t, f_(t-1))                                                                        [H]
//     k_t = attention.key f_(t-1)                       slot t's key; there is no slot for the start          [N][K]
//     v_t = attention.value x_t + attention.backward b_t   b_t counts as zero until t's segment is complete   [N][V]
//     q_t = attention.query f_t                                                                               [N][K]
//     a_t = sum_i softmax_i(q_t . k_i / sqrt(K) + attention.bias[bars ago]) v_i, for each head, over the last
//           `memory` slots i <= t and a sink of score attention.sink and value zero                           [N][V]
//     g_t = LSTM_decoder([f_t; a_t], g_(t-1))                                                                 [H]
//     z   = dense.weight g_t + dense.bias                                                                     [D]
//     for hand, pitch, duration, velocity, advance in turn:
//       logits = head.FIELD.weight relu(z) + head.FIELD.bias;  z += head.FIELD.embed[chosen]    (not for advance)
//
// Steps count from 0, the start of the piece, whose input is embed.start; slot i is that of step i >= 1. Segment s is steps
// s * segment to (s + 1) * segment - 1. Once step t lies behind a segment, b_i of its steps counts in the attention of step t
// and of all later ones: LSTM_backward has read the x_i of the segment's steps (that of step 0 too) from the last to the
// first, beginning from zero, and b_i is its output at step i. Bars ago: the bar of onset t + 1 less the bar of event i's
// onset, as attention_distance_class().

#ifndef RITORNELLO_STREAMING_LAYOUT_H
#define RITORNELLO_STREAMING_LAYOUT_H

#include "event.h"
#include "realtime.h"
#include "status.h"
#include "tensor_shape.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ATTENTION_DISTANCES = 48, STREAMING_STYLES = 64, STREAMING_TEXT_SIZE = 512 };

/// Sizes of a `streaming` network; bounds in brackets.
struct streaming_sizes {
  uint32_t embedding; ///< E [16, 1024], a multiple of 16
  uint32_t hidden;    ///< H [16, 1024], a multiple of 16
  uint32_t backward;  ///< B [0, 1024], a multiple of 16; 0: no backward encoder
  uint32_t heads;     ///< N [0, 16]; 0: no attention (and then no backward encoder)
  uint32_t key;       ///< K [16, 256], a multiple of 16
  uint32_t value;     ///< V [16, 256], a multiple of 16
  uint32_t dense;     ///< D [16, 1024], a multiple of 16
  uint32_t segment;   ///< Events of a segment [2, 128]
  uint32_t memory;    ///< Slots of the memory [16, 16384], a multiple of `segment`
  uint32_t styles;    ///< [0, STREAMING_STYLES]
};

/// The tensors, in the order of the file.
enum streaming_tensor {
  TENSOR_EMBED_HAND,
  TENSOR_EMBED_PITCH,
  TENSOR_EMBED_DURATION,
  TENSOR_EMBED_VELOCITY,
  TENSOR_EMBED_ADVANCE,
  TENSOR_EMBED_START,
  TENSOR_PLACE_TICK,
  TENSOR_PLACE_BEAT,
  TENSOR_PLACE_LENGTH,
  TENSOR_CONDITION_STYLE,
  TENSOR_CONDITION_KEY,
  TENSOR_CONDITION_DENSITY,
  TENSOR_CONDITION_METRE,
  TENSOR_FORWARD_INPUT,
  TENSOR_FORWARD_RECURRENT,
  TENSOR_FORWARD_BIAS,
  TENSOR_BACKWARD_INPUT,
  TENSOR_BACKWARD_RECURRENT,
  TENSOR_BACKWARD_BIAS,
  TENSOR_ATTENTION_QUERY,
  TENSOR_ATTENTION_KEY,
  TENSOR_ATTENTION_VALUE,
  TENSOR_ATTENTION_BACKWARD,
  TENSOR_ATTENTION_BIAS,
  TENSOR_ATTENTION_SINK,
  TENSOR_DECODER_INPUT,
  TENSOR_DECODER_RECURRENT,
  TENSOR_DECODER_BIAS,
  TENSOR_DENSE_WEIGHT,
  TENSOR_DENSE_BIAS,
  TENSOR_HEAD_WEIGHT, ///< Five of them, one per field
  TENSOR_HEAD_BIAS = TENSOR_HEAD_WEIGHT + FIELD_COUNT,
  TENSOR_HEAD_EMBED = TENSOR_HEAD_BIAS + FIELD_COUNT, ///< Four: all fields but advance
  STREAMING_TENSORS = TENSOR_HEAD_EMBED + FIELD_COUNT - 1,
};

/// Fill `shapes` [STREAMING_TENSORS] for a network of `sizes`, which lacks tensors with rows == 0.
void streaming_shapes(const struct streaming_sizes *sizes, struct tensor_shape *shapes);

/// Check every size against its bounds.
enum status streaming_sizes_check(const struct streaming_sizes *sizes, struct error *error);

/// Write `sizes` as the JSON text that a weight file's `network` metadata holds: {"kind": "streaming", "embedding": ...}.
void streaming_sizes_format(const struct streaming_sizes *sizes, char text[STREAMING_TEXT_SIZE]);

/// Read and check that text; unknown keys are an error, all keys are required.
enum status streaming_sizes_parse(const char *text, struct streaming_sizes *sizes, struct error *error);

/// Return the class (below ATTENTION_DISTANCES) of something `bars` bars ago: exact to 31, then coarser; negative counts as 0.
unsigned attention_distance_class(int64_t bars) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_STREAMING_LAYOUT_H
