// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Streams of the C library.

#include "interposer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STREAMS = 64 };

struct stream {
  FILE *file;
  int descriptor;
};

static struct stream streams[STREAMS];

// What the C library asks of a stream is asked by our code: as a call from the place that opened it
struct cookie {
  struct caller caller;
  int descriptor;
};

static struct call
enter_cookie(const enum fault_kind kind, const char *const name, const struct cookie *const cookie)
{
  struct call call = {.caller = cookie->caller, .counts = atomic_load(&shared->is_armed)};
  call.fails = call.counts && count_call(kind, name, &call.caller);
  return call;
}

static ssize_t
cookie_read(void *const data, char *const bytes, const size_t size)
{
  const struct cookie *const cookie = data;
  struct call call = enter_cookie(FAULT_READ, "read of a stream", cookie);
  call.counts = false; // No stream can be hesitant
  return read_some(&call, cookie->descriptor, bytes, size);
}

static ssize_t
cookie_write(void *const data, const char *const bytes, const size_t size)
{
  const struct cookie *const cookie = data;
  struct call call = enter_cookie(FAULT_WRITE, "write of a stream", cookie);
  call.counts = false;
  const ssize_t written = write_some(&call, cookie->descriptor, bytes, size);
  return written < 0 ? 0 : written; // Which is how cookies say it
}

static int
cookie_seek(void *const data, off64_t *const place, const int from)
{
  const struct cookie *const cookie = data;
  const off_t at = lseek(cookie->descriptor, (off_t)*place, from);
  *place = at;
  return at < 0 ? -1 : 0;
}

static int
cookie_close(void *const data)
{
  struct cookie *const cookie = data;
  const struct call call = enter_cookie(FAULT_CLOSE, "close of a stream", cookie);
  const int result = close_it(&call, cookie->descriptor);
  const int reason = errno;
  free(cookie);
  errno = reason;
  return result;
}

static void
note_stream(FILE *const file, const int descriptor)
{
  take_lock();
  for (size_t i = 0; i < STREAMS; ++i) {
    if (!streams[i].file) {
      streams[i] = (struct stream){file, descriptor};
      break;
    }
  }
  give_lock();
}

static FILE *
make_stream(const struct call *const call, const int descriptor, const char *const mode)
{
  struct cookie *const cookie = malloc(sizeof(*cookie));
  *cookie = (struct cookie){call->caller, descriptor};
  const cookie_io_functions_t functions = {cookie_read, cookie_write, cookie_seek, cookie_close};
  FILE *const file = fopencookie(cookie, mode, functions);
  note_stream(file, descriptor);
  add_thing(call, (uintptr_t)file, "fopen");
  return file;
}

static int
mode_flags(const char *const mode)
{
  const int access = strchr(mode, '+') ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
  const int create = mode[0] == 'w' ? O_CREAT | O_TRUNC : mode[0] == 'a' ? O_CREAT | O_APPEND : 0;
  return access | create | (strchr(mode, 'e') ? O_CLOEXEC : 0);
}

FILE *
fopen(const char *const path, const char *const mode)
{
  REAL(fopen)
  const struct call call = ENTER(FAULT_OPEN, "fopen");
  if (!call.counts) {
    return real(path, mode);
  }
  const int flags = mode_flags(mode);
  const int descriptor = call.fails ? failed(open_reason(flags)) : open(path, flags, 0666);
  return descriptor < 0 ? NULL : make_stream(&call, descriptor, mode);
}

FILE *
fdopen(const int descriptor, const char *const mode)
{
  REAL(fdopen)
  const struct call call = ENTER(FAULT_OPEN, "fdopen");
  if (!call.counts) {
    return real(descriptor, mode);
  }
  if (call.fails) {
    return no_memory();
  }
  remove_thing(descriptor_key(descriptor));
  return make_stream(&call, descriptor, mode);
}

int
fclose(FILE *const file)
{
  REAL(fclose)
  remove_thing((uintptr_t)file);
  take_lock();
  for (size_t i = 0; i < STREAMS; ++i) {
    streams[i] = streams[i].file == file ? (struct stream){NULL, 0} : streams[i];
  }
  give_lock();
  return real(file);
}

int
fileno(FILE *const file)
{
  REAL(fileno)
  int found = -1;
  take_lock();
  for (size_t i = 0; i < STREAMS; ++i) {
    found = streams[i].file == file ? streams[i].descriptor : found;
  }
  give_lock();
  return found >= 0 ? found : real(file);
}
