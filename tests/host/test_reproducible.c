// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The same weights, seed and settings give the same notes: in the plugin at any length of blocks, on export, and from
// `ritornello compose` (where the program is built). Everything is brought into the same form, a MIDI file of notes at 24
// ticks per quarter, and compared byte by byte.

#include "fixture.h"

#include "engine/composer.h"
#include "engine/midi_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { BARS = 8, END = BARS * 4 * TICKS_PER_QUARTER, BPM = 240, SEED = 12345, NOTES = 8192 };

/// Notes in the form that is compared.
struct notes {
  struct midi_note note[NOTES];
  size_t count;
};

/// Add a note, as far as it lies in the bars that are compared.
static void
add_note(struct notes *const notes, const int64_t onset, const int64_t end, const uint8_t pitch, const uint8_t velocity)
{
  if (onset < 0 || onset >= END) {
    return;
  }
  assert_true(notes->count < NOTES);
  notes->note[notes->count++] = (struct midi_note){
      .onset = (uint32_t)onset,
      .duration = (uint32_t)((end < END ? end : END) - onset),
      .pitch = pitch,
      .velocity = velocity,
  };
}

static int
compare_notes(const void *const a, const void *const b)
{
  const struct midi_note *const x = a;
  const struct midi_note *const y = b;
  return x->onset != y->onset ? (x->onset < y->onset ? -1 : 1) : (int)x->pitch - (int)y->pitch;
}

/// Write `notes` as a MIDI file and return its bytes; the caller frees them.
static char *
notes_to_bytes(const struct fixture *const fixture, struct notes *const notes, size_t *const size)
{
  char path[FIXTURE_PATH];
  fixture_path(fixture, "notes.mid", 0, path);
  qsort(notes->note, notes->count, sizeof notes->note[0], compare_notes);
  const struct midi_file midi = {
      .format = 1,
      .division = TICKS_PER_QUARTER,
      .tracks = 1,
      .notes = notes->note,
      .note_count = notes->count,
  };
  assert_int_equal(midi_file_write(path, &midi, NULL), STATUS_SUCCESS);
  FILE *const file = fopen(path, "rb");
  assert_non_null(file);
  char *const bytes = calloc(1, 1 << 20);
  *size = fread(bytes, 1, 1 << 20, file);
  fclose(file);
  assert_true(*size > 100);
  return bytes;
}

/// The notes of what a host recorded.
static void
notes_of_host(const struct minihost *const host, struct notes *const notes)
{
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    if ((events[i].bytes[0] & 0xF0U) != 0x90U) {
      continue;
    }
    size_t end = i + 1;
    while (end < count && (events[end].bytes[0] != 0x80 || events[end].bytes[1] != events[i].bytes[1])) {
      ++end;
    }
    add_note(notes, events[i].tick, end < count ? events[end].tick : END, events[i].bytes[1], events[i].bytes[2]);
  }
}

/// What the plugin plays in blocks of `block` frames.
static char *
play(const struct fixture *const fixture,
     const struct minihost_options *const options,
     const int freewheel,
     size_t *size)
{
  struct minihost *const host = fixture_host(fixture, options);
  minihost_set(host, "seed", SEED);
  minihost_set(host, "style", 2.0F);
  minihost_tempo(host, BPM);
  if (freewheel) {
    minihost_set(host, "freewheel", 1.0F);
    minihost_play(host);
  } else {
    fixture_start(host);
  }
  const double seconds = (BARS * 4 + 1) * 60.0 / BPM;
  minihost_run(host, (int64_t)(seconds * minihost_song(host)->rate));
  assert_true(minihost_get(host, "late") == 0.0F);
  assert_int_equal(minihost_faults(host), 0);

  struct notes *const notes = calloc(1, sizeof *notes);
  notes_of_host(host, notes);
  char *const bytes = notes_to_bytes(fixture, notes, size);
  free(notes);
  minihost_free(host);
  return bytes;
}

/// What the composer writes when it is asked without a host.
static char *
compose(const struct fixture *const fixture, size_t *const size)
{
  struct weights *weights = NULL;
  struct composer *composer = NULL;
  assert_int_equal(weights_load(fixture->weights, &weights, NULL), STATUS_SUCCESS);
  assert_int_equal(composer_new(&composer, NULL), STATUS_SUCCESS);
  const struct controls controls = {
      .sampling = {.temperature = 1.0F, .top_p = 1.0F},
      .style = weights_style(weights, "mozart"),
      .seed = SEED,
      .look_ahead = END + TICKS_PER_WHOLE,
  };
  composer_set_weights(composer, weights);
  composer_set_controls(composer, &controls);
  composer_locate(composer, (struct position){0, 0}, (struct metre){4, 4});
  while (!composer_is_filled(composer)) {
    composer_work(composer, 1000000);
  }
  struct notes *const notes = calloc(1, sizeof *notes);
  struct take *const take = composer_take(composer);
  for (uint32_t bar = 0; bar < BARS; ++bar) {
    const struct take_bar *const entry = take_bar(take, bar);
    assert_non_null(entry);
    for (uint32_t i = entry->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      const int64_t onset = (int64_t)bar * TICKS_PER_WHOLE + note->tick;
      if (!note->rest) {
        add_note(notes, onset, onset + note->sounding, note->event.pitch, note->event.velocity);
      }
    }
  }
  char *const bytes = notes_to_bytes(fixture, notes, size);
  free(notes);
  composer_free(composer);
  weights_free(weights);
  return bytes;
}

