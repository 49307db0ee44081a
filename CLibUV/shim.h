#ifndef CLIBUV_SHIM_H
#define CLIBUV_SHIM_H

// libuv as it is. A `static inline` function stands below only where Swift cannot
// call the original: varargs, function-like macros.
#include <uv.h>

// A `struct timeval` in microseconds: which Swift module it belongs to depends on what else is imported.
static inline int64_t exeio_microseconds(const struct timeval *time) {
  return (int64_t)time->tv_sec * 1000000 + time->tv_usec;
}

#endif
