import API
import Supervision
import UV

/// Writes `processes.json` for the supervisor, and tries again what could not be written.
final class DefinitionSaves {
  /// What is known of the file.
  let file: ProcessesFileStore
  private let context: DaemonContext
  private let problems: Problems
  private let retryTimer: Timer
  private var underWay = 0
  /// How many there have been.
  private(set) var count: UInt64 = 0
  /// Whether the supervisor has something to write still.
  var hasUnwritten: () -> Bool = { false }
  private var isClosed = false
  /// After this long a write that failed is tried again.
  private static let retryInterval: Duration = .seconds(10)

  init(_ context: DaemonContext, _ problems: Problems, path: String) throws(UVError) {
    self.context = context
    self.problems = problems
    file = try ProcessesFileStore(path, on: context.loop, clock: context.clock)
    retryTimer = try Timer(on: context.loop)
  }

  /// Whether none is under way.
  var isIdle: Bool { underWay == 0 }

  /// Writes the file; its end is told as ``Event/saved(_:)`` or
  /// ``Event/saveFailed(_:reason:isConflict:)``.
  func save(_ definitions: [ProcessDefinition], _ id: SaveID) {
    underWay += 1
    count += 1
    file.save(ProcessesFile.render(definitions)) { [self] failure in
      underWay -= 1
      guard let failure else {
        problems.clear(.processesFile)
        return context.send(.saved(id))
      }
      let reason = failure.description
      // The supervisor writes the line.
      problems.raise(.processesFile, "processes.json is not written: \(reason)", level: nil)
      let isConflict = if case .changed = failure { true } else { false }
      context.send(.saveFailed(id, reason: reason, isConflict: isConflict))
      if !isClosed, hasUnwritten() {
        retryTimer.start(after: Self.retryInterval) { [context] in context.send(.saveDue) }
      }
    }
  }

  func close() {
    isClosed = true
    retryTimer.close()
    file.close()
  }
}
