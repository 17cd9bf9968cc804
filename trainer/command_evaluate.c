// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello evaluate`: nats per note of a weight file on a folder, per head and per style.

#include "arguments.h"
#include "commands.h"
#include "corpus.h"
#include "evaluation.h"
#include "parameters.h"
#include "workers.h"

#include <argp.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_JSON = 0x100, OPTION_HELD_OUT, OPTION_THREADS };

struct evaluate_options {
  const char *file;
  const char *folder;
  bool json;
  bool held_out;
  size_t threads;
};

static const struct argp_option options[] = {
    {"held-out", OPTION_HELD_OUT, NULL, 0, "Only the works that FILE says were kept out of its training", 0},
    {"json", OPTION_JSON, NULL, 0, "Print the figures as JSON", 0},
    {"threads", OPTION_THREADS, "N", 0, "Threads (default: all processors)", 0},
    {0},
};

static error_t
parse(const int key, char *const text, struct argp_state *const state)
{
  struct evaluate_options *const o = state->input;
  struct error error;
  int64_t threads = 1;
  switch (key) {
  case OPTION_JSON:
    o->json = true;
    return 0;
  case OPTION_HELD_OUT:
    o->held_out = true;
    return 0;
  case OPTION_THREADS: {
    const error_t result = argument_end(state, argument_whole("--threads", text, 1, 256, &threads, &error), &error);
    o->threads = (size_t)threads;
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
    return ARGP_ERR_UNKNOWN;
  }
}

// The network's style condition for each of the corpus' styles, by name
static enum status
map_styles(const struct safetensors *const file,
           const char *const path,
           const struct parameters *const parameters,
           const struct corpus *const corpus,
           uint8_t *const map,
           struct error *const error)
{
  const char *const text = safetensors_metadata(file, "styles");
  json_t *const styles = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  if (!json_is_array(styles) || json_array_size(styles) != parameters->sizes.styles) {
    json_decref(styles);
    return error_set(error, STATUS_BAD_FORMAT, "%s: its list of styles does not fit its network", path);
  }
  for (uint32_t i = 0; i < corpus->style_count; ++i) {
    for (size_t s = 0; s < json_array_size(styles); ++s) {
      const char *const name = json_string_value(json_array_get(styles, s));
      if (name && !strcmp(name, corpus->styles[i])) {
        map[i] = (uint8_t)(s + 1);
      }
    }
  }
  json_decref(styles);
  return STATUS_SUCCESS;
}

// Mark the pieces of the works that the file's metadata calls held out.
static enum status
mark_held_out(const struct safetensors *const file,
              const char *const path,
              const struct corpus *const corpus,
              uint8_t *const held,
              struct error *const error)
{
  const char *const text = safetensors_metadata(file, "training");
  json_t *const training = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  json_t *const works = json_object_get(training, "held_out_works");
  if (!json_is_array(works)) {
    json_decref(training);
    return error_set(error, STATUS_BAD_FORMAT, "%s: does not say which works were kept out; leave out --held-out",
                     path);
  }
  size_t count = 0;
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    for (size_t w = 0; w < json_array_size(works) && !held[i]; ++w) {
      const char *const work = json_string_value(json_array_get(works, w));
      held[i] = work && !strcmp(work, corpus->pieces[i].work);
    }
    count += held[i];
  }
  json_decref(training);
  return count ? STATUS_SUCCESS
               : error_set(error, STATUS_NOT_FOUND, "the folder has none of the works kept out of the training of %s",
                           path);
}

static json_t *
sums_json(const struct evaluation_sums *const sums)
{
  json_t *const heads = json_object();
  for (int field = 0; field < FIELD_COUNT; ++field) {
    json_object_set_new(heads, field_name((enum field)field), json_real(evaluation_head(sums, (enum field)field)));
  }
  return json_pack("{s:I, s:f, s:o}", "notes", (json_int_t)sums->notes, "nats_per_note", evaluation_nats(sums), "heads",
                   heads);
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

static void
print_json(const struct corpus *const corpus, const struct evaluation *const evaluation)
{
  json_t *const root = sums_json(&evaluation->all);
  json_t *const folded = sums_json(&evaluation->folded);
  json_object_set_new(root, "styles", styles_json(corpus, evaluation->styles));
  json_object_set_new(folded, "styles", styles_json(corpus, evaluation->folded_styles));
  json_object_set_new(root, "folded", folded);
  char *const text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
  puts(text ? text : "{}");
  free(text);
  json_decref(root);
}

static void
print_row(const char *const name, const struct evaluation_sums *const sums)
{
  printf("%-16s %8llu %8.3f", name, (unsigned long long)sums->notes, evaluation_nats(sums));
  for (int field = 0; field < FIELD_COUNT; ++field) {
    printf(" %9.3f", evaluation_head(sums, (enum field)field));
  }
  putchar('\n');
}

static void
print_table(const struct corpus *const corpus, const struct evaluation *const evaluation)
{
  printf("Nats per note, repeats as played\n%-16s %8s %8s", "style", "notes", "all");
  for (int field = 0; field < FIELD_COUNT; ++field) {
    printf(" %9s", field_name((enum field)field));
  }
  putchar('\n');
  for (uint32_t i = 0; i < corpus->style_count; ++i) {
    if (evaluation->styles[i].notes) {
      print_row(*corpus->styles[i] ? corpus->styles[i] : "none", &evaluation->styles[i]);
    }
  }
  print_row("all", &evaluation->all);
  print_row("repeats folded", &evaluation->folded);
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
};

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
    status = map_styles(run->file, o->file, &run->parameters, &run->corpus, run->map, error);
  }
  if (status) {
    return status;
  }
  run->held = calloc(run->corpus.piece_count, 1);
  run->workers = workers_new(o->threads);
  if (!run->held || !run->workers) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu threads", o->threads);
  }
  if (o->held_out) {
    status = mark_held_out(run->file, o->file, &run->corpus, run->held, error);
  }
  return status ? status
                : evaluate(&run->parameters, &run->corpus, o->held_out ? run->held : NULL, 1, run->map, run->workers,
                           &run->evaluation, error);
}

int
command_evaluate(const int argc, char **const argv)
{
  static const struct argp argp = {options,
                                   parse,
                                   "FILE FOLDER",
                                   "Measure how well the weight file FILE predicts the music below FOLDER, in nats per "
                                   "note: the lower, the better it knows "
                                   "what comes next. Each head is its total over all notes, so the heads add up.",
                                   NULL,
                                   NULL,
                                   NULL};
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  struct evaluate_options o = {.threads = processors > 0 && processors < 256 ? (size_t)processors : 1};
  struct error error;
  argp_parse(&argp, argc, argv, 0, NULL, &o);

  struct evaluate_run *const run = calloc(1, sizeof(*run));
  enum status status = run ? STATUS_SUCCESS : error_set(&error, STATUS_NO_MEMORY, "out of memory");
  if (!status) {
    status = evaluate_all(&o, run, &error);
  }
  if (status) {
    fprintf(stderr, "%s: %s\n", argv[0], error.text);
  } else if (o.json) {
    print_json(&run->corpus, &run->evaluation);
  } else {
    print_table(&run->corpus, &run->evaluation);
  }
  if (run) {
    workers_free(run->workers);
    free(run->held);
    corpus_free(&run->corpus);
    parameters_free(&run->parameters);
    safetensors_free(run->file);
    free(run);
  }
  return status ? 1 : 0;
}
