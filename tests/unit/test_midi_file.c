// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Reading MIDI files: what real files do is read, what is broken is refused with a sentence.

#include "engine/midi_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BYTES_LIMIT = 4096 };

// A MIDI file under construction
struct bytes {
  uint8_t data[BYTES_LIMIT];
  size_t size;
  size_t track_length; // Place of the open track's length
};

static void
put(struct bytes *const bytes, const void *const data, const size_t size)
{
  assert_true(bytes->size + size <= BYTES_LIMIT);
  memcpy(bytes->data + bytes->size, data, size);
  bytes->size += size;
}

#define PUT(bytes, literal) put(bytes, literal, sizeof(literal) - 1)

static void
put_header(struct bytes *const bytes, const uint16_t format, const uint16_t tracks, const uint16_t division)
{
  const uint8_t header[] = {'M',
                            'T',
                            'h',
                            'd',
                            0,
                            0,
                            0,
                            6,
                            0,
                            (uint8_t)format,
                            0,
                            (uint8_t)tracks,
                            (uint8_t)(division >> 8),
                            (uint8_t)division};
  put(bytes, header, sizeof(header));
}

static void
begin_track(struct bytes *const bytes)
{
  PUT(bytes, "MTrk\0\0\0\0");
  bytes->track_length = bytes->size - 4;
}

static void
end_track(struct bytes *const bytes)
{
  const size_t length = bytes->size - bytes->track_length - 4;
  bytes->data[bytes->track_length + 2] = (uint8_t)(length >> 8);
  bytes->data[bytes->track_length + 3] = (uint8_t)length;
}

// One format 0 track of `literal`, a division of 96
#define FILE_OF(bytes, literal)                                                                                        \
  do {                                                                                                                 \
    put_header(bytes, 0, 1, 96);                                                                                       \
    begin_track(bytes);                                                                                                \
    PUT(bytes, literal);                                                                                               \
    end_track(bytes);                                                                                                  \
  } while (0)

static enum status
parse(const struct bytes *const bytes, struct midi_file *const file, struct error *const error)
{
  // A copy of exact size on the heap, so that a sanitizer sees every byte read beyond it
  uint8_t *const copy = malloc(bytes->size ? bytes->size : 1);
  memcpy(copy, bytes->data, bytes->size);
  const enum status status = midi_file_parse(copy, bytes->size, "x.mid", file, error);
  free(copy);
  return status;
}

static struct midi_file
parse_good(const struct bytes *const bytes)
{
  struct midi_file file;
  struct error error = {STATUS_SUCCESS, ""};
  const enum status status = parse(bytes, &file, &error);
  assert_string_equal(error.text, "");
  assert_int_equal(status, STATUS_SUCCESS);
  return file;
}

static void
assert_refused(const struct bytes *const bytes, const enum status wanted)
{
  struct midi_file file;
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_equal(parse(bytes, &file, &error), wanted);
  assert_int_equal(error.status, wanted);
  assert_memory_equal(error.text, "x.mid: ", 7);
  assert_null(strchr(error.text, '\n'));
  assert_int_equal(file.note_count, 0);
  assert_null(file.notes);
  midi_file_free(&file);
}

static void
assert_note(const struct midi_note *const note, const uint32_t onset, const uint32_t duration, const uint8_t pitch)
{
  assert_int_equal(note->onset, onset);
  assert_int_equal(note->duration, duration);
  assert_int_equal(note->pitch, pitch);
}

static void
running_status_and_note_on_without_velocity_are_read(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  FILE_OF(&bytes, "\x00\x90\x3C\x40\x60\x3C\x00\x00\x3E\x41\x30\x3E\x00\x00\xFF\x2F\x00");
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.format, 0);
  assert_int_equal(file.division, 96);
  assert_int_equal(file.tracks, 1);
  assert_int_equal(file.note_count, 2);
  assert_note(&file.notes[0], 0, 96, 60);
  assert_note(&file.notes[1], 96, 48, 62);
  assert_int_equal(file.notes[1].velocity, 65);
  midi_file_free(&file);
}

static void
running_status_goes_on_behind_a_meta_event(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  FILE_OF(&bytes, "\x00\x90\x3C\x40\x00\xFF\x01\x02hi\x60\x3C\x00\x00\xFF\x2F\x00");
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.note_count, 1);
  assert_note(&file.notes[0], 0, 96, 60);
  midi_file_free(&file);
}

