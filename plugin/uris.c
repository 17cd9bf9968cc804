// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Mapping of all URIs, once per instance.

#include "uris.h"

#define MAP(field, uri) uris->field = map->map(map->handle, uri);

void
uris_map(struct uris *const uris, LV2_URID_Map *const map)
{
  URIS(MAP)
}
