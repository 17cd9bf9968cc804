// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Memory for JSON. jansson says of many things only at the end, or not at all, that there was no memory: an entry is missing
// then, and where it reads, it ends the program by an assertion. With json_memory_watch(), it has a few blocks in reserve, so
// that it comes to its end when memory runs out, and it is remembered that this was so.

#ifndef RITORNELLO_JSON_MEMORY_H
#define RITORNELLO_JSON_MEMORY_H

#include <jansson.h>
#include <stdbool.h>

/// Watch all memory that jansson takes from now on, and take the reserve, which is given back at exit. To be called once, before
/// any use of jansson.
void json_memory_watch(void);

/// Begin anew: memory has not run out.
void json_memory_begin(void);

/// Whether memory has run out in this thread since json_memory_begin().
bool json_memory_ran_out(void);

/// Return the text of `root`, made since json_memory_begin(), as json_dumps() does, and release `root`; NULL if anything of it is
/// missing for want of memory. Free it with free().
char *json_memory_text(json_t *root, size_t flags);

#endif // RITORNELLO_JSON_MEMORY_H