static void
assert_same_bytes(char *const a, const size_t size_a, char *const b, const size_t size_b)
{
  assert_int_equal(size_a, size_b);
  assert_memory_equal(a, b, size_a);
  free(b);
}

static void
every_block_length_gives_the_composers_bytes(void **const state)
{
  static const uint32_t blocks[] = {1, 64, 333, 1024, 8192};
  size_t wanted_size = 0;
  char *const wanted = compose(*state, &wanted_size);
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; ++i) {
    const struct minihost_options options = {.block = blocks[i]};
    size_t size = 0;
    char *const bytes = play(*state, &options, 0, &size);
    assert_same_bytes(wanted, wanted_size, bytes, size);
  }
  free(wanted);
}

static void
every_sample_rate_and_kind_of_host_gives_the_same_bytes(void **const state)
{
  static const struct minihost_options kinds[] = {
      {.rate = 44100, .block = 256, .blank = 1},
      {.rate = 96000, .block = 512, .positions = MINIHOST_POSITIONS_ON_CHANGE},
      {.rate = 22050, .block = 100, .worker = MINIHOST_WORKER_THREAD},
  };
  size_t wanted_size = 0;
  char *const wanted = compose(*state, &wanted_size);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
    size_t size = 0;
    char *const bytes = play(*state, &kinds[i], 0, &size);
    assert_same_bytes(wanted, wanted_size, bytes, size);
  }
  free(wanted);
}

static void
an_export_gives_the_same_bytes_without_time_to_prepare(void **const state)
{
  static const uint32_t blocks[] = {64, 8192};
  size_t wanted_size = 0;
  char *const wanted = compose(*state, &wanted_size);
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; ++i) {
    const struct minihost_options options = {.block = blocks[i]};
    size_t size = 0;
    char *const bytes = play(*state, &options, 1, &size);
    assert_same_bytes(wanted, wanted_size, bytes, size);
  }
  free(wanted);
}

/// Play all bars in `host` while the temperature changes at odd places, that of `from` bars on by `offset` more; return the
/// bytes.
static char *
play_automated(const struct fixture *const fixture,
               struct minihost *const host,
               const int from,
               const float offset,
               size_t *const size)
{
  const int64_t bar = (int64_t)(4 * 60.0 / BPM * minihost_song(host)->rate);
  minihost_set(host, "temperature", 1.0F);
  minihost_locate(host, 0, 0.0);
  minihost_play(host);
  minihost_run(host, 1); // The host has located
  minihost_forget_events(host);
  const int64_t begin = minihost_song(host)->frame - 1;
  for (int i = 0; i < 2 * BARS + 1; ++i) {
    minihost_set(host, "temperature", 0.6F + 0.05F * (float)(i % 7) + (i >= 2 * from ? offset : 0.0F));
    minihost_run(host, begin + (i + 1) * bar / 2 + 777 - minihost_song(host)->frame);
  }
  minihost_stop(host);
  minihost_run(host, 4096);
  assert_true(minihost_get(host, "late") == 0.0F);
  assert_int_equal(minihost_faults(host), 0);
  struct notes *const notes = calloc(1, sizeof *notes);
  notes_of_host(host, notes);
  char *const bytes = notes_to_bytes(fixture, notes, size);
  free(notes);
  return bytes;
}

static void
automation_gives_the_same_bytes_at_every_block_length_and_every_time(void **const state)
{
  const struct fixture *const fixture = *state;
  static const uint32_t blocks[] = {64, 333, 8192};
  size_t wanted_size = 0;
  char *wanted = NULL;
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; ++i) {
    const struct minihost_options options = {.block = blocks[i]};
    struct minihost *const host = fixture_host(fixture, &options);
    minihost_set(host, "seed", SEED);
    minihost_set(host, "temperature", 1.0F);
    minihost_tempo(host, BPM);
    minihost_set(host, "freewheel", 1.0F);
    minihost_run(host, 8192);
    size_t size = 0;
    char *bytes = play_automated(fixture, host, BARS, 0.0F, &size);
    if (!wanted) {
      wanted = bytes;
      wanted_size = size;
    } else {
      assert_same_bytes(wanted, wanted_size, bytes, size);
    }

    // The second time it is played back, although not to the last digit; automation that differs is heard
    bytes = play_automated(fixture, host, 0, 0.002F, &size);
    assert_same_bytes(wanted, wanted_size, bytes, size);
    bytes = play_automated(fixture, host, 3, 0.3F, &size);
    assert_false(size == wanted_size && memcmp(bytes, wanted, size) == 0);
    free(bytes);
    minihost_free(host);
  }
  free(wanted);
}

