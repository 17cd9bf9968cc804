// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The reader of take_codec.h. The bytes may say anything: every number is checked against what it counts, names or measures
// before it is used, and memory is taken only for what the bytes that are there can hold.

#include "take_codec.h"

#include "take_codec_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  BAR_MOST = 1 << 30,   // No song is that long
  BAR_BYTES = 19,       // A bar takes at least so many bytes,
  NOTE_BYTES = 3,       // and a note so many
  NAME_SIZE = 64,       // Longest name of a control, and its end
  NAMES_MOST = 256,     // Controls that a file may name
  STYLE_MOST = 64,      // Styles that a weight file may know; the section looks at the present one's
  UNKNOWN = NAMES_MOST, // A control that is none of ours
};

struct input {
  const uint8_t *at;
  const uint8_t *end;
  const char *broken; // What can't be, or NULL
};

// Say what is wrong, if it is the first.
static void
break_off(struct input *const input, const char *const what)
{
  input->broken = input->broken ? input->broken : what;
  input->at = input->end;
}

static uint8_t
get_byte(struct input *const input)
{
  if (input->at == input->end) {
    break_off(input, "it ends too early");
    return 0;
  }
  return *input->at++;
}

// Read a number from `least` to `most`; `least` if it is none.
static uint64_t
get_number(struct input *const input, const uint64_t least, const uint64_t most)
{
  uint64_t number = 0;
  uint8_t byte = 0x80;
  for (unsigned shift = 0; byte & 0x80U; shift += 7) {
    byte = get_byte(input);
    if (shift > 56) {
      break_off(input, "a number is too long");
      return least;
    }
    number |= (uint64_t)(byte & 0x7FU) << shift;
  }
  if (number < least || number > most) {
    break_off(input, "a number is out of range");
    return least;
  }
  return number;
}

static uint32_t
get_u32(struct input *const input, const uint32_t most)
{
  return (uint32_t)get_number(input, 0, most);
}

static uint64_t
get_eight(struct input *const input)
{
  uint64_t bits = 0;
  for (unsigned i = 0; i < 8; ++i) {
    bits |= (uint64_t)get_byte(input) << (8 * i);
  }
  return bits;
}

static size_t
bytes_left(const struct input *const input)
{
  return (size_t)(input->end - input->at);
}

// Read how many things of at least `size` bytes follow, at most `most`.
static uint32_t
get_count(struct input *const input, const size_t size, const uint32_t most)
{
  const uint32_t count = get_u32(input, most);
  if (count > bytes_left(input) / size) {
    break_off(input, "it ends too early");
    return 0;
  }
  return count;
}

// Controls

// How `value` reads as a control whose largest value is `most`; those of whole numbers are not below 0.
static double
bounded(const double value, const double least, const double most)
{
  return isfinite(value) ? fmin(fmax(value, least), most) : 0.0;
}

#define MOST_OF(field)                                                                                                 \
  _Generic((field), bool : 1.0, uint8_t : 255.0, uint16_t : 65535.0, uint32_t : 4294967295.0, float : 1e9)
#define LEAST_OF(field) _Generic((field), float : -1e9, default : 0.0)

// Set control number `index` of `set`.
static void
set_control(struct controls *const set, const uint32_t index, const double value)
{
  uint32_t at = 0;
#define SET(field)                                                                                                     \
  if (at++ == index) {                                                                                                 \
    const double known = bounded(value, LEAST_OF(set->field), MOST_OF(set->field));                                    \
    set->field = _Generic((set->field), bool : known > 0.0, default : known);                                          \
  }
  LATCHED_CONTROLS(SET)
#undef SET
}

// Read the names of the controls into `known`, as numbers of ours; return how many there are.
static uint32_t
get_names(struct input *const input, uint32_t known[NAMES_MOST])
{
  const uint32_t count = get_count(input, 1, NAMES_MOST);
  for (uint32_t i = 0; i < count; ++i) {
    char name[NAME_SIZE] = "";
    const uint32_t length = get_u32(input, NAME_SIZE - 1);
    for (uint32_t k = 0; k < length; ++k) {
      name[k] = (char)get_byte(input);
    }
    known[i] = UNKNOWN;
    for (uint32_t k = 0; k < TAKE_CONTROLS; ++k) {
      known[i] = strcmp(name, take_control_names[k]) ? known[i] : k;
    }
  }
  return count;
}

