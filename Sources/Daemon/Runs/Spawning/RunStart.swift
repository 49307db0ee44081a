import Supervision
import UV

/// The start of a run: what must be known is found out while its log is opened, then its child is
/// started. Nothing of it holds up the loop, and all together have the start timeout of the
/// definition.
final class RunStart {
  let id: RunID
  let definition: ProcessDefinition
  /// How many runs the process has had with this one.
  let count: Int
  /// What its child is to carry in its environment.
  let mark: RunMark
  /// Its number in the run state.
  var journalNumber: UInt64 { mark.number }
  /// On the monotonic clock.
  let begunAt: Duration
  /// Where the run tells of itself; nil if it has no reason to.
  var notifySocket: NotifyListener?
  /// What the run has told by now: it may be faster than the news of its start.
  var messages: [NotifyMessage] = []
  var cgroup: Cgroup?
  private(set) var isCancelled = false
  private var place: SpawnQueue.Place?
  private var stage = Stage.begun

  private enum Stage {
    case begun
    case waiting(StartStep)
    case asking(ExecContextQuery)
    case starting(ChildStart)
  }

  init(
    _ id: RunID, _ definition: ProcessDefinition, run count: Int, mark: RunMark,
    now: Duration, _ place: SpawnQueue.Place
  ) {
    self.id = id
    self.definition = definition
    self.count = count
    self.mark = mark
    begunAt = now
    self.place = place
  }

  /// It waits for a step, which is not over.
  func waits(for step: StartStep) { stage = .waiting(step) }

  /// It waits for a query, unless that has answered, and the start gone on.
  func waits(for query: ExecContextQuery) {
    if !query.isOver { stage = .asking(query) }
  }

  /// Leaves the queue if what it waits for has not come by then: a file system does not answer. Its
  /// child tells that of itself.
  func leaveQueue(after time: Duration) throws(UVError) {
    switch stage {
    case .begun, .starting: return
    case .waiting, .asking: try place?.leave(after: time)
    }
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
    case .waiting(let step):
      step.end()
      return true
    case .asking(let query):
      query.cancel()
      return true
    case .starting(let child):
      child.cancel()
      return false
    }
  }
}
