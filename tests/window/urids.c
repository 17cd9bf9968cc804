// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Numbers for URIs.

#include "urids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

LV2_URID
urids_map(struct urids *const urids, const char *const uri)
{
  for (uint32_t i = 0; i < urids->count; ++i) {
    if (!strcmp(urids->uris[i], uri)) {
      return i + 1;
    }
  }
  assert_true(urids->count < URIDS_MOST);
  urids->uris[urids->count] = strdup(uri);
  assert_non_null(urids->uris[urids->count]);
  return ++urids->count;
}

static LV2_URID
map_uri(const LV2_URID_Map_Handle handle, const char *const uri)
{
  return urids_map(handle, uri);
}

void
urids_init(struct urids *const urids)
{
  *urids = (struct urids){.map = {urids, map_uri}};
}

void
urids_free(struct urids *const urids)
{
  for (uint32_t i = 0; i < urids->count; ++i) {
    free(urids->uris[i]);
  }
  urids->count = 0;
}
