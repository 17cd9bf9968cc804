// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The page: HTML with a few words on what each picture shows, so that it can be read by itself.

#include "picture.h"
#include "report_private.h"
#include "structure.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  ROLL_BARS = 16,
  SIMILARITY_BARS = 64,
  OCTAVE = 12,
  STEP_LARGEST = 12,
  STEPS = 2 * STEP_LARGEST + 1,
  LENGTHS = 13,
  QUOTATION_LENGTHS = 25, // 8 to 32 moves; longer ones count as 32
};

// What is counted over notes
struct tallies {
  double classes[OCTAVE];
  double steps[STEPS];
  double advances[LENGTHS];
  double durations[LENGTHS];
};

static const uint16_t length_ticks[LENGTHS] = {0, 3, 4, 6, 8, 12, 16, 18, 24, 36, 48, 72, 96};
static const char *const length_labels[LENGTHS] = {"0", "",    "", "16th", "", "8th",  "",
                                                   "",  "4th", "", "half", "", "whole"};
static const char *const class_labels[OCTAVE] = {"C", "", "D", "", "E", "F", "", "G", "", "A", "", "B"};

static const char page_style[] =
    "body{font:15px/1.5 sans-serif;max-width:920px;margin:2em auto;padding:0 1em;color:#222}"
    "h1,h2{font-weight:600}h2{margin-top:2em}img{max-width:100%}table{border-collapse:collapse}"
    "td,th{padding:2px 12px 2px 0;text-align:right}td:first-child,th:first-child{text-align:left}"
    "figure{display:inline-block;margin:0 1.5em 1em "
    "0}figcaption{color:#555}.real{color:#336bb3}.composed{color:#d9661a}";

static void
put_text(FILE *const page, const char *text)
{
  for (; *text; ++text) {
    switch (*text) {
    case '&':
      fputs("&amp;", page);
      break;
    case '<':
      fputs("&lt;", page);
      break;
    case '>':
      fputs("&gt;", page);
      break;
    case '"':
      fputs("&quot;", page);
      break;
    default:
      fputc(*text, page);
    }
  }
}

// Put a picture, which is freed, with the words below it. Return false if there was no memory to draw it.
static bool
put_picture(FILE *const page, char *const picture, const char *const words)
{
  if (!picture) {
    return false;
  }
  fprintf(page, "<figure><img alt=\"\" src=\"%s\"><figcaption>", picture);
  put_text(page, words);
  fputs("</figcaption></figure>\n", page);
  free(picture);
  return true;
}

static void
put_fact(FILE *const page, const char *const name, const char *const value)
{
  fputs("<tr><td>", page);
  put_text(page, name);
  fputs("</td><td>", page);
  put_text(page, value);
  fputs("</td></tr>\n", page);
}

// Facts

static void
put_training(const struct report *const report, FILE *const page)
{
  const char *const text = safetensors_metadata(report->file, "training");
  json_t *const training = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  char value[64];
  if (training) {
    snprintf(value, sizeof(value), "%lld", (long long)json_integer_value(json_object_get(training, "epochs")));
    put_fact(page, "Epochs", value);
    snprintf(value, sizeof(value), "%.1f million", json_number_value(json_object_get(training, "notes_seen")) / 1e6);
    put_fact(page, "Notes seen", value);
    snprintf(value, sizeof(value), "%.1f minutes", json_number_value(json_object_get(training, "seconds")) / 60.0);
    put_fact(page, "Training took", value);
  }
  const json_t *const held_out = json_object_get(training, "held_out");
  if (held_out) {
    snprintf(value, sizeof(value), "%.3f nats per note", json_number_value(json_object_get(held_out, "nats_per_note")));
    put_fact(page, "On works kept out", value);
  }
  json_decref(training);
}

static bool
put_facts(const struct report *const report, FILE *const page)
{
  fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", page);
  put_text(page, report->weights->title);
  fprintf(page, "</title><style>%s</style></head><body>\n<h1>", page_style);
  put_text(page, report->weights->title);
  fputs("</h1>\n<table>\n", page);
  put_fact(page, "Weight file", report->request->weights);
  put_fact(page, "Network", safetensors_metadata(report->file, "network"));
  put_fact(page, "Licence", report->weights->licence);
  put_training(report, page);
  put_fact(page, "Filter of the training music", report->weights->quotations ? "yes" : "no");
  fputs("</table>\n", page);
  return true;
}