static void
a_missing_end_of_track_is_forgiven_and_its_notes_end_there(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  FILE_OF(&bytes, "\x00\x90\x3C\x40\x10\x3E\x40\x20\x40\x40");
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.note_count, 3);
  assert_note(&file.notes[0], 0, 48, 60);
  assert_note(&file.notes[1], 16, 32, 62);
  assert_note(&file.notes[2], 48, 1, 64);
  midi_file_free(&file);
}

static void
of_two_notes_of_one_pitch_the_first_ends_first(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  FILE_OF(&bytes, "\x00\x90\x3C\x40\x10\x3C\x50\x10\x3C\x00\x10\x3C\x00\x00\x3C\x00\x00\xFF\x2F\x00");
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.note_count, 2);
  assert_note(&file.notes[0], 0, 32, 60);
  assert_note(&file.notes[1], 16, 32, 60);
  midi_file_free(&file);
}

static void
channels_are_kept_apart(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  FILE_OF(&bytes, "\x00\x90\x3C\x40\x00\x91\x3C\x40\x10\x81\x3C\x40\x10\x80\x3C\x40\x00\xFF\x2F\x00");
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.note_count, 2);
  assert_int_equal(file.notes[0].channel, 0);
  assert_note(&file.notes[0], 0, 32, 60);
  assert_int_equal(file.notes[1].channel, 1);
  assert_note(&file.notes[1], 0, 16, 60);
  midi_file_free(&file);
}

static void
tracks_of_format_1_sound_together(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  put_header(&bytes, 1, 2, 96);
  for (unsigned i = 0; i < 2; ++i) {
    begin_track(&bytes);
    PUT(&bytes, "\x08\x90\x3C\x40\x10\x3C\x00\x00\xFF\x2F\x00");
    end_track(&bytes);
  }
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.tracks, 2);
  assert_int_equal(file.note_count, 2);
  for (unsigned i = 0; i < 2; ++i) {
    assert_note(&file.notes[i], 8, 16, 60);
    assert_int_equal(file.notes[i].track, i);
  }
  midi_file_free(&file);
}

static void
tracks_of_format_2_stand_one_after_another(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  put_header(&bytes, 2, 2, 96);
  for (unsigned i = 0; i < 2; ++i) {
    begin_track(&bytes);
    PUT(&bytes, "\x08\x90\x3C\x40\x10\x3C\x00\x08\xFF\x2F\x00");
    end_track(&bytes);
  }
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.note_count, 2);
  assert_note(&file.notes[0], 8, 16, 60);
  assert_note(&file.notes[1], 40, 16, 60);
  midi_file_free(&file);
}

static void
meta_events_are_read_in_the_order_of_time(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  put_header(&bytes, 1, 2, 96);
  begin_track(&bytes);
  PUT(&bytes, "\x00\xFF\x03\x05Title\x60\xFF\x58\x04\x03\x02\x18\x08\x00\xFF\x51\x03\x07\xA1\x20\x00\xFF\x2F\x00");
  end_track(&bytes);
  begin_track(&bytes);
  PUT(&bytes,
      "\x00\xFF\x03\x05Other\x00\xFF\x58\x04\x06\x03\x18\x08\x00\xFF\x59\x02\xFD\x01\x00\xB0\x40\x7F\x00\xB0\x07\x7F"
      "\x00\xFF\x2F\x00");
  end_track(&bytes);
  struct midi_file file = parse_good(&bytes);
  assert_string_equal(file.title, "Title");
  assert_int_equal(file.metre_count, 2);
  assert_int_equal(file.metres[0].tick, 0);
  assert_int_equal(file.metres[0].numerator, 6);
  assert_int_equal(file.metres[0].denominator, 8);
  assert_int_equal(file.metres[1].tick, 96);
  assert_int_equal(file.metres[1].numerator, 3);
  assert_int_equal(file.tempo_count, 1);
  assert_int_equal(file.tempos[0].microseconds, 500000);
  assert_int_equal(file.key_count, 1);
  assert_int_equal(file.keys[0].sharps, -3);
  assert_int_equal(file.keys[0].minor, 1);
  assert_int_equal(file.control_count, 1);
  assert_int_equal(file.controls[0].value, 127);
  midi_file_free(&file);
}

static void
system_messages_are_passed_over(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  FILE_OF(&bytes, "\x00\xF0\x03\x01\x02\xF7\x00\xF7\x01\xF8\x00\xF2\x01\x02\x00\xF8\x00\x90\x3C\x40\x10\x80\x3C\x00"
                  "\x00\xFF\x2F\x00");
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.note_count, 1);
  midi_file_free(&file);
}

