import Glibc

/// A child that was killed on its way to a command and does not end, because a file system does not
/// answer it. Each further start of the same kind would leave another one: they fail at once, until
/// it has gone.
struct HungStart {
  let pid: Int32
  private let operation: UVError.Operation
  private let subject: String?
  private let place: Place

  /// What decides which files a start needs, at the step that it has come to.
  private struct Place: Equatable {
    var workingDirectory: String?
    var command: String?
    var searchPath: SystemString?

    init(_ operation: UVError.Operation, _ options: SpawnOptions) {
      // The command of a start that hangs at its directory does not matter.
      if operation == .changeDirectory || !options.command.hasPrefix("/") {
        workingDirectory = options.workingDirectory
      }
      guard operation != .changeDirectory else { return }
      command = options.command
      if !options.command.contains("/") { searchPath = options.searchPath }
    }
  }

  /// Notes a child that has not gone long after it was killed.
  static func note(_ report: SpawnReport, _ options: SpawnOptions, on loop: Loop) {
    let step = report.step(options)
    guard [.changeDirectory, .execute].contains(step.operation), let pid = report.pid else {
      return
    }
    loop.hungStarts.append(
      HungStart(
        pid: pid, operation: step.operation, subject: step.subject,
        place: Place(step.operation, options)))
  }

  /// One that hangs still where such a start would.
  static func first(of loop: Loop, inTheWayOf options: SpawnOptions) -> HungStart? {
    guard !loop.hungStarts.isEmpty else { return nil }
    forgetEnded(on: loop)
    return loop.hungStarts.first { $0.place == Place($0.operation, options) }
  }

  /// The pids of those that hang still.
  static func pids(on loop: Loop) -> Set<Int32> {
    guard !loop.hungStarts.isEmpty else { return [] }
    forgetEnded(on: loop)
    return Set(loop.hungStarts.map(\.pid))
  }

  private static func forgetEnded(on loop: Loop) {
    loop.hungStarts.removeAll { ProcessTable.hasEnded(child: $0.pid) }
  }

  /// What a start fails with that it is in the way of.
  var error: UVError {
    var error = UVError(code: -ETIMEDOUT, operation: operation, subject: subject)
    error.detail = "an earlier start hangs there still (pid \(pid)), and cannot be ended"
    return error
  }
}
