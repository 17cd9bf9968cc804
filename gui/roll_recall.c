// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Arcs of recall. For every beat in sight, quiet ones: from it back to the beats that the network looked at when it composed
// there, thicker the more it looked; those of a bar that comes back run side by side. For the notes in focus (the ones heard
// now, and the one composed last), bright ones. Where an arc comes from beyond the left edge, it fades there, and the bar's
// number stands at the edge.

#include "roll_view_private.h"
#include "theme.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  BEAT_PLACES = 12, ///< Places that one beat looks back at
  FLOWS = 2048,     ///< Quiet arcs at most
  LABELS = 4,       ///< Bar numbers at the edge
};

static const double RETURN_SHARE = 0.12;   ///< Of a bar's looking: what it looks at comes back in it
static const double LEAST_SHARE = 0.03;    ///< Of a beat's looking, to be drawn
static const double FADE_WIDTH = 70.0;     ///< At the left edge
static const double HEIGHT_REACH = 0.55;   ///< Of the width: an arc so long is two thirds as high as there is room,
static const double HEIGHT_WIDTH = 1000.0; ///< for a width up to this

/// From a beat back to another, in pixels.
struct flow {
  double from;
  double to;
  double share;   ///< 0 to 1
  int32_t source; ///< Bar that it comes from
  int32_t bar;    ///< Bar that it leads to
};

/// What one beat looks back at.
struct beat_places {
  uint32_t count;
  struct {
    int32_t bar;
    uint32_t beat;
    double share;
  } places[BEAT_PLACES];
};

static void
add_place(struct beat_places *const places, const int32_t bar, const uint32_t beat, const double share)
{
  uint32_t i = 0;
  while (i < places->count && (places->places[i].bar != bar || places->places[i].beat != beat)) {
    ++i;
  }
  if (i == BEAT_PLACES) {
    return;
  }
  if (i == places->count) {
    ++places->count;
    places->places[i].bar = bar;
    places->places[i].beat = beat;
    places->places[i].share = 0.0;
  }
  places->places[i].share += share;
}

/// How tall an arc over `distance` pixels is.
static double
arc_height(const struct roll_view *const view, const double distance)
{
  const struct roll_areas areas = roll_view_areas(view);
  const double room = areas.recall.height - 18.0;
  return room * (1.0 - exp(-distance / (HEIGHT_REACH * fmin(areas.recall.width, HEIGHT_WIDTH))));
}

static void
arc_path(const struct roll_view *const view, cairo_t *const cairo, const double from, const double to)
{
  const struct roll_areas areas = roll_view_areas(view);
  const double base = areas.recall.y + areas.recall.height;
  const double top = base - arc_height(view, from - to) * 4.0 / 3.0;
  cairo_move_to(cairo, from, base);
  cairo_curve_to(cairo, from - (from - to) * 0.12, top, to + (from - to) * 0.12, top, to, base);
}

static void
draw_arc(const struct roll_view *const view,
         cairo_t *const cairo,
         const struct flow *const flow,
         const double width,
         const double alpha)
{
  theme_set_alpha(cairo, THEME_RECALL, alpha);
  cairo_set_line_width(cairo, width);
  arc_path(view, cairo, flow->from, flow->to);
  cairo_stroke(cairo);
}

/// Let what lies beyond the left edge fade away there.
static void
draw_fading(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_rect recall = roll_view_areas(view).recall;
  const struct roll_rect edge = {recall.x, recall.y, FADE_WIDTH, recall.height};
  if (roll_is_clipped_out(cairo, &edge)) {
    return;
  }
  cairo_pattern_t *const pattern = cairo_pattern_create_linear(recall.x, 0.0, recall.x + FADE_WIDTH, 0.0);
  theme_add_stop(pattern, 0.0, THEME_WELL, 1.0);
  theme_add_stop(pattern, 1.0, THEME_WELL, 0.0);
  cairo_set_source(cairo, pattern);
  cairo_rectangle(cairo, edge.x, edge.y, edge.width, edge.height);
  cairo_fill(cairo);
  cairo_pattern_destroy(pattern);
}

// Quiet arcs

