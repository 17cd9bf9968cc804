// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Training a network: a `streaming` one by truncated backpropagation through time with carried state, data-parallel over threads,
// Adam with warm-up and a cosine to zero, clipping by norm. After every epoch the held-out works are measured, the
// checkpoint and the log are written, and the best weights so far go to the output file.
//
// Beside the output file stands a folder, FILE.run (run_folder.h), from which a training goes on: what was interrupted at any
// moment and resumed ends in the same weights, to the bit, as what was not, if its length is told in epochs. (Told in
// minutes, the learning rate follows the clock, or the processor time.) Results depend on `streams` and `shards`, never on `threads`.

#ifndef RITORNELLO_TRAINING_H
#define RITORNELLO_TRAINING_H

#include "ranks.h"

#include "engine/status.h"
#include "engine/streaming_layout.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum optimizer { OPTIMIZER_ADAM, OPTIMIZER_RMSPROP };

/// Options that begin with "S:" are a `streaming` network's alone, with "W:" a `windowed` one's.
struct training_options {
  const char *folder; ///< MIDI files
  const char *output; ///< Weight file
  const char *title;
  const char *licence;          ///< NULL: "not stated"
  const char *attribution;      ///< NULL: from the corpus
  const char *network;          ///< "streaming", or a list of layers or its name as in windowed_layout.h
  struct streaming_sizes sizes; ///< S: `styles` is set from the corpus
  size_t context;               ///< W: tokens of a window
  double epochs;                ///< Playings of the whole corpus; 0: no limit
  double minutes;               ///< By the clock; 0: no limit
  double cpu_minutes;           ///< Of the process's processor time, all threads together; 0: no limit
  double validation;            ///< Share of the music kept out
  uint64_t seed;
  size_t threads;
  size_t streams;        ///< Pieces read side by side, or windows of one update; 0: as suits the network
  size_t shards;         ///< Parts of the batch, a divisor of `streams`, that threads share out among themselves
  size_t steps;          ///< S: of one pass
  const char *optimizer; ///< "adam" or "rmsprop"; NULL: as suits the network
  double rate;           ///< The optimizer's, at its highest; 0: as suits the network
  double dropout;        ///< S; a `windowed` network has it in its list
  double noise;          ///< S: share of input events that are wrong
  double cold;           ///< S: share of passes beginning on a beat that begin with nothing before them
  double stutter;        ///< S: share of beats before which what was just played is repeated, to learn to get out of it
  double style_noise;    ///< S: standard deviation of the noise on a style's vector
  double contrast; ///< S: how much it counts that another style makes music less likely (contrast.h); 0: not at all
  double clip;     ///< Norm of the gradient
  double decay;    ///< Decoupled weight decay
  double alter;    ///< S: share of the playings that are altered, and learned from in verbatim repeats alone
  double fold;     ///< S: share of the playings that leave verbatim repeats out of the loss
  bool resume;
  bool force;                        ///< Resume even if the music is no longer what the training began with
  uint64_t keep;                     ///< Keep the weights of every so many epochs in the run folder; 0: none
  uint64_t patience;                 ///< Stop after so many epochs without a better one; 0: never
  double checkpoint_minutes;         ///< Between checkpoints, if epochs are longer
  const char *from;                  ///< S: weight file to begin with, or NULL: random weights
  double weaken_styles;              ///< With `refilter`: how much nearer every style is brought to "none"
  const char *refilter;              ///< Weight file to write again instead of training, or NULL
  const volatile sig_atomic_t *stop; ///< Set when the user asks to stop
  struct ranks *ranks;               ///< The processes that train together; NULL: this one alone
};

/// Fill in the defaults; folder and output are left to set.
void training_defaults(struct training_options *options);

/// Return whether `options` ask for a `windowed` network.
bool training_is_windowed(const struct training_options *options);

/// Set what suits the network where `options` leave it open.
void training_complete(struct training_options *options);

/// Train with complete options. Prints progress on stderr and the result on stdout.
enum status training_run(const struct training_options *options, struct error *error);

#endif // RITORNELLO_TRAINING_H
