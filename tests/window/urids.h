// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A URID map for tests.

#ifndef RITORNELLO_URIDS_H
#define RITORNELLO_URIDS_H

#include <lv2/urid/urid.h>

enum { URIDS_MOST = 256 };

struct urids {
  LV2_URID_Map map;       ///< To hand out; `urids` stays where it is meanwhile
  char *uris[URIDS_MOST]; ///< [count], by URID - 1
  uint32_t count;
};

void urids_init(struct urids *urids);
void urids_free(struct urids *urids);

LV2_URID urids_map(struct urids *urids, const char *uri);

#endif // RITORNELLO_URIDS_H
