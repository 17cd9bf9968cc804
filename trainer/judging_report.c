// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The judgement in words and as JSON.

#include "judging.h"

#include <math.h>
#include <stdio.h>

enum { LABEL_SIZE = 32 };

// JSON

static json_t *
number(const double value)
{
  return isfinite(value) ? json_real(value) : json_null();
}

static json_t *
structure_json(const struct structure_spread *const spread, const struct structure_spread *const real)
{
  json_t *const root = json_object();
  for (int m = 0; m < STRUCTURE_COUNT; ++m) {
    json_t *const entry = json_object();
    json_object_set_new(entry, "mean", number(spread->means[m]));
    json_object_set_new(entry, "deviation", number(spread->deviations[m]));
    if (real) {
      json_object_set_new(entry, "distance",
                          number(structure_distance(real, spread->means[m], (enum structure_measure)m)));
    }
    json_object_set_new(root, structure_key((enum structure_measure)m), entry);
  }
  return root;
}

static json_t *
longest_json(const struct judging_request *const request, const struct judged *const judged)
{
  const struct quotation *const longest = &judged->quotations.longest;
  if (longest->moves == 0) {
    return json_null();
  }
  const struct piece *const source = &request->quoted->pieces[longest->source];
  return json_pack("{s:i, s:i, s:i, s:s, s:s, s:i, s:i}", "events", (int)longest->moves, "piece",
                   (int)judged->longest_piece + 1, "event", (int)longest->event, "work", source->work, "file",
                   source->path, "source_event", (int)longest->source_event, "source_bar",
                   (int)source->bars[longest->source_event] + 1);
}

static json_t *
judged_json(const struct judging_request *const request,
            const struct judged *const judged,
            const struct structure_spread *const real)
{
  json_t *const quotations = json_object();
  json_object_set_new(quotations, "runs_of_8", number(quotations_short_share(&judged->quotations)));
  json_object_set_new(quotations, "runs_of_16", number(quotations_long_share(&judged->quotations)));
  json_object_set_new(quotations, "longest_median", number(judged->longest_median));
  json_object_set_new(quotations, "longest_95", number(judged->longest_95));
  json_object_set_new(quotations, "longest", longest_json(request, judged));
  json_t *const root = json_object();
  json_object_set_new(root, "pieces", json_integer((json_int_t)judged->pieces));
  json_object_set_new(root, "notes", json_integer((json_int_t)judged->notes));
  json_object_set_new(root, "quotations", quotations);
  json_object_set_new(root, "structure", structure_json(&judged->structure, real));
  return root;
}

static const char *
style_name(const struct judging_request *const request, const struct judged_style *const judged)
{
  const char *const name = request->real->styles[judged->style];
  return *name ? name : "none";
}

json_t *
judging_json(const struct judging_request *const request, const struct judging *const judging)
{
  json_t *const styles = json_object();
  for (size_t s = 0; s < judging->style_count; ++s) {
    const struct judged_style *const judged = &judging->styles[s];
    json_t *const temperatures = json_object();
    for (size_t t = 0; t < request->temperature_count; ++t) {
      char label[LABEL_SIZE];
      snprintf(label, sizeof(label), "%g", request->temperatures[t]);
      json_object_set_new(temperatures, label, judged_json(request, &judged->composed[t], &judged->real.structure));
    }
    json_t *const style = json_object();
    json_object_set_new(style, "real", judged_json(request, &judged->real, NULL));
    json_object_set_new(style, "temperatures", temperatures);
    json_object_set_new(styles, style_name(request, judged), style);
  }
  json_t *const root = json_object();
  json_object_set_new(root, "bars", json_integer(request->bars));
  json_object_set_new(root, "seed", json_integer(request->seed));
  json_object_set_new(root, "originality", json_integer(request->controls.originality));
  json_object_set_new(root, "top_p", json_real((double)request->controls.sampling.top_p));
  json_object_set_new(root, "recall", json_real((double)recall_factor(request->controls.recall)));
  json_object_set_new(root, "surprise", json_real((double)request->controls.surprise));
  json_object_set_new(root, "styles", styles);
  return root;
}

// Tables

static void
print_head(const struct judging_request *const request, const struct judged_style *const judged)
{
  printf("\n%s: %zu real pieces, %u composed at each temperature, of %u bars; in brackets, real standard "
         "deviations\n%-46s",
         style_name(request, judged), judged->real.pieces, request->pieces, request->bars, "");
  printf(" %16s", "real");
  for (size_t t = 0; t < request->temperature_count; ++t) {
    char label[LABEL_SIZE];
    snprintf(label, sizeof(label), "at %g", request->temperatures[t]);
    printf(" %16s", label);
  }
  putchar('\n');
}

// Print a value, and how far it lies from real music unless that can't be said.
static void
print_value(const double value, const double distance)
{
  printf(" %8.3f ", value);
  if (isnan(distance)) {
    printf("%7s", "");
  } else {
    printf("(%+5.1f)", distance);
  }
}

static void
print_structure(const struct judging_request *const request, const struct judged_style *const judged)
{
  const struct structure_spread *const real = &judged->real.structure;
  for (int m = 0; m < STRUCTURE_COUNT; ++m) {
    printf("%-46s %8.3f ± %5.3f", structure_words((enum structure_measure)m), real->means[m], real->deviations[m]);
    for (size_t t = 0; t < request->temperature_count; ++t) {
      const double mean = judged->composed[t].structure.means[m];
      print_value(mean, structure_distance(real, mean, (enum structure_measure)m));
    }
    putchar('\n');
  }
}

static double
percent_short(const struct judged *const judged)
{
  return 100.0 * quotations_short_share(&judged->quotations);
}

static double
percent_long(const struct judged *const judged)
{
  return 100.0 * quotations_long_share(&judged->quotations);
}

static double
median(const struct judged *const judged)
{
  return judged->longest_median;
}

static double
most(const struct judged *const judged)
{
  return judged->quotations.longest.moves;
}

static void
print_row(const struct judging_request *const request,
          const struct judged_style *const judged,
          const char *const words,
          double (*const value)(const struct judged *))
{
  printf("%-46s %16.2f", words, value(&judged->real));
  for (size_t t = 0; t < request->temperature_count; ++t) {
    printf(" %16.2f", value(&judged->composed[t]));
  }
  putchar('\n');
}

static void
print_longest(const struct judging_request *const request, const struct judged_style *const judged)
{
  for (size_t t = 0; t < request->temperature_count; ++t) {
    const struct judged *const composed = &judged->composed[t];
    const struct quotation *const longest = &composed->quotations.longest;
    if (longest->moves > 0) {
      const struct piece *const source = &request->quoted->pieces[longest->source];
      printf("the longest quotation at %g, in piece %u from note %u on, is of %s (%s), bar %u\n",
             request->temperatures[t], composed->longest_piece + 1, longest->event + 1, source->work, source->path,
             source->bars[longest->source_event] + 1);
    }
  }
}

void
judging_print(const struct judging_request *const request, const struct judging *const judging)
{
  for (size_t s = 0; s < judging->style_count; ++s) {
    const struct judged_style *const judged = &judging->styles[s];
    print_head(request, judged);
    print_structure(request, judged);
    print_row(request, judged, "runs of 8 moves from another work, %", percent_short);
    print_row(request, judged, "runs of 16 moves from another work, %", percent_long);
    print_row(request, judged, "longest quotation in a piece, moves: median", median);
    print_row(request, judged, "longest quotation of all, moves", most);
    print_longest(request, judged);
  }
}
