#ifndef CHTTPPARSER_SHIM_H
#define CHTTPPARSER_SHIM_H

// http-parser as it is. A `static inline` function would stand below only where Swift
// cannot use the original (function-like macros); its bit-fields Swift can read and write.
#include <http_parser.h>

#endif
