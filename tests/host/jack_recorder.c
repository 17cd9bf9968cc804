// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// jack_recorder PORT SECONDS [BEATS] - a JACK client that is the timebase master (137.5 bpm in 3/4), records the MIDI that PORT
// sends while it rolls the transport, jumps and stops it, and then checks the rules that hold in every host: each note-on
// has its note-off, none is struck twice, and onsets are on the grid to the frame. With BEATS, the first note has to come
// within so many beats of the transport's start, and onsets may lie beside the grid, as they do in a humanized preset. Prints what it saw; 0 if all is well.
// The server freewheels meanwhile: every cycle waits for every client, so that a busy machine makes no xruns, and all times
// are counted in frames.

#include <jack/jack.h>
#include <jack/midiport.h>

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EVENTS = 65536, WAIT_MS = 5, WAIT_MOST_MS = 20000, PREPARE_SECONDS = 3, BEATS = 3, TICKS_PER_BEAT = 24 };

static const double BPM = 137.5;

struct event {
  jack_nframes_t frame; ///< Of the transport
  bool rolling;
  uint8_t bytes[3];
};

struct recorder {
  jack_client_t *client;
  jack_port_t *port;
  double rate;
  atomic_uint count;
  atomic_ullong frames; ///< That have passed
  struct event events[EVENTS];
};

static void
set_timebase(const jack_transport_state_t state,
             const jack_nframes_t frames,
             jack_position_t *const position,
             const int is_new,
             void *const argument)
{
  (void)state;
  (void)frames;
  (void)is_new;
  const struct recorder *const recorder = argument;
  const double beats = position->frame * BPM / (60.0 * recorder->rate);
  const double whole = floor(beats + 1e-9);
  position->valid = JackPositionBBT;
  position->ticks_per_beat = 1920.0;
  position->beats_per_bar = BEATS;
  position->beat_type = 4.0F;
  position->beats_per_minute = BPM;
  position->bar = (int32_t)(whole / BEATS) + 1;
  position->beat = (int32_t)fmod(whole, BEATS) + 1;
  position->tick = (int32_t)((beats - whole) * position->ticks_per_beat);
  position->bar_start_tick = (position->bar - 1) * BEATS * position->ticks_per_beat;
}

static int
process(const jack_nframes_t frames, void *const argument)
{
  struct recorder *const recorder = argument;
  void *const buffer = jack_port_get_buffer(recorder->port, frames);
  jack_position_t position;
  const bool rolling = jack_transport_query(recorder->client, &position) == JackTransportRolling;
  const uint32_t messages = jack_midi_get_event_count(buffer);
  for (uint32_t i = 0; i < messages; ++i) {
    jack_midi_event_t message;
    const unsigned count = atomic_load(&recorder->count);
    if (jack_midi_event_get(&message, buffer, i) == 0 && message.size == 3 && count < EVENTS) {
      struct event *const event = &recorder->events[count];
      *event = (struct event){.frame = position.frame + message.time, .rolling = rolling};
      memcpy(event->bytes, message.buffer, 3);
      atomic_store(&recorder->count, count + 1);
    }
  }
  atomic_fetch_add(&recorder->frames, frames);
  return 0;
}

static void
wait_ms(const long milliseconds)
{
  const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  nanosleep(&time, NULL);
}

/// Connect to the port called `name`, which may have yet to appear.
static int
connect_to(struct recorder *const recorder, const char *const name)
{
  for (int waited = 0; waited < WAIT_MOST_MS; waited += WAIT_MS) {
    // Ports are there before their client is active; then they can't be connected yet
    if (jack_port_by_name(recorder->client, name) &&
        jack_connect(recorder->client, name, jack_port_name(recorder->port)) == 0) {
      return 0;
    }
    wait_ms(WAIT_MS);
  }
  fprintf(stderr, "jack_recorder: there is no port %s\n", name);
  return -1;
}

/// Let `seconds` of audio pass.
static void
let_pass(struct recorder *const recorder, const double seconds)
{
  const unsigned long long end = atomic_load(&recorder->frames) + (unsigned long long)(seconds * recorder->rate);
  for (int waited = 0; atomic_load(&recorder->frames) < end && waited < WAIT_MOST_MS; waited += WAIT_MS) {
    wait_ms(WAIT_MS);
  }
}

