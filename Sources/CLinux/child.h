#ifndef CLINUX_CHILD_H
#define CLINUX_CHILD_H

// What a child does between fork and exec, the exec included. It is in C because nothing there may take memory or
// a lock: it makes system calls, and nothing else. glibc's own setresuid(2) and its like would ask all threads to
// follow, and only one of them is left in a child; so the kernel is asked directly.
//
// libuv would execute the command with execvp(3), which gives every file that the kernel does not know to
// /bin/sh: an empty file "succeeds" there, and a program for another machine ends with a syntax error. So the
// command is executed here, and a file goes to the shell only if it is text.

// The steps, in their order.
#define EXEIO_STEP_CGROUP 1
#define EXEIO_STEP_LIMIT 2
#define EXEIO_STEP_NICE 3
#define EXEIO_STEP_GROUPS 4
#define EXEIO_STEP_GROUP 5
#define EXEIO_STEP_USER 6
#define EXEIO_STEP_DIRECTORY 7
#define EXEIO_STEP_DESCRIPTOR 8
#define EXEIO_STEP_EXECUTE 9

// A resource of setrlimit(2), and its limits.
struct exeio_limit {
  int resource;
  uint64_t soft;
  uint64_t hard;
};

// What became of a child.
struct exeio_report {
  // The process that executes the command. It is 0 while there is none: it could not be, or the child was
  // killed on its way.
  pid_t pid;
  // The step that failed; 0: none.
  int step;
  // Which of the limits it was.
  int place;
  // Why: an errno.
  int code;
};

// The steps that a child is to take; the memory behind the pointers is the parent's, as it was at the fork.
struct exeio_steps {
  // An open directory; -1: the parent's own cgroup.
  int cgroup;
  const struct exeio_limit *limits;
  int limit_count;
  bool has_nice;
  int nice;
  bool has_groups;
  const gid_t *groups;
  int group_count;
  bool has_gid;
  gid_t gid;
  bool has_uid;
  uid_t uid;
  // -1: the parent's own.
  int umask;
  // NULL: the parent's own.
  const char *directory;
  // Where the process's number is to be written, in decimal: at least 11 bytes each.
  char *const *numbers;
  int number_count;
  // What becomes descriptor 0 and on. The child moves those that are in the way of others.
  int *descriptors;
  int descriptor_count;
  // The command; without a slash it is looked for in the directories of `path`.
  const char *file;
  const char *path;
  char *const *arguments;
  char *const *environment;
  // For a script without an interpreter line: "/bin/sh", room for the file, and what follows argv[0].
  char **shell_arguments;
};

// Memory that a parent and its child share, for one child at a time.
struct exeio_shared {
  // NULL: a child that has none to take.
  const struct exeio_steps *steps;
  struct exeio_report report;
};

// Where the 16-bit calls of old stand under the plain name, the real ones have another.
#ifdef SYS_setresuid32
#define EXEIO_SETRESUID SYS_setresuid32
#define EXEIO_SETRESGID SYS_setresgid32
#define EXEIO_SETGROUPS SYS_setgroups32
#else
#define EXEIO_SETRESUID SYS_setresuid
#define EXEIO_SETRESGID SYS_setresgid
#define EXEIO_SETGROUPS SYS_setgroups
#endif

// Returns 0 in a process that is in the cgroup of this open directory, with its pid left in `entered`; or an errno,
// in the process that called.
//
// Moving a process waits until all CPUs have passed a quiet point (an RCU grace period): tens of milliseconds on
// a busy machine, in which the parent is blocked. A process that is made in the group (clone3(2),
// CLONE_INTO_CGROUP) is not held up. So the caller makes one, a child of its own parent, that goes on in its
// place, and ends. A kernel before 5.7 cannot do so, and filters of system calls often refuse it: then the caller
// moves. struct clone_args is written as its eleven numbers, because <linux/sched.h> does not fit Glibc's module.
static inline int exeio_enter_cgroup(int directory, pid_t *entered) {
  uint64_t arguments[11] = {0};
  arguments[0] = 0x200000000ULL | 0x8000;  // flags: CLONE_INTO_CGROUP | CLONE_PARENT
  arguments[10] = (uint64_t)directory;     // cgroup
  long pid = syscall(SYS_clone3, arguments, sizeof(arguments));
  if (pid > 0) {
    // Both write it: either may be killed before it can.
    *entered = (pid_t)pid;
    _exit(0);
  }
  if (pid < 0) {
    int file = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (file < 0) return errno;
    // A zero stands for whoever writes it.
    if (write(file, "0", 1) != 1) return errno;
    close(file);
  }
  *entered = getpid();
  return 0;
}

static inline void exeio_write_number(char *target, pid_t number) {
  char digits[10];
  int count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  while (count > 0) *target++ = digits[--count];
  *target = 0;
}

static inline void exeio_fail(struct exeio_report *report, int step, int place, int code) {
  report->place = place;
  report->code = code;
  report->step = step;
  _exit(127);
}

// How much of a file is looked at to tell text from a program: what the kernel itself reads (BINPRM_BUF_SIZE).
#define EXEIO_FIRST_BLOCK 256

