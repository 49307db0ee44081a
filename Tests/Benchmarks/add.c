// add PORT KEY PROGRAM COUNT: adds so many processes by POST /add over one connection, one after the other, and prints the
// nanoseconds that this took, from the first byte of a request to the last one of its answer.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// Reads one answer; whether it is a 201.
static int is_added(int connection) {
  static char answer[1 << 16];
  size_t size = 0;
  while (size < sizeof answer - 1) {
    ssize_t count = read(connection, answer + size, sizeof answer - 1 - size);
    if (count <= 0) return 0;
    answer[size += (size_t)count] = 0;
    char *end = strstr(answer, "\r\n\r\n");
    char *length = strcasestr(answer, "content-length: ");
    if (end && length && size >= (size_t)(end + 4 - answer) + strtoul(length + 16, NULL, 10))
      return strncmp(answer, "HTTP/1.1 201 ", 13) == 0;
  }
  return 0;
}

int main(int count, char **arguments) {
  if (count != 5) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  int yes = 1;
  if (connect(connection, (struct sockaddr *)&address, sizeof address) ||
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes))
    return 1;
  long long passed = 0;
  for (int i = 0; i < atoi(arguments[4]); i++) {
    char body[512], request[1024];
    int length = snprintf(body, sizeof body, "{\"id\": \"p%d\", \"command\": \"%s\"}", i, arguments[3]);
    int size = snprintf(request, sizeof request, "POST /add HTTP/1.1\r\nHost: bench\r\nexeio-api-key: %s\r\nContent-Length: %d\r\n\r\n%s", arguments[2], length, body);
    long long start = now();
    if (write(connection, request, (size_t)size) != size || !is_added(connection)) return 1;
    passed += now() - start;
  }
  printf("%lld\n", passed);
  return 0;
}
