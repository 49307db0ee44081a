// A process to be kept alive: it writes its pid into the FIFO that BENCH_FIFO names, and waits for a signal.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  const char *path = getenv("BENCH_FIFO");
  int pid = getpid();
  int fifo = path ? open(path, O_WRONLY) : -1;
  if (fifo < 0 || write(fifo, &pid, sizeof pid) != sizeof pid) return 1;
  close(fifo);
  pause();
  return 0;
}
