// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the parts of the host for tests share.

#ifndef RITORNELLO_MINIHOST_PRIVATE_H
#define RITORNELLO_MINIHOST_PRIVATE_H

#include "minihost.h"

#include <lilv/lilv.h>
#include <lv2/atom/forge.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

#include <pthread.h>
#include <stdbool.h>

enum {
  HOST_URIS = 512,
  HOST_PORTS = 64,
  HOST_CHANGES = 64,
  HOST_PROPERTIES = 6,
  HOST_WORK_SIZE = 4096,
  HOST_SENT_SIZE = 4096,
  HOST_SCHEDULED = 4096
};

enum host_change_kind { CHANGE_PLAY, CHANGE_STOP, CHANGE_LOCATE, CHANGE_TEMPO, CHANGE_METRE };

struct host_change {
  enum host_change_kind kind;
  uint32_t offset; ///< In the block
  int64_t bar;
  double number; ///< Beat or bpm
  int beats;
  int unit;
};

/// A message on its way to or from the worker.
struct host_message {
  struct host_message *next;
  uint32_t size;
  char body[HOST_WORK_SIZE];
};

struct host_queue {
  struct host_message *first;
  struct host_message *last;
};

struct minihost {
  struct minihost_options options;
  LilvWorld *world;
  const LilvPlugin *plugin;
  LilvInstance *instance;
  bool active;

  LV2_URID_Map map;
  LV2_URID_Unmap unmap;
  LV2_Worker_Schedule schedule;
  LV2_Feature map_feature;
  LV2_Feature unmap_feature;
  LV2_Feature schedule_feature;
  struct {
    void *handle;
    void (*queue_draw)(void *handle);
  } inline_host;
  LV2_Feature inline_feature;
  unsigned draws; ///< That the plugin has asked for
  const LV2_Feature *features[5];
  pthread_mutex_t uri_lock;
  char *uris[HOST_URIS];
  uint32_t uri_count;

  uint32_t port_count;
  float controls[HOST_PORTS];
  bool unconnected[HOST_PORTS];
  LV2_Atom_Sequence *input;
  LV2_Atom_Sequence *output;
  LV2_Atom_Sequence *notify;
  LV2_Atom_Forge forge;

  struct song song;
  struct host_change changes[HOST_CHANGES];
  size_t change_count;
  uint32_t delay;
  bool position_due;                       ///< The plugin has never been told a position
  struct song timelines[HOST_CHANGES + 1]; ///< Of the present block
  size_t timeline_count;

  pthread_mutex_t request_lock; ///< Guards `request` and `asks`, which may come from a window's thread
  struct {
    char uri[64];
    const char *type;
    char *text; ///< NULL: no request
  } request;
  union {
    LV2_Atom_Event event; // For its alignment
    uint8_t bytes[HOST_SENT_SIZE];
  } sent; ///< Events for the next block, as they stand in a sequence
  uint32_t sent_size;
  struct {
    int64_t frame;
    uint8_t bytes[3];
  } scheduled[HOST_SCHEDULED]; ///< MIDI to come
  size_t scheduled_count;
  bool asks;
  struct {
    const char *name;
    char *text;
  } properties[HOST_PROPERTIES];
  unsigned state_changes;
  void (*hear)(void *data, const LV2_Atom *atom);
  void *hear_data;

  struct minihost_event *events;
  size_t event_count;
  size_t event_room;
  unsigned char sounding[16][128];
  unsigned faults;

  double *costs; ///< [cost_count] of [cost_room] The caller's; NULL: nothing is measured
  size_t cost_count;
  size_t cost_room;

  // The worker
  const LV2_Worker_Interface *work;
  pthread_t thread;
  pthread_mutex_t work_lock; ///< Guards what follows
  pthread_cond_t work_changed;
  struct host_queue requests;
  struct host_queue responses;
  bool working;
  bool ending;
};

/// Leave a mark that is seen from outside, if the host leaves any.
void host_mark(const struct minihost *host, const char *path);

/// Map a URI.
uint32_t host_map(struct minihost *host, const char *uri);

/// Return the index of the port called `symbol`; stops the program if there is none.
uint32_t host_port(struct minihost *host, const char *symbol);

/// Write what was sent with minihost_send_...() into the open sequence of the forge.
void host_write_sent(struct minihost *host);

/// Write what is scheduled for the `frames` from `begin` on, no earlier than `least` frames into the block.
void host_write_scheduled(struct minihost *host, int64_t begin, uint32_t frames, uint32_t least);

/// Take in what the plugin has written in a block of `frames` that began at `begin`.
void host_read_outputs(struct minihost *host, int64_t begin, uint32_t frames);

LV2_Worker_Status host_schedule(LV2_Worker_Schedule_Handle handle, uint32_t size, const void *data);
void host_worker_begin(struct minihost *host);
void host_worker_end(struct minihost *host);

/// Hand responses to the plugin, and tell it that the block has ended.
void host_worker_respond(struct minihost *host);

#endif // RITORNELLO_MINIHOST_PRIVATE_H
