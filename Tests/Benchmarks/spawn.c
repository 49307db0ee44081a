// spawn COUNT PROGRAM: starts it so often by posix_spawn(3), each in a session of its own, prints the nanoseconds that
// this took, waits for the end of its standard input, and ends all of them.
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  int wanted = atoi(arguments[1]);
  pid_t *pids = calloc(wanted, sizeof *pids);
  posix_spawnattr_t attributes;
  if (!pids || posix_spawnattr_init(&attributes) || posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID)) return 1;
  long long start = now();
  for (int i = 0; i < wanted; i++)
    if (posix_spawn(&pids[i], arguments[2], NULL, &attributes, arguments + 2, environ)) return 1;
  printf("%lld\n", now() - start);
  fflush(stdout);
  while (getchar() != EOF) continue;
  for (int i = 0; i < wanted; i++) kill(pids[i], SIGKILL);
  for (int i = 0; i < wanted; i++) waitpid(pids[i], NULL, 0);
  return 0;
}
