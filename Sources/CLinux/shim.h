#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

// What Swift's Glibc module leaves out, because that module is built without
// _GNU_SOURCE. A line on each include says what is wanted from it. Headers only: a
// `static` variable here would not link, a `static inline` function does.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>       // errno
#include <malloc.h>      // malloc_trim
#include <fcntl.h>       // pipe2's flags, F_SETPIPE_SZ
#include <signal.h>      // siginfo_t
#include <string.h>      // memrchr, memmem
#include <sys/auxv.h>    // getauxval, AT_CLKTCK
#include <sys/file.h>    // flock
#include <sys/mman.h>    // memfd_create
#include <sys/pidfd.h>   // pidfd_open
#include <sys/prctl.h>   // PR_SET_CHILD_SUBREAPER
#include <sys/stat.h>    // struct stat, statx
#include <sys/sysmacros.h> // makedev
#include <sys/vfs.h>     // statfs
#include <sys/syscall.h> // SYS_clone3
#include <sys/wait.h>    // waitid
#include <stdbool.h>     // bool
#include <stdint.h>      // int64_t
#include <time.h>        // clock_gettime, localtime_r
#include <unistd.h>      // pipe2, environ, close_range

#include "child.h"

// preadv2(2) of one piece with RWF_NOWAIT: how many bytes were read, or -1 with errno set. The
// kernel is asked directly, because <sys/uio.h> does not fit Glibc's module here. An offset of a
// 32-bit system comes in two halves.
static inline ssize_t exeio_read_cached(int descriptor, void *bytes, size_t count, int64_t offset) {
  struct exeio_buffer piece = {bytes, count};
  unsigned long high = sizeof(long) < sizeof(int64_t) ? (unsigned long)(offset >> 32) : 0;
  return syscall(SYS_preadv2, descriptor, &piece, 1, (unsigned long)offset, high, 0x8);
}

// eventfd(2), closed by an exec; -1 with errno set on failure. The kernel is asked directly, for
// want of another header.
static inline int exeio_event_descriptor(void) {
  return (int)syscall(SYS_eventfd2, 0, O_CLOEXEC);
}

// Nanoseconds on a clock of clock_gettime, -1 with errno set on failure. Which module Swift takes
// `struct timespec` from depends on what else is imported, so it stays on this side.
static inline int64_t exeio_clock(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) return -1;
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// The offset of the local time from UTC at an instant, in seconds east; 0, or -1 with errno set.
// `struct tm` is several modules' own, too.
static inline int exeio_local_offset(int64_t instant, int32_t *offset) {
  time_t time = instant;
  struct tm local;
  if (localtime_r(&time, &local) == NULL) return -1;
  *offset = (int32_t)local.tm_gmtoff;
  return 0;
}

// When a file last changed, its mode and owner included, in nanoseconds since 1970: st_ctim is a
// `struct timespec` too.
static inline int64_t exeio_change_time(const struct stat *status) {
  return (int64_t)status->st_ctim.tv_sec * 1000000000 + status->st_ctim.tv_nsec;
}

// Which file a path leads to, as the kernel knows it, without asking its file system
// (AT_STATX_DONT_SYNC of statx(2)): 0, or -1 with errno set.
static inline int exeio_known_file(const char *path, uint64_t *device, uint64_t *inode) {
  struct statx status;
  if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_INO, &status) != 0) return -1;
  *device = makedev(status.stx_dev_major, status.stx_dev_minor);
  *inode = status.stx_ino;
  return 0;
}

// prctl takes varargs, which Swift cannot call.
static inline int exeio_become_subreaper(void) {
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

// The pid of a child that has ended and is not yet reaped: 0 when there is none, -1 with errno
// set on failure. siginfo_t's si_pid is a macro into a union, which Swift does not see.
static inline pid_t exeio_peek_ended_child(void) {
  siginfo_t info;
  info.si_pid = 0;
  if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return -1;
  return info.si_pid;
}

// Whether a child has ended, reaped or not: 1 or 0. It is not reaped.
static inline int exeio_child_has_ended(pid_t pid) {
  siginfo_t info;
  info.si_pid = 0;
  if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return 1;
  return info.si_pid == pid;
}

// Whether a path lies on a cgroup v2 file system (CGROUP2_SUPER_MAGIC of statfs(2)): 1, 0, or -1
// with errno set. In Swift the function statfs hides behind the struct of that name.
static inline int exeio_is_cgroup2(const char *path) {
  struct statfs status;
  if (statfs(path, &status) != 0) return -1;
  return status.f_type == 0x63677270;
}

// Whether programs on the file system of a path may not be executed (`noexec` of mount(8)): 1, 0,
// or -1 with errno set.
static inline int exeio_is_noexec(const char *path) {
  struct statfs status;
  if (statfs(path, &status) != 0) return -1;
  return (status.f_flags & 0x0008) != 0;
}

// Unblocks every signal. sigset_t too is several modules' own. 0, or an errno.
static inline int exeio_unblock_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  return pthread_sigmask(SIG_SETMASK, &none, NULL);
}

// `environ` is a global variable, which Swift's concurrency checks refuse.
static inline char **exeio_environment(void) { return environ; }

// Declared here because <sys/socket.h>, <sys/random.h> and <sys/xattr.h> under _GNU_SOURCE bring an
// fd_set that does not fit libuv's and Glibc's. accept4: the descriptor is close-on-exec at once.
struct sockaddr;
extern int accept4(int listener, struct sockaddr *peer, unsigned int *size, int flags);
extern ssize_t getrandom(void *buffer, size_t length, unsigned int flags);
extern ssize_t getxattr(const char *path, const char *name, void *value, size_t size);

#endif