static enum status
no_memory(struct error *const error)
{
  return error_set(error, STATUS_NO_MEMORY, "There is not enough memory for the saved take");
}

static enum status
get_sets(struct input *const input,
         const uint32_t known[NAMES_MOST],
         const uint32_t names,
         struct take_image *const image,
         struct error *const error)
{
  const uint32_t count = get_count(input, names ? (size_t)8 * names : 1, LATCHES - 1);
  image->sets = calloc(count + (size_t)1, sizeof(*image->sets));
  if (!image->sets) {
    return no_memory(error);
  }
  for (uint32_t i = 0; i < count; ++i) {
    for (uint32_t k = 0; k < names; ++k) {
      const uint64_t bits = get_eight(input);
      double value = 0.0;
      memcpy(&value, &bits, sizeof(value));
      set_control(&image->sets[i], known[k], value);
    }
  }
  image->set_count = count;
  return STATUS_SUCCESS;
}

// Views

static void
get_view(struct input *const input, const struct take_image *const image, struct view *const view)
{
  view_init(view);
  const uint32_t count = (uint32_t)get_number(input, 1, VIEW_RANGES);
  uint32_t first = 0;
  for (uint32_t i = 0; i < count && !input->broken; ++i) {
    const uint32_t step = get_u32(input, UINT32_MAX - 1 - first);
    if ((i == 0) != (step == 0)) {
      break_off(input, "a view's ranges are out of order");
      break;
    }
    first += step;
    view->ranges[i] = (struct view_range){
        .first = first,
        .version = get_u32(input, image->versions),
        .salt = get_u32(input, UINT32_MAX),
        .accepted = get_u32(input, image->acceptances),
    };
    view->count = i + 1;
  }
}

static void
get_views(struct input *const input, struct take_image *const image)
{
  image->versions = get_u32(input, UINT32_MAX - 1);
  image->acceptances = get_u32(input, UINT32_MAX - 1);
  image->salt = get_u32(input, UINT32_MAX - 1);
  const uint32_t count = (uint32_t)get_number(input, 1, TAKE_UNDO + 1);
  get_view(input, image, &image->view);
  image->history_count = count - 1;
  for (uint32_t i = 0; i + 1 < count; ++i) {
    get_view(input, image, &image->history[i]);
  }
}

// Bars

static void
get_event(struct input *const input, struct event *const event)
{
  event->hand = (uint8_t)get_u32(input, HAND_CLASSES - 1);
  event->pitch = (uint8_t)get_number(input, PITCH_LOWEST, PITCH_HIGHEST);
  event->velocity = (uint8_t)get_number(input, 1, 127);
  event->duration = (uint16_t)get_number(input, 1, DURATION_LONGEST);
  // Of what was played, the way to the next onset may be of any length
  const struct event alone = {
      .hand = event->hand, .pitch = event->pitch, .velocity = event->velocity, .duration = event->duration};
  if (!input->broken && !event_is_valid(&alone)) {
    break_off(input, "a note is none that is composed");
  }
}

static void
get_conditions(struct input *const input, struct conditions *const conditions)
{
  conditions->style = (uint8_t)get_u32(input, STYLE_MOST);
  conditions->key = (uint8_t)get_u32(input, KEY_COUNT);
  conditions->density = (uint8_t)get_u32(input, DENSITY_STEPS);
  conditions->metre = (uint8_t)get_u32(input, METRE_CLASSES - 1);
  conditions->recall = (uint8_t)get_u32(input, UINT8_MAX);
}

