import Glibc

/// What a process has open, and what it had of the disks: what costs more to read than its record,
/// and is told only to those who may trace it (ptrace(2)).
package struct ProcessDetails: Equatable, Sendable {
  /// How many descriptors it has open; nil where it may not be looked at, or has gone.
  let openDescriptors: Int?
  /// What it has had read from disks, and the children that it has waited for, in bytes; nil as
  /// above.
  let diskReadBytes: Int?
  /// What it has had written to disks; nil as above.
  let diskWrittenBytes: Int?

  /// Reads them (`/proc/PID/fd`, `/proc/PID/io`). Like the record, the latter waits for a process
  /// in the middle of an `execve(2)`.
  static func read(_ pid: Int32) -> ProcessDetails {
    let bytes = Files.withBeginning(of: "/proc/\(pid)/io") { contents -> (Int, Int)? in
      guard let read = NumberScanner.value(of: "read_bytes:", in: contents),
        let written = NumberScanner.value(of: "write_bytes:", in: contents)
      else { return nil }
      return (read, written)
    }
    return ProcessDetails(
      openDescriptors: openDescriptors(of: "\(pid)"), diskReadBytes: bytes?.0,
      diskWrittenBytes: bytes?.1)
  }

  /// How many descriptors a process has open; nil where it may not be looked at, or has gone. From
  /// Linux 6.2 on, the size of the directory is the number; before it was 0, and they are counted.
  ///
  /// - Parameter process: its pid, or `self`, where the one for the count does not count.
  static func openDescriptors(of process: String) -> Int? {
    let path = "/proc/\(process)/fd"
    // Without it, the process has gone.
    guard let size = try? Int(Files.status(of: path).size) else { return nil }
    if size > 0 { return size }
    // What belongs to others is not listed.
    guard let directory = opendir(path) else { return nil }
    defer { closedir(directory) }
    var count = process == "self" ? -3 : -2  // ".", ".." and the directory itself
    while readdir(directory) != nil { count += 1 }
    return max(0, count)
  }
}