/// Let the transport do what a musician does: start, jump, stop, start again, stop.
static void
conduct(struct recorder *const recorder, const double seconds)
{
  jack_client_t *const client = recorder->client;
  jack_transport_stop(client);
  jack_transport_locate(client, 0);
  let_pass(recorder, PREPARE_SECONDS);
  jack_transport_start(client);
  let_pass(recorder, seconds / 2);
  jack_transport_locate(client, (jack_nframes_t)(recorder->rate * 60.0 * BEATS / BPM)); // The second bar
  let_pass(recorder, seconds / 4);
  jack_transport_stop(client);
  let_pass(recorder, 0.3);
  jack_transport_start(client);
  let_pass(recorder, seconds / 4);
  jack_transport_stop(client);
  let_pass(recorder, 0.5);
}

/// Check all that was recorded; return the number of faults.
static unsigned
check(const struct recorder *const recorder, unsigned *const notes, double *const worst)
{
  const double frames_per_tick = 60.0 * recorder->rate / (BPM * TICKS_PER_BEAT);
  bool sounds[16][128] = {{false}};
  unsigned faults = 0;
  const unsigned count = atomic_load(&recorder->count);
  for (unsigned i = 0; i < count; ++i) {
    const struct event *const event = &recorder->events[i];
    const unsigned kind = event->bytes[0] & 0xF0U;
    bool *const on = &sounds[event->bytes[0] & 15U][event->bytes[1] & 127U];
    if (kind == 0x90) {
      const double ticks = event->frame / frames_per_tick;
      const double off = fabs(ticks - nearbyint(ticks)) * frames_per_tick;
      *worst = off > *worst ? off : *worst;
      faults += *on || !event->rolling;
      *on = true;
      ++*notes;
    } else if (kind == 0x80) {
      faults += !*on;
      *on = false;
    }
  }
  for (unsigned i = 0; i < 16 * 128; ++i) {
    faults += sounds[i / 128][i % 128];
  }
  return faults;
}

/// Return the beat of the first note-on, from 0; infinity if there is none.
static double
first_beat(const struct recorder *const recorder)
{
  const unsigned count = atomic_load(&recorder->count);
  for (unsigned i = 0; i < count; ++i) {
    if ((recorder->events[i].bytes[0] & 0xF0U) == 0x90 && recorder->events[i].rolling) {
      return recorder->events[i].frame * BPM / (60.0 * recorder->rate);
    }
  }
  return (double)INFINITY;
}

/// Record and judge; return the program's status. `beats` below 0: onsets have to be on the grid instead.
static int
run(struct recorder *const recorder, const char *const port, const double seconds, const double beats)
{
  recorder->rate = jack_get_sample_rate(recorder->client);
  recorder->port =
      jack_port_register(recorder->client, "in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput | JackPortIsTerminal, 0);
  jack_set_process_callback(recorder->client, process, recorder);
  if (!recorder->port || jack_set_timebase_callback(recorder->client, 0, set_timebase, recorder) != 0 ||
      jack_activate(recorder->client) != 0) {
    fprintf(stderr, "jack_recorder: the JACK server is not willing\n");
    return 1;
  }
  if (connect_to(recorder, port) != 0) {
    return 1;
  }
  jack_set_freewheel(recorder->client, 1);
  conduct(recorder, seconds);
  jack_set_freewheel(recorder->client, 0);
  jack_deactivate(recorder->client);

  unsigned notes = 0;
  double worst = 0.0;
  const unsigned faults = check(recorder, &notes, &worst);
  const double first = first_beat(recorder);
  printf("notes: %u, faults: %u, furthest from the grid: %.2f frames, first on beat %.2f\n", notes, faults, worst,
         first);
  if (beats >= 0.0) {
    return notes > 0 && faults == 0 && first <= beats ? 0 : 1;
  }
  // The host rounds its position down to 1/1920 beat (11 frames here) when the transport starts inside a beat
  return notes >= 10 && faults == 0 && worst <= 60.0 * recorder->rate / (BPM * 1920.0) + 1.0 ? 0 : 1;
}

int
main(const int count, char **const arguments)
{
  if (count != 3 && count != 4) {
    fprintf(stderr, "usage: jack_recorder PORT SECONDS [BEATS]\n");
    return 2;
  }
  struct recorder *const recorder = calloc(1, sizeof *recorder);
  recorder->client = recorder ? jack_client_open("recorder", JackNoStartServer, NULL) : NULL;
  if (!recorder || !recorder->client) {
    fprintf(stderr, "jack_recorder: no JACK server\n");
    return 1;
  }
  const int status = run(recorder, arguments[1], atof(arguments[2]), count == 4 ? atof(arguments[3]) : -1.0);
  jack_client_close(recorder->client);
  free(recorder);
  return status;
}
