import Basics
import CLibUV
import Glibc

/// An error of libuv or of the system: what was being done, to what, and the code.
package struct UVError: Error, Equatable, CustomStringConvertible {
  /// Which error it is.
  package let code: Code
  /// What was being done: `"open"`.
  package let operation: Operation
  /// What it was done to: a path, an address, a command.
  package let subject: String?
  /// The reason in words, where more is known than the code says.
  package var detail: String?

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - code: a negative errno, or one of libuv's own codes.
  ///   - operation: what was being done.
  ///   - subject: what it was done to.
  package init(code: Int32, operation: Operation, subject: String? = nil) {
    self.init(Code(rawValue: code), operation, subject)
  }

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - code: which one.
  ///   - operation: what was being done.
  ///   - subject: what it was done to.
  package init(_ code: Code, _ operation: Operation, _ subject: String? = nil) {
    self.code = code
    self.operation = operation
    self.subject = subject
  }

  /// The symbolic name: `"ENOENT"` (`uv_err_name_r`).
  package var name: String {
    Self.text { uv_err_name_r(code.rawValue, $0, $1) }
  }

  /// The errno; nil for libuv's own codes.
  package var number: Int32? { code.errno }

  /// Whether a disk takes nothing now (``Code/isOfFullDisk``).
  package var isOfFullDisk: Bool { code.isOfFullDisk }

  /// The same, met while the limit of a controller was being set.
  func setting(_ limit: CgroupController) -> UVError {
    var error = UVError(code, operation.setting(limit), subject)
    error.detail = detail
    return error
  }

  /// Whether `/proc` has nothing of that process any more.
  var isNoSuchProcess: Bool { code == .noSuchFileOrDirectory || code == .noSuchProcess }

  /// The sentence that users know from other programs (`strerror`); libuv's own codes have
  /// libuv's sentence (`uv_strerror_r`).
  package var reason: String {
    if let detail { return detail }
    guard let number else { return Self.text { uv_strerror_r(code.rawValue, $0, $1) } }
    guard let sentence = strerror(number) else { return name }
    return String(cString: sentence)
  }

  /// `open '/var/log/x': No such file or directory`.
  package var description: String {
    guard let subject else { return "\(operation): \(reason)" }
    return "\(operation) '\(subject.readable)': \(reason)"
  }

  /// What libuv writes into a buffer of its caller: its plain functions leak for unknown codes.
  private static func text(_ fill: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      guard let start = buffer.baseAddress else { return "" }
      buffer.initialize(repeating: 0)
      fill(start, buffer.count)
      return String(cString: start)
    }
  }
}
