// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the host tests stand on: a folder of their own with a complete bundle in it, with the bundled weights if they are
// there, or else small random ones (which know no music but obey the same rules), and a second weight file to change to.

#ifndef RITORNELLO_FIXTURE_H
#define RITORNELLO_FIXTURE_H

#include "minihost.h"

enum { FIXTURE_PATH = 1024 };

struct fixture {
  char folder[FIXTURE_PATH];  ///< Temporary
  char bundle[FIXTURE_PATH];  ///< folder/ritornello.lv2
  char weights[FIXTURE_PATH]; ///< bundle/ritornello.safetensors
  char other[FIXTURE_PATH];   ///< folder/other.safetensors
};

/// Make all of the above but the folder itself, which exists. Returns 0 on success.
int fixture_fill(struct fixture *fixture, const char *folder);

/// cmocka's group setup and teardown: *state is a struct fixture.
int fixture_setup(void **state);
int fixture_teardown(void **state);

/// Write the path of `name` in the fixture's folder into `path`; with `make`, make a folder of that name.
void fixture_path(const struct fixture *fixture, const char *name, int make, char path[FIXTURE_PATH]);

/// Write a file of random weights, others for every `seed`. Returns 0 on success.
int fixture_random_weights(const char *path, unsigned seed);

/// Make a host on the fixture's bundle with these options (NULL: the usual ones), or fail the test.
struct minihost *fixture_host(const struct fixture *fixture, const struct minihost_options *options);

/// Let the stopped host run until the plugin has had time to compose ahead, then roll.
void fixture_start(struct minihost *host);

/// Run block by block until a note sounds, or fail the test after 30 seconds of song.
void fixture_run_until_sounding(struct minihost *host);

/// Return the number of note-ons recorded.
size_t fixture_note_count(const struct minihost *host);

/// Whether this program runs so much slower than a player's would (under a sanitizer) that the budget, which is measured,
/// does not allow what is promised of it.
int fixture_is_slow(void);

/// Stop the transport and free `host`; fail the test if a note sounds on, or a rule of MIDI was broken.
void fixture_finish(struct minihost *host);

/// Fail the test if a note-on is not on the host's grid: within half a frame (and what positions lose as floats) of a tick.
void fixture_assert_on_grid(const struct minihost *host);

/// Fail the test unless the first messages recorded are `count` note-offs and then a lifted pedal.
void fixture_assert_ended(const struct minihost *host, unsigned count);

#endif // RITORNELLO_FIXTURE_H
