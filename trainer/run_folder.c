// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "run_folder.h"

#include "engine/event.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status
run_folder_find(const char *const output, struct run_folder *const run, struct error *const error)
{
  const int length = snprintf(run->folder, sizeof(run->folder), "%s.run", output);
  if (length < 0 || (size_t)length >= sizeof(run->folder)) {
    return error_set(error, STATUS_BAD_VALUE, "the output's path is too long");
  }
  snprintf(run->checkpoint, sizeof(run->checkpoint), "%s/checkpoint.safetensors", run->folder);
  snprintf(run->config, sizeof(run->config), "%s/config", run->folder);
  snprintf(run->log, sizeof(run->log), "%s/log.csv", run->folder);
  snprintf(run->lock, sizeof(run->lock), "%s/lock", run->folder);
  return STATUS_SUCCESS;
}

enum status
run_folder_make(const struct run_folder *const run, struct error *const error)
{
  return mkdir(run->folder, 0777) && errno != EEXIST
             ? error_set(error, STATUS_IO, "%s: can't make this folder: %s", run->folder, strerror(errno))
             : STATUS_SUCCESS;
}

// Say who holds the lock.
static enum status
locked_error(const struct run_folder *const run, const int descriptor, struct error *const error)
{
  char who[64] = "another process";
  struct flock holder = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (!fcntl(descriptor, F_GETLK, &holder) && holder.l_type != F_UNLCK && holder.l_pid > 0) {
    snprintf(who, sizeof(who), "process %ld", (long)holder.l_pid);
  }
  return error_set(error, STATUS_BAD_VALUE,
                   "%s: %s is training here; let it end or stop it, or train into another file with -o", run->folder,
                   who);
}

enum status
run_folder_lock(const struct run_folder *const run, int *const lock, struct error *const error)
{
  *lock = open(run->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (*lock < 0) {
    return error_set(error, STATUS_IO, "%s: can't be written: %s", run->lock, strerror(errno));
  }
  struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(*lock, F_SETLK, &all) &&
      (errno == EAGAIN || errno == EACCES)) { // Where there are no locks, it goes without
    const enum status status = locked_error(run, *lock, error);
    run_folder_unlock(*lock);
    *lock = -1;
    return status;
  }
  return STATUS_SUCCESS;
}

void
run_folder_unlock(const int lock)
{
  if (lock >= 0) {
    close(lock);
  }
}

// Whether `name` is that of an unfinished file `whole`: WHOLE.PROCESS-NUMBER.tmp, see safetensors_write.c
static bool
is_unfinished(const char *const name, const char *const whole)
{
  static const char *const digits = "0123456789";
  const size_t length = strlen(whole);
  if (strncmp(name, whole, length) != 0 || name[length] != '.') {
    return false;
  }
  const char *const process = name + length + 1;
  const size_t count = strspn(process, digits);
  if (!count || process[count] != '-') {
    return false;
  }
  const char *const number = process + count + 1;
  return strcmp(number + strspn(number, digits), ".tmp") == 0;
}

static void
sweep(const char *const path)
{
  char folder[RUN_PATH_SIZE];
  char unfinished[RUN_PATH_SIZE + NAME_MAX + 2];
  snprintf(folder, sizeof(folder), "%s", path);
  char *const slash = strrchr(folder, '/');
  const char *const name = slash ? path + (slash - folder) + 1 : path;
  snprintf(slash ? slash + 1 : folder, 2, "."); // The folder, with its slash
  DIR *const directory = opendir(folder);
  for (const struct dirent *entry = directory ? readdir(directory) : NULL; entry; entry = readdir(directory)) {
    if (is_unfinished(entry->d_name, name)) {
      snprintf(unfinished, sizeof(unfinished), "%s/%s", folder, entry->d_name);
      unlink(unfinished);
    }
  }
  if (directory) {
    closedir(directory);
  }
}

void
run_folder_sweep(const struct run_folder *const run, const char *const output)
{
  sweep(run->checkpoint);
  sweep(output);
}

void
run_folder_kept(const struct run_folder *const run,
                const uint64_t epoch,
                const char *const extension,
                char path[RUN_PATH_SIZE])
{
  snprintf(path, RUN_PATH_SIZE, "%s/epoch-%llu.%s", run->folder, (unsigned long long)epoch, extension);
}

static enum status
log_error(const struct run_folder *const run, struct error *const error)
{
  return error_set(error, STATUS_IO, "%s: can't be written: %s", run->log, strerror(errno));
}

static void
write_header(FILE *const log)
{
  fputs("epoch,updates,notes,seconds,rate", log);
  for (int part = 0; part < 2; ++part) {
    fputs(part ? ",held_out" : ",train", log);
    for (int field = 0; field < FIELD_COUNT; ++field) {
      fprintf(log, ",%s_%s", part ? "held_out" : "train", field_name((enum field)field));
    }
  }
  fputc('\n', log);
}

// Copy the lines of the first `epochs` epochs; one that was cut off by a full disk or a kill has no end and is left out. Returns
// false if not all can be read.
static bool
copy_lines(FILE *const from, FILE *const to, const uint64_t epochs)
{
  char *line = NULL;
  size_t size = 0;
  for (ssize_t length = getline(&line, &size, from); length > 0; length = getline(&line, &size, from)) {
    const uint64_t epoch = strtoull(line, NULL, 10);
    if (epoch && epoch <= epochs && line[length - 1] == '\n') {
      fputs(line, to);
    }
  }
  free(line);
  return feof(from) && !ferror(from);
}

enum status
run_log_begin(const struct run_folder *const run, const uint64_t epochs, struct error *const error)
{
  char temporary[RUN_PATH_SIZE + 8];
  snprintf(temporary, sizeof(temporary), "%s.part", run->log);
  FILE *const to = fopen(temporary, "w");
  if (!to) {
    return log_error(run, error);
  }
  FILE *const from = epochs ? fopen(run->log, "r") : NULL;
  bool failed = epochs && !from && errno != ENOENT;
  write_header(to);
  if (from) {
    failed = !copy_lines(from, to, epochs);
    fclose(from);
  }
  failed = failed || ferror(to);
  if (fclose(to) || failed || rename(temporary, run->log)) {
    const enum status status = log_error(run, error);
    remove(temporary);
    return status;
  }
  return STATUS_SUCCESS;
}

static void
write_heads(FILE *const log, const struct evaluation_sums *const sums)
{
  fprintf(log, ",%.5f", evaluation_nats(sums));
  for (int field = 0; field < FIELD_COUNT; ++field) {
    fprintf(log, ",%.5f", evaluation_head(sums, (enum field)field));
  }
}

enum status
run_log_append(const struct run_folder *const run, const struct run_epoch *const epoch, struct error *const error)
{
  FILE *const log = fopen(run->log, "a");
  if (!log) {
    return log_error(run, error);
  }
  const off_t before = fseeko(log, 0, SEEK_END) ? -1 : ftello(log);
  fprintf(log, "%llu,%llu,%llu,%.1f,%.6f", (unsigned long long)epoch->epoch, (unsigned long long)epoch->updates,
          (unsigned long long)epoch->notes, epoch->seconds, epoch->rate);
  write_heads(log, epoch->train);
  write_heads(log, epoch->held);
  fputc('\n', log);
  const bool failed = ferror(log);
  if (fclose(log) || failed) {
    const enum status status = log_error(run, error);
    if (before >= 0 && truncate(run->log, before)) {
      return status; // Half a line stays, which is left out when it goes on
    }
    return status;
  }
  return STATUS_SUCCESS;
}
