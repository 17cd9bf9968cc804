// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// One running plugin in the offline host: its ports with their memory, its state, and its worker, which is run to its end
// after every block, as hosts do when they export.

#ifndef RITORNELLO_LV2_INSTANCE_H
#define RITORNELLO_LV2_INSTANCE_H

#include "lv2_host.h"

#include <lv2/atom/atom.h>

#include <stdbool.h>
#include <stdint.h>

struct lv2_instance;

/// A buffer of events that goes into or comes out of a plugin. Fields are to be read.
struct lv2_events {
  LV2_Atom_Sequence *sequence; ///< In order of frames
  uint32_t capacity;           ///< Bytes of `sequence`, header and all
};

/// Start `plugin` with its default state, its controls at their defaults, and its processing activated.
enum status
lv2_instance_new(struct lv2_host *host, const LilvPlugin *plugin, struct lv2_instance **instance, struct error *error);

/// Stop and free the plugin.
void lv2_instance_free(struct lv2_instance *instance);

/// Restore the preset or other state called `uri` (as from lv2_host_find_preset()).
enum status lv2_instance_restore(struct lv2_instance *instance, const char *uri, struct error *error);

/// Set the input control with the symbol `symbol` from `text`: a number in its range, or the
/// label of one of its scale points, or the end of a label if no other ends so.
enum status lv2_instance_set(struct lv2_instance *instance, const char *symbol, const char *text, struct error *error);

/// Set `value` to what lv2_instance_set() would set the control `symbol` to from `text`; the control stays as it is.
enum status lv2_instance_value(
    const struct lv2_instance *instance, const char *symbol, const char *text, float *value, struct error *error);

/// Return where the value of the input control `symbol` is kept, to be written between blocks, or NULL if there is none.
/// `has_steps` tells whether it has whole numbers, names or two positions only.
float *lv2_instance_control(struct lv2_instance *instance, const char *symbol, bool *has_steps);

/// Set the input control that is designated `designation` (a URI) to `value`; return whether there is one.
bool lv2_instance_designate(struct lv2_instance *instance, const char *designation, float value);

/// Return the first event input (or output) that takes (or makes) events of the type `event_type` (a URI), or NULL.
struct lv2_events *lv2_instance_events(struct lv2_instance *instance, bool input, const char *event_type);

/// Append an event to an input, for the next block; events come in order. Returns false if it is full.
bool lv2_events_append(struct lv2_events *events, uint32_t frame, LV2_URID type, uint32_t size, const void *body);

/// Return the audio output number `index`, or NULL if there are fewer. It holds the last block.
const float *lv2_instance_audio(const struct lv2_instance *instance, unsigned index);

/// Run one block of `frames` (1 to LV2_HOST_BLOCK), then all work that the plugin asked for. Empties the event inputs.
void lv2_instance_run(struct lv2_instance *instance, uint32_t frames);

#endif // RITORNELLO_LV2_INSTANCE_H
