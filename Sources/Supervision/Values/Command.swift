package import Basics

/// What a client can ask the supervisor to do.
package enum Command: Hashable, Sendable {
  case add(ProcessDefinition)
  case start(id: String)
  case stop(id: String)
  case restart(id: String)
  case remove(id: String, deletesLog: Bool)
  /// A new definition for a process that is there; its id stays.
  case update(ProcessDefinition)
  /// Another number of copies.
  case scale(id: String, instances: Int)
  /// Restarts the copies of a process one after the other, each when the one before is ready.
  case rollingRestart(id: String)
  /// A signal to the leader of each run of a process, or to everything that belongs to it.
  case signal(id: String, Signal, toGroup: Bool)
  /// What the files say now: adds, removes and updates what differs, or only says so.
  case reload(isDryRun: Bool)
  case startAll
  case stopAll
  case restartAll
  case shutdown
}