// Read a note of `bar`; `note` is the one before it of any bar, `tick` its place if that was in this bar, or 0.
static void
get_note(struct input *const input,
         const struct take_image *const image,
         const struct take_bar *const bar,
         const uint32_t number,
         struct take_note *const note)
{
  const uint32_t flags = get_u32(input, NOTE_FLAGS);
  const uint32_t from = number ? note->tick : 0;
  const uint16_t way = note->event.advance;
  const uint32_t step = get_u32(input, metre_bar_ticks(bar->metre) - 1 - from);
  note->event = (struct event){.advance = (uint16_t)get_u32(input, ADVANCE_END)};
  note->rest = (flags & NOTE_REST) != 0;
  note->joined = (flags & NOTE_JOINED) != 0;
  note->tick = (uint16_t)(from + step);
  if (note->joined && (number == 0 || step > 0 || note->rest || way > 0)) {
    break_off(input, "a note stands where none can");
  }
  if (!note->rest) {
    get_event(input, &note->event);
  }
  if (flags & NOTE_CONDITIONS) {
    get_conditions(input, &note->conditions);
  }
  if (flags & NOTE_STEERING) {
    const uint32_t level = get_u32(input, 2 * INT16_MAX);
    note->steering = (int16_t)(level & 1U ? -(int32_t)((level + 1) / 2) : (int32_t)(level / 2));
  }
  if (flags & NOTE_SET) {
    note->latched = (uint16_t)get_u32(input, image->set_count ? image->set_count - 1 : 0);
  }
  note->length = (uint16_t)(flags & NOTE_LENGTH ? get_u32(input, DURATION_LONGEST) : note->event.duration);
  note->sounding = (uint16_t)(flags & NOTE_SHORT ? get_u32(input, note->length) : note->length);
  note->origin = (uint8_t)(flags & NOTE_ORIGIN ? get_u32(input, TAKE_COPIED) : TAKE_COMPOSED);
  if (flags & NOTE_HARMONY) {
    note->harmony = (uint16_t)get_u32(input, UINT16_MAX);
  }
}

static void
get_bar(struct input *const input, const struct take_image *const image, struct take_bar *const bar)
{
  *bar = (struct take_bar){.number = get_u32(input, BAR_MOST)};
  bar->version = get_u32(input, image->versions);
  bar->metre.numerator = (uint8_t)get_u32(input, UINT8_MAX);
  bar->metre.denominator = (uint8_t)get_u32(input, UINT8_MAX);
  if (!metre_is_valid(bar->metre)) {
    break_off(input, "a metre is none");
    bar->metre = (struct metre){4, 4};
  }
  bar->section = bar->number - get_u32(input, bar->number);
  bar->entry = (uint16_t)get_u32(input, UINT16_MAX);
  const uint32_t flags = get_u32(input, BAR_FLAGS);
  bar->complete = (flags & BAR_COMPLETE) != 0;
  bar->ends = (flags & BAR_ENDS) != 0;
  bar->step = get_u32(input, UINT32_MAX / 2);
  bar->salt = get_u32(input, UINT32_MAX);
  bar->accepted = get_u32(input, image->acceptances);
  bar->weights = get_eight(input);
  bar->count = get_count(input, NOTE_BYTES, TAKE_NOTES);
}

static enum status
get_bars(struct input *const input, struct take_image *const image, struct error *const error)
{
  const uint32_t count = get_count(input, BAR_BYTES, TAKE_BARS);
  const size_t left = bytes_left(input) / NOTE_BYTES + 1;
  image->note_room = (uint32_t)(left < TAKE_NOTES ? left : TAKE_NOTES);
  image->bar_room = count;
  image->bars = calloc(count + (size_t)1, sizeof(*image->bars));
  image->notes = calloc(image->note_room, sizeof(*image->notes));
  if (!image->bars || !image->notes) {
    return no_memory(error);
  }
  struct take_note note = {.rest = 0};
  for (uint32_t i = 0; i < count && !input->broken; ++i) {
    struct take_bar *const bar = &image->bars[image->bar_count++];
    get_bar(input, image, bar);
    bar->first = image->note_count;
    bar->age = i;
    if (bar->count > image->note_room - image->note_count) {
      break_off(input, "there are more notes than a take has room for");
    }
    for (uint32_t k = 0; k < bar->count && !input->broken; ++k) {
      get_note(input, image, bar, k, &note);
      image->notes[image->note_count++] = note;
    }
  }
  return STATUS_SUCCESS;
}

static int
compare_places(const void *const a, const void *const b)
{
  const struct take_bar *const first = *(const struct take_bar *const *)a;
  const struct take_bar *const second = *(const struct take_bar *const *)b;
  if (first->number != second->number) {
    return first->number < second->number ? -1 : 1;
  }
  return first->version < second->version ? -1 : first->version > second->version;
}

