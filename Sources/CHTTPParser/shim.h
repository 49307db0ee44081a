#ifndef CHTTPPARSER_SHIM_H
#define CHTTPPARSER_SHIM_H

// http-parser as it is. A `static inline` function stands below only where Swift
// cannot use the original: bit-fields behind macros, function-like macros.
#include <http_parser.h>

#endif