static bool
put_learning(const struct report *const report, FILE *const page)
{
  const struct learning_log *const log = &report->log;
  if (log->count == 0) {
    return true;
  }
  const struct curve curves[] = {
      {"training", log->notes, log->train, log->count},
      {"works kept out", log->notes, log->held_out, log->count},
  };
  fputs("<h2>Learning</h2>\n", page);
  return put_picture(page, picture_curves(curves, 2, "million notes seen", "nats per note"),
                     "Less is better. Where only the training goes on falling, the network learns by heart.");
}

// Music

static bool
put_music(const struct report *const report, FILE *const page)
{
  const struct report_request *const request = report->request;
  fprintf(page, "<h2>Music</h2>\n<p>%zu pieces of %u bars, composed at temperature %g, ", report->composed_count,
          request->bars, request->temperature);
  fputs(report->style && *report->style ? "in the style of " : "in no particular style", page);
  put_text(page, report->style ? report->style : "");
  fprintf(page, ". Their seeds begin with %u. The right hand is orange, the left one blue.</p>\n", request->seed);
  const uint32_t bars = request->bars < ROLL_BARS ? request->bars : ROLL_BARS;
  bool done =
      put_picture(page, picture_roll(&report->composed[0], 0, bars), "Composed: the beginning of the first piece");
  if (report->real_count) {
    done = done && put_picture(page, picture_roll(report->real[0], 0, bars), report->real[0]->path);
  }
  fputs("<h2>What comes back</h2>\n<p>Every bar beside every bar of the same piece: the darker, the more notes they "
        "share. "
        "Lines beside the diagonal are passages that return.</p>\n",
        page);
  done = done && put_picture(page, picture_similarity(&report->composed[0], SIMILARITY_BARS), "Composed");
  if (report->real_count) {
    done = done && put_picture(page, picture_similarity(report->real[0], SIMILARITY_BARS), report->real[0]->path);
  }
  return done;
}

// Attention

// A square of bars, darkened so that small shares are seen
static bool
put_map(FILE *const page, const struct attention_map *const map, const char *const words)
{
  const size_t count = (size_t)map->bars * map->bars;
  double *const shades = calloc(count + 1, sizeof(*shades));
  for (size_t i = 0; shades && i < count; ++i) {
    shades[i] = fmin(sqrt(map->shares[i]), 1.0);
  }
  const bool done = shades && put_picture(page, picture_square(shades, map->bars), words);
  free(shades);
  return done;
}

static bool
put_attention(const struct report *const report, FILE *const page)
{
  static const char *const labels[ATTENTION_MAP_AGO] = {"0", "",   "",   "", "4", "",   "",   "", "8", "",   "",
                                                        "",  "12", "",   "", "",  "16", "",   "", "",  "20", "",
                                                        "",  "",   "24", "", "",  "",   "28", "", "",  "",   "32+"};
  const struct attention_map *const composed = &report->composed_map;
  const struct attention_map *const real = &report->real_map;
  fputs("<h2>Where attention looks</h2>\n", page);
  if (!composed->bars) {
    fputs("<p>This network has no attention.</p>\n", page);
    return true;
  }
  fputs(
      "<p>From every bar (downwards) to every bar before it (to the right): the darker, the more of the attention of a "
      "bar's notes goes to the notes of the other. Dots far from the diagonal are music that is looked up again. "
      "Below, "
      "how many bars ago the notes are that are looked at.</p>\n",
      page);
  bool done = put_map(page, composed, "Composed: the first piece");
  if (real->bars) {
    done = done && put_map(page, real, report->real[0]->path);
  }
  return done && put_picture(page, picture_histograms(real->ago, composed->ago, ATTENTION_MAP_AGO, labels),
                             "Attention by bars ago: real and composed");
}

// Notes

// Return the number of the length nearest to `ticks`.
static unsigned
nearest_length(const uint16_t ticks)
{
  unsigned best = 0;
  for (unsigned i = 1; i < LENGTHS; ++i) {
    best = abs(length_ticks[i] - ticks) < abs(length_ticks[best] - ticks) ? i : best;
  }
  return best;
}

