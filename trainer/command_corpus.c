// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello corpus DIR`: says what is in a folder of MIDI files before anybody trains on it for a night.

#include "commands.h"
#include "corpus.h"
#include "json_memory.h"
#include "summary.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT_SIZE = 32, KEYS_PER_LINE = 2 };

struct request {
  const char *folder;
  bool json;
};

static error_t
parse_option(const int key, char *const argument, struct argp_state *const state)
{
  struct request *const request = state->input;
  switch (key) {
  case 'j':
    request->json = true;
    return 0;
  case ARGP_KEY_ARG:
    if (request->folder) {
      argp_error(state, "one folder at a time, please: `%s' is too much", argument);
    }
    request->folder = argument;
    return 0;
  case ARGP_KEY_NO_ARGS:
    argp_error(state, "the folder of MIDI files is missing");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "print the figures as JSON", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "DIR",
    .doc =
        "Say what is in DIR, a folder of MIDI files: usable files, rejected ones and why, notes, keys, metres and "
        "styles.\v"
        "Files ending in .mid, .midi or .smf are read, in all sub-folders; the first sub-folder's name is the style. A "
        "table `sources.tsv' in DIR may say for each `path' which `work' it belongs to, and its `author', `licence' "
        "and "
        "`source'.",
};

// Write `count` with a comma after every three digits.
static const char *
grouped(const uint64_t count, char text[COUNT_SIZE])
{
  char digits[COUNT_SIZE];
  const int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
  unsigned used = 0;
  for (int i = 0; i < length; ++i) {
    if (i > 0 && (length - i) % 3 == 0) {
      text[used++] = ',';
    }
    text[used++] = digits[i];
  }
  text[used] = '\0';
  return text;
}

static double
percent(const uint64_t part, const uint64_t whole)
{
  return whole ? 100.0 * (double)part / (double)whole : 0.0;
}

// Print a name from the file system without what could upset a terminal.
static void
print_name(const char *const name)
{
  for (const char *letter = name; *letter; ++letter) {
    putchar((unsigned char)*letter < 0x20 || *letter == 0x7F ? '?' : *letter);
  }
}

static void
print_totals(const struct request *const request, const struct corpus *const corpus, const struct tally *const all)
{
  char text[COUNT_SIZE];
  print_name(request->folder);
  printf("\n\n  files       %s usable, ", grouped(corpus->piece_count, text));
  printf("%s rejected\n", grouped(corpus->rejection_count, text));
  printf("  works       %s\n", grouped(all->works, text));
  printf("  bars        %s\n", grouped(all->bars, text));
  printf("  notes       %s of ", grouped(all->notes, text));
  printf("%s\n", grouped(corpus->notes, text));
  printf("  left out    %s (outside the piano's range, doubled, or of no length)\n",
         grouped(corpus->notes_left_out, text));
  printf("  velocities  told for %.1f %% of the notes\n", percent(all->with_velocity, all->notes));
  printf("  hands       told for %.1f %%\n", percent(all->with_hand, all->notes));
  printf("  repeats     %.1f %% stand in a verbatim repeat of an earlier section\n",
         percent(all->repeated, all->notes));
  printf("  hash        %016" PRIx64 "\n", corpus->hash);
}

static void
print_keys(const struct summary *const summary)
{
  printf("\nKeys, estimated (files)\n");
  for (uint8_t i = 0; i < KEY_COUNT; ++i) {
    // Major and minor of a tonic side by side
    const uint8_t key = (uint8_t)(1 + i / KEYS_PER_LINE + (i % KEYS_PER_LINE) * 12);
    char name[SUMMARY_KEY_NAME_SIZE];
    key_name(key, name);
    printf("  %-14s %5" PRIu64 "%s", name, summary->keys[key], i % KEYS_PER_LINE ? "\n" : "   ");
  }
}

static void
print_metres(const struct summary *const summary)
{
  printf("\nMetres         bars   files\n");
  for (uint32_t i = 0; i < summary->metre_count; ++i) {
    const struct metre_tally *const tally = &summary->metres[i];
    char name[COUNT_SIZE];
    char bars[COUNT_SIZE];
    snprintf(name, sizeof(name), "%u/%u", tally->metre.numerator, tally->metre.denominator);
    printf("  %-7s  %8s  %6" PRIu64 "\n", name, grouped(tally->bars, bars), tally->files);
  }
}

static void
print_styles(const struct corpus *const corpus, const struct summary *const summary)
{
  printf("\n%-22s %6s %6s %10s %11s %6s %8s\n", "Styles", "files", "works", "notes", "velocities", "hands", "repeats");
  for (uint32_t i = 0; i < corpus->style_count; ++i) {
    const struct tally *const tally = &summary->styles[i];
    const char *const name = *corpus->styles[i] ? corpus->styles[i] : "(no sub-folder)";
    char notes[COUNT_SIZE];
    fputs("  ", stdout);
    print_name(name);
    printf("%*s %6" PRIu64 " %6" PRIu64 " %10s %9.0f %% %4.0f %% %6.0f %%\n",
           strlen(name) < 20 ? 20 - (int)strlen(name) : 0, "", tally->files, tally->works, grouped(tally->notes, notes),
           percent(tally->with_velocity, tally->notes), percent(tally->with_hand, tally->notes),
           percent(tally->repeated, tally->notes));
  }
}

static void
print_rejections(const struct corpus *const corpus)
{
  if (corpus->rejection_count == 0) {
    return;
  }
  printf("\nRejected\n");
  for (size_t i = 0; i < corpus->rejection_count; ++i) {
    fputs("  ", stdout);
    print_name(corpus->rejections[i].path);
    fputs(": ", stdout);
    print_name(corpus->rejections[i].reason);
    putchar('\n');
  }
}

static void
print_text(const struct request *const request, const struct corpus *const corpus, const struct summary *const summary)
{
  if (corpus->piece_count) {
    print_totals(request, corpus, &summary->all);
    print_styles(corpus, summary);
    print_metres(summary);
    print_keys(summary);
  }
  print_rejections(corpus);
}

// Return `text` as a JSON string; file names that are no UTF-8 have their foreign bytes replaced.
static json_t *
json_text(const char *const text)
{
  json_t *const string = json_string(text);
  char *const plain = string ? NULL : strdup(text);
  if (!plain) {
    return string;
  }
  for (char *letter = plain; *letter; ++letter) {
    *letter = (char)((unsigned char)*letter < 0x80 ? *letter : '?');
  }
  json_t *const replaced = json_string(plain);
  free(plain);
  return replaced;
}

static json_t *
json_tally(const struct tally *const tally)
{
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "files", (json_int_t)tally->files, "works",
                   (json_int_t)tally->works, "bars", (json_int_t)tally->bars, "notes", (json_int_t)tally->notes,
                   "with_velocity", (json_int_t)tally->with_velocity, "with_hand", (json_int_t)tally->with_hand,
                   "repeated", (json_int_t)tally->repeated);
}

