import Glibc

/// How many descriptors this process has open (`/proc/self/fd`). Tests that run at the same time
/// open and close their own: compare before and after many rounds, not one.
package func openDescriptorCount() -> Int {
  guard let directory = opendir("/proc/self/fd") else { return -1 }
  defer { closedir(directory) }
  var count = -3  // ".", ".." and the directory itself
  while readdir(directory) != nil { count += 1 }
  return count
}
