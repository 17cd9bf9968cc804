// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ERROR_PATH_SIZE = 240 };

const char *
status_strerror(const enum status status)
{
  switch (status) {
  case STATUS_SUCCESS:
    return "success";
  case STATUS_NO_MEMORY:
    return "out of memory";
  case STATUS_NO_FILE:
    return "no such file";
  case STATUS_IO:
    return "read or write error";
  case STATUS_BAD_FORMAT:
    return "malformed data";
  case STATUS_TOO_LARGE:
    return "too large";
  case STATUS_NOT_FOUND:
    return "not found";
  case STATUS_BAD_VALUE:
    return "value out of range";
  case STATUS_STOPPED:
    return "stopped";
  }
  return "unknown status";
}

const char *
error_path(const char *const path)
{
  const size_t length = strlen(path);
  return length > ERROR_PATH_SIZE ? path + length - ERROR_PATH_SIZE : path;
}

enum status
error_set(struct error *const error, const enum status status, const char *const format, ...)
{
  if (error) {
    va_list args;
    va_start(args, format);
    error->status = status;
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
  }
  return status;
}
