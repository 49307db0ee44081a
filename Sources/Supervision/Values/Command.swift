/// What a client can ask the supervisor to do.
package enum Command: Hashable, Sendable {
  case add(ProcessDefinition)
  case start(id: String)
  case stop(id: String)
  case restart(id: String)
  case remove(id: String, deletesLog: Bool)
  case startAll
  case stopAll
  case restartAll
  case shutdown
}
