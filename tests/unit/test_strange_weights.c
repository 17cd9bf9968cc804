// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Weight files from strangers: whatever stands where one should be, it is refused in one sentence, at once, and without more
// memory than it is worth. What single fields of a file may say is tested in test_safetensors.c and test_weights.c.

#define _DEFAULT_SOURCE // mkdtemp, usleep and more

#include "engine/safetensors.h"
#include "engine/weights.h"
#include "random_weights.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 256, LOADS = 60, MEGABYTE = 1024 * 1024 };

static const struct streaming_sizes sizes = {16, 32, 16, 2, 16, 16, 16, 4, 16, 6};

struct fixture {
  char folder[PATH_SIZE / 2];
  char good[PATH_SIZE];
  char path[PATH_SIZE];
};

static int
setup(void **const state)
{
  struct fixture *const fixture = calloc(1, sizeof(*fixture));
  const char *const base = getenv("TMPDIR");
  snprintf(fixture->folder, sizeof(fixture->folder), "%s/ritornello-XXXXXX", base ? base : "/tmp");
  assert_non_null(mkdtemp(fixture->folder));
  snprintf(fixture->good, sizeof(fixture->good), "%s/good.safetensors", fixture->folder);
  snprintf(fixture->path, sizeof(fixture->path), "%s/strange.safetensors", fixture->folder);
  assert_int_equal(random_weights_write(fixture->good, &sizes, 5, 0.2F), 0);
  *state = fixture;
  return 0;
}

static int
teardown(void **const state)
{
  struct fixture *const fixture = *state;
  (void)unlink(fixture->path);
  (void)unlink(fixture->good);
  const int result = rmdir(fixture->folder);
  free(fixture);
  return result;
}

static void
assert_refused(const char *const path, const char *const reason)
{
  struct weights *weights = NULL;
  struct error error = {.status = STATUS_SUCCESS};
  assert_int_not_equal(weights_load(path, &weights, &error), STATUS_SUCCESS);
  assert_null(weights);
  assert_null(strchr(error.text, '\n'));
  if (!strstr(error.text, reason)) {
    fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
  }
}

// The most memory that this process has had so far, in bytes.
static size_t
peak_memory(void)
{
  struct rusage usage;
  assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
  return (size_t)usage.ru_maxrss * 1024;
}

// Write a header of `length` bytes that says so, and no data, as a file of `size`.
static void
write_header(const struct fixture *const fixture, const char *const header, const uint64_t length, const off_t size)
{
  FILE *const file = fopen(fixture->path, "wb");
  assert_non_null(file);
  for (unsigned i = 0; i < 8; ++i) {
    fputc((int)(length >> (8 * i) & 0xFF), file);
  }
  fwrite(header, 1, strlen(header), file);
  assert_int_equal(fclose(file), 0);
  assert_int_equal(truncate(fixture->path, size), 0);
}

static void
a_link_is_followed_to_where_it_leads(void **const state)
{
  const struct fixture *const fixture = *state;
  struct weights *weights = NULL;
  assert_int_equal(symlink(fixture->good, fixture->path), 0);
  assert_int_equal(weights_load(fixture->path, &weights, NULL), STATUS_SUCCESS);
  weights_free(weights);

  assert_int_equal(unlink(fixture->path), 0);
  assert_int_equal(symlink(fixture->path, fixture->path), 0);
  assert_refused(fixture->path, "can't be opened");

  assert_int_equal(unlink(fixture->path), 0);
  assert_int_equal(symlink("nowhere", fixture->path), 0);
  assert_refused(fixture->path, "can't be opened");
}

static void
devices_pipes_and_folders_are_refused_without_waiting(void **const state)
{
  const struct fixture *const fixture = *state;
  assert_refused("/dev/zero", "no regular file");
  assert_refused("/dev/null", "no regular file");
  assert_refused("/dev/tty", "/dev/tty"); // There may be none
  assert_refused("/proc/self/environ", "usable safetensors file");
  assert_refused(fixture->folder, "no regular file");
  assert_int_equal(mkfifo(fixture->path, 0600), 0);
  assert_refused(fixture->path, "no regular file");
  assert_int_equal(unlink(fixture->path), 0);
  assert_int_equal(symlink("/dev/zero", fixture->path), 0);
  assert_refused(fixture->path, "no regular file");
}

// A file may be large and yet take nothing on a disk: it is not read before its header is good.
static void
of_a_giant_file_with_a_bad_header_only_the_header_is_read(void **const state)
{
  const struct fixture *const fixture = *state;
  const size_t before = peak_memory();
  write_header(fixture, "", 0, (off_t)SAFETENSORS_FILE_SIZE);
  assert_refused(fixture->path, "does not begin with {");
  write_header(fixture, "{}", 2, (off_t)SAFETENSORS_FILE_SIZE);
  assert_refused(fixture->path, "bytes behind the last tensor");
  static const char small[] = "{\"a\":{\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16]}}";
  write_header(fixture, small, sizeof(small) - 1, (off_t)SAFETENSORS_FILE_SIZE);
  assert_refused(fixture->path, "bytes behind the last tensor");
  assert_true(peak_memory() - before < 300U * MEGABYTE); // What sanitizers need for a map of it, too
}

