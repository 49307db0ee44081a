package import HTTP
package import Supervision

/// What a request comes to: an answer, or what has to be done for one.
package enum Routed {
  /// Answered here: a refusal, or something that is always the same.
  case response(Response)
  /// To be answered with the `Reply` that the supervisor gives.
  case command(Command)
  /// The same, after a look at `processes.json`: what another hand has put there is overwritten,
  /// once there is a backup of it.
  case forced(Command)
  /// A definition to be changed in the fields that the patch names: `Router.merge` makes a command
  /// of it. `isForced` as for `forced`.
  case merge(id: String, MergePatch, isForced: Bool)
  case list(ListFilter)
  case status(id: String, hidesEnvironment: Bool)
  /// A page of a log; the id may be `exeio`, the supervisor's own.
  case logs(id: String, LogsQuery)
  /// The lines of a log as they come; the id may be `exeio`, the supervisor's own.
  case logStream(id: String, LogStreamQuery)
  case input(id: String, InputRequest)
  case clearLog(id: String)
  /// The last runs of a process.
  case runs(id: String)
  case metrics(MetricsFormat)
  /// To be answered with the number of problems, or with each of them, where the key was right.
  case health(isDetailed: Bool)
}