static void
time_in_frames_becomes_ticks_at_120_bpm(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  put_header(&bytes, 0, 1, 0xE728); // 25 frames of 40 ticks: milliseconds
  begin_track(&bytes);
  PUT(&bytes, "\x00\xFF\x51\x03\x01\x00\x00\x87\x68\x90\x3C\x40\x83\x74\x3C\x00\x00\xFF\x2F\x00"); // 1000, then 500
  end_track(&bytes);
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.division, 480);
  assert_int_equal(file.tempo_count, 0);
  assert_note(&file.notes[0], 960, 480, 60);
  midi_file_free(&file);
}

static void
a_division_that_can_t_be_is_refused(void **const state)
{
  (void)state;
  const uint16_t divisions[] = {0, 0x8000, 0xE700, 0xFF01};
  for (unsigned i = 0; i < sizeof(divisions) / sizeof(divisions[0]); ++i) {
    struct bytes bytes = {.size = 0};
    put_header(&bytes, 0, 1, divisions[i]);
    begin_track(&bytes);
    PUT(&bytes, "\x00\xFF\x2F\x00");
    end_track(&bytes);
    assert_refused(&bytes, STATUS_BAD_FORMAT);
  }
}

static void
a_track_that_is_longer_than_it_says_is_read_to_its_end(void **const state)
{
  (void)state;
  for (uint8_t length = 0; length < 16; ++length) {
    struct bytes bytes = {.size = 0};
    put_header(&bytes, 1, 2, 96);
    begin_track(&bytes);
    PUT(&bytes, "\x00\x90\x3C\x40\x10\x3C\x00\x00\x3E\x40\x10\x3E\x00\x00\xFF\x2F\x00");
    bytes.data[bytes.track_length + 3] = length;
    begin_track(&bytes);
    PUT(&bytes, "\x00\x90\x40\x40\x10\x40\x00\x00\xFF\x2F\x00");
    end_track(&bytes);
    struct midi_file file = parse_good(&bytes);
    assert_int_equal(file.tracks, 2);
    assert_int_equal(file.note_count, 3);
    midi_file_free(&file);
  }
}

static void
a_track_that_says_too_much_does_not_swallow_the_next(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  put_header(&bytes, 1, 2, 96);
  begin_track(&bytes);
  PUT(&bytes, "\x00\x90\x3C\x40\x10\x3C\x00\x00\xFF\x2F\x00");
  memset(bytes.data + bytes.track_length, 0xFF, 4);
  begin_track(&bytes);
  PUT(&bytes, "\x00\x90\x40\x40\x10\x40\x00\x00\xFF\x2F\x00");
  memset(bytes.data + bytes.track_length, 0x7F, 4);
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.note_count, 2);
  midi_file_free(&file);
}

static void
foreign_chunks_and_a_riff_wrapper_are_passed_over(void **const state)
{
  (void)state;
  struct bytes bytes = {.size = 0};
  PUT(&bytes, "RIFF\x40\0\0\0RMIDdata\x30\0\0\0");
  put_header(&bytes, 0, 1, 96);
  PUT(&bytes, "XFIH\0\0\0\x03"
              "abc");
  begin_track(&bytes);
  PUT(&bytes, "\x00\x90\x3C\x40\x10\x3C\x00\x00\xFF\x2F\x00");
  end_track(&bytes);
  struct midi_file file = parse_good(&bytes);
  assert_int_equal(file.note_count, 1);
  midi_file_free(&file);
}

static void
a_file_cut_off_at_any_byte_is_refused(void **const state)
{
  (void)state;
  struct bytes whole = {.size = 0};
  put_header(&whole, 1, 2, 96);
  begin_track(&whole);
  PUT(&whole, "\x00\xFF\x03\x05Title\x00\xFF\x51\x03\x07\xA1\x20\x00\xFF\x58\x04\x03\x02\x18\x08\x00\xFF\x2F\x00");
  end_track(&whole);
  begin_track(&whole);
  PUT(&whole, "\x00\x90\x3C\x40\x81\x10\x3C\x00\x00\xB0\x40\x7F\x00\xF0\x02\x01\xF7\x00\xFF\x2F\x00");
  end_track(&whole);
  for (size_t size = 0; size < whole.size; ++size) {
    struct bytes part = whole;
    part.size = size;
    assert_refused(&part, STATUS_BAD_FORMAT);
  }
  struct midi_file file = parse_good(&whole);
  midi_file_free(&file);
}