static json_t *
json_styles(const struct corpus *const corpus, const struct summary *const summary)
{
  json_t *const styles = json_array();
  for (uint32_t i = 0; i < corpus->style_count; ++i) {
    json_t *const style = json_tally(&summary->styles[i]);
    json_object_set_new(style, "name", json_text(corpus->styles[i]));
    json_array_append_new(styles, style);
  }
  return styles;
}

static json_t *
json_keys(const struct summary *const summary)
{
  json_t *const keys = json_object();
  for (uint8_t key = 1; key <= KEY_COUNT; ++key) {
    char name[SUMMARY_KEY_NAME_SIZE];
    key_name(key, name);
    json_object_set_new(keys, name, json_integer((json_int_t)summary->keys[key]));
  }
  return keys;
}

static json_t *
json_metres(const struct summary *const summary)
{
  json_t *const metres = json_object();
  for (uint32_t i = 0; i < summary->metre_count; ++i) {
    const struct metre_tally *const tally = &summary->metres[i];
    char name[COUNT_SIZE];
    snprintf(name, sizeof(name), "%u/%u", tally->metre.numerator, tally->metre.denominator);
    json_object_set_new(metres, name,
                        json_pack("{s:I, s:I}", "bars", (json_int_t)tally->bars, "files", (json_int_t)tally->files));
  }
  return metres;
}

static json_t *
json_rejections(const struct corpus *const corpus)
{
  json_t *const rejections = json_array();
  for (size_t i = 0; i < corpus->rejection_count; ++i) {
    json_array_append_new(rejections, json_pack("{s:o, s:o}", "path", json_text(corpus->rejections[i].path), "reason",
                                                json_text(corpus->rejections[i].reason)));
  }
  return rejections;
}

static enum status
print_json(const struct corpus *const corpus, const struct summary *const summary, struct error *const error)
{
  char hash[COUNT_SIZE];
  snprintf(hash, sizeof(hash), "%016" PRIx64, corpus->hash);
  json_memory_begin();
  json_t *const root = json_tally(&summary->all);
  json_object_set_new(root, "left_out", json_integer((json_int_t)corpus->notes_left_out));
  json_object_set_new(root, "hash", json_string(hash));
  json_object_set_new(root, "styles", json_styles(corpus, summary));
  json_object_set_new(root, "metres", json_metres(summary));
  json_object_set_new(root, "keys", json_keys(summary));
  json_object_set_new(root, "rejected", json_rejections(corpus));
  char *const text = json_memory_text(root, JSON_INDENT(2));
  if (!text) {
    return error_set(error, STATUS_NO_MEMORY, "not enough memory to print the figures");
  }
  puts(text);
  free(text);
  return STATUS_SUCCESS;
}

// Print what was found; a folder without a usable file still has its rejections listed.
static enum status
report(const struct request *const request, const struct corpus *const corpus, struct error *const error)
{
  struct summary *const summary = malloc(sizeof(*summary));
  if (!summary || summary_make(corpus, summary)) {
    free(summary);
    return error_set(error, STATUS_NO_MEMORY, "not enough memory to count what is in the folder");
  }
  enum status status = STATUS_SUCCESS;
  if (request->json) {
    status = print_json(corpus, summary, error);
  } else {
    print_text(request, corpus, summary);
  }
  free(summary);
  if (status) {
    return status;
  }
  return fflush(stdout) || ferror(stdout) ? error_set(error, STATUS_IO, "the figures can't be written")
                                          : STATUS_SUCCESS;
}

int
command_corpus(const int argc, char **const argv)
{
  struct request request = {NULL, false};
  if (argp_parse(&parser, argc, argv, 0, NULL, &request)) {
    return 2;
  }
  struct corpus corpus;
  struct error error = {STATUS_SUCCESS, ""};
  enum status status = corpus_read(request.folder, &corpus, &error);
  if (!status || corpus.rejection_count) {
    struct error report_error = {STATUS_SUCCESS, ""};
    const enum status report_status = report(&request, &corpus, &report_error);
    if (!status && report_status) {
      status = report_status;
      error = report_error;
    }
  }
  corpus_free(&corpus);
  if (status) {
    fprintf(stderr, "%s: %s\n", argv[0], error.text);
  }
  return status ? 1 : 0;
}
