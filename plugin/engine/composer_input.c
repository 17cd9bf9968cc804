// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the composer does with what is played: keeps to a harmony that is held, falls silent and answers, or composes the
// other hand. Music ahead that has not sounded gives way at once: bars of this pass, which nobody has heard, are cut, and what
// was there before is composed anew as with any other change, so that undo brings it back. Everything depends on places in
// the song alone, so the same keys at the same places give the same music.

#include "composer_private.h"

#include "network.h"

#include <stddef.h>
#include <string.h>

enum { CUT_BARS = 1024 }; // More are never composed ahead

bool
composer_listens(const struct composer *const c) REALTIME
{
  return c->player.input == INPUT_CONTINUE && (c->player.is_playing || c->player.is_idle);
}

struct limits
composer_limits(const struct composer *const c) REALTIME
{
  struct limits limits = composer_controls(c)->limits;
  limits.harmony = c->harmony;
  const uint8_t *const strikes = c->weights->strikes[composer_style(c, composer_controls(c))];
  for (uint32_t i = 0; i < STRIKES_PERIODS; ++i) {
    limits.strikes[i] = strikes[i];
  }
  if (c->player.input == INPUT_ACCOMPANY) {
    limits.hands = c->player.hand == HAND_LEFT ? HANDS_RIGHT : HANDS_LEFT;
  }
  return limits;
}

uint32_t
composer_reach_ticks(const struct composer *const c) REALTIME
{
  const uint32_t beat = metre_beat_ticks(c->metre);
  const uint32_t reach = c->controls.look_ahead;
  return c->player.input == INPUT_ACCOMPANY && beat < reach ? beat : reach;
}

// Rolling back

// Let the frontier be no further than `place`, and be settled again.
static void
step_back_to(struct composer *const c, const struct position place, const uint32_t entry) REALTIME
{
  if (position_is_before(c->frontier, place)) {
    return;
  }
  if (c->frontier.bar > place.bar || take_bar(c->take, place.bar)) {
    c->frontier = (struct position){.bar = place.bar, .tick = entry};
    c->is_settled = false;
  } else {
    composer_unsettle(c);
  }
  c->is_arriving = false;
}

// Cut what was composed in this pass from `place` on.
static void
cut(struct composer *const c, const struct position place) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, place.bar);
  const uint32_t entry = bar && bar->section == place.bar ? bar->entry : 0;
  section_retreat(&c->section, place.bar, place.tick);
  step_back_to(c, place, entry);
  if (bar) {
    take_cut_composed(c->take, place.bar, place.tick);
    if (bar->first == TAKE_NONE) {
      take_remove_bar(c->take, place.bar);
    }
  }
  for (uint32_t i = 1; i < CUT_BARS; ++i) {
    const struct take_bar *const next = take_bar(c->take, place.bar + i);
    if (!next || next->pass != c->pass || composer_is_locked(c, place.bar + i)) {
      break;
    }
    take_remove_bar(c->take, place.bar + i);
  }
}

// Compose anew from `place` on what was there before this pass.
static void
give_way(struct composer *const c, const struct position place) REALTIME
{
  c->fork.is_open = false;
  composer_diverge(c, place);
  struct take_bar *const copy = take_bar(c->take, place.bar);
  if (copy) {
    copy->pass = c->pass;
  }
}

void
composer_roll_back(struct composer *const c, const struct position place) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, place.bar);
  c->player.is_open = false;
  if (composer_is_locked(c, place.bar)) {
    return;
  }
  if (bar && bar->pass != c->pass) {
    give_way(c, place);
  } else {
    cut(c, place);
  }
}

// The harmony

uint16_t
composer_harmony(const struct composer *const c, const struct position place) REALTIME
{
  uint32_t i = c->player.hold_count - 1;
  while (i > 0 && position_is_before(place, c->player.holds[i].from)) {
    --i;
  }
  return c->player.holds[i].tones;
}

uint32_t
composer_find_foreign(const struct composer *const c, const struct take_bar *const bar, const uint32_t number) REALTIME
{
  const struct player_input *const player = &c->player;
  const bool is_free = player->hold_count == 1 && player->holds[0].tones == 0;
  if (is_free || composer_is_locked(c, number)) {
    return TAKE_NONE;
  }
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(c->take, i)->next) {
    const struct take_note *const note = take_note(c->take, i);
    const struct position place = {.bar = number, .tick = note->tick};
    const uint16_t tones = composer_harmony(c, place);
    const bool is_past = position_is_before(place, c->playhead);
    if (tones != 0 && !is_past && !note->rest && note->origin == TAKE_COMPOSED && note->harmony != tones) {
      return i;
    }
  }
  return TAKE_NONE;
}

