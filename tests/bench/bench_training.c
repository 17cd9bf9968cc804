// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How fast the trainer is: events per second of the default streaming network, and how much of the machine's peak that is.
// The peak is that of a product of two matrices of 2048 x 2048 on the same threads in the same run. Of the training only the
// operations of matrix products count, and of attention only those for slots that a step can see.
//
//   bench_training [--json] [--threads N] [--streams N] [--seconds N] [--backward N] [--dump FILE]
//
// --dump writes weights, a batch, its losses and gradients for training_vs_torch.py instead.

#include "blas.h"
#include "parameters.h"
#include "progress.h"
#include "random_batches.h"
#include "trainee_streaming.h"
#include "training.h"
#include "updater.h"
#include "workers.h"

#include <cblas.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STYLES = 24, CUBE = 2048, CUBE_ROUNDS = 3, WARM_PASSES = 18 };

extern char **environ;

struct bench {
  struct training_options options;
  double seconds;
  bool json;
  const char *dump;
  struct streaming_trainee *trainee;
  struct workers *workers;
  struct updater updater;
  float *cubes; // [threads][3][CUBE][CUBE]
};

static void
stop_if(const bool failed, const char *const what)
{
  if (failed) {
    fprintf(stderr, "bench_training: %s\n", what);
    exit(1);
  }
}

// OpenBLAS looks at its variables when it is loaded: clear them and start once more.
static void
clear_environment(char **const argv)
{
  static const char *const mark = "RITORNELLO_BENCH_CLEARED";
  bool found = false;
  for (char **entry = environ; *entry;) {
    char name[256];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(*entry, "="), *entry);
    const bool clear = !strncmp(name, "OPENBLAS_", 9) || !strncmp(name, "OMP_", 4) || !strncmp(name, "GOTO_", 5);
    if (clear && !getenv(mark)) {
      unsetenv(name);
      found = true;
    } else {
      ++entry;
    }
  }
  const bool cleared = getenv(mark);
  setenv(mark, "1", 1);
  if (found && !cleared) {
    execv("/proc/self/exe", argv);
  }
}

// The peak

static void
cube_job(void *const context, const size_t worker)
{
  const struct bench *const bench = context;
  const size_t size = (size_t)CUBE * CUBE;
  float *const a = bench->cubes + worker * 3 * size;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, CUBE, CUBE, CUBE, 1.0F, a, CUBE, a + size, CUBE, 0.0F,
              a + 2 * size, CUBE);
}

static double
measure_peak(struct bench *const bench)
{
  const size_t threads = workers_count(bench->workers);
  const size_t values = threads * 3 * CUBE * CUBE;
  bench->cubes = malloc(values * sizeof(float));
  stop_if(!bench->cubes, "no memory for the peak's matrices");
  for (size_t i = 0; i < values; ++i) {
    bench->cubes[i] = (float)(i % 7) - 3.0F;
  }
  double best = 0.0;
  workers_run(bench->workers, cube_job, bench);
  for (int round = 0; round < CUBE_ROUNDS; ++round) {
    const double began = progress_seconds();
    workers_run(bench->workers, cube_job, bench);
    const double rate = 2.0 * CUBE * CUBE * CUBE * (double)threads / (progress_seconds() - began);
    best = rate > best ? rate : best;
  }
  free(bench->cubes);
  return best;
}

// The training

// Operations of the matrix products of one event: each weight once forward, once for its gradient and once for its input's;
// the gradients of the inputs of the embedding are sums, and count as nothing.
static double
dense_operations(const struct streaming_sizes *const s)
{
  const double e = s->embedding;
  const double h = s->hidden;
  const double keys = (double)s->heads * s->key;
  const double values = (double)s->heads * s->value;
  double weights = 4.0 * h * (e + h) + 4.0 * h * (h + values + h) + h * s->dense + 2.0 * h * keys + e * values;
  if (s->backward) {
    weights += 4.0 * s->backward * (e + s->backward) + values * s->backward;
  }
  for (int field = 0; field < FIELD_COUNT; ++field) {
    weights += (double)s->dense * field_classes((enum field)field);
  }
  return 3.0 * 2.0 * weights;
}

// Operations of attention for one stream's pass that begins `before` events into its piece
static double
attention_operations(const struct streaming_sizes *const s, const size_t steps, const size_t before)
{
  double seen = 0.0;
  double own = 0.0;
  for (size_t t = 0; t < steps; ++t) {
    const size_t events = before + t; // The start of the piece is no slot
    seen += (double)(events < s->memory ? events : s->memory);
    own += (double)t + (before ? 1.0 : 0.0);
  }
  // Scores and values, and back to probabilities and queries; keys and values of the pass's own slots
  return 2.0 * (double)s->heads * (double)(s->key + s->value) * (2.0 * seen + own);
}

static void
fill_batches(struct bench *const bench, const size_t pass)
{
  size_t stream = 0;
  for (size_t i = 0; i < bench->updater.shards; ++i) {
    struct batch *const batch = &bench->trainee->batches[i];
    for (size_t b = 0; b < batch->streams; ++b) {
      random_batch_fill(batch, b, pass, random_batch_events(batch->steps, pass, stream++), STYLES);
    }
  }
}

