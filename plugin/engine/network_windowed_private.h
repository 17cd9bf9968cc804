// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The insides of a `windowed` network: its layers' weights as the kernels want them, its state, and the phases of a token.
//
// A layer is a row of phases, some of them once per position of the window; a phase is a number of equal pieces (rows of a
// matrix, units of an LSTM, positions of the window), of which any number can be done at a time. The state knows the layer,
// the position, the phase and the next piece: that is all it takes to stop and go on. Letters as in windowed_layout.h.

#ifndef RITORNELLO_NETWORK_WINDOWED_PRIVATE_H
#define RITORNELLO_NETWORK_WINDOWED_PRIVATE_H

#include "kernels.h"
#include "network_windowed.h"
#include "vocabulary.h"

/// Positions that are multiplied with a matrix together, so that it is read a fifth as often.
enum { WINDOW_BATCH = 5 };

/// The phases, in the order in which they come in a layer. WINDOW_PROJECT comes once per batch of positions and direction of
/// an LSTM, WINDOW_GATES and WINDOW_UNITS once per position and direction, WINDOW_KEY and WINDOW_QUERY once per batch, and
/// those from WINDOW_ENERGIES to WINDOW_ATTEND once per position that is asked for.
enum window_phase {
  WINDOW_INPUT,        ///< The tokens' vectors, by positions
  WINDOW_PROJECT,      ///< What the input adds to the gates of an LSTM, by rows
  WINDOW_GATES,        ///< Gates of an LSTM at one position, by rows
  WINDOW_UNITS,        ///< Its cell and output, by units
  WINDOW_KEY,          ///< key x_s, by rows
  WINDOW_QUERY,        ///< query x_t + bias, by rows
  WINDOW_ENERGIES,     ///< e_ts, by positions s
  WINDOW_EXPONENTIALS, ///< Numerators of the softmax, by positions s
  WINDOW_SUM,          ///< Its denominator; one piece
  WINDOW_ATTEND,       ///< Sum of weighted inputs, by positions s
  WINDOW_DENSE,        ///< A dense layer or the logits, by rows
  WINDOW_CHOICE,       ///< A choice waits
  WINDOW_STEP,         ///< The step is complete, or nothing has been fed yet
};

/// One direction of an LSTM.
struct windowed_lstm {
  struct matrix input;     ///< [4H][I]
  struct matrix recurrent; ///< [4H][H]
  struct table bias;       ///< [1][4H]
};

/// One layer that has work to do; dropout, which is training's, is none of them. Vectors are padded to KERNEL_LANES.
struct windowed_part {
  enum layer_kind kind;
  uint32_t size;       ///< H, A, D or V; E of an embedding, 1 of an index
  uint32_t input;      ///< I, padded
  uint32_t output;     ///< Values per position, padded
  bool gives_sequence; ///< Gives an output for each position, not for the last alone
  struct table embed;  ///< [V][E]
  struct windowed_lstm forward;
  struct windowed_lstm backward;
  struct matrix query; ///< [A][I]
  struct matrix key;   ///< [A][I]
  struct table weight; ///< [1][A] Of attention
  struct matrix dense; ///< [D][I] Of dense and softmax
  struct table bias;   ///< [1][..] Of attention, dense and softmax
};

/// The network: immutable once loaded. All matrices and tables lie in `block`.
struct windowed {
  struct network base;
  struct windowed_sizes sizes;
  struct vocabulary vocabulary;
  const struct kernels *kernels;
  enum precision precision; ///< Of the matrices
  char *block;
  uint32_t part_count;
  struct windowed_part parts[WINDOWED_LAYERS]; ///< [part_count]; the first is the input, the last the softmax
  uint32_t stride;                             ///< Floats from position to position of a sequence
  uint32_t widest;                             ///< Most values of one position in all layers, padded
  uint32_t hidden;                             ///< Largest H
  uint32_t energies;                           ///< Largest A
};

/// The state: this head, then the arrays that it points to, in one block.
struct windowed_state {
  enum window_phase phase;
  uint32_t part;       ///< Present layer
  uint32_t position;   ///< Of the window, in the phases that come once per position; the first of a batch
  uint32_t piece;      ///< Next piece of the phase
  uint32_t chosen;     ///< The token chosen, in WINDOW_STEP
  bool is_backward;    ///< In the phases of an LSTM
  float sum;           ///< Denominator of the softmax
  uint32_t feeds;      ///< Calls of network_feed() that can be taken back, NETWORK_REWIND at most
  uint32_t fed;        ///< The number of the next of them, counted round
  uint8_t *added;      ///< [NETWORK_REWIND] Whether each of them added a token
  uint16_t *past;      ///< [NETWORK_REWIND + T] Tokens that left the window, and behind them the window
  uint16_t *window;    ///< [T] Tokens, the newest last
  float *sequences[2]; ///< [T][stride] Layers' outputs, in turn; a single position's is at the beginning
  float *projected;    ///< [T][4H] What the input adds to the gates, bias included
  float *output;       ///< [H] Of the LSTM at the position before
  float *cell;         ///< [H]
  float *gates;        ///< [4H]
  float *queries;      ///< [T][A]
  float *keys;         ///< [T][A]
  float *scores;       ///< [T padded] Energies, then numerators of the softmax
  float *logits;       ///< [V padded]
};

/// The `windowed` kind's functions.
extern const struct network_class windowed_class;

/// Free a network; its class' `free`.
void windowed_free(struct network *network);

/// Begin with the first layer.
void windowed_begin(const struct windowed *network, struct windowed_state *state) REALTIME;

/// Do pieces [begin, end) of the present phase.
void
windowed_pieces(const struct windowed *network, struct windowed_state *state, uint32_t begin, uint32_t end) REALTIME;

/// Return the present layer's input at position t, [I], and the place of its output there, [output]. A layer that takes or
/// gives a single position has it at t = 0.
const float *windowed_input(const struct windowed *network, const struct windowed_state *state, uint32_t t) REALTIME;
float *windowed_output(const struct windowed *network, const struct windowed_state *state, uint32_t t) REALTIME;

/// Return the positions in the present batch of a phase that comes once per batch, 1 in others.
uint32_t windowed_batch(const struct windowed *network, const struct windowed_state *state) REALTIME;

/// Return how many pieces `phase` has in `part`, and what one costs in operations (at least 1) with a batch of that size.
uint32_t windowed_piece_count(const struct windowed *network, const struct windowed_part *part, enum window_phase phase)
    REALTIME;
uint32_t windowed_piece_cost(const struct windowed *network,
                             const struct windowed_part *part,
                             enum window_phase phase,
                             uint32_t batch) REALTIME;

/// Return the present direction of the present layer, an LSTM.
const struct windowed_lstm *
windowed_direction(const struct windowed *network, const struct windowed_state *state) REALTIME;

/// Do what is left when all pieces of the present phase are done, and go on to the next phase.
void windowed_phase_finish(const struct windowed *network, struct windowed_state *state) REALTIME;

#endif // RITORNELLO_NETWORK_WINDOWED_PRIVATE_H
