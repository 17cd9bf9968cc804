// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "audio_file.h"

#include <sndfile.h>

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

// Frames handled at a time; libsndfile's Vorbis writer overflows the stack with large pieces
enum { PIECE = 1024, CHANNELS = 2 };

struct recording {
  FILE *file; ///< Interleaved floats
  int rate;
  uint64_t frames;
  double peak;
  double square_sum;
};

static int
format_of(const char *const path)
{
  static const struct {
    const char *ending;
    int format;
  } formats[] = {
      {".wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
      {".flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
      {".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
  };
  const char *const ending = strrchr(path, '.');
  for (size_t i = 0; ending && i < sizeof(formats) / sizeof(formats[0]); ++i) {
    if (!strcasecmp(ending, formats[i].ending)) {
      return formats[i].format;
    }
  }
  return 0;
}

bool
audio_file_is_known(const char *const path)
{
  return format_of(path) != 0;
}

enum status
recording_new(const int rate, struct recording **const made, struct error *const error)
{
  *made = NULL;
  struct recording *const recording = calloc(1, sizeof(*recording));
  if (!recording) {
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
  }
  recording->rate = rate;
  recording->file = tmpfile();
  if (!recording->file) {
    free(recording);
    return error_set(error, STATUS_IO, "no temporary file can be made: %s", strerror(errno));
  }
  *made = recording;
  return STATUS_SUCCESS;
}

void
recording_free(struct recording *const recording)
{
  if (recording) {
    fclose(recording->file);
    free(recording);
  }
}

static enum status
append_piece(struct recording *const recording,
             const float *const left,
             const float *const right,
             const uint32_t frames,
             struct error *const error)
{
  float piece[PIECE * CHANNELS];
  for (uint32_t i = 0; i < frames; ++i) {
    const float samples[CHANNELS] = {left[i], right[i]};
    if (!isfinite(left[i]) || !isfinite(right[i])) {
      return error_set(error, STATUS_BAD_VALUE, "the instrument makes sound that is no number; try another or --rate");
    }
    for (unsigned channel = 0; channel < CHANNELS; ++channel) {
      const double sample = (double)samples[channel];
      piece[CHANNELS * i + channel] = samples[channel];
      recording->peak = fmax(recording->peak, fabs(sample));
      recording->square_sum += sample * sample;
    }
  }
  if (fwrite(piece, CHANNELS * sizeof(float), frames, recording->file) != frames) {
    return error_set(error, STATUS_IO, "the temporary file can't be written: %s", strerror(errno));
  }
  recording->frames += frames;
  return STATUS_SUCCESS;
}

enum status
recording_append(struct recording *const recording,
                 const float *const left,
                 const float *const right,
                 const uint32_t frames,
                 struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  for (uint32_t begin = 0; !status && begin < frames; begin += PIECE) {
    const uint32_t count = frames - begin < PIECE ? frames - begin : PIECE;
    status = append_piece(recording, left + begin, right + begin, count, error);
  }
  return status;
}

uint64_t
recording_frames(const struct recording *const recording)
{
  return recording->frames;
}

struct loudness
recording_loudness(const struct recording *const recording)
{
  const double samples = (double)recording->frames * CHANNELS;
  return (struct loudness){
      .peak = recording->peak,
      .rms = samples > 0.0 ? sqrt(recording->square_sum / samples) : 0.0,
  };
}

static enum status
copy_samples(const struct recording *const recording, SNDFILE *const sound, const double gain)
{
  float piece[PIECE * CHANNELS];
  uint64_t copied = 0;
  rewind(recording->file);
  while (copied < recording->frames) {
    const size_t frames = fread(piece, CHANNELS * sizeof(float), PIECE, recording->file);
    for (size_t i = 0; i < CHANNELS * frames; ++i) {
      piece[i] *= (float)gain;
    }
    if (!frames || sf_writef_float(sound, piece, (sf_count_t)frames) != (sf_count_t)frames) {
      return STATUS_IO;
    }
    copied += frames;
  }
  return STATUS_SUCCESS;
}

static enum status
write_sound(const struct recording *const recording,
            const char *const temporary,
            const char *const path,
            const double gain,
            struct error *const error)
{
  SF_INFO info = {.samplerate = recording->rate, .channels = CHANNELS, .format = format_of(path)};
  SNDFILE *const sound = sf_open(temporary, SFM_WRITE, &info);
  if (!sound) {
    return error_set(error, STATUS_IO, "%s can't be written: %s", path, sf_strerror(NULL));
  }
  sf_command(sound, SFC_SET_CLIPPING, NULL, SF_TRUE);
  const enum status status = copy_samples(recording, sound, gain);
  const int close_status = sf_close(sound);
  return status || close_status ? error_set(error, STATUS_IO, "%s can't be written; is the disk full?", path)
                                : STATUS_SUCCESS;
}

enum status
recording_write(struct recording *const recording, const char *const path, const double gain, struct error *const error)
{
  static const char suffix[] = ".part";
  if (!audio_file_is_known(path)) {
    return error_set(error, STATUS_BAD_VALUE, "%s: the name of a sound file ends with .wav, .flac or .ogg", path);
  }
  char *const temporary = malloc(strlen(path) + sizeof(suffix));
  if (!temporary) {
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
  }
  strcpy(temporary, path);
  strcat(temporary, suffix);

  enum status status = write_sound(recording, temporary, path, gain, error);
  if (!status && rename(temporary, path)) {
    status = error_set(error, STATUS_IO, "%s can't be written: %s", path, strerror(errno));
  }
  if (status) {
    unlink(temporary);
  }
  free(temporary);
  return status;
}