static void
no_change_of_one_byte_does_harm(void **const state)
{
  (void)state;
  struct bytes whole = {.size = 0};
  put_header(&whole, 1, 2, 96);
  begin_track(&whole);
  PUT(&whole, "\x00\xFF\x03\x01T\x00\xFF\x51\x03\x07\xA1\x20\x00\xFF\x58\x04\x03\x02\x18\x08\x00\xFF\x2F\x00");
  end_track(&whole);
  begin_track(&whole);
  PUT(&whole, "\x00\x90\x3C\x40\x81\x10\x3C\x00\x00\xB0\x40\x7F\x00\xF0\x02\x01\xF7\x00\xFF\x2F\x00");
  end_track(&whole);
  for (size_t i = 0; i < whole.size; ++i) {
    for (unsigned value = 0; value < 256; ++value) {
      struct bytes changed = whole;
      changed.data[i] = (uint8_t)value;
      struct midi_file file;
      struct error error = {STATUS_SUCCESS, ""};
      const enum status status = parse(&changed, &file, &error);
      assert_true((status == STATUS_SUCCESS) == (error.text[0] == '\0'));
      midi_file_free(&file);
    }
  }
}

static void
numbers_beyond_four_bytes_and_times_beyond_all_bounds_are_refused(void **const state)
{
  (void)state;
  struct bytes long_number = {.size = 0};
  FILE_OF(&long_number, "\x81\x80\x80\x80\x00\x90\x3C\x40\x10\x3C\x00\x00\xFF\x2F\x00");
  assert_refused(&long_number, STATUS_BAD_FORMAT);

  struct bytes late = {.size = 0};
  FILE_OF(&late, "\xFF\xFF\xFF\x7F\x90\x3C\x40\xFF\xFF\xFF\x7F\x3C\x40\xFF\xFF\xFF\x7F\x3C\x40\xFF\xFF\xFF\x7F\x3C\x40"
                 "\xFF\xFF\xFF\x7F\x3C\x40\xFF\xFF\xFF\x7F\x3C\x40\xFF\xFF\xFF\x7F\x3C\x40\xFF\xFF\xFF\x7F\x3C\x40"
                 "\xFF\xFF\xFF\x7F\x3C\x40\x00\xFF\x2F\x00");
  assert_refused(&late, STATUS_TOO_LARGE);
}

static void
events_that_lie_are_refused(void **const state)
{
  (void)state;
  struct bytes no_status = {.size = 0};
  FILE_OF(&no_status, "\x00\x3C\x40\x10\x3C\x00\x00\xFF\x2F\x00");
  assert_refused(&no_status, STATUS_BAD_FORMAT);

  struct bytes long_meta = {.size = 0};
  FILE_OF(&long_meta, "\x00\xFF\x01\xFF\xFF\xFF\x7Fhi\x00\xFF\x2F\x00");
  assert_refused(&long_meta, STATUS_BAD_FORMAT);

  struct bytes long_system = {.size = 0};
  FILE_OF(&long_system, "\x00\xF0\xFF\xFF\xFF\x7Fhi\x00\xFF\x2F\x00");
  assert_refused(&long_system, STATUS_BAD_FORMAT);

  struct bytes high_value = {.size = 0};
  FILE_OF(&high_value, "\x00\x90\x3C\xC0\x00\xFF\x2F\x00");
  assert_refused(&high_value, STATUS_BAD_FORMAT);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(running_status_and_note_on_without_velocity_are_read),
      cmocka_unit_test(running_status_goes_on_behind_a_meta_event),
      cmocka_unit_test(a_missing_end_of_track_is_forgiven_and_its_notes_end_there),
      cmocka_unit_test(of_two_notes_of_one_pitch_the_first_ends_first),
      cmocka_unit_test(channels_are_kept_apart),
      cmocka_unit_test(tracks_of_format_1_sound_together),
      cmocka_unit_test(tracks_of_format_2_stand_one_after_another),
      cmocka_unit_test(meta_events_are_read_in_the_order_of_time),
      cmocka_unit_test(system_messages_are_passed_over),
      cmocka_unit_test(time_in_frames_becomes_ticks_at_120_bpm),
      cmocka_unit_test(a_division_that_can_t_be_is_refused),
      cmocka_unit_test(a_track_that_is_longer_than_it_says_is_read_to_its_end),
      cmocka_unit_test(a_track_that_says_too_much_does_not_swallow_the_next),
      cmocka_unit_test(foreign_chunks_and_a_riff_wrapper_are_passed_over),
      cmocka_unit_test(a_file_cut_off_at_any_byte_is_refused),
      cmocka_unit_test(no_change_of_one_byte_does_harm),
      cmocka_unit_test(numbers_beyond_four_bytes_and_times_beyond_all_bounds_are_refused),
      cmocka_unit_test(events_that_lie_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
