#ifndef CARES_SHIM_H
#define CARES_SHIM_H

// c-ares as it is. A `static inline` function stands below only where Swift cannot use the original
// well: `struct timeval` and `struct in_addr`, which are several modules' own, and the options,
// whose fields and mask belong together.
#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

// Makes a channel that reads no file but /dev/urandom: what c-ares would look for in resolv.conf(5)
// and nsswitch.conf(5) is given here, but for the servers, of which it has none yet. An ARES_E…
// code.
static inline int exeio_ares_init(
    ares_channel *channel, int flags, int rotates, int timeout_milliseconds, int tries, ares_sock_state_cb on_socket,
    void *data) {
  struct ares_options options;
  memset(&options, 0, sizeof options);
  char lookups[] = "b";
  options.flags = flags;
  options.timeout = timeout_milliseconds;
  options.tries = tries;
  options.ndots = 1;
  options.lookups = lookups;
  options.sock_state_cb = on_socket;
  options.sock_state_cb_data = data;
  return ares_init_options(
      channel, &options,
      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_SERVERS | ARES_OPT_DOMAINS
          | ARES_OPT_SORTLIST | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB
          | (rotates ? ARES_OPT_ROTATE : ARES_OPT_NOROTATE));
}

// Reads the short forms of an IPv4 address (inet_aton(3)) into four bytes: whether it is one.
// `struct in_addr` is several modules' own.
static inline int exeio_inet_aton(const char *text, unsigned char *bytes) {
  struct in_addr address;
  if (inet_aton(text, &address) == 0) return 0;
  memcpy(bytes, &address.s_addr, 4);
  return 1;
}

// How many milliseconds there are until ares_process_fd is to be called without a socket; -1: it
// need not be.
static inline int64_t exeio_ares_wait(ares_channel channel) {
  struct timeval buffer;
  const struct timeval *wait = ares_timeout(channel, NULL, &buffer);
  return wait == NULL ? -1 : (int64_t)wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000;
}

// The addresses in an answer, of 4 bytes or (IPv6) of 16, one after the other; `*count` has how
// many fit, and is told how many there are. An ARES_E… code.
static inline int exeio_ares_addresses(
    int is_ipv6, const unsigned char *answer, int length, unsigned char *bytes, int *count) {
  enum { most = 64 };
  int found = *count < most ? *count : most;
  *count = 0;
  int status;
  if (is_ipv6) {
    struct ares_addr6ttl entries[most];
    status = ares_parse_aaaa_reply(answer, length, NULL, entries, &found);
    if (status != ARES_SUCCESS) return status;
    for (int i = 0; i < found; i++) memcpy(bytes + 16 * i, &entries[i].ip6addr, 16);
  } else {
    struct ares_addrttl entries[most];
    status = ares_parse_a_reply(answer, length, NULL, entries, &found);
    if (status != ARES_SUCCESS) return status;
    for (int i = 0; i < found; i++) memcpy(bytes + 4 * i, &entries[i].ipaddr, 4);
  }
  *count = found;
  return ARES_SUCCESS;
}

#endif
