import CLibUV
import Glibc

extension UVError {
  /// The error that the C library has just left in `errno`.
  static func current(_ operation: UVError.Operation, _ subject: String? = nil) -> UVError {
    UVError(code: -errno, operation: operation, subject: subject)
  }

  /// Passes a libuv result on, or throws it when it is negative.
  @discardableResult
  static func check(
    _ result: Int32, _ operation: UVError.Operation, _ subject: String? = nil
  ) throws(UVError) -> Int32 {
    guard result >= 0 else {
      throw UVError(code: result, operation: operation, subject: subject)
    }
    return result
  }

  /// Makes a system call again while a signal interrupts it; throws `errno` when it fails.
  @discardableResult
  static func system<Result: FixedWidthInteger>(
    _ operation: UVError.Operation, _ subject: String? = nil, _ call: () -> Result
  ) throws(UVError) -> Result {
    while true {
      let result = call()
      if result != -1 { return result }
      if errno != EINTR { throw current(operation, subject) }
    }
  }
}

extension UVError {
  /// The error in the result of a libuv request, if it is one.
  init?(result: Int, _ operation: UVError.Operation, _ subject: String?) {
    guard result < 0 else { return nil }
    self.init(code: Int32(clamping: result), operation: operation, subject: subject)
  }
}

extension Int32 {
  /// `UV_EOF` as the plain number in which libuv's results are compared.
  static var endOfFile: Int32 { Int32(UV_EOF.rawValue) }
}
