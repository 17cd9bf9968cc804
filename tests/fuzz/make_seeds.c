// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Writes the seeds of the fuzzers: good inputs of every kind, from which they begin. Usage: make_seeds FOLDER STAMP; there is
// then a folder for each fuzzer, and a file STAMP.

#include "instance.h"
#include "random_weights.h"
#include "uris.h"

#include "engine/midi_file.h"
#include "engine/safetensors.h"

#include <lv2/atom/atom.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/// The bytes of a literal, with their number.
#define BYTES(literal) literal, sizeof(literal) - 1

static const char *root;

// Write a seed: a head and a body. A fuzzer's folder is made when it is first written to.
static void
seed(const char *const fuzzer,
     const char *const name,
     const void *const head,
     const size_t head_size,
     const void *const body,
     const size_t size)
{
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", root, fuzzer);
  fuzz_must(!mkdir(path, 0777) || errno == EEXIST, "a folder of seeds can be made");
  snprintf(path, sizeof path, "%s/%s/%s", root, fuzzer, name);
  FILE *const file = fopen(path, "wb");
  fuzz_must(file != NULL, "a seed can be written");
  fwrite(head, 1, head_size, file);
  fwrite(body, 1, size, file);
  fuzz_must(!fclose(file), "a seed is written");
}

static void
seed_text(const char *const fuzzer, const char *const name, const char *const text)
{
  seed(fuzzer, name, "", 0, text, strlen(text));
}

// A piece for two hands, in a file with all that files have.
static void
make_midi(uint8_t **const bytes, size_t *const size)
{
  struct midi_note notes[48];
  for (uint32_t i = 0; i < 48; ++i) {
    notes[i] = (struct midi_note){.onset = i / 2 * 240,
                                  .duration = 200 + i,
                                  .track = (uint16_t)(i % 2),
                                  .channel = (uint8_t)(i % 2),
                                  .pitch = (uint8_t)(i % 2 ? 48 + i / 2 % 7 : 72 + i / 2 % 5),
                                  .velocity = (uint8_t)(40 + i)};
  }
  struct midi_metre metres[] = {{0, 3, 4}, {2160, 6, 8}};
  struct midi_tempo tempos[] = {{0, 500000}, {960, 400000}};
  struct midi_key keys[] = {{0, -3, 1}};
  struct midi_control controls[] = {{0, 0, 64, 127}, {480, 0, 64, 0}};
  char title[] = "A piece";
  const struct midi_file file = {.format = 1,
                                 .division = 480,
                                 .tracks = 2,
                                 .notes = notes,
                                 .note_count = 48,
                                 .metres = metres,
                                 .metre_count = 2,
                                 .tempos = tempos,
                                 .tempo_count = 2,
                                 .keys = keys,
                                 .key_count = 1,
                                 .controls = controls,
                                 .control_count = 2,
                                 .title = title};
  fuzz_must(!midi_file_bytes("seed", &file, bytes, size, NULL), "a MIDI file can be made");
}

static void
seed_midi(void)
{
  static const uint8_t running[] =
      "MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\x1C\0\xFF\3\1a\0\x90\x3C\x40\x18\x3C\0\0\x3E\x40\x18\x3E"
      "\0\0\xF0\3\x7E\1\xF7\0\xFF\x2F";
  static const uint8_t smpte[] = "MThd\0\0\0\6\0\0\0\1\xE7\x28MTrk\0\0\0\x0C\0\x90\x3C\x40\x18\x80\x3C\0\0\xFF\x2F";
  uint8_t *bytes = NULL;
  size_t size = 0;
  make_midi(&bytes, &size);
  seed("midi_file", "piece", "", 0, bytes, size);
  seed("midi_file", "running", "", 0, running, sizeof running);
  seed("midi_file", "smpte", "", 0, smpte, sizeof smpte);
  seed("training", "piece", "\0", 1, bytes, size);
  seed("training", "running", "\0", 1, running, sizeof running);
  free(bytes);
}

