// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Faults in the program `ritornello`: whatever fails, it ends with status 0 and the right result, or with 1 and one sentence.
// Files are as they were or as they should be, and nothing unfinished lies around. A training that was hit goes on with --resume
// to the end that it would have had.
//
// Usage: test_program_faults PROGRAM INTERPOSER MAKE_PIECES [--more | --all] [COMMAND...]

#include "campaign.h"
#include "workshop.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PRODUCTS = 5, WORDS = 32 };

/// Something that a command writes.
struct product {
  const char *path;
  enum product_kind kind;
  bool grows; ///< While it goes on, others than the last are right too, if they are whole
};

/// A command line, and what must be true after it.
struct command {
  const char *name;
  const char *words[WORDS];
  struct product products[PRODUCTS];
  const char *resume[WORDS]; ///< What goes on with it after a failure; NULL: nothing
};

#define TINY                                                                                                           \
  "--embedding=16", "--hidden=16", "--heads=1", "--key=16", "--value=16", "--dense=16", "--memory=32", "--streams=2",  \
      "--steps=32", "--threads=2", "--rate=0.01", "--no-report"

#define TRAINED(name)                                                                                                  \
  {                                                                                                                    \
    {name, PRODUCT_TENSORS, true}, {name ".run/checkpoint.safetensors", PRODUCT_TENSORS, true},                        \
        {name ".run/log.csv", PRODUCT_LINES, true}, {name ".run/config", PRODUCT_JSON, true},                          \
    {                                                                                                                  \
      name ".run/epoch-2.mid", PRODUCT_BYTES, true                                                                     \
    }                                                                                                                  \
  }