/// Add up what the notes of one beat of `bar` look back at: other bars only.
static uint32_t
look_at_beat(const struct roll_view *const view,
             const struct roll_bar *const bar,
             const uint32_t beat,
             struct beat_places *const places)
{
  const uint32_t ticks = roll_beat_ticks(bar->metre);
  uint32_t notes = 0;
  places->count = 0;
  for (uint32_t i = 0; i < bar->count; ++i) {
    const struct roll_note *const note = &bar->notes[i];
    if (note->tick / ticks != beat) {
      continue;
    }
    ++notes;
    for (uint32_t g = 0; g < note->glance_count; ++g) {
      const struct roll_glance *const glance = &note->glances[g];
      const uint32_t target_ticks = roll_beat_ticks(roll_model_metre(view->model, glance->bar));
      if (glance->bar < bar->number) {
        add_place(places, glance->bar, glance->tick / target_ticks, (double)glance->share / NOTE_SHARE_WHOLE);
      }
    }
  }
  return notes;
}

/// Collect the flows of one bar into `flows`; return how many.
static uint32_t
collect_bar(const struct roll_view *const view,
            const struct roll_bar *const bar,
            struct flow *const flows,
            const uint32_t room)
{
  const struct roll_axis axis = roll_view_axis(view);
  const uint32_t ticks = roll_beat_ticks(bar->metre);
  const double bar_x = roll_axis_x(&axis, bar->number, 0.0);
  uint32_t count = 0;
  for (uint32_t beat = 0; beat < bar->metre.numerator; ++beat) {
    struct beat_places places;
    const uint32_t notes = look_at_beat(view, bar, beat, &places);
    for (uint32_t i = 0; i < places.count && count < room; ++i) {
      const double share = places.places[i].share / notes;
      const uint32_t target_ticks = roll_beat_ticks(roll_model_metre(view->model, places.places[i].bar));
      if (share >= LEAST_SHARE) {
        flows[count++] = (struct flow){
            .from = bar_x + (beat + 0.5) * ticks * axis.pixels_per_tick,
            .to = roll_axis_x(&axis, places.places[i].bar, (places.places[i].beat + 0.5) * target_ticks),
            .share = share,
            .source = bar->number,
            .bar = places.places[i].bar,
        };
      }
    }
  }
  return count;
}

static void
draw_quiet(const struct roll_view *const view,
           cairo_t *const cairo,
           const struct flow *const flows,
           const uint32_t count)
{
  for (uint32_t i = 0; i < count; ++i) {
    const double strength = sqrt(fmin(1.0, flows[i].share / 0.6));
    draw_arc(view, cairo, &flows[i], 0.75 + 6.0 * flows[i].share, 0.08 + 0.4 * strength);
  }
}

// The quiet arcs of complete bars, kept as a picture: there are hundreds, and they change once in a bar

/// A number that is another one whenever the arcs of the bars from `first` to before `end` are.
static uint64_t
state_of(const struct roll_view *const view, const int32_t first, const int32_t end)
{
  uint64_t state = (uint64_t)(uint32_t)first << 32 | (uint32_t)end;
  for (int32_t number = first; number < end; ++number) {
    state = state * 0x100000001B3U + roll_model_bar_revision(view->model, number);
  }
  return state;
}

/// The bar behind the last complete one in sight.
static int32_t
end_of_complete(const struct roll_view *const view, const int32_t first, const int32_t count)
{
  int32_t end = first + count;
  while (end > first) {
    const struct roll_bar *const bar = roll_model_bar(view->model, end - 1);
    if (bar && (bar->flags & BAR_IS_COMPLETE)) {
      break;
    }
    --end;
  }
  return end;
}

/// How far the roll has been scrolled since the picture was made, in whole device pixels.
static double
scrolled(const struct roll_view *const view)
{
  const struct roll_kept *const kept = &view->kept;
  const struct roll_axis axis = roll_view_axis(view);
  return round((roll_axis_x(&axis, kept->left_bar, kept->left_tick) - axis.x) * kept->scale) / kept->scale;
}