/// Run `ritornello compose` and return 0 if it did well.
static int
run_program(const char *const program, const char *const weights, const char *const output)
{
  char bars[16];
  char bpm[16];
  char seed[16];
  snprintf(bars, sizeof bars, "%d", BARS + 1);
  snprintf(bpm, sizeof bpm, "%d", BPM);
  snprintf(seed, sizeof seed, "%d", SEED);
  const pid_t child = fork();
  if (child == 0) {
    execl(program, program, "compose", weights, "-o", output, "--bars", bars, "--bpm", bpm, "--seed", seed, "--style",
          "mozart", (char *)NULL);
    _exit(127);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
the_program_composes_the_same_bytes(void **const state)
{
  const struct fixture *const fixture = *state;
  const char *const program = getenv("RITORNELLO_PROGRAM");
  if (!program || access(program, X_OK) != 0) {
    skip();
  }
  char path[FIXTURE_PATH];
  fixture_path(fixture, "composed.mid", 0, path);
  assert_int_equal(run_program(program, fixture->weights, path), 0);
  struct midi_file midi;
  assert_int_equal(midi_file_read(path, &midi, NULL), STATUS_SUCCESS);
  struct notes *const notes = calloc(1, sizeof *notes);
  for (size_t i = 0; i < midi.note_count; ++i) {
    const struct midi_note *const note = &midi.notes[i];
    const int64_t onset = (int64_t)note->onset * TICKS_PER_QUARTER / midi.division;
    const int64_t end = ((int64_t)note->onset + note->duration) * TICKS_PER_QUARTER / midi.division;
    add_note(notes, onset, end, note->pitch, note->velocity);
  }
  midi_file_free(&midi);
  size_t wanted_size = 0;
  char *const wanted = notes_to_bytes(fixture, notes, &wanted_size);
  free(notes);

  const struct minihost_options options = {.block = 333};
  size_t size = 0;
  char *const bytes = play(fixture, &options, 0, &size);
  assert_same_bytes(wanted, wanted_size, bytes, size);
  free(wanted);
}

enum { LEAVES = 48 };

/// What is played in blocks of `block` frames at the end of what is composed, two bars ahead, where it comes to another bar line.
/// The text is the caller's.
static char *
play_around_the_end(const struct fixture *const fixture, const uint32_t block)
{
  const struct minihost_options options = {.block = block};
  struct minihost *const host = fixture_host(fixture, &options);
  minihost_set(host, "freewheel", 1.0F);
  minihost_set(host, "look_ahead", 8.0F);
  for (int leave = 0; leave < LEAVES; ++leave) {
    minihost_locate(host, 1000 * (int64_t)(leave + 1), 0.0);
    minihost_play(host);
    minihost_run(host, 1000 * (int64_t)(96 - leave) + 100); // Just after a tick of its second half
    minihost_locate(host, 1000 * (int64_t)(leave + 1) + 3, 0.0);
    minihost_run(host, 48000);
  }
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  char *const text = calloc(count + 1, 64);
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    used += (size_t)snprintf(text + used, 64, "%lld %02x %d %d\n", (long long)events[i].frame, events[i].bytes[0],
                             events[i].bytes[1], events[i].bytes[2]);
  }
  assert_true(count > 100);
  minihost_free(host);
  return text;
}

static void
a_locate_to_the_end_of_the_take_goes_on_the_same_in_blocks_of_any_length(void **const state)
{
  static const uint32_t blocks[] = {64, 333, 1024, 8192};
  const struct fixture *const fixture = *state;
  char *const one = play_around_the_end(fixture, 256);
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; ++i) {
    char *const other = play_around_the_end(fixture, blocks[i]);
    assert_string_equal(one, other);
    free(other);
  }
  free(one);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_block_length_gives_the_composers_bytes),
      cmocka_unit_test(every_sample_rate_and_kind_of_host_gives_the_same_bytes),
      cmocka_unit_test(automation_gives_the_same_bytes_at_every_block_length_and_every_time),
      cmocka_unit_test(an_export_gives_the_same_bytes_without_time_to_prepare),
      cmocka_unit_test(a_locate_to_the_end_of_the_take_goes_on_the_same_in_blocks_of_any_length),
      cmocka_unit_test(the_program_composes_the_same_bytes),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