static const struct command commands[] = {
    {.name = "train",
     .words = {"train", "music", "-o", "new.safetensors", "--epochs=2", "--keep=1", TINY},
     .products = TRAINED("new.safetensors"),
     .resume = {"train", "music", "-o", "new.safetensors", "--epochs=2", "--keep=1", "--resume", TINY}},
    {.name = "train --resume",
     .words = {"train", "music", "-o", "half.safetensors", "--epochs=2", "--keep=1", "--resume", TINY},
     .products = TRAINED("half.safetensors"),
     .resume = {"train", "music", "-o", "half.safetensors", "--epochs=2", "--keep=1", "--resume", TINY}},
    {.name = "train --network",
     .words = {"train", "music", "-o", "layers.safetensors", "--epochs=0.02", "--context=8", "--threads=2",
               "--no-report", "--network=embed:16, bilstm:16, attention:16, lstm:16, dense:16, softmax"},
     .products = {{"layers.safetensors", PRODUCT_TENSORS, true}}},
    {.name = "train --from",
     .words = {"train", "music", "-o", "tuned.safetensors", "--epochs=0.2", "--from=weights.safetensors", "--threads=2",
               "--streams=2", "--no-report"},
     .products = {{"tuned.safetensors", PRODUCT_TENSORS, true}}},
    {.name = "train --refilter",
     .words = {"train", "music", "-o", "old.safetensors", "--refilter=weights.safetensors", "--no-report"},
     .products = {{"old.safetensors", PRODUCT_TENSORS, false}}},
    {.name = "corpus", .words = {"corpus", "music"}},
    {.name = "corpus --json", .words = {"corpus", "music", "--json"}},
    {.name = "evaluate", .words = {"evaluate", "weights.safetensors", "music", "--json", "--threads=2"}},
    {.name = "evaluate --compose",
     .words = {"evaluate", "weights.safetensors", "music", "--json", "--threads=2", "--compose=1", "--bars=4",
               "--styles=mozart", "--temperatures=1"}},
    {.name = "compose",
     .words = {"compose", "weights.safetensors", "-o", "old.mid", "--bars=4"},
     .products = {{"old.mid", PRODUCT_BYTES, false}}},
    {.name = "report",
     .words = {"report", "weights.safetensors", "music", "-o", "old.html", "--pieces=1", "--bars=4"},
     .products = {{"old.html", PRODUCT_BYTES, false}}},
    {.name = "preset",
     .words = {"preset", "weights.safetensors", "--name=old"},
     .products = {{".lv2/ritornello-old.lv2", PRODUCT_BUNDLE, false}}},
    {.name = "preset, the first",
     .words = {"preset", "weights.safetensors"},
     .products = {{".lv2/ritornello-weights.lv2", PRODUCT_BUNDLE, false}}},
    {.name = "render",
     .words = {"render", "weights.safetensors", "-o", "old.wav", "--bars=1", "--midi=old.mid"},
     .products = {{"old.wav", PRODUCT_BYTES, false}, {"old.mid", PRODUCT_BYTES, false}}},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

/// A command under fault.
struct trial {
  struct workshop *workshop;
  const struct command *command;
  const char *interposer;
  const char *shared; ///< Path of the memory that is shared with it
  uint64_t before[PRODUCTS];
  uint64_t wanted[PRODUCTS];
  char printed[WORKSHOP_TEXT];
};

static bool
writes(const struct command *const command, const size_t product)
{
  return product < PRODUCTS && command->products[product].path;
}

static void
look(const struct trial *const trial, uint64_t found[PRODUCTS])
{
  for (size_t i = 0; writes(trial->command, i); ++i) {
    const struct product *const product = &trial->command->products[i];
    found[i] = workshop_look(trial->workshop, product->path, product->kind);
  }
}

// What must hold

/// stderr must have one line that says what went wrong.
static void
expect_sentence(struct faults *const faults, const struct trial *const trial)
{
  char begin[32];
  const char *const errors = trial->workshop->errors;
  const int length = snprintf(begin, sizeof begin, "ritornello %s: ", trial->command->words[0]);
  const char *const first = strstr(errors, begin);
  if (!first) {
    campaign_complain(faults, "it fails, and no sentence says why: `%.200s'", errors);
  } else if (strstr(first + 1, begin)) {
    campaign_complain(faults, "it says why twice: `%.300s'", errors);
  } else if (strlen(first) < (size_t)length + 12 || strstr(first, "Success") || !strchr(first, '\n') ||
             strchr(first, '\n')[1]) {
    campaign_complain(faults, "that is no sentence to end with: `%.200s'", first);
  }
}

/// Whether it says that it went on without something: files that it could not read, or a piece that is only for listening to.
static bool
tells(const struct workshop *const workshop)
{
  return strstr(workshop->printed, "1 rejected") || strstr(workshop->printed, "Rejected") ||
         strstr(workshop->printed, "\"reason\"") || strstr(workshop->errors, "1 rejected") ||
         strstr(workshop->printed, "No piece is composed");
}

static void
expect_whole(struct faults *const faults, const struct trial *const trial, const bool is_done)
{
  uint64_t found[PRODUCTS] = {0};
  char path[WORKSHOP_PATH];
  const bool is_told = tells(trial->workshop);
  look(trial, found);
  for (size_t i = 0; writes(trial->command, i); ++i) {
    const struct product *const product = &trial->command->products[i];
    const bool is_right = found[i] == trial->wanted[i];
    const bool is_whole =
        is_right || found[i] == trial->before[i] || ((product->grows || is_told) && found[i] != PRODUCT_BROKEN);
    if (is_done && !is_told ? !is_right : !is_whole) {
      campaign_complain(faults, "%s is %s", product->path,
                        found[i] == PRODUCT_ABSENT   ? "gone"
                        : found[i] == PRODUCT_BROKEN ? "half-written"
                                                     : "another than it should be");
    }
  }
  if (workshop_find_leftover(trial->workshop, path)) {
    campaign_complain(faults, "%s is left behind", path);
  }
  if (is_done && !is_told && strcmp(trial->workshop->printed, trial->printed) != 0) {
    campaign_complain(faults, "it prints something else, and no error: `%.200s'", trial->workshop->printed);
  }
}

/// A training goes on to the end that it would have had.
static void
expect_resumed(struct faults *const faults, const struct trial *const trial)
{
  const struct command *const command = trial->command;
  char path[WORKSHOP_PATH];
  snprintf(path, sizeof path, "%s.run/checkpoint.safetensors", command->words[3]);
  const bool has_begun = workshop_look(trial->workshop, path, PRODUCT_TENSORS) != PRODUCT_ABSENT;
  const char *const *const words = has_begun ? command->resume : command->words;
  if (command->resume[0]) {
    if (workshop_run(trial->workshop, words, NULL, NULL, NULL) != 0) {
      campaign_complain(faults, "it does not go on: `%.200s'", trial->workshop->errors);
    }
    snprintf(trial->workshop->printed, WORKSHOP_TEXT, "%s", trial->printed); // It has less to say
    expect_whole(faults, trial, true);
  }
}

static void
play(struct faults *const faults, void *const data)
{
  struct trial *const trial = data;
  struct workshop *const workshop = trial->workshop;
  workshop_reset(workshop);
  atomic_store(&faults->is_armed, true);
  const int status = workshop_run(workshop, trial->command->words, FAULTS_FILE, trial->shared, trial->interposer);
  atomic_store(&faults->is_armed, false);
  if (status == 128 + 14) {
    campaign_complain(faults, "it hangs");
  } else if (status > 1) {
    campaign_complain(faults, "it ends with status %d: `%.300s'", status, workshop->errors);
  } else if (status == 1 && !atomic_load(&faults->is_injected)) {
    campaign_complain(faults, "it fails without a fault: `%.200s'", workshop->errors);
  } else if (status == 1) {
    expect_sentence(faults, trial);
  }
  expect_whole(faults, trial, status == 0);
  if (status == 1) {
    expect_resumed(faults, trial);
  }
}

// Preparation

/// Run what must work.
static void
must_run(struct workshop *const workshop, const char *const *const words)
{
  if (workshop_run(workshop, words, NULL, NULL, NULL) != 0) {
    fprintf(stderr, "ritornello %s: %s\n", words[0], workshop->errors);
    exit(EXIT_FAILURE);
  }
}

/// What all commands begin with: music, weights, a training that is half done, and an old one of everything that is written.
static void
prepare(struct workshop *const workshop, const char *const program, const char *const make_pieces)
{
  static const char *const lines[][WORDS] = {
      {"train", "music", "-o", "old.safetensors", "--epochs=1", "--seed=2", TINY},
      {"train", "music", "-o", "weights.safetensors", "--epochs=2", TINY},
      {"train", "music", "-o", "half.safetensors", "--epochs=1", "--keep=1", TINY},
      {"preset", "old.safetensors"},
      {"report", "old.safetensors", "-o", "old.html", "--pieces=1", "--bars=2"},
      {"compose", "old.safetensors", "-o", "old.mid", "--bars=2"},
  };
  char path[WORKSHOP_PATH];
  workshop->program = make_pieces;
  snprintf(path, sizeof path, "%.900s/now/music", workshop->folder);
  if (mkdir(path, 0777)) {
    perror(path);
    exit(EXIT_FAILURE);
  }
  const char *const music[] = {path, NULL};
  must_run(workshop, music);
  workshop->program = program;
  for (unsigned i = 4; i <= 10; ++i) { // Four are enough, and quicker
    snprintf(path, sizeof path, "%.900s/now/music/%s/piece%u.mid", workshop->folder, i % 2 ? "mozart" : "bach", i);
    unlink(path);
  }
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; ++i) {
    must_run(workshop, lines[i]);
  }
  workshop_keep(workshop);
}

