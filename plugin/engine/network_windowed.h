// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The `windowed` network, the article's own: a list of layers (windowed_layout.h has the formulas) that is run over the last
// `context` tokens for every new one. One token costs the whole window, cut into slices at matrix rows; nothing but the
// window is remembered, so absorbing a token costs nothing.

#ifndef RITORNELLO_NETWORK_WINDOWED_H
#define RITORNELLO_NETWORK_WINDOWED_H

#include "network.h"
#include "safetensors.h"
#include "windowed_layout.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Make a network from the tensors and the vocabulary of `file`, whose metadata says that it is of this kind. Checks names,
/// shapes, dtypes and values; copies and lays them out for the kernels, so that `file` may be freed. It knows no styles. Free
/// with network->class_->free.
enum status
network_windowed_new(const struct safetensors *file, const char *path, struct network **network, struct error *error);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_NETWORK_WINDOWED_H
