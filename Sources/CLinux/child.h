#ifndef CLINUX_CHILD_H
#define CLINUX_CHILD_H

// The fork server and what a child does between its fork and its exec. It is in C because nothing
// there may take memory or a lock: it makes system calls, and nothing else. glibc's own
// setresuid(2) and its like would ask all threads to follow, and only one of them is left in a
// forked process; so the kernel is asked directly.
//
// execvp(3) would give every file that the kernel does not know to /bin/sh: an empty file
// "succeeds" there, and a program for another machine ends with a syntax error. So a file goes to
// the shell only if it is text.

// The steps, in their order.
#define EXEIO_STEP_FORK 1
#define EXEIO_STEP_CGROUP 2
#define EXEIO_STEP_LIMIT 3
#define EXEIO_STEP_NICE 4
#define EXEIO_STEP_GROUPS 5
#define EXEIO_STEP_GROUP 6
#define EXEIO_STEP_USER 7
#define EXEIO_STEP_DIRECTORY 8
#define EXEIO_STEP_DESCRIPTOR 9
#define EXEIO_STEP_GATE 10
#define EXEIO_STEP_EXECUTE 11

// What a child finds at the gate before its command. One that is closed is waited at.
#define EXEIO_GATE_OPEN 0
#define EXEIO_GATE_CLOSED 1
#define EXEIO_GATE_REFUSED 2

// A resource of setrlimit(2), and its limits.
struct exeio_limit {
  int resource;
  uint64_t soft;
  uint64_t hard;
};

// What became of a start: written by the fork server and the child, read by the daemon, in memory
// that the three of them share.
struct exeio_report {
  // When the process was made, in clock ticks since the boot; 0 where it cannot tell. It says so
  // itself: in the middle of an execve it cannot be asked.
  uint64_t start_time;
  // The process that executes the command; 0 while there is none.
  int32_t pid;
  // The step that it has come to.
  int32_t step;
  // Whether that step failed.
  int32_t has_failed;
  // Which of the limits it was.
  int32_t place;
  // Why: an errno.
  int32_t code;
  // The gate, which the daemon writes and the child reads (futex(2)).
  int32_t gate;
};

// What a child is to do: the beginning of a message to the fork server. What does not fit into it
// stands behind it: a field `…_at` is how many bytes from the beginning that is, 0 for nothing. A
// list of strings is a row of 64-bit numbers, each the place of a string or 0 for the end, which
// the child makes a row of pointers.
struct exeio_request {
  // Where the report is, in the daemon as in its fork server.
  uint64_t report_address;
  // How many descriptors come with the request, the pipe left out that is closed by the exec.
  int32_t descriptor_count;
  // Whether the last of them is a cgroup's open directory, and no descriptor of the child's.
  int32_t has_cgroup;
  int32_t limit_count;
  int32_t has_nice;
  int32_t nice;
  int32_t has_groups;
  int32_t group_count;
  int32_t has_gid;
  uint32_t gid;
  int32_t has_uid;
  uint32_t uid;
  // -1: as it is.
  int32_t umask;
  uint64_t limits_at;
  uint64_t groups_at;
  uint64_t directory_at;
  // Where the process's own number is to be written, in decimal: a list of rooms of 11 bytes.
  uint64_t numbers_at;
  // The command; without a slash it is looked for in the directories of `path`.
  uint64_t file_at;
  uint64_t path_at;
  uint64_t arguments_at;
  uint64_t environment_at;
  // For a script without an interpreter line: "/bin/sh", room for the file, and what follows
  // argv[0].
  uint64_t shell_arguments_at;
  // The variable by which the process is found, "NAME=value": who looks for it finds it before the
  // exec, too.
  uint64_t mark_at;
};

// Where the system finds the arguments and the environment of this process (proc_pid_cmdline(5),
// proc_pid_environ(5)).
struct exeio_shown {
  uintptr_t arguments;
  size_t argument_length;
  uintptr_t environment;
  size_t environment_length;
};

// What the fork server knows of itself.
struct exeio_server {
  int socket;
  // Its parent, and that of all it makes.
  pid_t daemon;
  // How many nanoseconds a clock tick is (AT_CLKTCK of getauxval(3)); 0 where that is no whole
  // number.
  uint64_t tick;
  struct exeio_shown shown;
};

