package import Basics

/// What a probe of the health of a process comes to.
package enum ProbeResult: Hashable, Sendable {
  case succeeded
  /// The process does not work; why, in words.
  case failed(String)
  /// The probe could not be made, which says nothing of the process; why, in words.
  case unknown(String)

  /// A server has answered with this status: 200 to 399 is a success.
  package init(httpStatus status: Int) {
    self = (200..<400).contains(status) ? .succeeded : .failed("HTTP status \(status)")
  }

  /// A command has ended: exit code 0 is a success.
  /// - Parameter lastLine: of its output that is not blank; empty if there was none.
  package init(_ status: ExitStatus, lastLine: String) {
    switch status {
    case .code(0): self = .succeeded
    default:
      self = .failed(
        lastLine.isEmpty ? "\(status)" : "\(status): \(lastLine.prefix(Self.maxLineLength))")
    }
  }

  /// A probe did not come to an end in time.
  package static func timedOut(after timeout: Duration) -> ProbeResult {
    .failed("timed out after \(timeout.text)")
  }

  /// How much of a line of output is repeated in words, in characters.
  private static let maxLineLength = 200
}
