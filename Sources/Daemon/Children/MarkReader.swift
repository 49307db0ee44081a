import UV

/// Reads the marks of processes, which say of what run each is, and remembers those that stay as they are.
struct MarkReader {
  private var final: [SystemProcess.Member: VariableReading] = [:]
  /// Since when it cannot be told of each.
  private var unknownSince: [SystemProcess.Member: Duration] = [:]
  /// An `execve` or an exit takes milliseconds.
  private static let patience: Duration = .seconds(1)

  /// What the environment of a process says at this moment.
  mutating func read(_ record: ProcessRecord) -> VariableReading {
    let member = record.member
    if let known = final[member] { return known }
    let reading = SystemProcess.variable(RunState.markerName, of: record.pid)
    if reading.isFinal { final[member] = reading }
    guard reading == .unknown else {
      unknownSince[member] = nil
      return reading
    }
    let now = SystemProcess.monotonicClock
    let since = unknownSince[member] ?? now
    unknownSince[member] = since
    // What hangs on its way out, in a file system that does not answer for instance, has no environment any more and
    // starts nothing. Other processes must not wait for it as if it could be theirs.
    guard now - since >= Self.patience, SystemProcess.isExiting(record.pid) else { return .unknown }
    return .unreadable
  }

  /// The mark of a process, where it was read and stays.
  func known(_ record: ProcessRecord) -> String? { final[record.member]?.text }

  /// Forgets all processes but these.
  mutating func keep(only records: [ProcessRecord]) {
    let members = Set(records.map(\.member))
    final = final.filter { members.contains($0.key) }
    unknownSince = unknownSince.filter { members.contains($0.key) }
  }
}
