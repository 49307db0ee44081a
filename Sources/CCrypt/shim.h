#ifndef CCRYPT_SHIM_H
#define CCRYPT_SHIM_H

// libxcrypt's crypt(3), which hashes the named API keys.
#include <crypt.h>
#include <errno.h>
#include <string.h>

// Hashes a phrase as a setting (or an earlier hash) says, into CRYPT_OUTPUT_SIZE bytes at `hash`.
// 0, or an errno. A static inline, because struct crypt_data has 32 KiB, which belong on the stack,
// and are wiped: the phrase was in them.
static inline int exeio_crypt(const char *phrase, const char *setting, char *hash) {
  struct crypt_data data;
  memset(&data, 0, sizeof data);
  int error = 0;
  const char *result = crypt_rn(phrase, setting, &data, sizeof data);
  if (result != NULL) {
    strncpy(hash, result, CRYPT_OUTPUT_SIZE - 1);
    hash[CRYPT_OUTPUT_SIZE - 1] = 0;
  } else {
    error = errno;
  }
  explicit_bzero(&data, sizeof data);
  return error;
}

#endif