static double
pass_operations(const struct bench *const bench, const size_t pass)
{
  const struct training_options *const o = &bench->options;
  double total = dense_operations(&o->sizes) * (double)(o->streams * o->steps);
  for (size_t stream = 0; stream < o->streams; ++stream) {
    // Streams that were in the middle of a piece when the first pass began know nothing of what was before
    const size_t events = random_batch_events(o->steps, pass, stream);
    const size_t since = pass * o->steps;
    total += attention_operations(&o->sizes, o->steps, events < since ? events : since);
  }
  return total;
}

struct speed {
  double events;     // Per second
  double operations; // Per second
};

static struct speed
measure_training(struct bench *const bench)
{
  const struct training_options *const o = &bench->options;
  size_t pass = 0;
  for (; pass < WARM_PASSES; ++pass) {
    fill_batches(bench, pass);
    updater_step(&bench->updater, o->streams * o->steps, 1e-4, o->clip);
  }
  double operations = 0.0;
  double seconds = 0.0;
  const size_t first = pass;
  // Whole rounds of pieces, so that every place in a piece comes equally often
  while (seconds < bench->seconds || (pass - first) % (RANDOM_PIECE_EVENTS / o->steps) != 0) {
    fill_batches(bench, pass);
    const double began = progress_seconds();
    updater_step(&bench->updater, o->streams * o->steps, 1e-4, o->clip);
    seconds += progress_seconds() - began;
    operations += pass_operations(bench, pass);
    ++pass;
  }
  const double events = (double)((pass - first) * o->streams * o->steps);
  return (struct speed){events / seconds, operations / seconds};
}

static void
report(const struct bench *const bench, const struct speed speed, const double peak)
{
  json_t *const root =
      json_pack("{s:f, s:f, s:f, s:f, s:s, s:I, s:I, s:I, s:I}", "events_per_second", speed.events, "gflops",
                speed.operations * 1e-9, "peak_gflops", peak * 1e-9, "share_of_peak", speed.operations / peak, "kernel",
                openblas_get_corename(), "threads", (json_int_t)bench->options.threads, "streams",
                (json_int_t)bench->options.streams, "steps", (json_int_t)bench->options.steps, "weights",
                (json_int_t)bench->trainee->base.parameters.count);
  stop_if(!root, "no memory to report");
  if (bench->json) {
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
  } else {
    printf("%.0f events/s: %.1f GFLOP/s of matrix products, %.0f %% of %.1f GFLOP/s (%s kernels, %zu threads)\n",
           speed.events, speed.operations * 1e-9, 100.0 * speed.operations / peak, peak * 1e-9, openblas_get_corename(),
           bench->options.threads);
  }
  json_decref(root);
}

// The dump

enum { DUMP_TENSORS = 2 * STREAMING_TENSORS + 2 * (BATCH_INPUTS + FIELD_COUNT + 2) + 1, DUMP_PASSES = 2 };

struct dump {
  struct tensor tensors[DUMP_TENSORS];
  size_t count;
};

static void
dump_floats(
    struct dump *const dump, const char *const prefix, const char *const name, float *const values, const size_t count)
{
  struct tensor *const tensor = &dump->tensors[dump->count++];
  snprintf(tensor->name, sizeof(tensor->name), "%.31s%.31s", prefix, name);
  tensor->dtype = DTYPE_F32;
  tensor->rank = 1;
  tensor->shape[0] = count;
  tensor->size = count * sizeof(float);
  tensor->data = values;
}

// Class numbers as floats, -1 for none; never freed, for the program ends after the dump
static float *
classes_as_floats(const uint16_t *const classes, const size_t count)
{
  float *const floats = malloc(count * sizeof(float));
  stop_if(!floats, "no memory for the dump");
  for (size_t i = 0; i < count; ++i) {
    floats[i] = classes[i] == BATCH_NONE ? -1.0F : (float)classes[i];
  }
  return floats;
}

static float *
bars_as_floats(const int32_t *const bars, const size_t count)
{
  float *const floats = malloc(count * sizeof(float));
  stop_if(!floats, "no memory for the dump");
  for (size_t i = 0; i < count; ++i) {
    floats[i] = (float)bars[i];
  }
  return floats;
}

static void
dump_batch(struct dump *const dump,
           const struct batch *const batch,
           const size_t pass,
           const struct tensor_shape *const shapes)
{
  const size_t rows = batch->steps * batch->streams;
  char prefix[32];
  snprintf(prefix, sizeof(prefix), "%zu.input.", pass);
  for (int table = 0; table < BATCH_INPUTS; ++table) {
    dump_floats(dump, prefix, shapes[table].name, classes_as_floats(batch->inputs[table], rows), rows);
  }
  snprintf(prefix, sizeof(prefix), "%zu.target.", pass);
  for (int field = 0; field < FIELD_COUNT; ++field) {
    dump_floats(dump, prefix, field_name((enum field)field), classes_as_floats(batch->targets[field], rows), rows);
  }
  snprintf(prefix, sizeof(prefix), "%zu.", pass);
  dump_floats(dump, prefix, "bar", bars_as_floats(batch->bars, rows), rows);
  dump_floats(dump, prefix, "slot_bar", bars_as_floats(batch->slot_bars, rows), rows);
}

