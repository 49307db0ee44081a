/// What is said of dependencies between processes, and of a reload.
extension Messages {
  static func cycle(_ ids: [some ProcessName]) -> String {
    "Processes depend on each other in a circle: \(ids.map(\.description).joined(separator: " → "))"
  }

  static func dependsOnUnknown(_ id: some ProcessName, _ other: some ProcessName) -> String {
    "Process '\(id)' depends on '\(other)', but there is no process of that id"
  }

  static func dependsOnCopy(
    _ id: some ProcessName, _ name: some ProcessName, of other: some ProcessName
  ) -> String {
    "Process '\(id)' depends on '\(name)', which is a copy of '\(other)': only all of them can be depended on"
  }

  static func dependsOnUnchecked(_ id: some ProcessName, _ other: some ProcessName) -> String {
    "Process '\(id)' waits for '\(other)' to be healthy, but that has no health_check"
  }

  static func isDependedOn(_ id: some ProcessName, by others: [some ProcessName]) -> String {
    let named = others.map { "'\($0)'" }.joined(separator: ", ")
    return
      "Process '\(id)' is not removed: \(named) \(others.count == 1 ? "depends" : "depend") on it"
  }

  /// After "it", or where a process `is to start, but`.
  static func waits(for dependency: Dependency, _ reason: String) -> String {
    "waits for '\(dependency.id)' (\(dependency.condition.rawValue)): \(reason)"
  }

  static func waitsForEnd(_ names: [some ProcessName]) -> String {
    "waits for the end of \(names.map { "'\($0)'" }.joined(separator: ", "))"
  }

  static func waitsForRestart(_ ids: [some ProcessName]) -> String {
    let names = ids.map { "'\($0)'" }.joined(separator: ", ")
    return "waits until \(names) \(ids.count == 1 ? "has" : "have") been restarted"
  }

  static let isToBeStopped = "waits: all processes are being stopped"

  // MARK: Reload

  static func notReloaded(_ reason: String) -> String { "Nothing is reloaded: \(reason)" }

  static func filesDoNotAnswer(_ directory: String, _ time: Duration) -> String {
    "the file system of '\(directory)' has not answered for \(time.components.seconds) seconds"
  }

  static func missing(_ loss: DefinitionFilesReading.Loss) -> String {
    switch loss {
    case .savedFile(let path):
      "'\(path)' is missing; to remove all processes in it, write [] into it"
    case .fragments(let path):
      "'\(path)' is missing; to remove all processes in it, make it and leave it empty"
    }
  }

  static func cannotStartHere(_ id: some ProcessName, _ file: String, _ reason: String) -> String {
    "\(file): process '\(id)': \(reason)"
  }

  static func definedTwice(_ id: some ProcessName, _ one: String?, _ other: String?) -> String {
    let (one, other) = (one ?? "processes.json", other ?? "processes.json")
    let place = one == other ? "twice in '\(one)'" : "in '\(one)' and in '\(other)'"
    return "Process '\(id)' is defined \(place)"
  }

  static func reloaded(
    _ changes: Reply.Changes, isDryRun: Bool, troubles: [String] = []
  ) -> String {
    if changes.isEmpty { return "Nothing \(isDryRun ? "would change" : "has changed")" }
    let counts = [
      (changes.added.count, "added"), (changes.removed.count, "removed"),
      (changes.updated.count, "updated"), (changes.unchanged.count, "unchanged"),
    ]
    let told = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return ["\(isDryRun ? "A reload would be" : "Reloaded"): \(told)"].joined()
      + troubles.map { "; \($0)" }.joined()
  }
}
