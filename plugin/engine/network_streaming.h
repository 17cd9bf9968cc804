// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The `streaming` network: an LSTM that carries the piece, attention into what it has played, a decoder LSTM and five
// heads (streaming_layout.h has the formulas). One event costs one step, cut into slices at matrix rows.

#ifndef RITORNELLO_NETWORK_STREAMING_H
#define RITORNELLO_NETWORK_STREAMING_H

#include "network.h"
#include "safetensors.h"
#include "streaming_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Make a network from the tensors of `file`, whose metadata says that it is of this kind. Checks names, shapes, dtypes and
/// values; copies and lays them out for the kernels, so that `file` may be freed. Free with network->class_->free.
enum status
network_streaming_new(const struct safetensors *file, const char *path, struct network **network, struct error *error);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_NETWORK_STREAMING_H
