// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Stands before the C library and lets one call fail (faults.h). The real functions are those that come next, so that
// sanitizers' own are still called. Who calls is told by the return address: each function here is one that our code calls
// itself, and streams that our code opens are made of cookies, so that what the C library reads and writes for them is seen.

#include "interposer.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { THINGS = 1 << 18 }; // Places in the table of what lives; a power of two

struct thing {
  uintptr_t key; // Address, or descriptor + 1; 0: none was ever here; 1: no longer
  uint32_t place;
  uint8_t object;
  const char *name;
};

struct faults *shared;
static struct thing things[THINGS];
static atomic_flag lock = ATOMIC_FLAG_INIT;

void *
next_function(const char *const name)
{
  void *const function = dlsym(RTLD_NEXT, name);
  if (!function) {
    abort();
  }
  return function;
}

void
take_lock(void)
{
  while (atomic_flag_test_and_set(&lock)) {
  }
}

void
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
bool
count_call(const enum fault_kind kind, const char *const name, const struct caller *const caller)
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

struct call
enter(const enum fault_kind kind, const char *const name, const void *const address)
{
  struct call call = {.counts = false};
  if (shared && atomic_load(&shared->is_armed) && is_own(address, &call.caller)) {
    call.counts = true;
    call.fails = count_call(kind, name, &call.caller);
  }
  return call;
}

// What lives

static size_t
slot_of(const uintptr_t key)
{
  return (key >> 4 ^ key >> 16 ^ key << 5) & (THINGS - 1);
}

void
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

void
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

uintptr_t
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
