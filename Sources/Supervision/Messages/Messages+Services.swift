/// What is said of processes with copies, and of definitions that change.
extension Messages {
  // MARK: Names

  static func isCopy(_ name: some ProcessName, of id: some ProcessName) -> String {
    "'\(name)' is the name of a copy of process '\(id)'"
  }

  static func copyTaken(_ name: some ProcessName, of id: some ProcessName, _ why: String) -> String
  {
    "One of the copies of process '\(id)' would be called '\(name)': \(lowercasedStart(why))"
  }

  static func stillThere(_ name: some ProcessName) -> String {
    "What was called '\(name)' has not ended yet, or its log is not closed yet"
  }

  static func isCopyToRemove(_ name: some ProcessName, of id: some ProcessName) -> String {
    "\(isCopy(name, of: id)) and cannot be removed by itself: scale '\(id)'"
  }

  static func isCopyToChange(_ name: some ProcessName, of id: some ProcessName) -> String {
    "\(isCopy(name, of: id)) and has no definition of its own: change '\(id)'"
  }

  static func isCopyToRoll(_ name: some ProcessName, of id: some ProcessName) -> String {
    "\(isCopy(name, of: id)): a rolling restart is one of '\(id)'"
  }

  static func isInFragment(_ id: some ProcessName, _ fragment: String) -> String {
    "Process '\(id)' is defined in '\(fragment)': change it there, and reload"
  }

  static func idTaken(_ id: some ProcessName, in fragment: String?) -> String {
    idTaken(id) + (fragment.map { ", defined in '\($0)'" } ?? "")
  }

  static func beingChanged(_ id: some ProcessName) -> String {
    "Process '\(id)' is just being changed"
  }

  static func severalCopies(_ id: some ProcessName, _ names: [some ProcessName]) -> String {
    let names = names.map(\.description)
    let shown = names.count > 10 ? names.prefix(9) + ["…"] + names.suffix(1) : names[...]
    return "Process '\(id)' has \(names.count) copies: name one of \(shown.joined(separator: ", "))"
  }

  private static func lowercasedStart(_ text: String) -> String {
    text.prefix(1).lowercased() + text.dropFirst()
  }

  // MARK: Answers for several

  static func ofAll(_ outcomes: [Reply.Outcome], _ verb: Verb) -> String {
    "\(outcomes.count { $0.success }) of \(outcomes.count) processes \(verb.participle)"
  }

  static func ofCopies(_ id: some ProcessName, _ outcomes: [Reply.Outcome], _ verb: Verb) -> String
  {
    "\(outcomes.count { $0.success }) of \(copies(outcomes.count)) of process '\(id)' "
      + verb.participle
  }

  static func copies(_ count: Int) -> String { count == 1 ? "1 copy" : "\(count) copies" }

  static func addedCopies(_ id: some ProcessName, _ outcomes: [Reply.Outcome]) -> String {
    let added = "Process '\(id)' added with \(copies(outcomes.count))"
    return outcomes.count == 1 ? "\(added). \(outcomes[0].message)" : added
  }

  static func removed(_ id: some ProcessName, copies count: Int?) -> String {
    count.map { "Process '\(id)' removed with its \(copies($0))" } ?? removed(id)
  }

  // MARK: Changes

  static func changed(_ id: some ProcessName) -> String { "Process '\(id)' has another definition" }

  static func unchanged(_ id: some ProcessName) -> String {
    "Process '\(id)' is defined like that already"
  }

  static func alreadyScaled(_ id: some ProcessName, _ instances: Int?) -> String {
    instances.map { "Process '\(id)' has \(copies($0)) already" }
      ?? "Process '\(id)' runs once already"
  }

  static func tooFewInstances(_ instances: Int) -> String {
    "instances is \(instances): at least 1 is allowed; stop the process instead"
  }

  static func notChanged(_ id: some ProcessName, _ reason: String) -> String {
    "Process '\(id)' was not changed: \(saveFailed(reason))"
  }

  static func changesNextTime(_ id: some ProcessName) -> String {
    "\(shuttingDown); the new definition of process '\(id)' is saved and holds from its next start on"
  }

  static func changedButStuck(_ id: some ProcessName, _ reason: String) -> String {
    "Process '\(id)' has its new definition, but not all of the old has ended: \(reason)"
  }

  static func supersededByUpdate(_ id: some ProcessName) -> String {
    "Process '\(id)' was given another definition in the meantime"
  }

  static func supersededByRestart(_ id: some ProcessName) -> String {
    "Process '\(id)' was restarted by another command in the meantime"
  }

  static func supersededByStart(_ id: some ProcessName) -> String {
    "The stop of process '\(id)' was superseded by a start"
  }

  static func cannotBeEnded(_ id: some ProcessName) -> String {
    "The last run of process '\(id)' has outlived SIGKILL"
  }

  static func startedAndEnded(_ id: some ProcessName) -> String {
    "Process '\(id)' started, and has ended already"
  }

  /// - Parameter outcomes: what became of those that were to start, sorted.
  static func updated(_ id: some ProcessName, _ outcomes: [Reply.Outcome]) -> String {
    let started =
      outcomes.isEmpty
      ? "; nothing had to be restarted"
      : outcomes.count == 1
        ? "; \(lowercasedStart(outcomes[0].message))"
        : "; \(outcomes.count { $0.success }) of \(copies(outcomes.count)) restarted"
    return "Process '\(id)' updated\(started)\(outcomes.count == 1 ? "" : failures(outcomes))"
  }

  /// - Parameter outcomes: what became of those that were to start, sorted.
  static func scaled(
    _ id: some ProcessName, _ outcomes: [Reply.Outcome], from before: Int?, to count: Int
  ) -> String {
    let from = before.map { "; it had \($0)" } ?? " in place of its one process"
    return "Process '\(id)' has \(copies(count)) now\(from)\(failures(outcomes))"
  }

  private static func failures(_ outcomes: [Reply.Outcome]) -> String {
    outcomes.filter { !$0.success }.map { "; \(lowercasedStart($0.message))" }.joined()
  }

  // MARK: Rolling restarts

  static func isRolling(_ id: some ProcessName) -> String {
    "A rolling restart of process '\(id)' is under way already"
  }

  static let allBeingRestarted = "All processes are being restarted already"

  static func notRestarted(_ name: some ProcessName) -> String {
    "Process '\(name)' was not restarted"
  }

  static func notReplaced(_ name: some ProcessName, _ reason: String) -> String {
    "Process '\(name)' was not restarted: it could not start again, it \(reason)"
  }

  static func rolled(_ id: some ProcessName, _ outcomes: [Reply.Outcome], stoppedBy reason: String?)
    -> String
  {
    let done =
      "\(outcomes.count { $0.success }) of \(copies(outcomes.count)) of process '\(id)' restarted"
    return reason.map { "\(done), no further: \($0)" } ?? done
  }

  // MARK: Essential processes

  static func essentialEnded(_ name: some ProcessName, _ how: String, code: Int32) -> String {
    "Essential process '\(name)' has ended for good (\(how)): shutting down, to exit with \(code)"
  }
}
