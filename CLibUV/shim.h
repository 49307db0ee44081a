#ifndef CLIBUV_SHIM_H
#define CLIBUV_SHIM_H

// libuv as it is. A `static inline` function stands below only where Swift cannot
// call the original: varargs, function-like macros.
#include <uv.h>

#endif