// Forget what was said of places from `place` on.
static void
drop_holds(struct player_input *const player, const struct position place) REALTIME
{
  while (player->hold_count > 1 && !position_is_before(player->holds[player->hold_count - 1].from, place)) {
    --player->hold_count;
  }
}

void
composer_hold_on(struct composer *const c) REALTIME
{
  struct player_input *const player = &c->player;
  player->holds[1] = (struct hold){.from = c->playhead, .tones = player->holds[player->hold_count - 1].tones};
  player->holds[0] = (struct hold){.tones = 0};
  player->hold_count = player->holds[1].tones ? 2 : 1;
}

void
composer_hold(struct composer *const composer, const struct position place, const uint16_t tones) REALTIME
{
  struct composer *const c = composer;
  struct player_input *const player = &c->player;
  drop_holds(player, place);
  if (player->holds[player->hold_count - 1].tones == tones) {
    return;
  }
  if (player->hold_count == HARMONY_CHANGES) {
    --player->hold_count;
    memmove(&player->holds[0], &player->holds[1], player->hold_count * sizeof(player->holds[0]));
  }
  player->holds[player->hold_count++] = (struct hold){.from = place, .tones = tones};

  const struct take_bar *const bar = take_bar(c->take, place.bar);
  if (composer_is_locked(c, place.bar) || (bar && bar->pass != c->pass)) {
    step_back_to(c, place, 0); // What is there is looked over again
  } else {
    cut(c, place);
  }
  if (c->weights) {
    composer_settle(c);
  }
}

// What is played

void
composer_set_input(struct composer *const composer,
                   const struct position place,
                   const enum input_mode input,
                   const enum hand hand) REALTIME
{
  struct composer *const c = composer;
  struct player_input *const player = &c->player;
  const bool accompanies = input == INPUT_ACCOMPANY;
  const bool accompanied = player->input == INPUT_ACCOMPANY;
  if (player->input == input && (!accompanies || player->hand == hand)) {
    return;
  }
  composer_pause(c, place);
  player->input = input;
  player->hand = (uint8_t)hand;
  player->is_playing = false;
  const struct take_bar *const bar = take_bar(c->take, place.bar);
  if ((accompanies || accompanied) && (!bar || bar->pass == c->pass)) {
    composer_roll_back(c, place);
  }
  player->is_open = false;
  if (player->is_idle) {
    player->is_idle = false;
    c->is_settled = false;
    c->frontier = position_is_before(c->frontier, place) ? place : c->frontier;
  }
  if (c->weights) {
    composer_settle(c);
  }
}

// Return the place `ticks` after `place`.
static struct position
place_after(const struct composer *const c, struct position place, const uint32_t ticks) REALTIME
{
  place.tick += ticks;
  for (uint32_t length = composer_bar_ticks(c, place.bar); place.tick >= length;
       length = composer_bar_ticks(c, place.bar)) {
    place.tick -= length;
    ++place.bar;
  }
  return place;
}

// Return the bar line at which the composer answers, if nothing is played after `place`.
static struct position
answer_after(const struct composer *const c, const struct position place) REALTIME
{
  const struct metre metre = composer_metre_at(c, place.bar);
  const uint32_t half = metre_bar_ticks(metre) / 2;
  const uint32_t beat = metre_beat_ticks(metre);
  const struct position end = place_after(c, place, half > beat ? half : beat);
  return (struct position){.bar = end.bar + (end.tick > 0)};
}

// Return the ticks from `from` to `to`, which is not before it.
static uint32_t
ticks_between(const struct composer *const c, const struct position from, const struct position to) REALTIME
{
  uint32_t ticks = 0;
  for (uint32_t bar = from.bar; bar < to.bar; ++bar) {
    ticks += composer_bar_ticks(c, bar);
  }
  return ticks + to.tick - from.tick;
}

// Return the ticks from a played note at `place` to where the music goes on, as far as that is known when it is played.
static uint32_t
way_on(const struct composer *const c, const struct position place) REALTIME
{
  if (c->player.input == INPUT_CONTINUE) {
    return ticks_between(c, place, answer_after(c, place));
  }
  const uint32_t beat = metre_beat_ticks(composer_metre_at(c, place.bar));
  return beat - place.tick % beat;
}

// Return `event` as a piano has it.
static struct event
on_a_piano(struct event event) REALTIME
{
  const int octave = 12;
  int pitch = event.pitch;
  pitch += pitch < PITCH_LOWEST ? (PITCH_LOWEST - pitch + octave - 1) / octave * octave : 0;
  pitch -= pitch > PITCH_HIGHEST ? (pitch - PITCH_HIGHEST + octave - 1) / octave * octave : 0;
  event.pitch = (uint8_t)pitch;
  event.hand = event.hand == HAND_LEFT ? HAND_LEFT : HAND_RIGHT;
  event.velocity = event.velocity > 0 && event.velocity < 128 ? event.velocity : 1;
  event.duration = duration_ticks(duration_class(TICKS_PER_QUARTER));
  return event;
}

