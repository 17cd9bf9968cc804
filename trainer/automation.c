// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "automation.h"

#include "arguments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 1000, TEXT_SIZE = 128 };

struct point {
  double bar; ///< From 0
  float value;
};

struct automation {
  float *control;        ///< The plugin's
  bool has_steps;        ///< No values between the points
  size_t count;          ///< At least 1
  struct point points[]; ///< [count], by rising bars
};

// Copy the first `length` characters of `text` into `part`; false if they don't fit
static bool
copy_part(const char *const text, const size_t length, char part[TEXT_SIZE])
{
  if (!length || length >= TEXT_SIZE) {
    return false;
  }
  memcpy(part, text, length);
  part[length] = '\0';
  return true;
}

// Read "BAR:VALUE", the first `length` characters of `text`
static enum status
read_point(struct automation *const automation,
           struct lv2_instance *const instance,
           const char *const symbol,
           const char *const text,
           const size_t length,
           struct error *const error)
{
  char part[TEXT_SIZE];
  char *const colon = copy_part(text, length, part) ? strchr(part, ':') : NULL;
  if (!colon) {
    return error_set(error, STATUS_BAD_VALUE, "a point of automation is BAR:VALUE, not `%.*s'", (int)length, text);
  }
  *colon = '\0';

  double bar = 0.0;
  struct point *const point = &automation->points[automation->count];
  enum status status = argument_number("the bar of a point", part, 1.0, 1e6, &bar, error);
  if (!status) {
    status = lv2_instance_value(instance, symbol, colon + 1, &point->value, error);
  }
  if (!status && automation->count && bar - 1.0 <= automation->points[automation->count - 1].bar) {
    status =
        error_set(error, STATUS_BAD_VALUE, "automation of %s goes back to bar %s; its bars have to rise", symbol, part);
  }
  point->bar = bar - 1.0;
  ++automation->count;
  return status;
}

static enum status
read_points(struct automation *const automation,
            struct lv2_instance *const instance,
            const char *const symbol,
            const char *const text,
            struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  for (const char *at = text; !status && at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
    if (automation->count == POINTS) {
      return error_set(error, STATUS_TOO_LARGE, "automation of %s has more than %d points", symbol, POINTS);
    }
    status = read_point(automation, instance, symbol, at, strcspn(at, ","), error);
  }
  return status;
}

enum status
automation_new(struct lv2_instance *const instance,
               const char *const text,
               struct automation **const made,
               struct error *const error)
{
  *made = NULL;
  char symbol[TEXT_SIZE];
  const char *const equals = strchr(text, '=');
  if (!equals || !copy_part(text, (size_t)(equals - text), symbol)) {
    return error_set(error, STATUS_BAD_VALUE, "automation is SYMBOL=BAR:VALUE,BAR:VALUE,..., not `%s'", text);
  }
  struct automation *const automation = calloc(1, sizeof(*automation) + POINTS * sizeof(automation->points[0]));
  if (!automation) {
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
  }
  const enum status status = read_points(automation, instance, symbol, equals + 1, error);
  if (status) {
    automation_free(automation);
    return status;
  }
  automation->control = lv2_instance_control(instance, symbol, &automation->has_steps);
  *made = automation;
  return STATUS_SUCCESS;
}

void
automation_free(struct automation *const automation)
{
  free(automation);
}

// Return the number of points at or before `bar`
static size_t
points_until(const struct automation *const automation, const double bar)
{
  size_t count = 0;
  while (count < automation->count && automation->points[count].bar <= bar) {
    ++count;
  }
  return count;
}

void
automation_apply(const struct automation *const automation, const double bar)
{
  const size_t next = points_until(automation, bar);
  const struct point *const points = automation->points;
  if (next == 0 || next == automation->count || automation->has_steps) {
    *automation->control = points[next ? next - 1 : 0].value;
    return;
  }
  const double share = (bar - points[next - 1].bar) / (points[next].bar - points[next - 1].bar);
  *automation->control =
      (float)((double)points[next - 1].value + share * ((double)points[next].value - (double)points[next - 1].value));
}

double
automation_next(const struct automation *const automation, const double bar)
{
  const size_t next = points_until(automation, bar);
  return next < automation->count ? automation->points[next].bar : (double)INFINITY;
}
