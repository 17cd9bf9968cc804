// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "campaign.h"

#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  SECONDS = 900, // After which a process hangs, on a machine that is busy
  TOLD = 20,     // Failures that are told one by one
  TABLE = 1 << 16,
};

/// A place in the code that calls what may fail.
struct place {
  uint64_t key;   ///< 0: none
  uint32_t first; ///< Number of a call from there
  uint32_t last;
  uint32_t seen; ///< Calls from there
  uint32_t next; ///< Of them to choose
};

struct campaign {
  const struct scenario *scenario;
  struct faults *faults;
  uint32_t calls;
  uint32_t places;
  uint32_t injected;
  uint32_t failures;
  bool *chosen; ///< [calls]
};

void
campaign_complain(struct faults *const faults, const char *const format, ...)
{
  if (!faults->complaint[0]) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(faults->complaint, FAULTS_TEXT, format, arguments);
    va_end(arguments);
  }
}

static void
reset(const struct campaign *const campaign, const uint64_t fail_at)
{
  struct faults *const faults = campaign->faults;
  for (size_t i = 0; i < FAULTS_OBJECTS; ++i) {
    const char *const name = campaign->scenario->objects[i];
    snprintf(faults->objects[i], FAULTS_NAME, "%s", name ? name : "");
  }
  atomic_store(&faults->fail_at, fail_at);
  atomic_store(&faults->calls, 0);
  atomic_store(&faults->live, 0);
  atomic_store(&faults->is_armed, false);
  atomic_store(&faults->is_injected, false);
  faults->injected[0] = '\0';
  faults->left[0] = '\0';
  faults->complaint[0] = '\0';
}

/// Play the scenario in a process of its own. What did not hold is in `faults->complaint` then.
static void
play(const struct campaign *const campaign, const uint64_t fail_at)
{
  struct faults *const faults = campaign->faults;
  reset(campaign, fail_at);
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    alarm(SECONDS);
    campaign->scenario->play(faults, campaign->scenario->data);
    exit(EXIT_SUCCESS);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    campaign_complain(faults, "there is no process to play in");
  } else if (WIFSIGNALED(status)) {
    faults->complaint[0] = '\0';
    campaign_complain(faults, WTERMSIG(status) == SIGALRM ? "it hangs" : "it ends with signal %d", WTERMSIG(status));
  } else if (WEXITSTATUS(status) != EXIT_SUCCESS) {
    campaign_complain(faults, "it ends with status %d", WEXITSTATUS(status));
  } else if (atomic_load(&faults->live) > 0) {
    campaign_complain(faults, "%lu things are left, such as what %s got", (unsigned long)atomic_load(&faults->live),
                      faults->left);
  }
}

/// Count the failure that is complained of, if any.
static void
tell(struct campaign *const campaign, const uint64_t fail_at)
{
  const struct faults *const faults = campaign->faults;
  if (faults->complaint[0] && ++campaign->failures <= TOLD) {
    printf("%s, fault %lu (%s): %s\n", campaign->scenario->name, (unsigned long)fail_at,
           faults->injected[0] ? faults->injected : "none", faults->complaint);
    fflush(stdout);
  }
}

/// The place with that key in the table.
static struct place *
find_place(struct place *const table, const uint64_t key)
{
  size_t slot = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 48);
  while (table[slot].key && table[slot].key != key) {
    slot = (slot + 1) % TABLE;
  }
  return &table[slot];
}

/// Choose every call, or from each place the first ones and then ever fewer.
static void
choose_many(struct campaign *const campaign, struct place *const table, const bool all)
{
  for (uint32_t i = 0; i < campaign->calls; ++i) {
    struct place *const place = find_place(table, campaign->faults->places[i] + 1);
    campaign->chosen[i] = all || place->seen == place->next;
    if (place->seen == place->next) {
      place->next += 1 + place->next / 2;
    }
    ++place->seen;
  }
}

/// Choose the calls that fail.
static void
choose(struct campaign *const campaign, const enum campaign_extent extent)
{
  static struct place table[TABLE];
  memset(table, 0, sizeof table);
  for (uint32_t i = 0; i < campaign->calls; ++i) {
    struct place *const place = find_place(table, campaign->faults->places[i] + 1);
    place->first = place->key ? place->first : i;
    place->last = i;
    place->key = campaign->faults->places[i] + 1;
  }
  for (size_t i = 0; i < TABLE; ++i) {
    if (table[i].key) { // The first of some, the last of others
      campaign->chosen[campaign->places % 2 ? table[i].first : table[i].last] = true;
      ++campaign->places;
    }
  }
  if (extent != CAMPAIGN_PLACES) {
    choose_many(campaign, table, extent == CAMPAIGN_ALL);
    for (size_t i = 0; i < TABLE; ++i) {
      if (table[i].key) {
        campaign->chosen[table[i].last] = true;
      }
    }
  }
}

/// Play without a fault, and note what may fail.
static void
count_calls(struct campaign *const campaign, const enum campaign_extent extent)
{
  play(campaign, 0);
  tell(campaign, 0);
  const uint64_t calls = atomic_load(&campaign->faults->calls);
  campaign->calls = (uint32_t)(calls < FAULTS_CALLS ? calls : FAULTS_CALLS);
  campaign->chosen = calloc(campaign->calls + (size_t)1, sizeof *campaign->chosen);
  if (!campaign->chosen) {
    abort();
  }
  choose(campaign, extent);
  if (campaign->scenario->hesitates) {
    atomic_store(&campaign->faults->is_hesitant, true);
    play(campaign, 0);
    atomic_store(&campaign->faults->is_hesitant, false);
    tell(campaign, 0);
  }
}

enum campaign_extent
campaign_extent_of(const char *const text)
{
  return !strcmp(text, "--all") ? CAMPAIGN_ALL : !strcmp(text, "--more") ? CAMPAIGN_MORE : CAMPAIGN_PLACES;
}

bool
campaign_run(const struct scenario *const scenario, struct faults *const faults, const enum campaign_extent extent)
{
  struct campaign campaign = {.scenario = scenario, .faults = faults};
  count_calls(&campaign, extent);
  for (uint32_t i = 0; i < campaign.calls; ++i) {
    if (campaign.chosen[i]) {
      play(&campaign, i + 1);
      campaign.injected += atomic_load(&faults->is_injected);
      tell(&campaign, i + 1);
    }
  }
  free(campaign.chosen);
  printf("%-20s %6u faults injected, %6u survived (%u calls from %u places)\n", scenario->name, campaign.injected,
         campaign.injected - (campaign.failures < campaign.injected ? campaign.failures : campaign.injected),
         campaign.calls, campaign.places);
  fflush(stdout);
  return campaign.failures == 0 && campaign.injected > 0;
}