bool
composer_play(struct composer *const composer,
              const struct position place,
              const struct position next,
              const struct event *const event) REALTIME
{
  struct composer *const c = composer;
  const enum input_mode input = c->player.input;
  const bool is_heard = input == INPUT_CONTINUE || input == INPUT_ACCOMPANY;
  if (!is_heard || !c->weights || composer_is_locked(c, place.bar) || composer_is_locked(c, next.bar)) {
    return false;
  }
  composer_roll_back(c, next);
  const struct event played = on_a_piano(*event);
  if (!composer_make_room(c, 2 * STEP_NOTES) || !composer_enter(c, place, &played, way_on(c, place))) {
    composer_settle(c);
    return false;
  }
  if (input == INPUT_CONTINUE) {
    take_hush(c->take, place.bar, place.tick);
  }
  c->player.is_idle = false;
  c->player.is_playing = input == INPUT_CONTINUE;
  c->player.is_open = input == INPUT_ACCOMPANY;
  c->player.open = place;
  c->frontier = input == INPUT_CONTINUE ? next : (struct position){.bar = place.bar};
  c->is_settled = false;
  c->is_arriving = false;
  composer_settle(c);
  return true;
}

// Return the note of `pitch` that was played at `place`, or NULL.
static struct take_note *
find_played(const struct composer *const c, const struct position place, const uint8_t pitch) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, place.bar);
  for (uint32_t i = bar ? bar->first : TAKE_NONE; i != TAKE_NONE; i = take_note(c->take, i)->next) {
    struct take_note *const note = take_note(c->take, i);
    if (note->tick == place.tick && note->event.pitch == pitch && note->origin == TAKE_PLAYED) {
      return note;
    }
  }
  return NULL;
}

void
composer_let_go(struct composer *const composer, const struct position place, const uint8_t pitch, const uint32_t ticks)
    REALTIME
{
  struct composer *const c = composer;
  const struct event played = on_a_piano((struct event){.pitch = pitch});
  struct take_note *const note = find_played(c, place, played.pitch);
  if (!note) {
    return;
  }
  note->length = (uint16_t)(ticks < 1 ? 1 : ticks < DURATION_LONGEST ? ticks : DURATION_LONGEST);
  if (c->player.is_playing) { // The network has not been told yet
    note->event.duration = duration_ticks(duration_class(note->length));
  }
  take_touch(c->take, take_bar(c->take, place.bar));
  take_join(c->take, place.bar + 1);
}

void
composer_pause(struct composer *const composer, const struct position place) REALTIME
{
  struct composer *const c = composer;
  struct player_input *const player = &c->player;
  if (!player->is_playing) {
    return;
  }
  player->is_playing = false;
  const struct take_bar *const bar = take_bar(c->take, player->open.bar);
  if (bar && bar->last != TAKE_NONE) {
    struct take_note *const last = take_note(c->take, bar->last);
    const struct position from = {.bar = bar->number, .tick = last->tick};
    last->event.advance =
        (uint16_t)ticks_between(c, from, answer_after(c, position_is_before(place, from) ? from : place));
    c->frontier = (struct position){.bar = bar->number};
  }
  c->is_settled = false;
  if (c->weights) {
    composer_settle(c);
  }
}

void
composer_listen_on(struct composer *const c) REALTIME
{
  if (!composer_listens(c)) {
    return;
  }
  const struct take_bar *const bar = take_bar(c->take, c->playhead.bar);
  if (c->player.is_playing && bar && bar->pass != c->pass && !composer_is_locked(c, bar->number)) {
    give_way(c, c->playhead);
  }
  if (position_is_before(c->frontier, c->playhead)) {
    c->frontier = c->playhead;
  }
  const bool is_next = !bar && take_bar(c->take, c->playhead.bar + 1);
  if (c->player.is_idle && (bar || is_next)) { // Music that stands further on
    c->player.is_idle = false;
    c->frontier = bar ? c->playhead : (struct position){.bar = c->playhead.bar + 1};
    c->is_settled = false;
    if (c->weights) {
      composer_settle(c);
    }
  }
}

void
composer_listen_until(struct composer *const c, const struct position place) REALTIME
{
  const struct position after = {.bar = place.bar, .tick = place.tick + 1};
  if (composer_listens(c) && position_is_before(c->frontier, after)) {
    c->frontier = after;
  }
}

bool
composer_has_heard(const struct composer *const composer,
                   const struct take_bar *const bar,
                   const struct take_note *const note) REALTIME
{
  return note->origin == TAKE_PLAYED && bar->pass == composer->pass;
}
