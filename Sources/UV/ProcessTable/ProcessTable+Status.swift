import CLinux
import Glibc

/// What can be told of a process at any moment. Much of `/proc/PID`, `stat` and `environ` among it,
/// waits for a process that is in the middle of an `execve(2)` or of a change of its memory, and a
/// file system that does not answer keeps it there.
extension ProcessTable {
  /// Whether a child of this process has ended (`waitid(2)`), reaped or not.
  package static func hasEnded(child pid: Int32) -> Bool { exeio_child_has_ended(pid) == 1 }

  /// Whether a process is there and no zombie (`/proc/PID/status`). One that cannot be looked at
  /// now counts as there.
  package static func isRunning(_ pid: Int32) -> Bool {
    do throws(UVError) {
      guard let status = try ProcessStatus.read(pid) else { return false }
      return !status.hasEnded
    } catch {
      return true
    }
  }

  /// Whether a process waits for something that no signal interrupts, a disk mostly; false if there
  /// is no such process, or it cannot be told now.
  static func waitsForDisk(_ pid: Int32) -> Bool {
    // The doc comment says so.
    (try? ProcessStatus.read(pid))?.waitsForDisk ?? false
  }

  /// The parent of a process (`/proc/PID/status`); nil if there is no such process, or it cannot
  /// be told now.
  package static func parent(of pid: Int32) -> Int32? {
    // The doc comment says so.
    (try? ProcessStatus.read(pid))?.parent
  }

  /// The name of its program, cut to 15 bytes by the kernel (`/proc/PID/comm`); nil as above.
  package static func name(of pid: Int32) -> String? {
    Files.withBeginning(of: "/proc/\(pid)/comm") { contents in
      String(decoding: contents.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
  }

  /// What is in memory of a process, pages that it shares with others included, in bytes
  /// (`/proc/PID/statm`); nil as above.
  package static func residentBytes(of pid: Int32) -> Int? {
    Files.withBeginning(of: "/proc/\(pid)/statm") { contents in
      var fields = NumberScanner(contents)
      fields.skip(1)
      return fields.number().map { $0 * ProcessRecord.pageSize }
    }
  }
}

/// What `/proc/PID/status` says (proc_pid_status(5)).
struct ProcessStatus: Equatable {
  /// A zombie, or past that. One whose first thread has ended before the others is shown as a
  /// zombie too, and has not.
  let hasEnded: Bool
  /// In an uninterruptible sleep.
  let waitsForDisk: Bool
  let parent: Int32

  /// - Returns: nil if there is no such process.
  static func read(_ pid: Int32) throws(UVError) -> ProcessStatus? {
    try Files.readBeginning(of: "/proc/\(pid)/status") { ProcessStatus(contents: $0) }
  }

  /// Reads the beginning of such a file.
  init?(contents: UnsafeRawBufferPointer) {
    guard let state = Self.value(of: "State:", in: contents)?.first,
      let parent = Self.value(of: "PPid:", in: contents).flatMap({ Self.number($0) })
    else { return nil }
    self.parent = Int32(truncatingIfNeeded: parent)
    waitsForDisk = state == UInt8(ascii: "D")
    // It stands behind the list of groups, which may be longer than what was read.
    let threads = Self.value(of: "Threads:", in: contents).flatMap { Self.number($0) }
    hasEnded =
      state == UInt8(ascii: "Z") && threads ?? 2 <= 1
      || state == UInt8(ascii: "X") || state == UInt8(ascii: "x")
  }

  /// What follows a name at the beginning of a line and a tab. The program's name has no newlines
  /// there.
  private static func value(
    of name: StaticString, in bytes: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer? {
    let name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    var line = 0
    while line + name.count < bytes.count {
      if bytes[line..<(line + name.count)].elementsEqual(name) {
        return UnsafeRawBufferPointer(rebasing: bytes[(line + name.count + 1)...])
      }
      guard let newline = bytes[line...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      line = newline + 1
    }
    return nil
  }

  private static func number(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var scanner = NumberScanner(bytes)
    return scanner.number()
  }
}
