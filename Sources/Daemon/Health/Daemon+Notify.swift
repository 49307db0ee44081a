import Supervision
import UV

extension Daemon {
  /// Opens the socket on which a run tells of itself; nil for one that has no reason to.
  func openNotifySocket(
    of id: RunID, _ definition: ProcessDefinition,
    then: @escaping (Result<NotifyListener?, UVError>) -> Void
  ) {
    guard definition.execution.ready == .notify || definition.execution.watchdog != nil else {
      return then(.success(nil))
    }
    notifySockets.open(for: definition) { [unowned self] in
      received($0, for: id)
    } then: { result in
      then(result.map { $0 })
    }
  }

  /// What the child of a run is told of that (sd_notify(3), sd_watchdog_enabled(3)).
  static func notifyVariables(
    _ socket: NotifyListener?, _ definition: ProcessDefinition
  ) -> Variables {
    guard let socket else { return [:] }
    var variables: Variables = ["NOTIFY_SOCKET": SystemString(bytes: socket.name.systemBytes)]
    if let watchdog = definition.execution.watchdog {
      variables["WATCHDOG_USEC"] = "\(Int64(watchdog / .microseconds(1)))"
    }
    return variables
  }

  /// Takes what has come to the socket of a run in one turn: what counts of it is told as one.
  func received(_ messages: [NotifyMessage], for id: RunID) {
    if let start = starts[id] {
      start.messages += messages
      return
    }
    guard let run = runs[id], !run.isGroupGone else { return }
    var news = Notification()
    var strangers: Set<Int32> = []
    for message in messages {
      if run.scope.sent(message) {
        if let notification = Notification(message: message.bytes) {
          news.merge(notification)
        } else {
          supervisorLog.debug(
            "A notification of process '\(id.process)' has a NUL in it and is not taken: PID \(message.pid)"
          )
        }
      } else {
        strangers.insert(message.pid)
      }
    }
    for pid in strangers.sorted() {
      supervisorLog.debug(
        "A notification for process '\(id.process)' is not from a process of it: PID \(pid)")
    }
    if !news.isEmpty { send(.notified(id, news)) }
  }
}
