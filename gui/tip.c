// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The tooltip: what a thing is for, when the pointer rests on it.

#include "paint.h"
#include "stage_private.h"
#include "theme.h"

static const double TIP_WIDTH = 280.0;
static const double TIP_PADDING = 8.0;
static const double TIP_BELOW = 20.0; // the pointer

void
tip_hide(struct stage *const stage)
{
  stage_damage(stage, &stage->tip);
  stage->tip = (struct box){0};
  stage->tip_of = NULL;
  stage->is_tip_due = false;
}

void
tip_restart(struct stage *const stage)
{
  if (stage->tip.width > 0.0 && stage->hover == stage->tip_of) {
    return;
  }
  tip_hide(stage);
  stage->rest_since = stage->now;
  stage->is_tip_due = true;
}

/// The nearest widget above the pointer that has something to say.
static const struct widget *
speaker(const struct stage *const stage)
{
  const struct widget *widget = stage->hover;
  while (widget && !widget->tip) {
    widget = widget->parent;
  }
  return widget;
}

void
tip_tick(struct stage *const stage)
{
  if (!stage->is_tip_due || stage->now - stage->rest_since < STAGE_TIP_DELAY) {
    return;
  }
  stage->is_tip_due = false;
  const struct widget *const widget = speaker(stage);
  if (!widget) {
    return;
  }
  double width = 0.0;
  const double height = paint_paragraph_size(stage->gauge, FONT_SMALL, TIP_WIDTH, widget->tip, &width);
  const struct box below = {stage->pointer_x, stage->pointer_y + TIP_BELOW, width + 2.0 * TIP_PADDING,
                            height + 2.0 * TIP_PADDING};
  struct box box = stage_fit(stage, below);
  if (box_has(&box, stage->pointer_x, stage->pointer_y)) { // No room below: above
    box.y = stage->pointer_y - TIP_PADDING - box.height;
  }
  stage->tip = box;
  stage->tip_of = stage->hover;
  stage_damage(stage, &stage->tip);
}

void
tip_draw(const struct stage *const stage, struct painter *const painter)
{
  const struct widget *widget = stage->tip_of;
  while (widget && !widget->tip) {
    widget = widget->parent;
  }
  if (!widget) {
    return;
  }
  const struct box inside = box_inset(&stage->tip, TIP_PADDING);
  paint_raised(painter, &stage->tip);
  paint_paragraph(painter, FONT_SMALL, THEME_TEXT, &inside, widget->tip);
}
