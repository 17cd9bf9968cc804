// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Writing the take into a file while it plays.

#include "exporting.h"

#include "engine/midi_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  SLICE_SLOTS = 1024, // Of the take, looked at in one block
  SLICE_BARS = 128,   // Gathered in one block
};

void
exporting_init(struct exporting *const exporting)
{
  atomic_init(&exporting->prepared, NULL);
  atomic_init(&exporting->gathered, NULL);
  atomic_init(&exporting->written, NULL);
  atomic_init(&exporting->spent, NULL);
  atomic_init(&exporting->is_starved, false);
}

void
export_job_free(struct export_job *const job)
{
  if (job) {
    take_export_free(&job->music);
    free(job);
  }
}

void
exporting_free(struct exporting *const exporting)
{
  export_job_free(atomic_exchange(&exporting->prepared, NULL));
  export_job_free(atomic_exchange(&exporting->gathered, NULL));
  export_job_free(atomic_exchange(&exporting->written, NULL));
  export_job_free(atomic_exchange(&exporting->spent, NULL));
}

void
exporting_prepare(struct exporting *const exporting, const char *const path)
{
  struct export_job *const job = calloc(1, sizeof(*job));
  struct error error = {.text = ""};
  if (!job) {
    atomic_store(&exporting->is_starved, true);
    return;
  }
  snprintf(job->path, sizeof(job->path), "%s", path);
  enum status status = STATUS_SUCCESS;
  if (path[0] != '/') {
    status = error_set(&error, STATUS_BAD_VALUE, "%s: to export, give a whole path, which begins with /", path);
  } else {
    status = take_export_new(&job->music, TAKE_NOTES, TAKE_BARS + 1, &error);
  }
  if (status) {
    memcpy(job->message, error.text, sizeof(job->message));
    export_job_free(atomic_exchange(&exporting->written, job));
  } else {
    export_job_free(atomic_exchange(&exporting->prepared, job));
  }
}

// Write the file; say what became of it.
static void
write_file(struct export_job *const job)
{
  struct error error = {.text = ""};
  struct midi_file file;
  export_walk_end(&job->walk, &job->music);
  enum status status = take_export_file(&job->music, job->title, job->bpm, &file, &error);
  if (!status) {
    status = midi_file_write(job->path, &file, &error);
    midi_file_free(&file);
  }
  take_export_free(&job->music);
  if (status) {
    memcpy(job->message, error.text, sizeof(job->message));
  } else {
    error_set(&error, STATUS_SUCCESS, "Exported %u bars to %s", job->bars, job->path);
    memcpy(job->message, error.text, sizeof(job->message));
  }
}

bool
exporting_is_stuck(struct exporting *const exporting) REALTIME
{
  return atomic_load(&exporting->written) && atomic_load(&exporting->spent);
}

void
exporting_collect(struct exporting *const exporting)
{
  export_job_free(atomic_exchange(&exporting->spent, NULL));
}

void
exporting_write(struct exporting *const exporting)
{
  struct export_job *const job = atomic_exchange(&exporting->gathered, NULL);
  if (job) {
    write_file(job);
    export_job_free(atomic_exchange(&exporting->written, job));
  }
}

void
export_job_begin(struct export_job *const job, const struct take *const take) REALTIME
{
  job->music.note_count = 0;
  job->music.metre_count = 0;
  job->music.harmony_count = 0;
  job->slot = 0;
  job->bars = 0;
  job->is_walking = false;
  job->changes = take_changes(take);
}

// Look for the last bar, in some slots. Bars beyond those that a file can hold are left out.
static void
find_last_bar(struct export_job *const job, struct take *const take) REALTIME
{
  const uint32_t slots = take_slot_count(take);
  for (uint32_t i = 0; i < SLICE_SLOTS && job->slot < slots; ++i, ++job->slot) {
    const struct take_bar *const bar = take_slot(take, job->slot);
    if (bar && bar->number >= job->bars && bar->number < TAKE_BARS && take_shows(take, bar)) {
      job->bars = bar->number + 1;
    }
  }
  if (job->slot == slots) {
    job->is_walking = true;
    export_walk_begin(&job->walk, take, 0, job->bars);
  }
}

bool
export_job_fill(struct export_job *const job, struct take *const take) REALTIME
{
  if (job->changes != take_changes(take)) {
    export_job_begin(job, take);
  }
  if (!job->is_walking) {
    find_last_bar(job, take);
    return false;
  }
  return !export_walk_gather(&job->walk, take, SLICE_BARS, &job->music);
}