/// Whether the picture shows what it should: it does while the roll glides on, too.
static bool
is_kept(const struct roll_view *const view, const double scale, const int32_t end)
{
  const struct roll_kept *const kept = &view->kept;
  const struct roll_rect recall = roll_view_areas(view).recall;
  const double offset = scrolled(view);
  return kept->picture && kept->scale == scale && kept->pixels_per_quarter == view->pixels_per_quarter &&
         kept->width == recall.width && kept->height == recall.height &&
         (view->glides ? offset <= 0.0 : offset == 0.0 && end == kept->end) &&
         kept->state == state_of(view, kept->first, kept->end);
}

void
roll_recall_forget(struct roll_view *const view)
{
  cairo_surface_destroy(view->kept.picture);
  view->kept.picture = NULL;
}

/// Make the picture anew, of the bars from `first` to before `end`.
static void
keep(struct roll_view *const view, const double scale, const int32_t first, const int32_t end)
{
  const struct roll_rect recall = roll_view_areas(view).recall;
  struct flow flows[FLOWS];
  roll_recall_forget(view);
  view->kept = (struct roll_kept){
      .picture = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)ceil(recall.width * scale),
                                            (int)ceil(recall.height * scale)),
      .scale = scale,
      .left_bar = view->left_bar,
      .left_tick = view->left_tick,
      .pixels_per_quarter = view->pixels_per_quarter,
      .width = recall.width,
      .height = recall.height,
      .first = first,
      .end = end,
      .state = state_of(view, first, end),
  };
  cairo_surface_set_device_scale(view->kept.picture, scale, scale);
  cairo_t *const cairo = cairo_create(view->kept.picture);
  cairo_translate(cairo, -recall.x, -recall.y);
  for (int32_t number = first; number < end; ++number) {
    const struct roll_bar *const bar = roll_model_bar(view->model, number);
    draw_quiet(view, cairo, flows, bar ? collect_bar(view, bar, flows, FLOWS) : 0);
  }
  cairo_destroy(cairo);
}

/// Draw the quiet arcs of all bars in sight.
static void
draw_all_quiet(struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_rect recall = roll_view_areas(view).recall;
  struct flow flows[FLOWS];
  cairo_matrix_t matrix;
  int32_t count = 0;
  const int32_t first = roll_view_sight(view, &count);
  cairo_get_matrix(cairo, &matrix);
  const double scale = fmax(0.1, matrix.xx);
  if (!is_kept(view, scale, end_of_complete(view, first, count))) {
    keep(view, scale, first, end_of_complete(view, first, count));
  }
  cairo_set_source_surface(cairo, view->kept.picture, recall.x + scrolled(view), recall.y);
  cairo_paint(cairo);
  for (int32_t number = view->kept.end; number < first + count; ++number) {
    const struct roll_bar *const bar = roll_model_bar(view->model, number);
    draw_quiet(view, cairo, flows, bar ? collect_bar(view, bar, flows, FLOWS) : 0);
  }
}

// The numbers of bars that are looked back at

struct label {
  int32_t bar;
  double share;
};

/// Add the share of `flow` to the label of its bar; the weakest makes way if there are too many.
static void
add_label(struct label labels[LABELS], uint32_t *const count, const struct flow *const flow)
{
  uint32_t i = 0;
  uint32_t weakest = 0;
  while (i < *count && labels[i].bar != flow->bar) {
    weakest = labels[i].share < labels[weakest].share ? i : weakest;
    ++i;
  }
  if (i == *count && *count < LABELS) {
    labels[(*count)++] = (struct label){.bar = flow->bar};
  } else if (i == *count) {
    i = weakest;
    if (labels[i].share >= flow->share) {
      return;
    }
    labels[i] = (struct label){.bar = flow->bar};
  }
  labels[i].share += flow->share;
}

static void
write_label(const struct roll_view *const view, const int32_t bar, char text[16])
{
  const int32_t host = roll_model_host_bar(view->model, bar);
  snprintf(text, 16, "\xE2\x86\x90 %d", host > 0 ? host : bar + 1);
}

