// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// places WIDTH HEIGHT NAME - print where the middle of a control is in a window of that size, for scripts that click on it.

#include "desk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static LV2_URID
map_uri(const LV2_URID_Map_Handle handle, const char *const uri)
{
  (void)handle;
  (void)uri;
  return 1; // No message is read
}

int
main(const int count, char *const *const arguments)
{
  if (count != 4) {
    fprintf(stderr, "usage: places WIDTH HEIGHT NAME\n");
    return 2;
  }
  LV2_URID_Map map = {NULL, map_uri};
  struct roll_model *const music = roll_model_new(&map);
  struct desk *const desk = music ? desk_new(&(struct desk_listener){0}, music, NULL, 1) : NULL;
  if (!desk) {
    return 1;
  }
  stage_resize(&desk->stage, strtod(arguments[1], NULL), strtod(arguments[2], NULL));
  const struct widget *const widget = widget_find(desk->stage.root, arguments[3]);
  if (widget) {
    printf("%.0f %.0f\n", floor(widget->box.x + widget->box.width / 2.0),
           floor(widget->box.y + widget->box.height / 2.0));
  }
  desk_free(desk);
  roll_model_free(music);
  return !widget;
}
