import Glibc

/// What the calling thread has used of a processor: what other threads and programs take meanwhile
/// is not in it (`clock_gettime(2)`, `CLOCK_THREAD_CPUTIME_ID`).
package func threadTime() -> Duration {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