static void
tally(const struct piece *const piece, struct tallies *const tallies)
{
  for (uint32_t i = 0; i < piece->count; ++i) {
    const struct event *const event = &piece->events[i];
    ++tallies->classes[event->pitch % OCTAVE];
    ++tallies->durations[nearest_length(event->duration)];
    if (i + 1 < piece->count) {
      const int step = event[1].pitch - event->pitch;
      const int bounded = step < -STEP_LARGEST ? -STEP_LARGEST : step > STEP_LARGEST ? STEP_LARGEST : step;
      ++tallies->steps[bounded + STEP_LARGEST];
      ++tallies->advances[nearest_length(event->advance)];
    }
  }
}

// Return the overlapping area of two histograms, each scaled to a sum of 1.
static double
overlap(const double *const real, const double *const composed, const size_t count)
{
  double sums[2] = {0.0, 0.0};
  double area = 0.0;
  for (size_t i = 0; i < count; ++i) {
    sums[0] += real[i];
    sums[1] += composed[i];
  }
  for (size_t i = 0; i < count && sums[0] > 0.0 && sums[1] > 0.0; ++i) {
    area += fmin(real[i] / sums[0], composed[i] / sums[1]);
  }
  return area;
}

static bool
put_histogram(FILE *const page,
              const char *const words,
              const double *const real,
              const double *const composed,
              const size_t count,
              const char *const *const labels)
{
  char caption[96];
  snprintf(caption, sizeof(caption), "%s: %.0f %% in common", words, 100.0 * overlap(real, composed, count));
  return put_picture(page, picture_histograms(real, composed, count, labels), caption);
}

static bool
put_histograms(const struct report *const report, FILE *const page)
{
  if (report->real_count == 0) {
    return true;
  }
  static const char *const step_labels[STEPS] = {"-12", "", "", "", "", "-7", "",  "", "", "", "", "",  "0",
                                                 "",    "", "", "", "", "",   "7", "", "", "", "", "12"};
  struct tallies real = {{0.0}};
  struct tallies composed = {{0.0}};
  for (size_t i = 0; i < report->real_count; ++i) {
    tally(report->real[i], &real);
  }
  for (size_t i = 0; i < report->composed_count; ++i) {
    tally(&report->composed[i], &composed);
  }
  fputs("<h2>Notes</h2>\n<p><span class=\"real\">Real</span> and <span class=\"composed\">composed</span> notes of the "
        "style, "
        "and how much of the two areas overlaps (Yang and Lerch, 2018).</p>\n",
        page);
  return put_histogram(page, "Pitch classes", real.classes, composed.classes, OCTAVE, class_labels) &&
         put_histogram(page, "Steps from note to note, semitones", real.steps, composed.steps, STEPS, step_labels) &&
         put_histogram(page, "From onset to onset", real.advances, composed.advances, LENGTHS, length_labels) &&
         put_histogram(page, "Durations", real.durations, composed.durations, LENGTHS, length_labels);
}

// Structure

// Measure `count` pieces that `at` leads to.
static bool
spread_of(const struct piece *const *const pieces, const size_t count, struct structure_spread *const spread)
{
  struct structure *const structures = calloc(count + 1, sizeof(*structures));
  bool done = structures != NULL;
  for (size_t i = 0; done && i < count; ++i) {
    done = structure_measure(pieces[i], &structures[i], NULL) == STATUS_SUCCESS;
  }
  if (done) {
    structure_spread_make(structures, count, spread);
  }
  free(structures);
  return done;
}

static void
put_measures(FILE *const page, const struct structure_spread *const real, const struct structure_spread *const composed)
{
  fputs("<h2>Structure</h2>\n<table><tr><th></th><th>real</th><th>composed</th><th>off by</th></tr>\n", page);
  for (int m = 0; m < STRUCTURE_COUNT; ++m) {
    fputs("<tr><td>", page);
    put_text(page, structure_words((enum structure_measure)m));
    fprintf(page, "</td><td>%.3f ± %.3f</td><td>%.3f</td><td>", real->means[m], real->deviations[m],
            composed->means[m]);
    const double distance = structure_distance(real, composed->means[m], (enum structure_measure)m);
    if (!isnan(distance)) {
      fprintf(page, "%+.1f σ", distance);
    }
    fputs("</td></tr>\n", page);
  }
  fputs("</table>\n<p>A distance is counted in standard deviations (σ) of the real pieces.</p>\n", page);
}