// How many descriptors can come with one message: SCM_MAX_FD of the kernel.
#define EXEIO_MOST_DESCRIPTORS 253
// The longest request that is a message. A longer one is in memory (memfd_create(2)), whose
// descriptor comes with a message of one byte.
#define EXEIO_LONGEST_MESSAGE (96 << 10)

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

// Says which step comes next: what hangs in it is told by this.
static inline void exeio_reach(struct exeio_report *report, int step) {
  __atomic_store_n(&report->step, step, __ATOMIC_RELEASE);
}

static inline _Noreturn void exeio_fail(struct exeio_report *report, int place, int code) {
  report->place = place;
  report->code = code;
  __atomic_store_n(&report->has_failed, 1, __ATOMIC_RELEASE);
  _exit(127);
}

// Sets the gate, for a child that waits at it or comes to it later.
static inline void exeio_set_gate(struct exeio_report *report, int32_t gate) {
  __atomic_store_n(&report->gate, gate, __ATOMIC_RELEASE);
  // FUTEX_WAKE. No process is woken that does not wait, which is no error.
  syscall(SYS_futex, &report->gate, 1, 1, NULL, NULL, 0);
}

// Waits until the gate is open. A process whose daemon does not want it any more, or has ended,
// ends.
static inline void exeio_wait_at_gate(struct exeio_report *report, pid_t daemon) {
  while (true) {
    int32_t gate = __atomic_load_n(&report->gate, __ATOMIC_ACQUIRE);
    if (gate == EXEIO_GATE_OPEN) return;
    if (gate == EXEIO_GATE_REFUSED || (pid_t)syscall(SYS_getppid) != daemon) _exit(127);
    // FUTEX_WAIT, for a tenth of a second (the kernel's own struct timespec): the end of the daemon
    // does not wake the child.
    long patience[2] = {0, 100000000};
    syscall(SYS_futex, &report->gate, 0, gate, patience, NULL, 0);
  }
}

static inline void *exeio_at(struct exeio_request *request, uint64_t place) {
  return place == 0 ? NULL : (char *)request + place;
}

// Makes a list of places a list of pointers. These are no larger, so none overwrites a place before
// its turn.
static inline char **exeio_pointers(struct exeio_request *request, uint64_t list) {
  uint64_t *places = exeio_at(request, list);
  char **pointers = (char **)places;
  if (!places) return NULL;
  size_t index = 0;
  while (true) {
    char *pointer = exeio_at(request, places[index]);
    pointers[index++] = pointer;
    if (!pointer) return pointers;
  }
}

// How much of a file is looked at to tell text from a program: what the kernel itself reads
// (BINPRM_BUF_SIZE).
#define EXEIO_FIRST_BLOCK 256

// Whether a file that the kernel does not know how to execute is text, and so a script for /bin/sh:
// 0, or an errno. An empty file is none, nor one with a NUL in its first block, as shells have it.
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
  // A first line that names an interpreter is the kernel's to follow, which has refused it; so is
  // one behind a byte order mark, which the kernel does not see.
  int start = count >= 3 && memcmp(block, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  if (count - start >= 2 && block[start] == '#' && block[start + 1] == '!') return ENOEXEC;
  return 0;
}

// What is executed, and with which arguments.
struct exeio_command {
  const char *file;
  const char *path;
  char **arguments;
  char **environment;
  char **shell_arguments;
};

// Executes one file; returns the errno where that fails.
static inline int exeio_execute_file(const struct exeio_command *command, const char *file) {
  execve(file, command->arguments, command->environment);
  if (errno != ENOEXEC) return errno;
  int code = exeio_check_text(file);
  if (code != 0) return code;
  command->shell_arguments[1] = (char *)file;
  execve(command->shell_arguments[0], command->shell_arguments, command->environment);
  return errno;
}

