import Glibc
import UV

/// A log whose disk does not answer.
package enum LogStall {
  /// How long a client waits for a file system that does not answer at all.
  package static let limit = Duration.seconds(10)

  /// What is done with a log that has not got an answer for that long.
  static func error(_ operation: UVError.Operation, _ path: String) -> UVError {
    var error = UVError(code: -ETIMEDOUT, operation: operation, subject: path)
    error.detail = "its file system has not answered for 10s"
    return error
  }

  static let failure = LogFailure(
    message: "The log could not be read: its file system has not answered for 10s.")
}
