import Supervision
import UV

/// The start of a run whose log is open: what must be known is found out, then its child is started. Nothing of it holds
/// up the loop, and both together have the start timeout of the definition.
final class RunStart {
  let id: RunID
  let definition: ProcessDefinition
  /// How many runs the process has had with this one.
  let count: Int
  /// Its number in the run state.
  let journalNumber: UInt64
  /// What its child is to carry in its environment.
  let marker: (name: String, value: String)
  /// On the monotonic clock.
  let begunAt: Duration
  /// Where the run tells of itself; nil where it has no reason to.
  var notifySocket: NotifyListener?
  /// What the run has told by now: it may be faster than the news of its start.
  var messages: [NotifyMessage] = []
  var cgroup: Cgroup?
  private(set) var isCancelled = false
  private var place: SpawnQueue.Place?
  private var stage = Stage.begun

  private enum Stage {
    case begun
    case asking(SurroundingsQuery)
    case starting(ChildStart)
  }

  init(
    _ id: RunID, _ definition: ProcessDefinition, run count: Int, journalNumber: UInt64,
    marker: (name: String, value: String), now: Duration, _ place: SpawnQueue.Place
  ) {
    self.id = id
    self.definition = definition
    self.count = count
    self.journalNumber = journalNumber
    self.marker = marker
    begunAt = now
    self.place = place
  }

  /// It waits for a query.
  func waits(for query: SurroundingsQuery) {
    if case .begun = stage { stage = .asking(query) }
  }

  /// It waits for its child.
  func waits(for child: ChildStart) {
    stage = .starting(child)
  }

  /// It takes long: others go on beside it.
  func leaveQueue() {
    place?.leave()
    place = nil
  }

  /// Takes it back.
  /// - Returns: whether it is over by that; otherwise the start of its child tells its end.
  func cancel() -> Bool {
    isCancelled = true
    switch stage {
    case .begun: return true
    case .asking(let query):
      query.cancel()
      return true
    case .starting(let child):
      child.cancel()
      return false
    }
  }
}
