// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello evaluate`: nats per note of a weight file on a folder, per head and per style, and, if asked for, how music
// that it composes compares with that folder's.

#include "arguments.h"
#include "commands.h"
#include "corpus.h"
#include "evaluation.h"
#include "held_out.h"
#include "json_memory.h"
#include "judging.h"
#include "parameters.h"
#include "style_map.h"
#include "windowed_evaluation.h"
#include "workers.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  OPTION_JSON = 0x100,
  OPTION_HELD_OUT,
  OPTION_THREADS,
  OPTION_WINDOWS,
  OPTION_COMPOSE,
  OPTION_BARS,
  OPTION_TEMPERATURES,
  OPTION_STYLES,
  OPTION_CORPUS,
  OPTION_ORIGINALITY,
  OPTION_SEED,
  OPTION_TOP_P,
  OPTION_RECALL,
  OPTION_SURPRISE,
  OPTION_TOLD,
};

enum { PIECES_MOST = 1000, BARS_MOST = 4096, ORIGINALITY_MOST = 64, REAL_PIECES_USUAL = 10 };

struct evaluate_options {
  const char *file;
  const char *folder;
  bool json;
  bool held_out;
  const char *told; // NULL: the sub-folders' names
  size_t threads;
  size_t windows;
  const char *corpus;             // NULL: `folder`
  const char *styles;             // NULL: all with REAL_PIECES_USUAL pieces
  struct judging_request judging; // 0 pieces: compose nothing
};

static const struct argp_option options[] = {
    {"held-out", OPTION_HELD_OUT, NULL, 0, "Only the works that FILE says were kept out of its training", 0},
    {"json", OPTION_JSON, NULL, 0, "Print the figures as JSON", 0},
    {"threads", OPTION_THREADS, "N", 0, "Threads (default: all processors)", 0},
    {"told", OPTION_TOLD, "STYLE", 0,
     "Tell the network that all music is in this style of its own, or none, instead of the sub-folders' names", 0},
    {"windows", OPTION_WINDOWS, "N", 0,
     "For a network of layers: measure at N tokens only, spread evenly (default: all)", 0},
    {NULL, 0, NULL, 0, "How it composes:", 1},
    {"compose", OPTION_COMPOSE, "N", 0,
     "Compose N pieces for every style and temperature, and hold them against the style's pieces in FOLDER", 1},
    {"bars", OPTION_BARS, "N", 0, "Bars of a piece (default 64)", 1},
    {"temperatures", OPTION_TEMPERATURES, "LIST", 0, "Temperatures (default 0.7,1,1.3)", 1},
    {"styles", OPTION_STYLES, "LIST", 0, "Styles (default: those with at least 10 pieces in FOLDER)", 1},
    {"corpus", OPTION_CORPUS, "FOLDER", 0, "Look for quotations from the music in this folder (default: the same)", 1},
    {"originality", OPTION_ORIGINALITY, "N", 0, "Longest run of notes that may be quoted, from 8; 0 is off (0)", 1},
    {"top-p", OPTION_TOP_P, "N", 0, "Choose only among the likeliest with this probability together (1)", 1},
    {"recall", OPTION_RECALL, "N", 0, "How firmly earlier music comes back: 0 to 4 (1)", 1},
    {"surprise", OPTION_SURPRISE, "N", 0, "Bits of surprise per note to steer to, up to 8; 0 is off (0)", 1},
    {"seed", OPTION_SEED, "N", 0, "The number that the first piece comes from (default 1)", 1},
    {0},
};

// Read numbers with commas between them.
static enum status
read_temperatures(const char *const text, struct judging_request *const judging, struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  judging->temperature_count = 0;
  for (const char *item = text + strspn(text, ","); !status && *item;) {
    char word[64];
    const size_t length = strcspn(item, ",");
    snprintf(word, sizeof(word), "%.*s", (int)(length < sizeof(word) ? length : sizeof(word)), item);
    if (judging->temperature_count == JUDGING_TEMPERATURES) {
      status = error_set(error, STATUS_BAD_VALUE, "--temperatures: at most %d of them", JUDGING_TEMPERATURES);
    } else {
      double *const value = &judging->temperatures[judging->temperature_count++];
      status = argument_number("--temperatures", word, 0.0, 2.0, value, error);
    }
    item += length;
    item += strspn(item, ",");
  }
  if (!status && judging->temperature_count == 0) {
    status = error_set(error, STATUS_BAD_VALUE, "--temperatures: there is none in `%s'", text);
  }
  return status;
}