// Whether a file that the kernel does not know how to execute is text, and so a script for /bin/sh: 0, or an errno.
// An empty file is none, nor one with a NUL in its first block, as shells have it.
static inline int exeio_check_text(const char *file) {
  char block[EXEIO_FIRST_BLOCK];
  int descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return errno;
  ssize_t count;
  do count = read(descriptor, block, sizeof(block));
  while (count < 0 && errno == EINTR);
  int code = count < 0 ? errno : 0;
  close(descriptor);
  if (code != 0) return code;
  if (count == 0 || memchr(block, 0, (size_t)count) != NULL) return ENOEXEC;
  // A first line that names an interpreter is the kernel's to follow, which has refused it; so is one behind a byte
  // order mark, which the kernel does not see.
  int start = count >= 3 && memcmp(block, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  if (count - start >= 2 && block[start] == '#' && block[start + 1] == '!') return ENOEXEC;
  return 0;
}

// Executes one file; returns the errno where that fails.
static inline int exeio_execute_file(const struct exeio_steps *steps, const char *file) {
  execve(file, steps->arguments, steps->environment);
  if (errno != ENOEXEC) return errno;
  int code = exeio_check_text(file);
  if (code != 0) return code;
  steps->shell_arguments[1] = (char *)file;
  execve(steps->shell_arguments[0], steps->shell_arguments, steps->environment);
  return errno;
}

// Executes the command, as execvp(3) looks for it; returns the errno where that fails.
static inline int exeio_execute(const struct exeio_steps *steps) {
  const char *file = steps->file;
  if (!*file) return ENOENT;
  if (strchr(file, '/')) return exeio_execute_file(steps, file);
  size_t length = strlen(file);
  if (length > 255) return ENAMETOOLONG;
  char candidate[4096 + 1 + 255 + 1];
  int result = ENOENT;
  const char *directory = steps->path;
  while (true) {
    const char *end = strchrnul(directory, ':');
    size_t size = (size_t)(end - directory);
    if (size < 4096) {
      // An empty one is the working directory.
      memcpy(candidate, directory, size);
      if (size > 0) candidate[size++] = '/';
      memcpy(candidate + size, file, length + 1);
      int code = exeio_execute_file(steps, candidate);
      switch (code) {
        case EACCES: result = EACCES; break;
        case ENOENT: case ENOTDIR: case ESTALE: case ENODEV: case ETIMEDOUT: break;
        default: return code;
      }
    }
    if (!*end) return result;
    directory = end + 1;
  }
}

// Puts every signal back to its default and lets all of them in: those that are ignored stay ignored across an
// exec. The kernel is asked directly, because glibc refuses the two that it keeps for itself (32 and 33).
static inline void exeio_reset_signals(void) {
  // The kernel's own struct sigaction, which is shorter: SIG_DFL is zero, as are the flags and the mask.
  unsigned long action[8] = {0};
  for (int number = 1; number <= 64; number++)
    if (number != SIGKILL && number != SIGSTOP)
      syscall(SYS_rt_sigaction, number, action, NULL, sizeof(uint64_t));
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

// Gives the child its descriptors, 0 and on; returns 0, or an errno.
static inline int exeio_place_descriptors(int *descriptors, int count) {
  // Those that a lower number would overwrite before their turn.
  for (int number = 0; number < count; number++) {
    if (descriptors[number] >= number) continue;
    int copy = fcntl(descriptors[number], F_DUPFD_CLOEXEC, count);
    if (copy < 0) return errno;
    descriptors[number] = copy;
  }
  for (int number = 0; number < count; number++) {
    int result = descriptors[number] == number ? fcntl(number, F_SETFD, 0)
                                               : dup2(descriptors[number], number);
    if (result < 0) return errno;
  }
  return 0;
}

// Takes the steps and executes the command. A child that cannot take one reports it and ends, with nothing executed.
// It may go on as another process, a child of the same parent.
static inline void exeio_take_steps(struct exeio_shared *shared) {
  const struct exeio_steps *steps = shared->steps;
  struct exeio_report *report = &shared->report;
  if (!steps) return;
  if (steps->cgroup >= 0) {
    int code = exeio_enter_cgroup(steps->cgroup, &report->pid);
    if (code != 0) exeio_fail(report, EXEIO_STEP_CGROUP, 0, code);
  } else {
    report->pid = getpid();
  }
  for (int index = 0; index < steps->number_count; index++)
    exeio_write_number(steps->numbers[index], getpid());
  // What takes privileges comes before they are given away.
  for (int index = 0; index < steps->limit_count; index++) {
    const struct exeio_limit *limit = &steps->limits[index];
    uint64_t values[2] = {limit->soft, limit->hard};
    if (syscall(SYS_prlimit64, 0, limit->resource, values, NULL) != 0)
      exeio_fail(report, EXEIO_STEP_LIMIT, index, errno);
  }
  if (steps->has_nice && syscall(SYS_setpriority, 0, 0, steps->nice) != 0)
    exeio_fail(report, EXEIO_STEP_NICE, 0, errno);
  if (steps->has_groups &&
      syscall(EXEIO_SETGROUPS, (long)steps->group_count, steps->groups) != 0)
    exeio_fail(report, EXEIO_STEP_GROUPS, 0, errno);
  if (steps->has_gid && syscall(EXEIO_SETRESGID, steps->gid, steps->gid, steps->gid) != 0)
    exeio_fail(report, EXEIO_STEP_GROUP, 0, errno);
  if (steps->has_uid && syscall(EXEIO_SETRESUID, steps->uid, steps->uid, steps->uid) != 0)
    exeio_fail(report, EXEIO_STEP_USER, 0, errno);
  if (steps->umask >= 0) umask((mode_t)steps->umask);
  // As the user: what that may not enter is not entered.
  if (steps->directory && chdir(steps->directory) != 0)
    exeio_fail(report, EXEIO_STEP_DIRECTORY, 0, errno);
  // A session, and with it a process group, of its own.
  setsid();
  int code = exeio_place_descriptors(steps->descriptors, steps->descriptor_count);
  if (code != 0) exeio_fail(report, EXEIO_STEP_DESCRIPTOR, 0, code);
  exeio_reset_signals();
  exeio_fail(report, EXEIO_STEP_EXECUTE, 0, exeio_execute(steps));
}

#endif
