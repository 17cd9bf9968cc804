// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void
fuzz_must(const bool holds, const char *const what)
{
  if (!holds) {
    fprintf(stderr, "This must hold: %s\n", what);
    abort();
  }
}

uint8_t
fuzz_byte(struct fuzz_input *const input)
{
  if (input->left == 0) {
    return 0;
  }
  --input->left;
  return *input->at++;
}

uint32_t
fuzz_word(struct fuzz_input *const input)
{
  uint32_t word = 0;
  for (unsigned i = 0; i < 4; ++i) {
    word |= (uint32_t)fuzz_byte(input) << (8 * i);
  }
  return word;
}

uint32_t
fuzz_below(struct fuzz_input *const input, const uint32_t count)
{
  return count <= 256 ? fuzz_byte(input) % count : fuzz_word(input) % count;
}

float
fuzz_float(struct fuzz_input *const input)
{
  static const float values[] = {0.0F,  -0.0F, 1.0F,   -1.0F,  0.5F,   2.0F,     3.0F,       4.0F,    7.0F, 16.0F,
                                 64.0F, 96.0F, 120.0F, 127.0F, 300.0F, 1000.0F,  1e-30F,     1e-45F,  1e9F, -1e9F,
                                 1e30F, 3e38F, -3e38F, 0.25F,  0.999F, 16777215, 2147483648, -1e-20F, 1e20F};
  enum { VALUES = sizeof values / sizeof values[0] };
  const uint8_t kind = fuzz_byte(input);
  if (kind < VALUES) {
    return values[kind];
  }
  if (kind < VALUES + 3) {
    return kind == VALUES ? NAN : kind == VALUES + 1 ? INFINITY : -INFINITY;
  }
  if (kind < 128) {
    return (float)(int8_t)fuzz_byte(input);
  }
  const uint32_t bits = fuzz_word(input);
  float value = 0.0F;
  memcpy(&value, &bits, sizeof value);
  return value;
}

const uint8_t *
fuzz_take(struct fuzz_input *const input, const size_t most, size_t *const size)
{
  const uint8_t length = fuzz_byte(input);
  const uint8_t *const bytes = input->at;
  *size = length < most ? length : most;
  *size = *size < input->left ? *size : input->left;
  input->at += *size;
  input->left -= *size;
  return bytes;
}

void
fuzz_text(struct fuzz_input *const input, char *const text, const size_t size)
{
  size_t length = 0;
  while (input->left > 0 && length + 1 < size) {
    const char c = (char)fuzz_byte(input);
    if (c == '\n') {
      break;
    }
    text[length++] = c;
  }
  text[length] = '\0';
}

const char *
fuzz_file(const uint8_t *const data, const size_t size)
{
  static char path[64];
  static int file = -1;
  if (file < 0) {
    file = memfd_create("fuzz", MFD_CLOEXEC);
    fuzz_must(file >= 0, "there are files in memory");
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  }
  fuzz_must(ftruncate(file, 0) == 0, "a file in memory can be emptied");
  for (size_t done = 0; done < size;) {
    const ssize_t count = pwrite(file, data + done, size - done, (off_t)done);
    fuzz_must(count > 0, "a file in memory can be written");
    done += (size_t)count;
  }
  return path;
}

void
fuzz_clear_folder(const char *const folder)
{
  DIR *const directory = opendir(folder);
  for (const struct dirent *entry = NULL; directory && (entry = readdir(directory));) {
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    struct stat status;
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || length >= (int)sizeof path ||
        lstat(path, &status)) {
      continue;
    }
    if (S_ISDIR(status.st_mode)) {
      fuzz_clear_folder(path);
      rmdir(path);
    } else {
      unlink(path);
    }
  }
  if (directory) {
    closedir(directory);
  }
}

static char own_folder[64];

static void
remove_folder(void)
{
  fuzz_clear_folder(own_folder);
  rmdir(own_folder);
}

const char *
fuzz_folder(void)
{
  if (own_folder[0] == '\0') {
    const bool has_memory = access("/dev/shm", W_OK) == 0;
    snprintf(own_folder, sizeof own_folder, "%s/ritornello-fuzz-XXXXXX", has_memory ? "/dev/shm" : "/tmp");
    fuzz_must(mkdtemp(own_folder) != NULL, "a folder can be made");
    atexit(remove_folder);
  }
  return own_folder;
}
