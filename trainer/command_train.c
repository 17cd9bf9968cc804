// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello train`: its options, and what Ctrl-C does.

#include "arguments.h"
#include "commands.h"
#include "corpus.h"
#include "fine_tuning.h"
#include "preset_bundle.h"
#include "report.h"
#include "run_folder.h"
#include "training.h"
#include "training_config.h"
#include "weight_file.h"

#include <argp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// A signal handler can reach nothing else
static volatile sig_atomic_t stop_asked;

enum option_key {
  OPTION_MINUTES = 0x100,
  OPTION_CPU_MINUTES,
  OPTION_EPOCHS,
  OPTION_VALIDATION,
  OPTION_SEED,
  OPTION_THREADS,
  OPTION_STREAMS,
  OPTION_STEPS,
  OPTION_RATE,
  OPTION_DROPOUT,
  OPTION_NOISE,
  OPTION_COLD,
  OPTION_STUTTER,
  OPTION_ALTER,
  OPTION_STYLE_NOISE,
  OPTION_CONTRAST,
  OPTION_WEAKEN_STYLES,
  OPTION_CLIP,
  OPTION_DECAY,
  OPTION_FOLD,
  OPTION_RESUME,
  OPTION_FORCE,
  OPTION_KEEP,
  OPTION_PATIENCE,
  OPTION_SHARDS,
  OPTION_REFILTER,
  OPTION_FROM,
  OPTION_NETWORK,
  OPTION_CONTEXT,
  OPTION_OPTIMIZER,
  OPTION_REPORT,
  OPTION_PRESET,
  OPTION_TITLE,
  OPTION_LICENCE,
  OPTION_ATTRIBUTION,
  OPTION_EMBEDDING,
  OPTION_HIDDEN_SIZE,
  OPTION_BACKWARD,
  OPTION_HEADS,
  OPTION_KEY,
  OPTION_VALUE,
  OPTION_DENSE,
  OPTION_SEGMENT,
  OPTION_MEMORY,
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "Weight file to write (required)", 0},
    {NULL, 0, NULL, 0, "How long:", 1},
    {"minutes", OPTION_MINUTES, "N", 0, "Stop after N minutes (default 60, unless another limit is given)", 1},
    {"cpu-minutes", OPTION_CPU_MINUTES, "N", 0,
     "Stop after N minutes of processor time, all threads together: the same on a busy machine as on an idle one", 1},
    {"epochs", OPTION_EPOCHS, "N", 0, "Stop after N playings of the whole folder", 1},
    {"patience", OPTION_PATIENCE, "N", 0, "Stop after N epochs without a better one", 1},
    {"resume", OPTION_RESUME, NULL, 0, "Go on from the checkpoint in FILE.run, with the options in its config", 1},
    {"force", OPTION_FORCE, NULL, 0,
     "With --resume: go on although the music has changed since. Its styles must be the same; works that were kept out "
     "stay kept "
     "out, and the best epoch so far is sought anew",
     1},
    {"from", OPTION_FROM, "OLD", 0,
     "Begin with the weights of the file OLD instead of random ones; a style that has the name of one of its styles "
     "goes "
     "on as that",
     1},
    {"keep", OPTION_KEEP, "N", 0, "Keep the weights of every N-th epoch in FILE.run", 1},
    {"refilter", OPTION_REFILTER, "OLD", 0,
     "Train nothing: write the weight file OLD again to FILE, with a new filter of FOLDER's music against quotations, "
     "and its composers' strikes",
     1},
    {"weaken-styles", OPTION_WEAKEN_STYLES, "SHARE", 0,
     "With --refilter: bring every style this much nearer to none (default 0)", 1},
    {"no-report", OPTION_REPORT, NULL, 0, "Write no page of pictures, FILE.html, at the end", 1},
    {"preset", OPTION_PRESET, NULL, 0, "Put the weights into the preset menus of hosts at the end (ritornello preset)",
     1},
    {NULL, 0, NULL, 0, "What it learns from:", 2},
    {"validation", OPTION_VALIDATION, "SHARE", 0, "Share of the music kept out, by whole works (default 0.06)", 2},
    {"alter", OPTION_ALTER, "SHARE", 0,
     "Share of the playings in which notes are altered, and nothing but repeated sections is learned from (default 0)",
     2},
    {"fold", OPTION_FOLD, "SHARE", 0,
     "Share of the playings in which nothing is learned from the second time of repeated sections (default 0.3)", 2},
    {"seed", OPTION_SEED, "N", 0, "Number that all chance comes from (default 1)", 2},
    {NULL, 0, NULL, 0, "What the file says of itself:", 3},
    {"title", OPTION_TITLE, "TEXT", 0, "Title, also of presets (default: FILE's name)", 3},
    {"licence", OPTION_LICENCE, "TEXT", 0, "Licence of the weights, as the music's own allows", 3},
    {"attribution", OPTION_ATTRIBUTION, "TEXT", 0, "Whose work the music is (default: from sources.tsv)", 3},
    {NULL, 0, NULL, 0, "What learns:", 4},
    {"network", OPTION_NETWORK, "NAME", 0,
     "streaming (default), article, article-1, article-2, article-3, plain, or a list of layers such as "
     "\"embed:128, bilstm:256, attention:32, lstm:256, dense:256, softmax\"",
     4},
    {"context", OPTION_CONTEXT, "N", 0, "Tokens that a network of layers looks back over (default 100)", 4},
    {NULL, 0, NULL, 0, "How it learns:", 5},
    {"threads", OPTION_THREADS, "N", 0, "Threads (default: all processors)", 5},
    {"streams", OPTION_STREAMS, "N", 0, "Pieces read side by side (default 32), or windows of one update (default 64)",
     5},
    {"shards", OPTION_SHARDS, "N", 0, "Parts that the streams are cut into for the threads (default: one for each)", 5},
    {"steps", OPTION_STEPS, "N", 0, "Notes per update and stream, a multiple of --segment (default 128)", 5},
    {"rate", OPTION_RATE, "X", 0, "Learning rate at its highest (default 0.002; 0.001 for a network of layers)", 5},
    {"dropout", OPTION_DROPOUT, "X", 0,
     "Share of values dropped at random (default 0.1); a network of layers has its own in the list", 5},
    {"noise", OPTION_NOISE, "X", 0, "Share of the notes heard that are made wrong (default 0)", 5},
    {"cold", OPTION_COLD, "X", 0, "How often music begins in the middle of a piece (default 0.5)", 5},
    {"stutter", OPTION_STUTTER, "X", 0,
     "Share of beats before which what was just played is repeated, to learn to get out of it (default 0.05)", 5},
    {"style-noise", OPTION_STYLE_NOISE, "X", 0,
     "Deviation of the noise on a style, against learning its pieces by heart (default 0.2)", 5},
    {"contrast", OPTION_CONTRAST, "X", 0,
     "How much it counts that music is likelier told its own style than another, which half of the streams are told "
     "then (default 0)",
     5},
    {"optimizer", OPTION_OPTIMIZER, "NAME", 0, "adam, or rmsprop (default for a network of layers)", 5},
    {"clip", OPTION_CLIP, "X", 0, "Longest gradient (default 1)", 5},
    {"decay", OPTION_DECAY, "X", 0, "Weight decay (default 0)", 5},
    {NULL, 0, NULL, 0, "Sizes of a streaming network:", 6},
    {"embedding", OPTION_EMBEDDING, "N", 0, "Input (default 192)", 6},
    {"hidden", OPTION_HIDDEN_SIZE, "N", 0, "Each LSTM (default 256)", 6},
    {"backward", OPTION_BACKWARD, "N", 0, "Backward encoder (default 0: none)", 6},
    {"heads", OPTION_HEADS, "N", 0, "Attention heads (default 4; 0: no attention)", 6},
    {"key", OPTION_KEY, "N", 0, "Key of a head (default 32)", 6},
    {"value", OPTION_VALUE, "N", 0, "Value of a head (default 64)", 6},
    {"dense", OPTION_DENSE, "N", 0, "Dense layer (default 256)", 6},
    {"segment", OPTION_SEGMENT, "N", 0, "Events that the backward encoder reads at once (default 16)", 6},
    {"memory", OPTION_MEMORY, "N", 0, "Events that attention looks back over (default 1024)", 6},
    {0},
};