static uint8_t *
read_whole(const char *const path, size_t *const size)
{
  struct stat status;
  FILE *const file = fopen(path, "rb");
  fuzz_must(file && !fstat(fileno(file), &status), "what was written can be read");
  *size = (size_t)status.st_size;
  uint8_t *const bytes = malloc(*size);
  fuzz_must(bytes && fread(bytes, 1, *size, file) == *size, "and is whole");
  fclose(file);
  return bytes;
}

static void
seed_weights(void)
{
  for (enum instance_weights kind = INSTANCE_STREAMING; kind <= INSTANCE_WINDOWED; ++kind) {
    size_t size = 0;
    uint8_t *const bytes = read_whole(instance_weights_path(kind), &size);
    const size_t header = bytes[0] + 256U * bytes[1];
    const char *const name = kind == INSTANCE_STREAMING ? "streaming" : "windowed";
    char whole[64];
    snprintf(whole, sizeof whole, "whole-%s", name);
    if (size < 20000) {
      seed("weights", whole, "\0", 1, bytes, size);
    }
    bytes[8 + header] = 0;
    seed("weights", name, "\1", 1, bytes + 8, header + 1 < size - 8 ? header + 17 : header + 1);
    seed("training", name, "\3", 1, bytes, size < 20000 ? size : 8 + header);
    free(bytes);
  }
  static const uint8_t sizes[] = {0, 0, 0, 2, 0, 0, 0, 2, 3, 1, 3, 0};
  static const uint8_t odd[] = {1, 2, 3, 4, 5, 6, 7, 31, 7, 1, 31, 7};
  seed("weights", "sizes", "\2", 1, sizes, sizeof sizes);
  seed("weights", "odd-sizes", "\x32", 1, odd, sizeof odd);
  seed("weights", "layers", BYTES("\3\5\0"),
       BYTES("embed:16, bilstm:16, attention:16, dense:16, softmax\n\1\x18\1\x09\1\x0C\2\x10\x09"));
  seed("weights", "article", BYTES("\7\2\1"), BYTES("index, lstm:16, dropout:0.3, softmax\n\2\2\0"));
}

static void
seed_run(void)
{
  static const uint8_t roll[] = {0, 0, 0x84, 0, 0, 0x84, 0, 0, 0x84, 0, 0, 0x84, 0, 0, 0x84, 0, 0};
  static const uint8_t keys[] = {0, 0, 0x8C, 0, 0, 0, 1, 0, 1, 60, 0, 0, 0x8C, 0, 1, 0, 1, 0, 0, 60, 0};
  static const uint8_t ports[] = {0,  0,    0xB0, 2, 0xB1, 31, 0xB2, 30,   0xC0, 4, 0xC4,
                                  40, 0x84, 0,    0, 0x84, 0,  0,    0xDC, 0x84, 0, 0};
  uint8_t noise[1500];
  uint32_t state = 1;
  for (size_t i = 0; i < sizeof noise; ++i) {
    state = state * 1664525U + 1013904223U;
    noise[i] = (uint8_t)(state >> 24);
  }
  seed("run", "roll", "", 0, roll, sizeof roll);
  seed("run", "keys", "", 0, keys, sizeof keys);
  seed("run", "ports", "", 0, ports, sizeof ports);
  seed("run", "noise", "", 0, noise, sizeof noise);
  seed("run", "noise-windowed", "\1", 1, noise, sizeof noise);
}

// Seeds a saved take: as the file that it is, and as its own data alone.
static LV2_State_Status
store(const LV2_State_Handle handle,
      const uint32_t key,
      const void *const value,
      const size_t size,
      const uint32_t type,
      const uint32_t flags)
{
  (void)handle;
  (void)type;
  (void)flags;
  struct midi_file file;
  if (key == instance_map(RITORNELLO_TAKE_DATA) && !midi_file_parse(value, size, "take.mid", &file, NULL)) {
    seed("state", "file", "\0\1\0\0", 4, value, size);
    seed("state", "own", "\1\2\0\0", 4, file.own, file.own_size);
    seed("state", "path", "\1\0\0\0", 4, value, size);
    midi_file_free(&file);
  }
  return LV2_STATE_SUCCESS;
}