// Break off if a bar is there twice in one version.
static enum status
check_bars(struct input *const input, const struct take_image *const image, struct error *const error)
{
  const struct take_bar **const sorted = malloc((image->bar_count + (size_t)1) * sizeof(*sorted));
  if (!sorted) {
    return no_memory(error);
  }
  for (uint32_t i = 0; i < image->bar_count; ++i) {
    sorted[i] = &image->bars[i];
  }
  qsort(sorted, image->bar_count, sizeof(*sorted), compare_places);
  for (uint32_t i = 1; i < image->bar_count; ++i) {
    if (compare_places(&sorted[i - 1], &sorted[i]) == 0) {
      break_off(input, "a bar is there twice");
    }
  }
  free(sorted);
  return STATUS_SUCCESS;
}

static void
get_locked(struct input *const input, struct bar_set *const locked)
{
  *locked = (struct bar_set){.count = 0};
  const uint32_t count = get_u32(input, BAR_SET_RANGES);
  for (uint32_t i = 0; i < count && !input->broken; ++i) {
    const uint32_t first = get_u32(input, BAR_SET_LAST - 1);
    locked->ranges[i] = (struct bar_range){first, (uint32_t)get_number(input, first + (uint64_t)1, BAR_SET_LAST)};
    locked->count = i + 1;
  }
}

// Chunks

enum chunk { CHUNK_NAMES, CHUNK_SETS, CHUNK_VIEWS, CHUNK_BARS, CHUNK_LOCKED, CHUNKS, CHUNKS_NEEDED = CHUNK_LOCKED };

// Find all chunks that are known.
static void
find_chunks(struct input *const input, struct input chunks[CHUNKS])
{
  static const char names[CHUNKS][5] = {"name", "sets", "view", "bars", "lock"};
  memset(chunks, 0, CHUNKS * sizeof(*chunks));
  if (get_u32(input, UINT32_MAX) != TAKE_FORMAT) {
    break_off(input, "it is of a later version of this program");
  }
  while (bytes_left(input) > 0) {
    char name[4] = "";
    for (unsigned i = 0; i < 4; ++i) {
      name[i] = (char)get_byte(input);
    }
    const uint64_t size = get_number(input, 0, bytes_left(input));
    if (size > bytes_left(input)) {
      break_off(input, "it ends too early");
      return;
    }
    for (unsigned i = 0; i < CHUNKS; ++i) {
      if (memcmp(name, names[i], 4) == 0) {
        chunks[i] = (struct input){input->at, input->at + size, NULL};
      }
    }
    input->at += size;
  }
  for (unsigned i = 0; i < CHUNKS_NEEDED; ++i) {
    if (!chunks[i].at) {
      break_off(input, "a part of it is missing");
    }
  }
}

static enum status
get_image(struct input *const input,
          struct input chunks[CHUNKS],
          struct take_image *const image,
          struct error *const error)
{
  uint32_t known[NAMES_MOST];
  const uint32_t names = get_names(&chunks[CHUNK_NAMES], known);
  enum status status = get_sets(&chunks[CHUNK_SETS], known, names, image, error);
  if (status) {
    return status;
  }
  get_views(&chunks[CHUNK_VIEWS], image);
  status = get_bars(&chunks[CHUNK_BARS], image, error);
  if (!status) {
    status = check_bars(&chunks[CHUNK_BARS], image, error);
  }
  if (chunks[CHUNK_LOCKED].at) {
    get_locked(&chunks[CHUNK_LOCKED], &image->locked);
  }
  for (unsigned i = 0; i < CHUNKS; ++i) {
    input->broken = input->broken ? input->broken : chunks[i].broken;
  }
  return status;
}

enum status
take_decode(const uint8_t *const bytes, const size_t size, struct take_image *const image, struct error *const error)
{
  *image = (struct take_image){.progress = IMAGE_COMPLETE};
  view_init(&image->view);
  struct input input = {bytes, bytes + size, NULL};
  struct input chunks[CHUNKS];
  find_chunks(&input, chunks);
  enum status status = STATUS_SUCCESS;
  if (!input.broken) {
    status = get_image(&input, chunks, image, error);
  }
  if (!status && input.broken) {
    status = error_set(error, STATUS_BAD_FORMAT, "the saved take is damaged: %s", input.broken);
  }
  if (status) {
    take_image_free(image);
  }
  return status;
}