static const char documentation[] = "Train a weight file on the MIDI files below FOLDER. Sub-folders are styles "
                                    "(composers). A file sources.tsv in FOLDER may "
                                    "say which files belong to one work, and whose they are.\v"
                                    "Every epoch ends with a measurement on the music kept out; the best weights so "
                                    "far are in FILE, the last checkpoint and "
                                    "log.csv in FILE.run. Ctrl-C ends the training and keeps everything; --resume goes "
                                    "on as if nothing had happened. Results "
                                    "depend on --seed, --streams and --shards, but not on --threads.";

// What argp fills in
struct command_line {
  struct training_options options;
  unsigned folders; // Given
  bool limited;     // --epochs, --minutes or --cpu-minutes is given
  bool no_report;
  bool preset;
  bool looking_around; // Nothing but what is needed to find the config is wanted yet
};

static enum status
size_option(
    const char *const name, const char *const text, const int64_t low, uint32_t *const size, struct error *const error)
{
  int64_t value = 0;
  const enum status status = argument_whole(name, text, low, 16384, &value, error);
  if (!status) {
    *size = (uint32_t)value;
  }
  return status;
}

static enum status
count_option(
    const char *const name, const char *const text, const int64_t high, size_t *const count, struct error *const error)
{
  int64_t value = 0;
  const enum status status = argument_whole(name, text, 1, high, &value, error);
  if (!status) {
    *count = (size_t)value;
  }
  return status;
}