/// Add what bar `number` looks at beyond the left edge to the labels there, and label the bar itself with what comes back in
/// it: the bar that it looks at much more than at others, if there is one, but not the bar before it, which is looked at anyway.
static void
draw_return(const struct roll_view *const view,
            cairo_t *const cairo,
            const struct roll_bar *const bar,
            struct label edge[LABELS],
            uint32_t *const edge_count)
{
  const struct roll_rect recall = roll_view_areas(view).recall;
  const struct roll_axis axis = roll_view_axis(view);
  struct flow flows[FLOWS];
  struct label labels[LABELS];
  uint32_t label_count = 0;
  const uint32_t count = collect_bar(view, bar, flows, FLOWS);
  for (uint32_t i = 0; i < count; ++i) {
    if (flows[i].to < recall.x) {
      add_label(edge, edge_count, &flows[i]);
    }
    if (flows[i].bar < bar->number - 1) {
      add_label(labels, &label_count, &flows[i]);
    }
  }
  uint32_t best = 0;
  for (uint32_t i = 1; i < label_count; ++i) {
    best = labels[i].share > labels[best].share ? i : best;
  }
  if (label_count > 0 && labels[best].share >= RETURN_SHARE * bar->metre.numerator) {
    char text[16];
    write_label(view, labels[best].bar, text);
    theme_set(cairo, THEME_RECALL);
    theme_text(cairo, FONT_TINY, roll_axis_x(&axis, bar->number, 0.0) + 4.0, recall.y + 2.0, text);
  }
}

/// The numbers of the bars beyond the left edge that are looked at most, the nearest lowest.
static void
draw_edge(const struct roll_view *const view, cairo_t *const cairo, struct label labels[LABELS], const uint32_t count)
{
  const struct roll_rect recall = roll_view_areas(view).recall;
  double y = recall.y + recall.height - 3.0;
  for (uint32_t done = 0; done < count; ++done) {
    uint32_t nearest = 0;
    for (uint32_t i = 1; i < count; ++i) {
      nearest = labels[i].bar > labels[nearest].bar ? i : nearest;
    }
    char text[16];
    y -= theme_line_height(FONT_TINY) + 1.0;
    if (y < recall.y + theme_line_height(FONT_TINY) + 2.0) {
      break;
    }
    write_label(view, labels[nearest].bar, text);
    theme_set(cairo, THEME_RECALL);
    theme_text(cairo, FONT_TINY, recall.x + 4.0, y, text);
    labels[nearest].bar = -1;
  }
}

static void
draw_labels(const struct roll_view *const view, cairo_t *const cairo)
{
  struct label edge[LABELS];
  uint32_t edge_count = 0;
  int32_t count = 0;
  const int32_t first = roll_view_sight(view, &count);
  for (int32_t number = first; number < first + count; ++number) {
    const struct roll_bar *const bar = roll_model_bar(view->model, number);
    if (bar) {
      draw_return(view, cairo, bar, edge, &edge_count);
    }
  }
  draw_edge(view, cairo, edge, edge_count);
}

/// Bright arcs of the notes in focus.
static void
draw_focus(const struct roll_view *const view, cairo_t *const cairo)
{
  struct roll_focus focus[ROLL_FOCUS];
  const uint32_t notes = roll_view_focus(view, focus);
  const struct roll_axis axis = roll_view_axis(view);
  for (uint32_t i = 0; i < notes; ++i) {
    const struct roll_note *const note = focus[i].note;
    for (uint32_t g = 0; g < note->glance_count; ++g) {
      const struct roll_glance *const glance = &note->glances[g];
      const struct flow flow = {
          .from = roll_axis_x(&axis, focus[i].bar, note->tick),
          .to = roll_axis_x(&axis, glance->bar, glance->tick),
          .share = (double)glance->share / NOTE_SHARE_WHOLE,
          .bar = glance->bar,
      };
      const double alpha = fmin(1.0, 0.3 + flow.share) * focus[i].strength;
      draw_arc(view, cairo, &flow, 1.0 + 5.0 * flow.share, alpha);
    }
  }
}

void
roll_draw_recall(struct roll_view *const view, cairo_t *const cairo)
{
  theme_set(cairo, THEME_WELL);
  cairo_paint(cairo);
  draw_all_quiet(view, cairo);
  draw_focus(view, cairo);
  draw_fading(view, cairo);
  draw_labels(view, cairo);
}
