// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A stereo recording that becomes a sound file. Sound is kept in a nameless temporary file until its loudness is known, so
// that a long one needs no memory; then it is written beside its destination and renamed, so that what was there before is
// lost only once the new file is whole.

#ifndef RITORNELLO_AUDIO_FILE_H
#define RITORNELLO_AUDIO_FILE_H

#include "../plugin/engine/status.h"

#include <stdbool.h>
#include <stdint.h>

struct recording;

/// How loud a recording is, in full scale (1.0).
struct loudness {
  double peak;
  double rms; ///< Root mean square of both channels
};

/// Return whether the file name `path` ends as one of the formats that can be written: .wav, .flac, .ogg.
bool audio_file_is_known(const char *path);

/// Begin an empty stereo recording of `rate` frames per second.
enum status recording_new(int rate, struct recording **recording, struct error *error);

void recording_free(struct recording *recording);

/// Append `left` and `right` [frames]. Infinity and not-a-number, which some instruments make at rates they are not made
/// for, are an error.
enum status recording_append(
    struct recording *recording, const float *left, const float *right, uint32_t frames, struct error *error);

/// Return the length in frames.
uint64_t recording_frames(const struct recording *recording);

struct loudness recording_loudness(const struct recording *recording);

/// Write the recording, all samples multiplied by `gain`, to `path`, in the format that its ending names: WAV and FLAC with
/// 16 bits, or Ogg Vorbis.
enum status recording_write(struct recording *recording, const char *path, double gain, struct error *error);

#endif // RITORNELLO_AUDIO_FILE_H
