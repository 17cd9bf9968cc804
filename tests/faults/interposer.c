// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Stands before the C library and lets one call fail (faults.h). The real functions are those that come next, so that
// sanitizers' own are still called. Who calls is told by the return address: each function here is one that our code calls
// itself, and streams that our code opens are made of cookies, so that what the C library reads and writes for them is seen.

#include "faults.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum {
  EARLY = 1 << 16,  // Bytes for what is allocated while the real functions are looked for
  THINGS = 1 << 18, // Places in the table of what lives; a power of two
  STREAMS = 64,
};

struct thing {
  uintptr_t key; // Address, or descriptor + 1; 0: none was ever here; 1: no longer
  uint32_t place;
  uint8_t object;
  const char *name;
};

struct stream {
  FILE *file;
  int descriptor;
};

static struct faults *shared;
static struct thing things[THINGS];
static struct stream streams[STREAMS];
static atomic_flag lock = ATOMIC_FLAG_INIT;
static _Alignas(16) char early[EARLY];
static size_t early_used;

// The real functions

// Meson's _FILE_OFFSET_BITS makes open64() and the like of some functions here, as it does where our code calls them.
static void *
next_function(const char *const name)
{
  void *const function = dlsym(RTLD_NEXT, name);
  if (!function) {
    abort();
  }
  return function;
}

