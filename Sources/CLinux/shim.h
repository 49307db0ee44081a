#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

// What Swift's Glibc module leaves out, because that module is built without
// _GNU_SOURCE. A line on each include says what is wanted from it. Headers only: a
// `static` variable here would not link, a `static inline` function does.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>       // pipe2's flags, F_SETPIPE_SZ
#include <string.h>      // memrchr, memmem
#include <sys/pidfd.h>   // pidfd_open
#include <sys/prctl.h>   // PR_SET_CHILD_SUBREAPER
#include <unistd.h>      // pipe2

#endif