// Two passes, the first of them from silence; losses and gradients are the second's, without dropout.
static void
write_dump(struct bench *const bench)
{
  struct updater *const u = &bench->updater;
  struct batch *const batch = &bench->trainee->batches[0];
  struct streaming_model *const model = &bench->trainee->models[0];
  struct dump *const dump = calloc(1, sizeof(*dump));
  stop_if(!dump || u->shards != 1, "the dump wants --threads 1");
  dump->count = parameters_describe(&bench->trainee->base.parameters, bench->trainee->base.parameters.values, NULL,
                                    dump->tensors);
  const size_t weights = dump->count;
  for (size_t pass = 0; pass < DUMP_PASSES; ++pass) {
    for (size_t b = 0; b < batch->streams; ++b) {
      random_batch_fill(batch, b, pass, pass * batch->steps, STYLES);
    }
    dump_batch(dump, batch, pass, bench->trainee->base.parameters.shapes);
    streaming_model_forward(model, &bench->trainee->base.parameters, batch, 0.0F);
    if (pass == DUMP_PASSES - 1) {
      streaming_model_backward(model, &bench->trainee->base.parameters, batch, 1.0F / (float)batch->notes,
                               u->gradients[0]);
    }
    streaming_model_carry(model);
  }
  for (size_t i = 0; i < weights; ++i) {
    const float *const values = dump->tensors[i].data;
    struct tensor *const gradient = &dump->tensors[dump->count++];
    *gradient = dump->tensors[i];
    snprintf(gradient->name, sizeof(gradient->name), "gradient.%s", dump->tensors[i].name);
    gradient->data = u->gradients[0] + (values - bench->trainee->base.parameters.values);
  }
  dump_floats(dump, "", "losses", model->heads.losses, batch->notes * FIELD_COUNT);

  char network[STREAMING_TEXT_SIZE];
  char shape[64];
  struct error error = {0};
  streaming_sizes_format(&bench->trainee->base.parameters.sizes, network);
  snprintf(shape, sizeof(shape), "%zu %zu", batch->steps, batch->streams);
  const struct metadata metadata[] = {{"network", network}, {"shape", shape}};
  stop_if(safetensors_write(bench->dump, metadata, 2, dump->tensors, dump->count, &error), error.text);
  free(dump);
}

static void
read_arguments(struct bench *const bench, const int argc, char **const argv)
{
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  training_defaults(&bench->options);
  bench->options.threads = processors > 0 ? (size_t)processors : 1;
  bench->options.sizes.styles = STYLES;
  bench->seconds = 10.0;
  for (int i = 1; i < argc; ++i) {
    const char *const next = i + 1 < argc ? argv[i + 1] : "";
    if (!strcmp(argv[i], "--json")) {
      bench->json = true;
      continue;
    }
    if (!strcmp(argv[i], "--threads")) {
      bench->options.threads = strtoul(next, NULL, 10);
    } else if (!strcmp(argv[i], "--streams")) {
      bench->options.streams = strtoul(next, NULL, 10);
    } else if (!strcmp(argv[i], "--backward")) {
      bench->options.sizes.backward = (uint32_t)strtoul(next, NULL, 10);
    } else if (!strcmp(argv[i], "--seconds")) {
      bench->seconds = strtod(next, NULL);
    } else if (!strcmp(argv[i], "--dump")) {
      bench->dump = next;
    } else {
      fprintf(stderr, "bench_training: no option is called `%s'\n", argv[i]);
      exit(2);
    }
    ++i;
  }
  const struct training_options *const o = &bench->options;
  stop_if(!o->threads || o->threads > 256 || !o->streams || o->streams % o->threads,
          "--streams has to be a multiple of --threads");
}

int
main(const int argc, char **const argv)
{
  static struct bench bench;
  struct error error = {0};
  clear_environment(argv);
  blas_prepare(argv);
  read_arguments(&bench, argc, argv);
  const struct training_options *const o = &bench.options;
  bench.options.shards = o->threads;
  stop_if(streaming_trainee_new(&o->sizes, o, &bench.trainee, &error), error.text);
  bench.workers = workers_new(o->threads);
  stop_if(!bench.workers, "can't start the threads");
  stop_if(updater_new(&bench.trainee->base, bench.workers, NULL, OPTIMIZER_ADAM, 0.0, &bench.updater, &error),
          error.text);
  if (bench.dump) {
    write_dump(&bench);
  } else {
    // Before and after, for a machine that others share is not equally fast all the time: the share is the least it can be
    const double before = measure_peak(&bench);
    const struct speed speed = measure_training(&bench);
    const double after = measure_peak(&bench);
    report(&bench, speed, before > after ? before : after);
  }
  updater_free(&bench.updater);
  workers_free(bench.workers);
  trainee_free(&bench.trainee->base);
  return 0;
}
