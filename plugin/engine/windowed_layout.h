// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What a `windowed` network consists of: a list of layers as a line of text, and the one table of its tensors, from which
// the plugin loads, the trainer allocates and writes, and the reference scripts read.
//
//     index, bilstm:512, attention:32, dropout:0.3, lstm:512, dropout:0.3, dense:256, softmax
//
// The input is the window: the last T = `context` tokens (tokens.h), padded on the left with TOKEN_START where the piece is
// younger. Layer number L (the input is layer 0) has the tensors layerL.*, all matrices [outputs][inputs], gates in the order
// input, forget, cell, output. With x_t [I] the layer's input at position t of [0, T):
//
//     index        x_t = token_t / vocabulary                                                                       [1]
//     embed:E      x_t = embed[token_t]                                       embed [vocabulary][E]                 [E]
//     lstm:H       h_t = LSTM(x_t, h_(t-1)), from zero at position 0                                                [H]
//                  layerL.input [4H][I], layerL.recurrent [4H][H], layerL.bias [4H]
//     bilstm:H     [h_t; g_t], where g_t is an LSTM that reads from position T - 1 to 0                             [2H]
//                  layerL.forward.input, .recurrent, .bias and layerL.backward.input, .recurrent, .bias, as above
//     attention:A  e_ts = sigmoid(weight . tanh(query x_t + key x_s + bias));  y_t = sum_s softmax_s(e_ts) x_s      [I]
//                  layerL.query [A][I], layerL.key [A][I], layerL.bias [A], layerL.weight [A]
//     dropout:P    x_t; in training, zero with probability P and otherwise x_t / (1 - P)                            [I]
//     dense:D      layerL.weight x + layerL.bias                              [D][I], [D]                           [D]
//     softmax      logits layerL.weight x + layerL.bias                       [vocabulary][I], [vocabulary]         [V]
//
// The layers up to the last lstm, bilstm or attention give one output per position; what goes on from there is the output at
// position T - 1 alone. (After a last bilstm, the backward half of it has therefore read one token only.) `dense` is linear,
// without ReLU: the article's code is Keras, whose Dense has no activation unless it is told.

#ifndef RITORNELLO_WINDOWED_LAYOUT_H
#define RITORNELLO_WINDOWED_LAYOUT_H

#include "status.h"
#include "tensor_shape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  WINDOWED_LAYERS = 16,      ///< Most layers, input and softmax included
  WINDOWED_TENSORS = 96,     ///< Room for the tensors of any network
  WINDOWED_TEXT_SIZE = 512,  ///< Room for a list of layers or a description
  WINDOWED_VOCABULARY = 8192 ///< Most tokens
};

enum layer_kind {
  LAYER_INDEX,
  LAYER_EMBED,
  LAYER_LSTM,
  LAYER_BILSTM,
  LAYER_ATTENTION,
  LAYER_DROPOUT,
  LAYER_DENSE,
  LAYER_SOFTMAX,
  LAYER_KINDS,
};

/// One layer of the list.
struct windowed_layer {
  enum layer_kind kind;
  uint32_t size;    ///< The number after the colon, a multiple of 16; 0 for index, dropout and softmax
  uint32_t dropout; ///< In thousandths [0, 900]; 0 for all but dropout
};

/// Sizes of a `windowed` network; bounds in brackets.
struct windowed_sizes {
  uint32_t context;    ///< T [2, 512]
  uint32_t vocabulary; ///< V, TOKEN_START and TOKEN_END included [3, WINDOWED_VOCABULARY]
  uint32_t layer_count;
  struct windowed_layer layers[WINDOWED_LAYERS]; ///< [layer_count]
};

/// What goes into a layer and comes out of it.
struct windowed_width {
  uint32_t input;      ///< I
  uint32_t output;     ///< Values per position
  bool is_sequence;    ///< The input is a whole window [T][I], not one position
  bool gives_sequence; ///< So is the output
};

/// What a tensor is to its layer.
enum windowed_role {
  ROLE_EMBED,
  ROLE_INPUT, ///< Of an lstm, or of the forward half of a bilstm
  ROLE_RECURRENT,
  ROLE_BIAS, ///< Of any layer; the forward half's of a bilstm
  ROLE_BACKWARD_INPUT,
  ROLE_BACKWARD_RECURRENT,
  ROLE_BACKWARD_BIAS,
  ROLE_QUERY,
  ROLE_KEY,
  ROLE_WEIGHT, ///< Of attention (a vector), dense and softmax
};

struct windowed_tensor {
  uint32_t layer; ///< Its number in the list
  enum windowed_role role;
  struct tensor_shape shape;
};

/// Return the list of layers that `name` (article, article-1, article-2, article-3 or plain) stands for, or NULL.
const char *windowed_layers_named(const char *name);

/// Return name number `index` of those, or NULL after the last.
const char *windowed_layers_name(unsigned index);

/// Read a list of layers, or the name of one, into the layers of `sizes` and check them; the rest of `sizes` is left.
enum status windowed_layers_parse(const char *text, struct windowed_sizes *sizes, struct error *error);

/// Write the list of layers that windowed_layers_parse() reads back.
void windowed_layers_format(const struct windowed_sizes *sizes, char text[WINDOWED_TEXT_SIZE]);

/// Check every size against its bounds, and that the layers follow one another as they may.
enum status windowed_sizes_check(const struct windowed_sizes *sizes, struct error *error);

/// Fill `widths` [layer_count] for a network of checked `sizes`.
void windowed_widths(const struct windowed_sizes *sizes, struct windowed_width *widths);

/// Fill `tensors` (room for WINDOWED_TENSORS) for a network of checked `sizes`, in the order of the file; return how many.
unsigned windowed_tensors(const struct windowed_sizes *sizes, struct windowed_tensor *tensors);

/// Write `sizes` as the JSON text that a weight file's `network` metadata holds:
/// {"kind": "windowed", "layers": "index, ...", "context": 100, "vocabulary": 3400}.
void windowed_sizes_format(const struct windowed_sizes *sizes, char text[WINDOWED_TEXT_SIZE]);

/// Read and check that text; unknown keys are an error, all keys are required.
enum status windowed_sizes_parse(const char *text, struct windowed_sizes *sizes, struct error *error);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_WINDOWED_LAYOUT_H
