import API
import Supervision

/// What an operator must know: shown in `/health`, `/metrics` and the status line of the service
/// manager until it is over, and told in `exeio.log` when it begins and when it ends.
///
/// Raising what is there already only changes its message, and clearing what is not there does
/// nothing: both may be called as often as something succeeds or fails. Lines are rationed: a disk
/// that fills and empties all the time fills no log.
final class Problems {
  private(set) var list = ProblemList()
  /// Called when the list has changed, a message included.
  var onChange: () -> Void = {}

  private let write: (LogLevel, String) -> Void
  /// On the monotonic clock, for the ration of lines, and since 1970 UTC, for `since`.
  private let clock: () -> Moment
  private var shownFaults: [String: String] = [:]
  private var ration = LineRation(burst: 100)

  /// - Parameters:
  ///   - write: writes a line to the supervisor's own log.
  ///   - clock: tells the time, on both clocks.
  init(write: @escaping (LogLevel, String) -> Void, clock: @escaping () -> Moment) {
    self.write = write
    self.clock = clock
  }

  /// Something is wrong, and stays so until ``clear(_:of:)``.
  /// - Parameters:
  ///   - subject: what it is about, where a code can have several problems at once: `clear` needs
  ///     the same.
  ///   - message: one sentence that says what is wrong and what to do; it may hold no secret, as
  ///     keys with the role `read` see it.
  ///   - level: of the line in `exeio.log`; nil if the caller has written one.
  func raise(
    _ code: Problem.Code, of subject: String? = nil, _ message: String, level: LogLevel? = .error
  ) {
    let now = clock()
    let new = list.raise(Problem(code, of: subject, message, since: now.sinceEpoch))
    if let new, let level { say(level, "Problem \(new.code.rawValue): \(new.message)", now) }
    onChange()
  }

  /// It is over.
  func clear(_ code: Problem.Code, of subject: String? = nil) {
    guard let over = list.clear(code, subject) else { return }
    say(.info, "Problem \(over.code.rawValue) is over: \(over.message)", clock())
    onChange()
  }

  /// From now on these are the problems of a code, by subject, and no others.
  func replace(
    _ code: Problem.Code, with now: [(subject: String, message: String)], level: LogLevel = .error
  ) {
    let subjects = Set(now.map(\.subject))
    for old in list.all where old.code == code {
      if old.subject.map(subjects.contains) != true { clear(code, of: old.subject) }
    }
    for (subject, message) in now { raise(code, of: subject, message, level: level) }
  }

  /// Shows the faults of definitions that the supervisor has found.
  func showFaults(of supervisor: Supervisor) {
    let faults = supervisor.faults
    guard faults != shownFaults else { return }
    shownFaults = faults
    replace(
      .definition,
      with: faults.sorted { $0.key < $1.key }.map { (subject: $0.key, message: $0.value) })
  }

  private func say(_ level: LogLevel, _ line: String, _ now: Moment) {
    if let line = ration.admit(line, at: now.monotonic) { write(level, line) }
  }
}