static error_t
parse_judging(const int key, char *const text, const struct argp_state *const state)
{
  struct evaluate_options *const o = state->input;
  struct judging_request *const judging = &o->judging;
  struct error error;
  uint32_t whole = 0;
  float number = 1.0F;
  error_t result = 0;
  switch (key) {
  case OPTION_COMPOSE:
    return argument_option_whole(state, "--compose", text, 1, PIECES_MOST, &judging->pieces);
  case OPTION_BARS:
    return argument_option_whole(state, "--bars", text, 1, BARS_MOST, &judging->bars);
  case OPTION_TEMPERATURES:
    return argument_end(state, read_temperatures(text, judging, &error), &error);
  case OPTION_STYLES:
    o->styles = text;
    return 0;
  case OPTION_CORPUS:
    o->corpus = text;
    return 0;
  case OPTION_ORIGINALITY:
    result = argument_option_whole(state, "--originality", text, 0, ORIGINALITY_MOST, &whole);
    judging->controls.originality = (uint8_t)whole;
    return result;
  case OPTION_TOP_P:
    return argument_option_float(state, "--top-p", text, 0.0, 1.0, &judging->controls.sampling.top_p);
  case OPTION_RECALL:
    result = argument_option_float(state, "--recall", text, 0.0, 4.0, &number);
    judging->controls.recall = recall_step(number);
    return result;
  case OPTION_SURPRISE:
    return argument_option_float(state, "--surprise", text, 0.0, 8.0, &judging->controls.surprise);
  case OPTION_SEED:
    return argument_option_whole(state, "--seed", text, 0, (1 << 24) - 1, &judging->seed);
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t
parse(const int key, char *const text, struct argp_state *const state)
{
  struct evaluate_options *const o = state->input;
  struct error error;
  int64_t count = 1;
  switch (key) {
  case OPTION_JSON:
    o->json = true;
    return 0;
  case OPTION_HELD_OUT:
    o->held_out = true;
    return 0;
  case OPTION_TOLD:
    o->told = text;
    return 0;
  case OPTION_THREADS: {
    const error_t result = argument_end(state, argument_whole("--threads", text, 1, 256, &count, &error), &error);
    o->threads = (size_t)count;
    return result;
  }
  case OPTION_WINDOWS: {
    const error_t result = argument_end(state, argument_whole("--windows", text, 1, INT32_MAX, &count, &error), &error);
    o->windows = (size_t)count;
    return result;
  }
  case ARGP_KEY_ARG:
    if (o->folder) {
      argp_error(state, "a weight file and a folder, please; `%s' is one too many", text);
    }
    *(o->file ? &o->folder : &o->file) = text;
    return 0;
  case ARGP_KEY_END:
    if (!o->folder) {
      argp_error(state, "a weight file and a folder are needed");
    }
    return 0;
  default:
    return parse_judging(key, text, state);
  }
}

static json_t *
sums_json(const struct evaluation_sums *const sums)
{
  json_t *const heads = json_object();
  const int first = sums->tokens ? FIELD_TOKEN : 0;
  for (int field = first; field < (sums->tokens ? EVALUATION_FIELDS : FIELD_COUNT); ++field) {
    json_object_set_new(heads, field_name((enum field)field), json_real(evaluation_head(sums, (enum field)field)));
  }
  json_t *const root = json_pack("{s:I, s:f, s:f, s:o}", "notes", (json_int_t)sums->notes, "nats_per_note",
                                 evaluation_nats(sums), "pitch_and_time", evaluation_score(sums), "heads", heads);
  if (sums->tokens) {
    json_object_set_new(root, "tokens", json_integer((json_int_t)sums->tokens));
    json_object_set_new(root, "nats_per_token", json_real(evaluation_token(sums)));
  }
  return root;
}

static json_t *
styles_json(const struct corpus *const corpus, const struct evaluation_sums *const styles)
{
  json_t *const root = json_object();
  for (uint32_t i = 0; i < corpus->style_count; ++i) {
    if (styles[i].notes) {
      json_object_set_new(root, *corpus->styles[i] ? corpus->styles[i] : "none", sums_json(&styles[i]));
    }
  }
  return root;
}

// `composed` (NULL: nothing was) goes into the object. All since json_memory_begin().
static enum status
print_json(const struct corpus *const corpus,
           const struct evaluation *const evaluation,
           json_t *const composed,
           struct error *const error)
{
  json_t *const root = sums_json(&evaluation->all);
  json_object_set_new(root, "styles", styles_json(corpus, evaluation->styles));
  if (evaluation->folded.notes) {
    json_t *const folded = sums_json(&evaluation->folded);
    json_object_set_new(folded, "styles", styles_json(corpus, evaluation->folded_styles));
    json_object_set_new(root, "folded", folded);
  }
  if (composed) {
    json_object_set_new(root, "composed", composed);
  }
  char *const text = json_memory_text(root, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
  if (!text) {
    return error_set(error, STATUS_NO_MEMORY, "not enough memory to print the figures");
  }
  puts(text);
  free(text);
  return STATUS_SUCCESS;
}

static void
print_row(const char *const name, const struct evaluation_sums *const sums)
{
  printf("%-16s %8llu %8.3f", name, (unsigned long long)sums->notes, evaluation_nats(sums));
  if (sums->tokens) {
    printf(" %9.3f\n", evaluation_token(sums));
    return;
  }
  printf(" %14.3f", evaluation_score(sums));
  for (int field = 0; field < FIELD_COUNT; ++field) {
    printf(" %9.3f", evaluation_head(sums, (enum field)field));
  }
  putchar('\n');
}

static void
print_table(const struct corpus *const corpus, const struct evaluation *const evaluation)
{
  printf("Nats per note, repeats as played\n%-16s %8s %8s", "style", "notes", "all");
  if (evaluation->all.tokens) {
    printf(" %9s", "per token");
  } else {
    printf(" %14s", "pitch and time");
    for (int field = 0; field < FIELD_COUNT; ++field) {
      printf(" %9s", field_name((enum field)field));
    }
  }
  putchar('\n');
  for (uint32_t i = 0; i < corpus->style_count; ++i) {
    if (evaluation->styles[i].notes) {
      print_row(*corpus->styles[i] ? corpus->styles[i] : "none", &evaluation->styles[i]);
    }
  }
  print_row("all", &evaluation->all);
  if (evaluation->folded.notes) {
    print_row("repeats folded", &evaluation->folded);
  }
}

// What evaluating takes, so that one place frees it
struct evaluate_run {
  struct safetensors *file;
  struct parameters parameters;
  struct corpus corpus;
  uint8_t *held;
  uint8_t map[CORPUS_STYLES];
  struct workers *workers;
  struct evaluation evaluation;
  struct corpus quoted; // Where --corpus names another folder
  struct judging judging;
};

// What the network is told of each style: itself, as far as it knows it, or what --told says
static enum status
map_styles(const struct evaluate_options *const o, struct evaluate_run *const run, struct error *const error)
{
  const uint32_t count = run->parameters.sizes.styles;
  uint8_t number = 0;
  if (!o->told) {
    return style_map(run->file, o->file, count, &run->corpus, run->map, error);
  }
  enum status status =
      strcmp(o->told, "none") ? style_find(run->file, o->file, count, o->told, &number, error) : STATUS_SUCCESS;
  memset(run->map, number, sizeof(run->map));
  return status;
}

static enum status
evaluate_all(const struct evaluate_options *const o, struct evaluate_run *const run, struct error *const error)
{
  enum status status = safetensors_read(o->file, &run->file, error);
  if (!status) {
    status = parameters_load(run->file, o->file, &run->parameters, error);
  }
  if (!status) {
    status = corpus_read(o->folder, &run->corpus, error);
  }
  if (!status) {
    corpus_warn(&run->corpus, o->folder);
    status = map_styles(o, run, error);
  }
  if (status) {
    return status;
  }
  run->held = calloc(run->corpus.piece_count, 1);
  run->workers = workers_new(o->threads);
  if (!run->held || !run->workers) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu threads", o->threads);
  }
  size_t count = 0;
  if (o->held_out) {
    status = held_out_mark(run->file, o->file, &run->corpus, run->held, &count, error);
  }
  if (!status && o->held_out && count == 0) {
    status = error_set(error, STATUS_NOT_FOUND, "%s has none of the works kept out of the training of %s", o->folder,
                       o->file);
  }
  const uint8_t *const held = o->held_out ? run->held : NULL;
  if (!status && run->parameters.windowed.layer_count) {
    return windowed_evaluate_file(run->file, o->file, &run->parameters, &run->corpus, held, 1, o->windows, run->workers,
                                  &run->evaluation, error);
  }
  return status ? status
                : evaluate(&run->parameters, &run->corpus, held, 1, run->map, run->workers, &run->evaluation, error);
}

// Mark the styles that are asked for.
static enum status
want_styles(const struct evaluate_options *const o,
            const struct corpus *const corpus,
            bool wanted[CORPUS_STYLES],
            struct error *const error)
{
  size_t pieces[CORPUS_STYLES] = {0};
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    ++pieces[corpus->pieces[i].style];
  }
  for (uint32_t s = 0; s < corpus->style_count; ++s) {
    wanted[s] = !o->styles && pieces[s] >= REAL_PIECES_USUAL;
  }
  char *const copy = o->styles ? strdup(o->styles) : NULL;
  char *rest = NULL;
  enum status status = STATUS_SUCCESS;
  for (char *name = copy ? strtok_r(copy, ",", &rest) : NULL; !status && name; name = strtok_r(NULL, ",", &rest)) {
    bool found = false;
    for (uint32_t s = 0; s < corpus->style_count; ++s) {
      const bool is_it = !strcmp(corpus->styles[s], name);
      wanted[s] = wanted[s] || is_it;
      found = found || is_it;
    }
    if (!found) {
      status = error_set(error, STATUS_NOT_FOUND, "--styles: %s has no sub-folder `%.64s'", o->folder, name);
    }
  }
  free(copy);
  return status;
}

// Compose and judge, if that is asked for.
static enum status
judge(struct evaluate_options *const o, struct evaluate_run *const run, struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  if (o->judging.pieces == 0) {
    return status;
  }
  o->judging.weights = o->file;
  o->judging.real = &run->corpus;
  o->judging.quoted = o->corpus ? &run->quoted : &run->corpus;
  o->judging.show = isatty(STDERR_FILENO);
  if (o->corpus) {
    status = corpus_read(o->corpus, &run->quoted, error);
  }
  if (!status) {
    status = want_styles(o, &run->corpus, o->judging.styles, error);
  }
  return status ? status : judging_run(&o->judging, &run->judging, error);
}

static enum status
print(const struct evaluate_options *const o, const struct evaluate_run *const run, struct error *const error)
{
  const bool composed = o->judging.pieces > 0;
  if (o->json) {
    json_memory_begin();
    return print_json(&run->corpus, &run->evaluation, composed ? judging_json(&o->judging, &run->judging) : NULL,
                      error);
  }
  print_table(&run->corpus, &run->evaluation);
  if (composed) {
    judging_print(&o->judging, &run->judging);
  }
  return STATUS_SUCCESS;
}

int
command_evaluate(const int argc, char **const argv)
{
  static const struct argp argp = {options,
                                   parse,
                                   "FILE FOLDER",
                                   "Measure how well the weight file FILE predicts the music below FOLDER, in nats per "
                                   "note: the lower, the better it knows "
                                   "what comes next. Each head is its total over all notes, so the heads add up.\vWith "
                                   "--compose it also composes, and says by "
                                   "how many standard deviations of the real pieces of the same style the composed "
                                   "ones differ from them, and how much of "
                                   "them stands in other works: note for note, in any key.",
                                   NULL,
                                   NULL,
                                   NULL};
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  struct evaluate_options o = {.threads = processors > 0 && processors < 256 ? (size_t)processors : 1,
                               .judging = {.temperature_count = 3,
                                           .temperatures = {0.7, 1.0, 1.3},
                                           .bars = 64,
                                           .seed = 1,
                                           .controls = {.sampling = {.top_p = 1.0F}}}};
  struct error error;
  if (argp_parse(&argp, argc, argv, 0, NULL, &o)) {
    return 2;
  }

  struct evaluate_run *const run = calloc(1, sizeof(*run));
  enum status status = run ? STATUS_SUCCESS : error_set(&error, STATUS_NO_MEMORY, "out of memory");
  if (!status) {
    status = evaluate_all(&o, run, &error);
  }
  if (!status) {
    status = judge(&o, run, &error);
  }
  if (!status) {
    status = print(&o, run, &error);
  }
  if (status) {
    fprintf(stderr, "%s: %s\n", argv[0], error.text);
  }
  if (run) {
    workers_free(run->workers);
    free(run->held);
    corpus_free(&run->quoted);
    corpus_free(&run->corpus);
    parameters_free(&run->parameters);
    safetensors_free(run->file);
    free(run);
  }
  return status ? 1 : 0;
}
