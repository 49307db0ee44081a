import CLibUV
import CLinux
import Glibc

/// Standard error where the journal reads it: lines with a priority (`sd-daemon(3)`), never waited
/// for.
package final class JournalWriter {
  private let descriptor: Int32
  /// How many lines the journal did not take, and has not been told of.
  private var lost = 0
  /// Whether the last line went out in part: the next one must not continue it.
  private var isTorn = false

  /// - Parameter descriptor: a stream socket; it stays the caller's.
  package init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// A writer to standard error, if that is what `JOURNAL_STREAM` names: the variable may be from
  /// further up, and standard error redirected since (`systemd.exec(5)`).
  ///
  /// - Parameter variable: `device:inode`, in decimal.
  /// - Returns: nil if standard error is anything else.
  package convenience init?(standardErrorIf variable: String?) {
    let numbers = variable?.split(separator: ":", omittingEmptySubsequences: false)
    guard let numbers, numbers.count == 2, let device = UInt64(numbers[0]),
      let inode = UInt64(numbers[1])
    else { return nil }
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return nil }
    let file = FileStatus(status)
    guard file.isSocket, file.device == device, file.inode == inode else { return nil }
    self.init(descriptor: STDERR_FILENO)
  }

  /// Sends one line, or drops it where the journal is busy. The next one that is taken says how
  /// many were dropped.
  ///
  /// - Parameters:
  ///   - line: without a line feed.
  ///   - priority: of `syslog(3)`, 0 to 7.
  package func write(_ line: [UInt8], priority: Int) {
    if lost > 0 {
      let count = lost == 1 ? "1 line was" : "\(lost) lines were"
      guard send(Array("<4>\(count) dropped here: the journal did not take them".utf8)) else {
        lost += 1
        return
      }
      lost = 0
    }
    if !send(Array("<\(priority)>".utf8) + line) { lost += 1 }
  }

  /// Whether the whole line was taken.
  private func send(_ line: [UInt8]) -> Bool {
    let bytes = (isTorn ? [UInt8(ascii: "\n")] : []) + line + [UInt8(ascii: "\n")]
    let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
    var sent = -1
    repeat {
      sent = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
    } while sent == -1 && errno == EINTR
    guard sent > 0 else { return false }
    isTorn = sent < bytes.count
    return !isTorn
  }
}