// Functions by name, each looked for once
#define REAL(name)                                                                                                     \
  static __typeof__(&name) real;                                                                                       \
  if (!real) {                                                                                                         \
    *(void **)&real = next_function(#name);                                                                            \
  }

static void
take_lock(void)
{
  while (atomic_flag_test_and_set(&lock)) {
  }
}

static void
give_lock(void)
{
  atomic_flag_clear(&lock);
}

// Who calls

static const char *
own_name(const struct link_map *const map)
{
  const char *const name = map->l_name[0] ? map->l_name : program_invocation_name;
  const char *const slash = strrchr(name, '/');
  return slash ? slash + 1 : name;
}

struct caller {
  unsigned object;
  uint32_t place;
  const char *name; // Of the binary
};

// Whether `address` is in our own code.
static bool
is_own(const void *const address, struct caller *const caller)
{
  struct dl_find_object found;
  union {
    const void *given;
    void *wanted;
  } cast = {address};
  if (_dl_find_object(cast.wanted, &found) != 0) {
    return false;
  }
  caller->name = own_name(found.dlfo_link_map);
  caller->place = (uint32_t)((uintptr_t)address - found.dlfo_link_map->l_addr);
  for (caller->object = 0; caller->object < FAULTS_OBJECTS; ++caller->object) {
    const char *const begin = shared->objects[caller->object];
    if (begin[0] && !strncmp(caller->name, begin, strlen(begin))) {
      return true;
    }
  }
  return false;
}

// Count a call of our code. Returns whether it is to fail.
static bool
count(const enum fault_kind kind, const char *const name, const struct caller *const caller)
{
  const uint64_t number = atomic_fetch_add(&shared->calls, 1) + 1;
  if (number <= FAULTS_CALLS) {
    shared->places[number - 1] = (uint64_t)caller->object << 40 | (uint64_t)kind << 32 | caller->place;
  }
  if (number != atomic_load(&shared->fail_at)) {
    return false;
  }
  snprintf(shared->injected, sizeof(shared->injected), "%s in %s at 0x%x", name, caller->name, caller->place);
  atomic_store(&shared->is_injected, true);
  return true;
}

// Where a function here was called
struct call {
  struct caller caller;
  bool counts; // It is our own code, and the interposer is armed
  bool fails;
};

static struct call
enter(const enum fault_kind kind, const char *const name, const void *const address)
{
  struct call call = {.counts = false};
  if (shared && atomic_load(&shared->is_armed) && is_own(address, &call.caller)) {
    call.counts = true;
    call.fails = count(kind, name, &call.caller);
  }
  return call;
}

#define ENTER(kind, name) enter(kind, name, __builtin_return_address(0))

// What lives

static size_t
slot_of(const uintptr_t key)
{
  return (key >> 4 ^ key >> 16 ^ key << 5) & (THINGS - 1);
}

static void
add_thing(const struct call *const call, const uintptr_t key, const char *const name)
{
  if (!call->counts || !key) {
    return;
  }
  take_lock();
  for (size_t i = 0; i < THINGS; ++i) {
    struct thing *const thing = &things[(slot_of(key) + i) & (THINGS - 1)];
    if (thing->key <= 1) {
      *thing = (struct thing){key, call->caller.place, (uint8_t)call->caller.object, name};
      atomic_fetch_add(&shared->live, 1);
      break;
    }
  }
  give_lock();
}

static void
remove_thing(const uintptr_t key)
{
  if (!shared || !key || !atomic_load(&shared->live)) {
    return;
  }
  take_lock();
  for (size_t i = 0; i < THINGS; ++i) {
    struct thing *const thing = &things[(slot_of(key) + i) & (THINGS - 1)];
    if (thing->key == key) {
      thing->key = 1;
      atomic_fetch_sub(&shared->live, 1);
      break;
    }
    if (!thing->key) {
      break;
    }
  }
  give_lock();
}

static uintptr_t
descriptor_key(const int descriptor)
{
  return descriptor < 0 ? 0 : (uintptr_t)descriptor + 2;
}

void
faults_find_left(void)
{
  take_lock();
  for (size_t i = 0; i < THINGS; ++i) {
    if (things[i].key > 1) {
      snprintf(shared->left, sizeof(shared->left), "%s in %s at 0x%x", things[i].name,
               shared->objects[things[i].object], things[i].place);
    }
  }
  give_lock();
}

// Memory

static void *
early_allocate(const size_t size)
{
  const size_t begin = early_used;
  early_used += (size + 15) / 16 * 16;
  return early_used <= EARLY ? early + begin : NULL;
}

static bool
is_early(const void *const memory)
{
  return (const char *)memory >= early && (const char *)memory < early + EARLY;
}

// dlsym() may allocate itself
static _Thread_local bool looking __attribute__((tls_model("initial-exec")));

#define REAL_OR_EARLY(name, size)                                                                                      \
  static __typeof__(&name) real;                                                                                       \
  if (!real) {                                                                                                         \
    if (looking) {                                                                                                     \
      return early_allocate(size);                                                                                     \
    }                                                                                                                  \
    looking = true;                                                                                                    \
    *(void **)&real = next_function(#name);                                                                            \
    looking = false;                                                                                                   \
  }

static void *
no_memory(void)
{
  errno = ENOMEM;
  return NULL;
}

void *
malloc(const size_t size)
{
  REAL_OR_EARLY(malloc, size)
  const struct call call = ENTER(FAULT_MEMORY, "malloc");
  void *const memory = call.fails ? no_memory() : real(size);
  add_thing(&call, (uintptr_t)memory, "malloc");
  return memory;
}

void *
calloc(const size_t count_, const size_t size)
{
  REAL_OR_EARLY(calloc, count_ * size)
  const struct call call = ENTER(FAULT_MEMORY, "calloc");
  void *const memory = call.fails ? no_memory() : real(count_, size);
  add_thing(&call, (uintptr_t)memory, "calloc");
  return memory;
}

void *
realloc(void *const before, const size_t size)
{
  REAL_OR_EARLY(realloc, size)
  const struct call call = ENTER(FAULT_MEMORY, "realloc");
  if (call.fails) {
    return no_memory();
  }
  remove_thing((uintptr_t)before);
  void *const memory = real(before, size);
  add_thing(&call, (uintptr_t)memory, "realloc");
  return memory;
}

void *
aligned_alloc(const size_t alignment, const size_t size)
{
  REAL(aligned_alloc)
  const struct call call = ENTER(FAULT_MEMORY, "aligned_alloc");
  void *const memory = call.fails ? no_memory() : real(alignment, size);
  add_thing(&call, (uintptr_t)memory, "aligned_alloc");
  return memory;
}

int
posix_memalign(void **const memory, const size_t alignment, const size_t size)
{
  REAL(posix_memalign)
  const struct call call = ENTER(FAULT_MEMORY, "posix_memalign");
  const int result = call.fails ? ENOMEM : real(memory, alignment, size);
  if (!result) {
    add_thing(&call, (uintptr_t)*memory, "posix_memalign");
  }
  return result;
}

void
free(void *const memory)
{
  if (is_early(memory)) {
    return;
  }
  REAL(free)
  remove_thing((uintptr_t)memory);
  real(memory);
}

char *
strdup(const char *const text)
{
  REAL(strdup)
  const struct call call = ENTER(FAULT_MEMORY, "strdup");
  char *const copy = call.fails ? no_memory() : real(text);
  add_thing(&call, (uintptr_t)copy, "strdup");
  return copy;
}

char *
strndup(const char *const text, const size_t size)
{
  REAL(strndup)
  const struct call call = ENTER(FAULT_MEMORY, "strndup");
  char *const copy = call.fails ? no_memory() : real(text, size);
  add_thing(&call, (uintptr_t)copy, "strndup");
  return copy;
}

char *
realpath(const char *const path, char *const resolved)
{
  REAL(realpath)
  const struct call call = ENTER(FAULT_MEMORY, "realpath");
  char *const result = call.fails ? no_memory() : real(path, resolved);
  if (!resolved) {
    add_thing(&call, (uintptr_t)result, "realpath");
  }
  return result;
}

void *
mmap(
    void *const address, const size_t size, const int protection, const int flags, const int descriptor, const off_t at)
{
  REAL(mmap)
  const struct call call = ENTER(FAULT_MAPPING, "mmap");
  void *const memory = call.fails ? MAP_FAILED : real(address, size, protection, flags, descriptor, at);
  if (call.fails) {
    errno = ENOMEM;
  } else if (memory != MAP_FAILED) {
    add_thing(&call, (uintptr_t)memory, "mmap");
  }
  return memory;
}

int
munmap(void *const address, const size_t size)
{
  REAL(munmap)
  remove_thing((uintptr_t)address);
  return real(address, size);
}

// Files

static int
failed(const int reason)
{
  errno = reason;
  return -1;
}

static int
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

static ssize_t
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
static ssize_t
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

static int
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

// Streams

// What the C library asks of a stream is asked by our code: as a call from the place that opened it
struct cookie {
  struct caller caller;
  int descriptor;
};

static struct call
enter_cookie(const enum fault_kind kind, const char *const name, const struct cookie *const cookie)
{
  struct call call = {.caller = cookie->caller, .counts = atomic_load(&shared->is_armed)};
  call.fails = call.counts && count(kind, name, &call.caller);
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

// Threads

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

// The beginning and the end

struct faults *
faults_state(void)
{
  return shared;
}

// The interposer works before and after all that is in here, and does nothing while there is no shared memory
__attribute__((constructor)) static void
begin(void)
{
  const char *const path = getenv(FAULTS_FILE);
  const int descriptor = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  const int flags = path ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS;
  void *const memory = mmap(NULL, sizeof(struct faults), PROT_READ | PROT_WRITE, flags, descriptor, 0);
  if (descriptor >= 0) {
    close(descriptor);
  }
  if (memory != MAP_FAILED) {
    shared = memory;
    atomic_store(&shared->live, 0); // Of what was before an exec nothing lives
  }
}

__attribute__((destructor)) static void
end(void)
{
  if (shared) {
    faults_find_left();
  }
}