static void
seed_state(void)
{
  struct instance *const instance = instance_new(INSTANCE_STREAMING, 48000.0);
  for (unsigned i = 0; i < 64; ++i) {
    uint8_t body[sizeof(LV2_Atom_Sequence_Body) + INSTANCE_POSITION_SIZE] = {0};
    uint32_t size = sizeof(LV2_Atom_Sequence_Body);
    if (i % 16 == 0) {
      size = instance_position(body, size, i / 8, 0.0, 900.0, 1.0);
    }
    instance->controls[PORT_DENSITY] = (float)(i / 16);
    instance->controls[PORT_REGENERATE] = (float)(i % 24 == 23);
    instance_run(instance, 1024, body, size);
  }
  instance_state(instance)->save(instance->handle, store, NULL, 0, NULL);
  instance_free(instance);
  seed_text("state", "paths", "\1\2\xE0\xFFnone.safetensors\n/tmp/none\n");
}

static void
seed_texts(void)
{
  seed_text("folder", "entries",
            "mine.safet\n/x/y.safetensors\ndb.lv2/z.safetensors\nAy.safetensors\nca.safetensors/b\n"
            "b\xC3\xA9.safetensors\nd.lv2\n");
  seed_text("folder", "typed", "~/w\n~\ndw.safetensors\nhw.safetensors\n");
  seed("preset", "plain", BYTES("\2"), BYTES("A title\n[\"bach\", \"chopin\"]\nname\n"));
  seed("preset", "quotes", BYTES("\5"), BYTES("A \"t\\itle\xFF\n[\"<bach>\"]\n../na me\xC3\xA9\n"));
  seed("preset", "taken", BYTES("\x12"),
       BYTES("T\n[\"bach\", \"mozart\"]\nx\n# Presets made by `ritornello preset', which also replaces and removes "
             "this folder.\n"));
  static const char *const lines[] = {
      "folder\n--notes\n--json\n",
      "folder\n-o\nf.safetensors\n--minutes\n5\n--network\narticle\n--hidden\n64\n--rate\n0.001\n--resume\n",
      "f.safetensors\nfolder\n--json\n--compose\n4\n",
      "f.safetensors\nfolder\n-o\nx.html\n--seed\n3\n",
      "f.safetensors\n-o\nx.mid\n--bars\n8\n--metre\n6/8\n--key\nf# minor\n--temperature\n0.9\n--style\nbach\n",
      "Mozart\n-o\nx.wav\n--set\nkey=C minor\n--automate\ntemperature=1:0.7,17:1.2\n--bpm\n66\n--metre\n3/4\n",
      "f.safetensors\n--name\nmine\n--remove\n--directory\nx\n",
  };
  for (uint8_t i = 0; i < sizeof lines / sizeof lines[0]; ++i) {
    char name[8];
    snprintf(name, sizeof name, "%u", (unsigned)i);
    seed("arguments", name, &i, 1, lines[i], strlen(lines[i]));
  }
  seed_text("training", "sources", "\1path\twork\tauthor\tlicence\tsource\na/b.mid\tw\tN. N.\tISC\t\nc.mid\tv\n");
  seed_text("training", "config",
            "\2{\"folder\": \"x\", \"network\": \"streaming\", \"epochs\": 2.0, \"seed\": 1, "
            "\"streams\": 4, \"hidden\": 64, \"fold\": true, \"rate\": 0.002}");
}

int
main(const int argc, char **const argv)
{
  if (argc != 3) {
    fputs("Usage: make_seeds FOLDER STAMP\n", stderr);
    return 2;
  }
  root = argv[1];
  fuzz_must(!mkdir(root, 0777) || errno == EEXIST, "the folder of seeds can be made");
  seed_midi();
  seed_weights();
  seed_run();
  seed_state();
  seed_texts();
  FILE *const stamp = fopen(argv[2], "w");
  return stamp && !fclose(stamp) ? 0 : 1;
}