static enum status
whole_option(const char *const name,
             const char *const text,
             const int64_t low,
             uint64_t *const number,
             struct error *const error)
{
  int64_t value = 0;
  const enum status status = argument_whole(name, text, low, INT64_MAX, &value, error);
  if (!status) {
    *number = (uint64_t)value;
  }
  return status;
}

static error_t
parse_size(const int key, char *const text, const struct argp_state *const state)
{
  struct streaming_sizes *const s = &((struct command_line *)state->input)->options.sizes;
  struct error error;
  switch (key) {
  case OPTION_EMBEDDING:
    return argument_end(state, size_option("--embedding", text, 16, &s->embedding, &error), &error);
  case OPTION_HIDDEN_SIZE:
    return argument_end(state, size_option("--hidden", text, 16, &s->hidden, &error), &error);
  case OPTION_BACKWARD:
    return argument_end(state, size_option("--backward", text, 0, &s->backward, &error), &error);
  case OPTION_HEADS:
    return argument_end(state, size_option("--heads", text, 0, &s->heads, &error), &error);
  case OPTION_KEY:
    return argument_end(state, size_option("--key", text, 16, &s->key, &error), &error);
  case OPTION_VALUE:
    return argument_end(state, size_option("--value", text, 16, &s->value, &error), &error);
  case OPTION_DENSE:
    return argument_end(state, size_option("--dense", text, 16, &s->dense, &error), &error);
  case OPTION_SEGMENT:
    return argument_end(state, size_option("--segment", text, 2, &s->segment, &error), &error);
  case OPTION_MEMORY:
    return argument_end(state, size_option("--memory", text, 16, &s->memory, &error), &error);
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static const char *const optimizers[] = {"adam", "rmsprop", NULL};

static error_t
parse_learning(const int key, char *const text, const struct argp_state *const state)
{
  struct training_options *const o = &((struct command_line *)state->input)->options;
  struct error error;
  switch (key) {
  case OPTION_SEED:
    return argument_end(state, whole_option("--seed", text, 0, &o->seed, &error), &error);
  case OPTION_THREADS:
    return argument_end(state, count_option("--threads", text, 256, &o->threads, &error), &error);
  case OPTION_CONTEXT:
    return argument_end(state, count_option("--context", text, 512, &o->context, &error), &error);
  case OPTION_OPTIMIZER: {
    unsigned index = 0;
    const error_t result =
        argument_end(state, argument_choice("--optimizer", text, optimizers, &index, &error), &error);
    o->optimizer = optimizers[index];
    return result;
  }
  case OPTION_STREAMS:
    return argument_end(state, count_option("--streams", text, 4096, &o->streams, &error), &error);
  case OPTION_SHARDS:
    return argument_end(state, count_option("--shards", text, 256, &o->shards, &error), &error);
  case OPTION_STEPS:
    return argument_end(state, count_option("--steps", text, 4096, &o->steps, &error), &error);
  case OPTION_RATE:
    return argument_end(state, argument_number("--rate", text, 1e-7, 1.0, &o->rate, &error), &error);
  case OPTION_DROPOUT:
    return argument_end(state, argument_number("--dropout", text, 0.0, 0.9, &o->dropout, &error), &error);
  case OPTION_NOISE:
    return argument_end(state, argument_number("--noise", text, 0.0, 0.5, &o->noise, &error), &error);
  case OPTION_COLD:
    return argument_end(state, argument_number("--cold", text, 0.0, 1.0, &o->cold, &error), &error);
  case OPTION_STUTTER:
    return argument_end(state, argument_number("--stutter", text, 0.0, 0.5, &o->stutter, &error), &error);
  case OPTION_STYLE_NOISE:
    return argument_end(state, argument_number("--style-noise", text, 0.0, 10.0, &o->style_noise, &error), &error);
  case OPTION_CONTRAST:
    return argument_end(state, argument_number("--contrast", text, 0.0, 100.0, &o->contrast, &error), &error);
  case OPTION_ALTER:
    return argument_end(state, argument_number("--alter", text, 0.0, 0.9, &o->alter, &error), &error);
  case OPTION_WEAKEN_STYLES:
    return argument_end(state, argument_number("--weaken-styles", text, 0.0, 1.0, &o->weaken_styles, &error), &error);
  case OPTION_CLIP:
    return argument_end(state, argument_number("--clip", text, 1e-3, 1e6, &o->clip, &error), &error);
  case OPTION_DECAY:
    return argument_end(state, argument_number("--decay", text, 0.0, 1.0, &o->decay, &error), &error);
  default:
    return parse_size(key, text, state);
  }
}

// What is left to check when all options are known
static void
complete(struct training_options *const o, const struct argp_state *const state)
{
  if (!o->folder || !o->output) {
    argp_error(state, "a folder and an output file (-o FILE) are needed");
  }
  if (o->minutes <= 0.0 && o->cpu_minutes <= 0.0 && o->epochs <= 0.0) {
    o->minutes = 60.0;
  }
  if (o->weaken_styles > 0.0 && !o->refilter) {
    argp_error(state, "--weaken-styles needs --refilter");
  }
  training_complete(o);
  if (o->steps % o->sizes.segment) {
    argp_error(state, "--steps must be a multiple of --segment (%u)", o->sizes.segment);
  }
  if (o->shards && o->streams % o->shards) {
    argp_error(state, "--streams must be a multiple of --shards (%zu)", o->shards);
  }
}

static error_t
parse(const int key, char *const text, struct argp_state *const state)
{
  struct command_line *const line = state->input;
  struct training_options *const o = &line->options;
  struct error error;
  switch (key) {
  case 'o':
    o->output = text;
    return 0;
  case OPTION_MINUTES:
    line->limited = true;
    return argument_end(state, argument_number("--minutes", text, 0.01, 1e6, &o->minutes, &error), &error);
  case OPTION_CPU_MINUTES:
    line->limited = true;
    return argument_end(state, argument_number("--cpu-minutes", text, 0.01, 1e6, &o->cpu_minutes, &error), &error);
  case OPTION_EPOCHS:
    line->limited = true;
    return argument_end(state, argument_number("--epochs", text, 0.001, 1e6, &o->epochs, &error), &error);
  case OPTION_NETWORK:
    o->network = text;
    return 0;
  case OPTION_VALIDATION:
    return argument_end(state, argument_number("--validation", text, 0.0, 0.5, &o->validation, &error), &error);
  case OPTION_RESUME:
    o->resume = true;
    return 0;
  case OPTION_FORCE:
    o->force = true;
    return 0;
  case OPTION_PATIENCE:
    return argument_end(state, whole_option("--patience", text, 1, &o->patience, &error), &error);
  case OPTION_KEEP:
    return argument_end(state, whole_option("--keep", text, 1, &o->keep, &error), &error);
  case OPTION_REFILTER:
    o->refilter = text;
    return 0;
  case OPTION_FROM:
    o->from = text;
    return 0;
  case OPTION_FOLD:
    return argument_end(state, argument_number("--fold", text, 0.0, 1.0, &o->fold, &error), &error);
  case OPTION_REPORT:
    line->no_report = true;
    return 0;
  case OPTION_PRESET:
    line->preset = true;
    return 0;
  case OPTION_TITLE:
    o->title = text;
    return 0;
  case OPTION_LICENCE:
    o->licence = text;
    return 0;
  case OPTION_ATTRIBUTION:
    o->attribution = text;
    return 0;
  case ARGP_KEY_ARG:
    if (line->folders++) {
      argp_error(state, "one folder, please; `%s' is one too many", text);
    }
    o->folder = text;
    return 0;
  case ARGP_KEY_END:
    if (!line->looking_around || !o->resume || !o->output) {
      complete(o, state);
    }
    return 0;
  default:
    return parse_learning(key, text, state);
  }
}

static enum status
refilter(const struct training_options *const o, struct error *const error)
{
  struct corpus corpus;
  enum status status = corpus_read(o->folder, &corpus, error);
  if (!status) {
    const struct weight_file_changes changes = {o->title, o->licence, o->attribution, o->weaken_styles};
    status = weight_file_refilter(o->output, o->refilter, &changes, &corpus, error);
  }
  corpus_free(&corpus);
  return status;
}

// A network that goes on from another has its sizes.
static enum status
begin_with(struct training_options *const o, struct error *const error)
{
  if (!o->from || o->resume) {
    return STATUS_SUCCESS;
  }
  if (training_is_windowed(o)) {
    return error_set(error, STATUS_BAD_VALUE, "--from is for streaming networks; leave --network out");
  }
  return fine_tuning_sizes(o->from, &o->sizes, error);
}

static void
ask_to_stop(const int number)
{
  (void)number;
  stop_asked = 1;
}

static struct command_line
command_line_defaults(void)
{
  struct command_line line = {0};
  training_defaults(&line.options);
  line.options.threads = 0;
  line.options.shards = 0;
  line.options.streams = 0;
  line.options.rate = 0.0;
  line.options.optimizer = NULL;
  line.options.stop = &stop_asked;
  return line;
}

// Read the command line over the defaults or, for a training that goes on, over the options that it was begun with.
static enum status
read_command_line(const int argc,
                  char **const argv,
                  struct command_line *const line,
                  struct training_config **const config,
                  struct error *const error)
{
  static const struct argp argp = {options, parse, "FOLDER -o FILE", documentation, NULL, NULL, NULL};
  *line = command_line_defaults();
  line->looking_around = true;
  if (argp_parse(&argp, argc, argv, 0, NULL, line)) {
    return error_set(error, STATUS_BAD_VALUE, "wrong usage");
  }
  if (!line->options.resume || !line->options.output) {
    return STATUS_SUCCESS;
  }
  struct command_line second = command_line_defaults();
  struct run_folder run;
  enum status status = run_folder_find(line->options.output, &run, error);
  if (!status) {
    status = training_config_read(run.config, &second.options, config, error);
  }
  if (status) {
    return status;
  }
  if (line->limited) {
    second.options.epochs = 0.0;
    second.options.minutes = 0.0;
    second.options.cpu_minutes = 0.0;
  }
  const error_t usage = argp_parse(&argp, argc, argv, 0, NULL, &second);
  *line = second;
  return usage ? error_set(error, STATUS_BAD_VALUE, "wrong usage") : STATUS_SUCCESS;
}

// Processors that this process may use, its share of those that other processes of the training may use too
static size_t
usable_processors(const struct ranks *const ranks)
{
  cpu_set_t set;
  const size_t most = 256;
  const long all = sysconf(_SC_NPROCESSORS_ONLN);
  const int bound = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
  const size_t share = (size_t)(all > 0 ? all : 1) / (ranks ? ranks->here : 1);
  const size_t usable = share < (size_t)bound ? share : (size_t)bound;
  return usable < 1 ? 1 : usable < most ? usable : most;
}

// Most shards that the threads of all processes can share out evenly
static size_t
fitting_shards(const struct training_options *const o)
{
  const size_t processes = ranks_count(o->ranks);
  size_t each = o->threads;
  const size_t together = o->contrast > 0.0 ? 2 : 1; // Streams with their twins
  while (each > 1 && o->streams % (each * processes * together)) {
    --each;
  }
  return each * processes;
}

static enum status
train(struct training_options *const o, struct error *const error)
{
  const enum status status = ranks_begin(&o->ranks, error);
  if (status) {
    return status;
  }
  if (ranks_rank(o->ranks) && !freopen("/dev/null", "w", stdout)) {
    fclose(stdout); // What is told is told by the first process
  }
  o->threads = o->threads ? o->threads : usable_processors(o->ranks);
  o->shards = o->shards ? o->shards : fitting_shards(o);
  return training_run(o, error);
}

// What is made of the weights when a training has come to its end: a page of pictures, and presets. A network of layers
// composes slowly, and less of it.
static enum status
finish(const struct command_line *const line, struct error *const error)
{
  const struct training_options *const o = &line->options;
  if (o->refilter || stop_asked || ranks_rank(o->ranks)) {
    return STATUS_SUCCESS;
  }
  enum status status = STATUS_SUCCESS;
  char page[RUN_PATH_SIZE];
  snprintf(page, sizeof(page), "%s.html", o->output);
  const bool windowed = training_is_windowed(o);
  const struct report_request report = {.weights = o->output,
                                        .folder = o->folder,
                                        .output = page,
                                        .temperature = 1.0,
                                        .pieces = windowed ? 2 : 8,
                                        .bars = windowed ? 32 : 64,
                                        .seed = 1,
                                        .show = isatty(STDERR_FILENO)};
  if (!line->no_report) {
    status = report_write(&report, error);
    if (!status) {
      printf("%s: pictures of how it went, and of what it composes\n", page);
    }
  }
  const struct preset_request preset = {.weights = o->output};
  return status || !line->preset ? status : preset_bundle_make(&preset, error);
}

// Print what went wrong, once
static void
print_error(const struct ranks *const ranks, const char *const command, const struct error *const error)
{
  const size_t speaker = ranks ? ranks->speaker : 0;
  if (speaker == ranks_rank(ranks)) {
    char process[64] = "";
    if (speaker) {
      snprintf(process, sizeof(process), " (process %zu of %zu)", speaker, ranks->count);
    }
    fprintf(stderr, "%s%s: %s\n", command, process, error->text);
  }
}

static void
listen_to_signals(void)
{
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = ask_to_stop;
  action.sa_flags = (int)SA_RESETHAND; // A second Ctrl-C ends at once; the last checkpoint is whole all the same
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGUSR1, &action, NULL); // What mpirun passes on, and then leaves all the time that it takes
}

int
command_train(const int argc, char **const argv)
{
  struct command_line line;
  struct training_config *config = NULL;
  struct error error;
  enum status status = read_command_line(argc, argv, &line, &config, &error);
  if (!status) {
    listen_to_signals();
    status = begin_with(&line.options, &error);
  }
  if (!status) {
    status = line.options.refilter ? refilter(&line.options, &error) : train(&line.options, &error);
  }
  if (!status) {
    status = finish(&line, &error);
  }
  training_config_free(config);
  if (status) {
    print_error(line.options.ranks, argv[0], &error);
  }
  ranks_end(line.options.ranks);
  return status ? 1 : 0;
}