static void
a_header_as_long_as_may_be_takes_a_bounded_amount_of_memory(void **const state)
{
  const struct fixture *const fixture = *state;
  const size_t before = peak_memory();
  const size_t most = SAFETENSORS_HEADER_SIZE;
  char *const header = malloc(most + 1);
  header[0] = '{';
  size_t length = 1;
  for (unsigned i = 0; length < most - 16; ++i) { // Empty objects cost most for their length
    length += (size_t)snprintf(header + length, most - length, "\"%x\":{},", i);
  }
  memset(header + length, ' ', most - length);
  header[length - 1] = '}';
  header[most] = '\0';
  write_header(fixture, header, most, (off_t)(most + 8));
  assert_refused(fixture->path, "too many tensors");

  memset(header, ' ', most);
  memcpy(header, "{\"a\":{\"shape\":[", 15);
  for (length = 15; length < most - 8; length += 2) {
    memcpy(header + length, "1,", 2);
  }
  memcpy(header + length, "1]}}", 4);
  write_header(fixture, header, most, (off_t)(most + 8));
  assert_refused(fixture->path, "is not described");
  free(header);
  assert_true(peak_memory() - before < 512U * MEGABYTE);
}

static void
a_header_longer_than_that_is_not_read(void **const state)
{
  const struct fixture *const fixture = *state;
  write_header(fixture, "{", SAFETENSORS_HEADER_SIZE + 1, 64 * MEGABYTE);
  assert_refused(fixture->path, "longer than the file or 4 MiB");
  write_header(fixture, "{", UINT64_MAX, 64 * MEGABYTE);
  assert_refused(fixture->path, "longer than the file or 4 MiB");
  write_header(fixture, "{", UINT64_MAX - 7, 16);
  assert_refused(fixture->path, "longer than the file or 4 MiB");
}

static void
a_small_file_whose_network_needs_much_to_run_is_refused(void **const state)
{
  const struct fixture *const fixture = *state;
  static const struct streaming_sizes hungry = {16, 16, 0, 16, 256, 256, 16, 128, 16384, 0};
  const size_t before = peak_memory();
  assert_int_equal(random_weights_write(fixture->path, &hungry, 5, 0.2F), 0);
  assert_refused(fixture->path, "MiB to run");
  assert_true(peak_memory() - before < 256U * MEGABYTE);
}

// Change the file at `path` for as long as this process lives: shorter, longer, other bytes.
static void
change_for_ever(const char *const path, const off_t size)
{
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) {
    return;
  }
  for (unsigned i = 0;; ++i) {
    const off_t place = (off_t)(i * 7919U % (unsigned)size);
    (void)!ftruncate(file, i % 3 == 0 ? place : size);
    (void)!pwrite(file, &i, sizeof(i), place);
    (void)!pwrite(file, "{}", 2, size - 2);
  }
}

static void
a_file_that_changes_while_it_is_read_does_no_harm(void **const state)
{
  const struct fixture *const fixture = *state;
  struct stat status;
  assert_int_equal(stat(fixture->good, &status), 0);
  const pid_t other = fork();
  assert_true(other >= 0);
  if (other == 0) {
    change_for_ever(fixture->good, status.st_size);
    _exit(0);
  }
  for (unsigned i = 0; i < LOADS; ++i) {
    struct weights *weights = NULL;
    struct error error = {.status = STATUS_SUCCESS};
    if (weights_load(fixture->good, &weights, &error)) {
      assert_null(weights);
      assert_non_null(strstr(error.text, "good.safetensors"));
    }
    weights_free(weights);
  }
  assert_int_equal(kill(other, SIGKILL), 0);
  assert_int_equal(waitpid(other, NULL, 0), other);
}

// The kernel says of its own files that they have a page, and of this one there are some bytes only.
static void
a_file_that_ends_before_its_size_is_refused_without_waiting(void **const state)
{
  (void)state;
  static const char path[] = "/sys/devices/system/cpu/online";
  if (access(path, R_OK)) {
    skip();
  }
  alarm(60);
  assert_refused(path, "became shorter while it was read");
  alarm(0);
}

static void
a_file_cut_at_any_byte_of_its_header_is_refused(void **const state)
{
  const struct fixture *const fixture = *state;
  struct stat status;
  assert_int_equal(stat(fixture->good, &status), 0);
  for (off_t size = status.st_size < 4000 ? status.st_size - 1 : 4000; size >= 0; size -= 61) {
    assert_int_equal(truncate(fixture->good, size), 0);
    assert_refused(fixture->good, "usable safetensors file");
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_link_is_followed_to_where_it_leads, setup, teardown),
      cmocka_unit_test_setup_teardown(devices_pipes_and_folders_are_refused_without_waiting, setup, teardown),
      cmocka_unit_test_setup_teardown(of_a_giant_file_with_a_bad_header_only_the_header_is_read, setup, teardown),
      cmocka_unit_test_setup_teardown(a_header_as_long_as_may_be_takes_a_bounded_amount_of_memory, setup, teardown),
      cmocka_unit_test_setup_teardown(a_header_longer_than_that_is_not_read, setup, teardown),
      cmocka_unit_test_setup_teardown(a_small_file_whose_network_needs_much_to_run_is_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(a_file_that_changes_while_it_is_read_does_no_harm, setup, teardown),
      cmocka_unit_test(a_file_that_ends_before_its_size_is_refused_without_waiting),
      cmocka_unit_test_setup_teardown(a_file_cut_at_any_byte_of_its_header_is_refused, setup, teardown),
  };
  return cmocka_run_group_tests_name("weights from strangers", tests, NULL, NULL);
}