/// Find out what the command does without a fault.
static void
rehearse(struct trial *const trial)
{
  workshop_reset(trial->workshop);
  look(trial, trial->before);
  must_run(trial->workshop, trial->command->words);
  look(trial, trial->wanted);
  memcpy(trial->printed, trial->workshop->printed, WORKSHOP_TEXT);
}

/// Share memory with the programs.
static struct faults *
share(const struct workshop *const workshop, char path[WORKSHOP_PATH])
{
  snprintf(path, WORKSHOP_PATH, "%.1000s/faults", workshop->folder);
  const int descriptor = open(path, O_RDWR | O_CREAT, 0666);
  struct faults *const faults = descriptor >= 0 && !ftruncate(descriptor, sizeof *faults)
                                    ? mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
                                    : MAP_FAILED;
  if (faults == MAP_FAILED) {
    perror(path);
    exit(EXIT_FAILURE);
  }
  close(descriptor);
  return faults;
}

/// Whether a command is one of `count` names, or there are none.
static bool
is_wanted(const char *const name, const int count, char *const *const names)
{
  bool is_one = count <= 0;
  for (int i = 0; i < count; ++i) {
    is_one = is_one || !strcmp(names[i], name);
  }
  return is_one;
}

int
main(const int count, char **const arguments)
{
  static struct workshop workshop;
  char path[WORKSHOP_PATH];
  bool is_well = true;
  if (count < 4) {
    fprintf(stderr, "usage: test_program_faults PROGRAM INTERPOSER MAKE_PIECES [--more | --all] [COMMAND...]\n");
    return EXIT_FAILURE;
  }
  const enum campaign_extent extent = campaign_extent_of(count > 4 ? arguments[4] : "");
  const int names = 4 + (extent != CAMPAIGN_PLACES);
  const char *const program = workshop_find(arguments[1]);
  const char *const interposer = workshop_find(arguments[2]);
  workshop_make(&workshop, program);
  prepare(&workshop, program, workshop_find(arguments[3]));
  struct faults *const faults = share(&workshop, path);
  for (size_t i = 0; i < COMMANDS; ++i) {
    static struct trial trial;
    trial = (struct trial){.workshop = &workshop, .command = &commands[i], .interposer = interposer, .shared = path};
    if (!is_wanted(commands[i].name, count - names, arguments + names)) {
      continue;
    }
    rehearse(&trial);
    const struct scenario scenario = {.name = commands[i].name,
                                      .play = play,
                                      .data = &trial,
                                      .objects = {"ritornello", "libjansson"},
                                      .hesitates = true};
    is_well = campaign_run(&scenario, faults, extent) && is_well;
  }
  workshop_remove(&workshop);
  return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}