static bool
put_structure(const struct report *const report, FILE *const page)
{
  if (report->real_count == 0) {
    return true;
  }
  const struct piece **const pieces = calloc(report->composed_count + 1, sizeof(*pieces));
  struct structure_spread real;
  struct structure_spread composed;
  for (size_t i = 0; pieces && i < report->composed_count; ++i) {
    pieces[i] = &report->composed[i];
  }
  const bool done = pieces && spread_of(report->real, report->real_count, &real) &&
                    spread_of(pieces, report->composed_count, &composed);
  if (done) {
    put_measures(page, &real, &composed);
  }
  free(pieces);
  return done;
}

// Quotations

// Count the quotations of `piece` by their length; `lengths` has room for all its events.
static void
tally_quotations(const struct report *const report,
                 const struct piece *const piece,
                 const char *const work,
                 uint32_t *const lengths,
                 double counts[QUOTATION_LENGTHS],
                 struct quotations *const sum)
{
  struct quotations found;
  quotations_find(report->index, piece->events, piece->count, work, -1, &found, lengths);
  quotations_add(sum, &found);
  for (uint32_t i = 0; i < piece->count; ++i) {
    const bool begins = lengths[i] >= QUOTATIONS_SHORT && (i == 0 || lengths[i - 1] <= lengths[i]);
    const uint32_t place = lengths[i] - QUOTATIONS_SHORT;
    if (begins) {
      ++counts[place < QUOTATION_LENGTHS ? place : QUOTATION_LENGTHS - 1];
    }
  }
}

static void
put_quotation_row(FILE *const page, const char *const name, const struct quotations *const found)
{
  fprintf(page, "<tr><td>%s</td><td>%.2f %%</td><td>%.2f %%</td><td>%u</td></tr>\n", name,
          100.0 * quotations_short_share(found), 100.0 * quotations_long_share(found), found->longest.moves);
}

static void
put_quotation_table(const struct report *const report,
                    FILE *const page,
                    const struct quotations *const real,
                    const struct quotations *const composed)
{
  fputs("<h2>Quotations</h2>\n<p>Runs of moves (pitch step and time from note to note) that also stand in another work "
        "of the "
        "folder, in any key.</p>\n<table><tr><th></th><th>runs of 8</th><th>runs of 16</th><th>longest</th></tr>\n",
        page);
  put_quotation_row(page, "real", real);
  put_quotation_row(page, "composed", composed);
  fputs("</table>\n", page);
  if (composed->longest.moves > 0) {
    const struct piece *const source = &report->corpus.pieces[composed->longest.source];
    fputs("<p>The longest composed one is from ", page);
    put_text(page, source->path);
    fprintf(page, ", bar %u.</p>\n", source->bars[composed->longest.source_event] + 1);
  }
}

static bool
put_quotations(const struct report *const report, FILE *const page)
{
  if (!report->index) {
    return true;
  }
  static const char *const labels[QUOTATION_LENGTHS] = {"8", "", "", "",   "12", "", "", "",   "16", "", "", "",   "20",
                                                        "",  "", "", "24", "",   "", "", "28", "",   "", "", "32+"};
  uint32_t most = 0;
  for (size_t i = 0; i < report->real_count + report->composed_count; ++i) {
    const bool is_real = i < report->real_count;
    const uint32_t count = is_real ? report->real[i]->count : report->composed[i - report->real_count].count;
    most = count > most ? count : most;
  }
  uint32_t *const lengths = calloc((size_t)most + 1, sizeof(*lengths));
  double counts[2][QUOTATION_LENGTHS] = {{0.0}};
  struct quotations sums[2] = {{0}};
  for (size_t i = 0; lengths && i < report->real_count; ++i) {
    tally_quotations(report, report->real[i], report->real[i]->work, lengths, counts[0], &sums[0]);
  }
  for (size_t i = 0; lengths && i < report->composed_count; ++i) {
    tally_quotations(report, &report->composed[i], NULL, lengths, counts[1], &sums[1]);
  }
  bool done = lengths != NULL;
  free(lengths);
  if (done) {
    put_quotation_table(report, page, &sums[0], &sums[1]);
    done = put_picture(page, picture_histograms(counts[0], counts[1], QUOTATION_LENGTHS, labels),
                       "Lengths of the quotations, in moves: real and composed");
  }
  return done;
}

enum status
report_page(const struct report *const report, FILE *const page, struct error *const error)
{
  const bool done = put_facts(report, page) && put_learning(report, page) && put_music(report, page) &&
                    put_attention(report, page) && put_histograms(report, page) && put_structure(report, page) &&
                    put_quotations(report, page);
  fputs("</body></html>\n", page);
  return done ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "no memory to draw the report");
}