// Executes the command, as execvp(3) looks for it; returns the errno where that fails.
static inline int exeio_execute(const struct exeio_command *command) {
  const char *file = command->file;
  if (!*file) return ENOENT;
  if (strchr(file, '/')) return exeio_execute_file(command, file);
  size_t length = strlen(file);
  if (length > 255) return ENAMETOOLONG;
  char candidate[4096 + 1 + 255 + 1];
  int result = ENOENT;
  const char *directory = command->path;
  while (true) {
    const char *end = strchrnul(directory, ':');
    size_t size = (size_t)(end - directory);
    if (size < 4096) {
      // An empty one is the working directory.
      memcpy(candidate, directory, size);
      if (size > 0) candidate[size++] = '/';
      memcpy(candidate + size, file, length + 1);
      int code = exeio_execute_file(command, candidate);
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

// Puts every signal back to its default: those that are ignored stay ignored across an exec. The
// kernel is asked directly, because glibc refuses the two that it keeps for itself (32 and 33).
static inline void exeio_reset_signals(void) {
  // The kernel's own struct sigaction, which is shorter: SIG_DFL is zero, as are the flags and the
  // mask.
  unsigned long action[8] = {0};
  for (int number = 1; number <= 64; number++)
    if (number != SIGKILL && number != SIGSTOP)
      syscall(SYS_rt_sigaction, number, action, NULL, sizeof(uint64_t));
}

// Blocks all signals, or lets all in: those of the kernel's own numbers, too.
static inline void exeio_block_signals(bool blocks) {
  uint64_t mask = blocks ? ~(uint64_t)0 : 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
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

// The clock that the kernel notes the start of a process by (CLOCK_BOOTTIME), in clock ticks; 0
// where it cannot be read.
static inline uint64_t exeio_ticks(const struct exeio_server *server) {
  // The kernel's own struct timespec.
  long now[2];
  if (server->tick == 0 || syscall(SYS_clock_gettime, 7, now) != 0) return 0;
  return ((uint64_t)now[0] * 1000000000 + (uint64_t)now[1]) / server->tick;
}

// When this process was made, from /proc/self/stat: field 22 of proc_pid_stat(5); 0 where that
// cannot be read.
static inline uint64_t exeio_read_start_time(void) {
  char text[1024];
  int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t size = read(file, text, sizeof(text) - 1);
  close(file);
  if (size <= 0) return 0;
  text[size] = 0;
  // The second field is the name in parentheses, which may have anything in it. The third follows
  // it.
  const char *next = strrchr(text, ')');
  for (int field = 3; next && field <= 22; field++) next = strchr(next + 1, ' ');
  uint64_t number = 0;
  if (next)
    for (next++; *next >= '0' && *next <= '9'; next++) number = number * 10 + (uint64_t)(*next - '0');
  return number;
}

// Takes the steps and executes the command, in a process that has nothing open but the descriptors
// of its request. One that cannot take a step says so and ends.
static inline _Noreturn void exeio_take_steps(
    struct exeio_request *request, int pipe, int *descriptors, bool is_in_cgroup, pid_t daemon,
    uint64_t start_time) {
  struct exeio_report *report = (struct exeio_report *)(uintptr_t)request->report_address;
  pid_t pid = (pid_t)syscall(SYS_getpid);
  report->start_time = start_time;
  __atomic_store_n(&report->pid, pid, __ATOMIC_RELEASE);
  // A session, and with it a process group, of its own: before anything that may hang, so that its
  // number names all that it is.
  setsid();
  int count = request->descriptor_count;
  if (request->has_cgroup) {
    count--;
    exeio_reach(report, EXEIO_STEP_CGROUP);
    if (!is_in_cgroup) {
      int file = openat(descriptors[count], "cgroup.procs", O_WRONLY | O_CLOEXEC);
      // A zero stands for the process that writes it.
      if (file < 0 || write(file, "0", 1) != 1) exeio_fail(report, 0, errno);
      close(file);
    }
    close(descriptors[count]);
  }
  char **numbers = exeio_pointers(request, request->numbers_at);
  for (; numbers && *numbers; numbers++) exeio_write_number(*numbers, pid);
  // What takes privileges comes before they are given away.
  exeio_reach(report, EXEIO_STEP_LIMIT);
  const struct exeio_limit *limits = exeio_at(request, request->limits_at);
  for (int index = 0; index < request->limit_count; index++) {
    uint64_t values[2] = {limits[index].soft, limits[index].hard};
    if (syscall(SYS_prlimit64, 0, limits[index].resource, values, NULL) != 0)
      exeio_fail(report, index, errno);
  }
  exeio_reach(report, EXEIO_STEP_NICE);
  if (request->has_nice && syscall(SYS_setpriority, 0, 0, request->nice) != 0)
    exeio_fail(report, 0, errno);
  exeio_reach(report, EXEIO_STEP_GROUPS);
  if (request->has_groups &&
      syscall(EXEIO_SETGROUPS, (long)request->group_count,
              exeio_at(request, request->groups_at)) != 0)
    exeio_fail(report, 0, errno);
  exeio_reach(report, EXEIO_STEP_GROUP);
  gid_t gid = request->gid;
  if (request->has_gid && syscall(EXEIO_SETRESGID, gid, gid, gid) != 0)
    exeio_fail(report, 0, errno);
  exeio_reach(report, EXEIO_STEP_USER);
  uid_t uid = request->uid;
  if (request->has_uid && syscall(EXEIO_SETRESUID, uid, uid, uid) != 0)
    exeio_fail(report, 0, errno);
  if (request->umask >= 0) umask((mode_t)request->umask);
  // As the user: what that may not enter is not entered.
  exeio_reach(report, EXEIO_STEP_DIRECTORY);
  const char *directory = exeio_at(request, request->directory_at);
  if (directory && chdir(directory) != 0) exeio_fail(report, 0, errno);
  exeio_reach(report, EXEIO_STEP_DESCRIPTOR);
  // The pipe stays open until the command has been executed, and not only until its number is given
  // away.
  if (pipe < count && fcntl(pipe, F_DUPFD_CLOEXEC, count) < 0) exeio_fail(report, 0, errno);
  int code = exeio_place_descriptors(descriptors, count);
  if (code != 0) exeio_fail(report, 0, code);
  exeio_reach(report, EXEIO_STEP_GATE);
  exeio_wait_at_gate(report, daemon);
  exeio_block_signals(false);
  struct exeio_command command = {
      .file = exeio_at(request, request->file_at),
      .path = exeio_at(request, request->path_at),
      .arguments = exeio_pointers(request, request->arguments_at),
      .environment = exeio_pointers(request, request->environment_at),
      .shell_arguments = exeio_pointers(request, request->shell_arguments_at),
  };
  exeio_reach(report, EXEIO_STEP_EXECUTE);
  // The daemon that has asked for it has ended.
  if ((pid_t)syscall(SYS_getppid) != daemon) _exit(127);
  exeio_fail(report, 0, exeio_execute(&command));
}

// recvmsg(2) and cmsg(3) as the kernel has them: <sys/socket.h> does not fit Glibc's module here.
struct exeio_buffer {
  void *base;
  size_t length;
};
struct exeio_message {
  void *name;
  int name_length;
  struct exeio_buffer *buffers;
  size_t buffer_count;
  void *control;
  size_t control_length;
  unsigned int flags;
};
struct exeio_control {
  size_t length;
  int level;
  int type;
};
#define EXEIO_CLOSE_ON_EXEC 0x40000000  // MSG_CMSG_CLOEXEC
union exeio_rights {
  struct exeio_control header;
  char bytes[sizeof(struct exeio_control) + EXEIO_MOST_DESCRIPTORS * sizeof(int)];
};

// Sends bytes, and copies of descriptors beside them (SCM_RIGHTS of unix(7)); 0, or an errno. It
// does not wait for room: EAGAIN.
static inline int exeio_send_request(
    int socket, const void *bytes, size_t size, const int *descriptors, int count) {
  struct exeio_buffer buffer = {(void *)bytes, size};
  union exeio_rights rights;
  size_t length = sizeof(struct exeio_control) + (size_t)count * sizeof(int);
  rights.header.length = length;
  rights.header.level = 1;  // SOL_SOCKET
  rights.header.type = 1;   // SCM_RIGHTS
  memcpy(&rights.header + 1, descriptors, (size_t)count * sizeof(int));
  struct exeio_message message = {
      .buffers = &buffer, .buffer_count = 1, .control = &rights, .control_length = length};
  while (true) {
    // MSG_DONTWAIT | MSG_NOSIGNAL
    if (syscall(SYS_sendmsg, socket, &message, 0x40 | 0x4000) >= 0) return 0;
    if (errno != EINTR) return errno;
  }
}

// Makes a child of the daemon, which is the parent of this process: 0 in the child, its pid here,
// or -1.
//
// It is made in its cgroup (clone3(2), CLONE_INTO_CGROUP) where that goes: moving a process waits
// until all CPUs have passed a quiet point (an RCU grace period), tens of milliseconds on a busy
// machine. A kernel before 5.7 cannot do so, and filters of system calls often refuse it: then the
// child moves. struct clone_args is written as its eleven numbers, because <linux/sched.h> does not
// fit Glibc's module. CLONE_PARENT: its end is told as that of this process would be, by SIGCHLD.
static inline pid_t exeio_fork_sibling(int cgroup, bool *is_in_cgroup) {
  *is_in_cgroup = false;
  if (cgroup >= 0) {
    uint64_t arguments[11] = {0};
    arguments[0] = 0x200000000ULL | 0x8000;  // flags: CLONE_INTO_CGROUP | CLONE_PARENT
    arguments[10] = (uint64_t)cgroup;        // cgroup
    // In the child, too.
    *is_in_cgroup = true;
    pid_t pid = (pid_t)syscall(SYS_clone3, arguments, sizeof(arguments));
    if (pid >= 0) return pid;
    *is_in_cgroup = false;
  }
#ifdef __s390__
  return (pid_t)syscall(SYS_clone, 0L, 0x8000L | SIGCHLD, 0L, 0L, 0L);
#else
  return (pid_t)syscall(SYS_clone, 0x8000L | SIGCHLD, 0L, 0L, 0L, 0L);
#endif
}

// Writes a variable to where the environment of this process was, which is zeros; where there is
// too little room, it writes nothing. Returns how many bytes that were.
static inline size_t exeio_show(const struct exeio_shown *shown, const char *variable) {
  size_t length = variable ? strlen(variable) : 0;
  if (length >= shown->environment_length) return 0;
  memcpy((char *)shown->environment, variable ? variable : "", length);
  return length;
}

// Serves one request: the first descriptor is the writing end of a pipe, which is closed when the
// command has been executed or the child is gone.
static inline void exeio_serve_request(
    const struct exeio_server *server, struct exeio_request *request, int *descriptors, int count) {
  // The daemon would see a pipe that was closed, and no process.
  if (count < 1 || request->descriptor_count != count - 1) return;
  struct exeio_report *report = (struct exeio_report *)(uintptr_t)request->report_address;
  bool is_in_cgroup;
  report->step = EXEIO_STEP_FORK;
  // The child has it from its first moment: a daemon that comes after one that was killed looks for
  // it at any time.
  size_t length = exeio_show(&server->shown, exeio_at(request, request->mark_at));
  uint64_t before = exeio_ticks(server);
  pid_t pid =
      exeio_fork_sibling(request->has_cgroup ? descriptors[count - 1] : -1, &is_in_cgroup);
  if (pid == 0) {
    // First of all: what hangs later must not hold what is not its own.
    close(server->socket);
    // What was so before the fork and is so now was so in between. The file takes thirty times as
    // long.
    uint64_t start_time = before != 0 && exeio_ticks(server) == before ? before : exeio_read_start_time();
    exeio_take_steps(
        request, descriptors[0], descriptors + 1, is_in_cgroup, server->daemon, start_time);
  }
  if (pid < 0) {
    report->code = errno;
    report->has_failed = 1;
  }
  if (length > 0) memset((char *)server->shown.environment, 0, length);
}

// Serves a request whose memory is the first descriptor.
static inline void exeio_serve_memory(
    const struct exeio_server *server, int *descriptors, int count) {
  struct stat status;
  if (count < 1) return;
  bool is_there = fstat(descriptors[0], &status) == 0 &&
                  (size_t)status.st_size >= sizeof(struct exeio_request);
  size_t size = is_there ? (size_t)status.st_size : sizeof(struct exeio_request);
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptors[0], 0);
  // The child must not have it open.
  close(descriptors[0]);
  if (memory == MAP_FAILED) return;
  if (is_there) exeio_serve_request(server, memory, descriptors + 1, count - 1);
  munmap(memory, size);
}

// Closes the pipes behind a descriptor, among which are those that uv_spawn has made since: it
// waits until that is closed in the child. A file may stand before it whose file system does not
// answer, and blocks the process that closes it.
static inline void exeio_close_pipes(int descriptor) {
  // All numbers were taken up to those, unless other threads have closed some.
  for (int gaps = 0; gaps < 64;) {
    descriptor++;
    if (fcntl(descriptor, F_GETFD) < 0)
      gaps++;
    // F_GETPIPE_SZ, which only pipes have.
    else if (fcntl(descriptor, 1032) >= 0)
      close(descriptor);
  }
}

// The fork server: makes a child of the daemon for each message until the daemon has closed its end
// of the socket. All signals are blocked in it, but for SIGKILL and SIGSTOP.
//
// It is killed the moment that the daemon ends (PR_SET_PDEATHSIG), in the middle of a fork, too:
// what is asked for and not served yet must not begin when the next daemon has looked for what is
// left.
//
// The arguments of the daemon that it is a copy of, which ps(1) shows, and its environment are
// overwritten: both may hold a key.
static inline _Noreturn void exeio_serve(int socket, pid_t daemon, struct exeio_shown shown) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || (pid_t)syscall(SYS_getppid) != daemon)
    _exit(1);
  // Its children have all signals as they are here, where none comes in meanwhile.
  exeio_block_signals(true);
  exeio_reset_signals();
  const char title[] = "exeio: spawner";
  char *arguments = (char *)shown.arguments;
  size_t length = shown.argument_length;
  if (arguments && length > 0) {
    memset(arguments, 0, length);
    memcpy(arguments, title, length < sizeof(title) ? length - 1 : sizeof(title) - 1);
  }
  if (shown.environment_length > 0) memset((char *)shown.environment, 0, shown.environment_length);
  exeio_close_pipes(socket);
  // Nothing of what the daemon has open is its own but the socket.
  int own = dup2(socket, 3);
  if (own < 0) _exit(1);
  socket = own;
  unsigned long ticks = getauxval(AT_CLKTCK);
  uint64_t tick = ticks > 0 && 1000000000 % ticks == 0 ? 1000000000 / ticks : 0;
  struct exeio_server server = {socket, daemon, tick, shown};
  // Before Linux 5.9 there is no such call.
  if (syscall(SYS_close_range, 4, ~0U, 0) != 0)
    for (int descriptor = 4; descriptor < 1 << 16; descriptor++) close(descriptor);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int descriptor = 0; descriptor < 3; descriptor++) {
    if (null >= 0) dup2(null, descriptor);
    else close(descriptor);
  }
  if (null > 3) close(null);
  setsid();
  prctl(PR_SET_NAME, "exeio-spawner", 0, 0, 0);
  void *room = mmap(
      NULL, EXEIO_LONGEST_MESSAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) _exit(1);
  while (true) {
    struct exeio_buffer buffer = {room, EXEIO_LONGEST_MESSAGE};
    union exeio_rights rights;
    struct exeio_message message = {
        .buffers = &buffer, .buffer_count = 1, .control = &rights, .control_length = sizeof(rights)};
    long size = syscall(SYS_recvmsg, socket, &message, EXEIO_CLOSE_ON_EXEC);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) _exit(size == 0 ? 0 : 1);
    if (message.control_length < sizeof(struct exeio_control)) continue;
    int *descriptors = (int *)(&rights.header + 1);
    int count = (int)((rights.header.length - sizeof(struct exeio_control)) / sizeof(int));
    if (size == 1) {
      exeio_serve_memory(&server, descriptors, count);
      // The memory itself is closed.
      for (int index = 1; index < count; index++) close(descriptors[index]);
    } else {
      if ((size_t)size >= sizeof(struct exeio_request))
        exeio_serve_request(&server, room, descriptors, count);
      for (int index = 0; index < count; index++) close(descriptors[index]);
    }
  }
}

#endif
