// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Files by their descriptors, folders, and threads.

#include "interposer.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int
failed(const int reason)
{
  errno = reason;
  return -1;
}

int
open_reason(const int flags)
{
  return flags & O_CREAT ? ENOSPC : EMFILE;
}

int
open(const char *const path, const int flags, ...)
{
  REAL(open)
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  const struct call call = ENTER(FAULT_OPEN, "open");
  const int descriptor = call.fails ? failed(open_reason(flags)) : real(path, flags, mode);
  add_thing(&call, descriptor_key(descriptor), "open");
  return descriptor;
}

// What open() is in a program that is built to check itself
int __open64_2(const char *path, int flags);

int
__open64_2(const char *const path, const int flags)
{
  REAL(open)
  const struct call call = ENTER(FAULT_OPEN, "open");
  const int descriptor = call.fails ? failed(open_reason(flags)) : real(path, flags);
  add_thing(&call, descriptor_key(descriptor), "open");
  return descriptor;
}

// How many of `size` bytes a call gets now; 0: it is interrupted
static size_t
hesitate(const struct call *const call, const size_t size)
{
  if (!call->counts || !atomic_load(&shared->is_hesitant)) {
    return size;
  }
  const size_t number = (size_t)atomic_load(&shared->calls);
  const size_t most = number % 64 == 1 ? 7 : 65536; // Now and then very few, or large files take for ever
  return number % 3 == 0 && size ? 0 : size < most ? size : most;
}

ssize_t
read_some(const struct call *const call, const int descriptor, void *const bytes, const size_t size)
{
  REAL(read)
  if (call->fails) {
    return failed(EIO);
  }
  const size_t some = hesitate(call, size);
  return size && !some ? failed(EINTR) : real(descriptor, bytes, some);
}

ssize_t
read(const int descriptor, void *const bytes, const size_t size)
{
  const struct call call = ENTER(FAULT_READ, "read");
  return read_some(&call, descriptor, bytes, size);
}

ssize_t __read_chk(int descriptor, void *bytes, size_t size, size_t room);

ssize_t
__read_chk(const int descriptor, void *const bytes, const size_t size, const size_t room)
{
  const struct call call = ENTER(FAULT_READ, "read");
  if (size > room) {
    abort();
  }
  return read_some(&call, descriptor, bytes, size);
}

// A full disk takes part of what it is given
ssize_t
write_some(const struct call *const call, const int descriptor, const void *const bytes, const size_t size)
{
  REAL(write)
  if (call->fails) {
    const ssize_t part = real(descriptor, bytes, size / 2);
    (void)part;
    return failed(ENOSPC);
  }
  const size_t some = hesitate(call, size);
  return size && !some ? failed(EINTR) : real(descriptor, bytes, some);
}

ssize_t
write(const int descriptor, const void *const bytes, const size_t size)
{
  const struct call call = ENTER(FAULT_WRITE, "write");
  return write_some(&call, descriptor, bytes, size);
}

int
fsync(const int descriptor)
{
  REAL(fsync)
  const struct call call = ENTER(FAULT_SYNC, "fsync");
  return call.fails ? failed(EIO) : real(descriptor);
}

int
close_it(const struct call *const call, const int descriptor)
{
  REAL(close)
  remove_thing(descriptor_key(descriptor));
  const int result = real(descriptor);
  return call->fails ? failed(EIO) : result;
}

int
close(const int descriptor)
{
  const struct call call = ENTER(FAULT_CLOSE, "close");
  return close_it(&call, descriptor);
}

int
rename(const char *const from, const char *const to)
{
  REAL(rename)
  const struct call call = ENTER(FAULT_RENAME, "rename");
  return call.fails ? failed(EIO) : real(from, to);
}

int
renameat2(
    const int from_folder, const char *const from, const int to_folder, const char *const to, const unsigned flags)
{
  REAL(renameat2)
  const struct call call = ENTER(FAULT_RENAME, "renameat2");
  return call.fails ? failed(EIO) : real(from_folder, from, to_folder, to, flags);
}

int
mkdir(const char *const path, const mode_t mode)
{
  REAL(mkdir)
  const struct call call = ENTER(FAULT_FOLDER, "mkdir");
  return call.fails ? failed(ENOSPC) : real(path, mode);
}

char *
mkdtemp(char *const pattern)
{
  REAL(mkdtemp)
  const struct call call = ENTER(FAULT_FOLDER, "mkdtemp");
  return call.fails ? (failed(ENOSPC), NULL) : real(pattern);
}

DIR *
opendir(const char *const path)
{
  REAL(opendir)
  const struct call call = ENTER(FAULT_OPEN, "opendir");
  DIR *const folder = call.fails ? (failed(EMFILE), NULL) : real(path);
  add_thing(&call, (uintptr_t)folder, "opendir");
  return folder;
}

int
closedir(DIR *const folder)
{
  REAL(closedir)
  remove_thing((uintptr_t)folder);
  return real(folder);
}

int
pthread_create(pthread_t *const thread,
               const pthread_attr_t *const attributes,
               void *(*const begin)(void *),
               void *const argument)
{
  REAL(pthread_create)
  const struct call call = ENTER(FAULT_THREAD, "pthread_create");
  return call.fails ? EAGAIN : real(thread, attributes, begin, argument);
}
