// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The music of a training: which of it is learned from, which is kept out, and whether it is still the same when the training
// goes on.

#include "training_private.h"

#include "fine_tuning.h"
#include "held_out.h"

#include "engine/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Notes of a piece that count in the loss, on average, if the share `fold` of its playings leaves repeats out
static uint64_t
counted_notes(const struct piece *const piece, const double fold)
{
  uint64_t repeated = 0;
  for (uint32_t i = 0; i < piece->count; ++i) {
    repeated += piece->repeats[i] != 0;
  }
  return piece->count - (uint64_t)(fold * (double)repeated);
}

static void
tell_corpus(const struct training *const t)
{
  size_t held = 0;
  for (size_t i = 0; i < t->corpus.piece_count; ++i) {
    held += t->held[i];
  }
  printf("%zu files, %zu rejected; training on %llu notes of %zu files, %llu notes of %zu files held out\n",
         t->corpus.piece_count, t->corpus.rejection_count, (unsigned long long)t->epoch_notes,
         t->corpus.piece_count - held, (unsigned long long)t->held_notes, held);
  if (t->options->validation > 0.0 && !held) {
    printf("Nothing can be held out of a single work: training goes without validation, and says nothing of how the "
           "network "
           "does on other music\n");
  }
  fflush(stdout);
}

// Keep some works out of the training: those that were kept out before, if there are any among these. They stand in the checkpoint
// that it goes on from; where the music has changed since, works would be drawn that have been learned from.
static enum status
hold_out(struct training *const t, struct error *const error)
{
  const struct training_options *const o = t->options;
  size_t count = 0;
  enum status status = STATUS_SUCCESS;
  if (o->validation > 0.0 && o->resume) {
    status = held_out_by(t->run.checkpoint, &t->corpus, t->held, &count, error);
    status = status == STATUS_NO_MEMORY ? status : STATUS_SUCCESS; // Else there is none, or it is an older one
  }
  if (o->validation > 0.0 && !count && o->from && !status) {
    status = fine_tuning_hold_out(o->from, &t->corpus, t->held, &count, error);
  }
  return status || count ? status : corpus_split(&t->corpus, o->validation, o->seed, t->held, error);
}

enum status
training_read_music(struct training *const t, struct error *const error)
{
  const struct training_options *const o = t->options;
  enum status status = corpus_read(o->folder, &t->corpus, error);
  if (status) {
    return status;
  }
  t->held = calloc(t->corpus.piece_count, 1);
  if (!t->held) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu pieces", t->corpus.piece_count);
  }
  status = hold_out(t, error);
  if (status) {
    return status;
  }
  for (size_t i = 0; i < t->corpus.piece_count; ++i) {
    *(t->held[i] ? &t->held_notes : &t->epoch_notes) += counted_notes(&t->corpus.pieces[i], t->held[i] ? 0.0 : o->fold);
  }
  tell_corpus(t);
  return t->epoch_notes
             ? STATUS_SUCCESS
             : error_set(error, STATUS_BAD_VALUE, "%s: nothing is left to train on; lower --validation", o->folder);
}

static uint64_t
hash_text(const uint64_t hash, const char *text)
{
  uint64_t value = random_mix(hash);
  for (; *text; ++text) {
    value = random_mix(value ^ (unsigned char)*text);
  }
  return value;
}

enum status
training_first_state(struct training *const t, struct error *const error)
{
  struct checkpoint state = {.corpus_hash = t->corpus.hash, .order_hash = t->corpus.hash, .best = INFINITY};
  for (size_t i = 0; i < t->corpus.piece_count; ++i) {
    const struct piece *const piece = &t->corpus.pieces[i];
    state.order_hash = hash_text(hash_text(state.order_hash + t->held[i], piece->path), piece->work);
  }
  state.labels_hash = hash_text(0, t->trainee->vocabulary);
  for (uint32_t i = 0; i < t->corpus.style_count; ++i) {
    state.labels_hash = hash_text(state.labels_hash, t->corpus.styles[i]);
  }
  snprintf(state.music, sizeof(state.music), "%zu files with %llu notes", t->corpus.piece_count,
           (unsigned long long)t->corpus.notes);
  t->held_out = held_out_text(&t->corpus, t->held);
  state.held_out = t->held_out;
  t->state = state;
  return t->held_out ? STATUS_SUCCESS
                     : error_set(error, STATUS_NO_MEMORY, "no memory for %zu pieces", t->corpus.piece_count);
}

// Take over from a checkpoint what is not of the music, which is as it is now.
static void
take_over(struct checkpoint *const now, const struct checkpoint *const before)
{
  const struct checkpoint music = *now;
  *now = *before;
  now->corpus_hash = music.corpus_hash;
  now->order_hash = music.order_hash;
  now->labels_hash = music.labels_hash;
  now->held_out = music.held_out;
  memcpy(now->music, music.music, sizeof(now->music));
}

enum status
training_go_on(struct training *const t, struct error *const error)
{
  struct checkpoint before = t->state;
  const enum status status = checkpoint_read(t->run.checkpoint, t->options->force, &before, &t->updater, error);
  if (status) {
    return status;
  }
  const bool is_same = checkpoint_same_music(&before, &t->state);
  if (!is_same && t->first) {
    printf("The music is no longer what this training began with: %s then, %s now. The best epoch so far is sought "
           "anew.\n",
           before.music, t->state.music);
    fflush(stdout);
  }
  take_over(&t->state, &before);
  if (!is_same) {
    t->state.notes = before.epoch * t->trainee->measure_targets;
    t->state.stale = 0;
    t->state.best = INFINITY;
    memset(&t->state.losses, 0, sizeof(t->state.losses));
  }
  return STATUS_SUCCESS;
}
