// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "workshop.h"

#include "engine/safetensors.h"

#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 600, ARGUMENTS = 48 };

static const uint64_t HASH_BEGIN = UINT64_C(14695981039346656037);

static void
stop(const char *const what)
{
  perror(what);
  exit(EXIT_FAILURE);
}

static void
join(const struct workshop *const workshop, const char *const path, char joined[WORKSHOP_PATH])
{
  if (snprintf(joined, WORKSHOP_PATH, "%s/%s", workshop->folder, path) >= WORKSHOP_PATH) {
    stop(path);
  }
}

// Folders

static int
remove_entry(const char *const path, const struct stat *const status, const int type, struct FTW *const walk)
{
  (void)status;
  (void)type;
  (void)walk;
  return remove(path);
}

/// Let the folder `to` hold what `from` does.
static void
copy_folder(const struct workshop *const workshop, const char *const from, const char *const to)
{
  char paths[2][WORKSHOP_PATH];
  join(workshop, from, paths[0]);
  join(workshop, to, paths[1]);
  nftw(paths[1], remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  const pid_t child = fork();
  if (child == 0) {
    execlp("cp", "cp", "-a", paths[0], paths[1], (char *)NULL);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status) {
    stop("cp");
  }
}

void
workshop_make(struct workshop *const workshop, const char *const program)
{
  const char *const base = getenv("TMPDIR");
  char path[WORKSHOP_PATH];
  workshop->program = program;
  snprintf(workshop->folder, sizeof workshop->folder, "%s/ritornello-workshop-XXXXXX", base ? base : "/tmp");
  if (!mkdtemp(workshop->folder)) {
    stop(workshop->folder);
  }
  join(workshop, "now", path);
  if (mkdir(path, 0777)) {
    stop(path);
  }
  workshop_keep(workshop);
}

const char *
workshop_find(const char *const path)
{
  const char *const found = realpath(path, NULL);
  if (!found) {
    stop(path);
  }
  return found;
}

void
workshop_remove(const struct workshop *const workshop)
{
  nftw(workshop->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void
workshop_reset(const struct workshop *const workshop)
{
  copy_folder(workshop, "begin", "now");
}

void
workshop_keep(const struct workshop *const workshop)
{
  copy_folder(workshop, "now", "begin");
}

// Running

/// Read what is in the file at `path`, as far as there is room for it.
static size_t
read_text(const char *const path, char text[WORKSHOP_TEXT])
{
  FILE *const file = fopen(path, "rb");
  const size_t size = file ? fread(text, 1, WORKSHOP_TEXT - 1, file) : 0;
  text[size] = '\0';
  if (file) {
    fclose(file);
  }
  return size;
}

static void
redirect(const char *const path, const int descriptor)
{
  const int opened = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (opened < 0 || dup2(opened, descriptor) < 0) {
    _exit(126);
  }
  close(opened);
}

/// Become the program.
static void
become(const struct workshop *const workshop,
       const char *const *const arguments,
       const char *const name,
       const char *const value,
       const char *const library)
{
  char *copied[ARGUMENTS] = {NULL};
  char work[WORKSHOP_PATH];
  join(workshop, "now", work);
  if (chdir(work) || setenv("HOME", work, 1) || unsetenv("XDG_DATA_HOME") || (value && setenv(name, value, 1)) ||
      (library && setenv("LD_PRELOAD", library, 1))) {
    _exit(126);
  }
  redirect(workshop->output ? workshop->output : "../printed", STDOUT_FILENO);
  redirect("../errors", STDERR_FILENO);
  copied[0] = strdup(workshop->program);
  for (size_t i = 0; i + 2 < ARGUMENTS && arguments[i]; ++i) {
    copied[i + 1] = strdup(arguments[i]);
  }
  const struct rlimit limit = {workshop->limit, workshop->limit};
  if (workshop->limit && setrlimit(RLIMIT_FSIZE, &limit)) {
    _exit(126);
  }
  alarm(SECONDS);
  execv(workshop->program, copied);
  _exit(127);
}

int
workshop_run(struct workshop *const workshop,
             const char *const *const arguments,
             const char *const name,
             const char *const value,
             const char *const library)
{
  const pid_t child = fork();
  if (child == 0) {
    become(workshop, arguments, name, value, library);
  }
  return workshop_wait(workshop, child);
}

pid_t
workshop_start(struct workshop *const workshop, const char *const *const arguments)
{
  const pid_t child = fork();
  if (child == 0) {
    become(workshop, arguments, NULL, NULL, NULL);
  }
  return child;
}

int
workshop_wait(struct workshop *const workshop, const pid_t process)
{
  char path[WORKSHOP_PATH];
  int status = 0;
  if (process < 0 || waitpid(process, &status, 0) != process) {
    stop("waitpid");
  }
  join(workshop, "printed", path);
  read_text(path, workshop->printed);
  join(workshop, "errors", path);
  read_text(path, workshop->errors);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Looking

static uint64_t
hash_bytes(uint64_t hash, const void *const bytes, const size_t size)
{
  const unsigned char *const at = bytes;
  for (size_t i = 0; i < size; ++i) {
    hash = (hash ^ at[i]) * UINT64_C(1099511628211);
  }
  return hash;
}

static uint64_t
hash_file(const char *const path)
{
  FILE *const file = fopen(path, "rb");
  uint64_t hash = HASH_BEGIN;
  static char bytes[WORKSHOP_TEXT];
  if (!file) {
    return PRODUCT_ABSENT;
  }
  for (size_t size = fread(bytes, 1, sizeof bytes, file); size > 0; size = fread(bytes, 1, sizeof bytes, file)) {
    hash = hash_bytes(hash, bytes, size);
  }
  fclose(file);
  return hash;
}

static uint64_t
hash_tensors(const char *const path)
{
  struct safetensors *file = NULL;
  uint64_t hash = HASH_BEGIN;
  if (safetensors_read(path, &file, NULL) != STATUS_SUCCESS) {
    return PRODUCT_BROKEN;
  }
  for (size_t i = 0; i < safetensors_count(file); ++i) {
    const struct tensor *const tensor = safetensors_tensor(file, i);
    hash = hash_bytes(hash, tensor->name, strlen(tensor->name));
    hash = hash_bytes(hash, tensor->data, tensor->size);
  }
  safetensors_free(file);
  return hash;
}

/// The number of lines, and that all are whole.
static uint64_t
hash_lines(const char *const path)
{
  static char text[WORKSHOP_TEXT];
  const size_t size = read_text(path, text);
  uint64_t lines = 2; // Beyond the numbers that mean something else
  for (size_t i = 0; i < size; ++i) {
    lines += text[i] == '\n';
  }
  return size && text[size - 1] == '\n' ? lines : PRODUCT_BROKEN;
}

static uint64_t
hash_json(const char *const path)
{
  json_t *const root = json_load_file(path, 0, NULL);
  const bool is_whole = json_is_object(root);
  json_decref(root);
  return is_whole ? hash_file(path) : PRODUCT_BROKEN;
}

static uint64_t
hash_bundle(const char *const path)
{
  static const char *const files[] = {"manifest.ttl", "presets.ttl", "weights.safetensors"};
  uint64_t hash = HASH_BEGIN;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; ++i) {
    char file[WORKSHOP_PATH + 32];
    snprintf(file, sizeof file, "%s/%s", path, files[i]);
    const uint64_t one = hash_file(file);
    if (one == PRODUCT_ABSENT) {
      return PRODUCT_BROKEN;
    }
    hash = hash_bytes(hash, &one, sizeof one);
  }
  return hash;
}

uint64_t
workshop_look(const struct workshop *const workshop, const char *const path, const enum product_kind kind)
{
  char whole[WORKSHOP_PATH];
  char name[WORKSHOP_PATH];
  snprintf(name, sizeof name, "now/%s", path);
  join(workshop, name, whole);
  if (access(whole, F_OK) != 0) {
    return PRODUCT_ABSENT;
  }
  switch (kind) {
  case PRODUCT_TENSORS:
    return hash_tensors(whole);
  case PRODUCT_LINES:
    return hash_lines(whole);
  case PRODUCT_JSON:
    return hash_json(whole);
  case PRODUCT_BUNDLE:
    return hash_bundle(whole);
  default:
    return hash_file(whole);
  }
}

// nftw() hands nothing on
static char leftover[WORKSHOP_PATH];

static int
look_for_leftover(const char *const path, const struct stat *const status, const int type, struct FTW *const walk)
{
  (void)status;
  (void)type;
  const char *const name = path + walk->base;
  const char *const ending = strrchr(name, '.');
  if ((ending && (!strcmp(ending, ".tmp") || !strcmp(ending, ".part"))) || !strncmp(name, ".ritornello-", 12)) {
    snprintf(leftover, sizeof leftover, "%s", path);
    return 1;
  }
  return 0;
}

bool
workshop_find_leftover(const struct workshop *const workshop, char path[WORKSHOP_PATH])
{
  char work[WORKSHOP_PATH];
  join(workshop, "now", work);
  leftover[0] = '\0';
  nftw(work, look_for_leftover, 16, FTW_PHYS);
  memcpy(path, leftover, WORKSHOP_PATH);
  return leftover[0] != '\0';
}
