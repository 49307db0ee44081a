/// The routes, by the first segment of their path. None shares it with another, but for the stream
/// of a log, which has a segment behind the id.
enum Route: String, CaseIterable {
  case add
  case start
  case stop
  case restart
  case remove
  case list
  case status
  case logs
  case logStream
  case restartAll = "restart-all"
  case stopAll = "stop-all"
  case startAll = "start-all"
  case input
  case signal
  case clearLog = "clear-log"
  case update
  case scale
  case reload
  case runs
  case metrics
  case info
  case health
  case shutdown

  /// The route of a path and the id in it; nil if there is none. A slash at the end makes
  /// another path.
  static func of(_ segments: [String]) -> (route: Route, id: String)? {
    guard let name = segments.first, let route = Route(segment: name) else { return nil }
    guard route.takesID else { return segments.count == 1 ? (route, "") : nil }
    guard segments.count >= 2, !segments[1].isEmpty else { return nil }
    switch segments.count {
    case 2: return (route, segments[1])
    case 3 where route == .logs && segments[2] == "stream": return (.logStream, segments[1])
    default: return nil
    }
  }

  /// The route whose paths begin with a segment; nil if there is none.
  init?(segment: String) {
    self.init(rawValue: segment)
    if self == .logStream { return nil }
  }

  /// The methods that the `Allow` header lists.
  var methods: [String] {
    switch self {
    case .list, .status, .logs, .logStream, .runs, .metrics, .info, .health:
      ["GET", "HEAD"]
    case .add, .start, .stop, .restart, .remove, .restartAll, .stopAll, .startAll, .input, .signal,
      .clearLog, .update, .scale, .reload, .shutdown:
      ["POST"]
    }
  }

  /// `POST /stop/{id}`
  var title: String { "\(methods[0]) \(template)" }

  /// `/stop/{id}`
  var template: String { path(of: "{id}") }

  /// The path that names a process; the same for all if the route takes none.
  func path(of id: String) -> String {
    if self == .logStream { return "/logs/\(id)/stream" }
    return takesID ? "/\(rawValue)/\(id)" : "/\(rawValue)"
  }

  var takesID: Bool {
    switch self {
    case .start, .stop, .restart, .remove, .status, .logs, .logStream, .input, .signal, .clearLog,
      .update,
      .scale, .runs:
      true
    case .add, .list, .restartAll, .stopAll, .startAll, .reload, .metrics, .info, .health,
      .shutdown:
      false
    }
  }

  /// The names that its query may have.
  var parameters: [String] {
    switch self {
    case .list: ["status", "label", "id"]
    case .logs: ["page", "page_size", "stream", "q", "order", "before", "after"]
    case .logStream: ["after", "tail", "stream", "q", "follow", "limit"]
    case .remove: ["delete_log", "force"]
    case .add, .scale: ["force"]
    case .restart: ["rolling"]
    case .update: ["merge", "force"]
    case .reload: ["dry_run"]
    case .start, .stop, .status, .restartAll, .stopAll, .startAll, .input, .signal, .clearLog,
      .runs, .metrics, .info, .health, .shutdown:
      []
    }
  }

  /// The least a key must be allowed for; nil if every client may ask, without a key.
  var leastRole: Role? {
    switch self {
    case .info, .health: nil
    case .list, .status, .logs, .logStream, .runs, .metrics: .read
    case .start, .stop, .restart, .startAll, .stopAll, .restartAll, .input, .signal, .scale:
      .operate
    // What is added or updated may be any command, and what is removed or emptied does not come
    // back.
    case .add, .remove, .update, .reload, .clearLog, .shutdown: .admin
    }
  }

  /// Whether every client may ask, without a key.
  var isOpen: Bool { leastRole == nil }

  /// Whether it changes something, and so leaves a line in the audit.
  var changes: Bool { methods.contains("POST") }

  /// What `/info` says of it.
  var summary: String {
    switch self {
    case .add: "Add a process and start it"
    case .start: "Start a process that does not run"
    case .stop: "Stop a process; answers once it has ended"
    case .restart: "Restart a process at once"
    case .remove: "Stop a process and forget it"
    case .list: "All processes"
    case .status: "One process and its definition"
    case .logs: "A page of the log of a process, newest line first"
    case .logStream: "The lines of the log of a process as they come, resumable"
    case .restartAll: "Restart all processes"
    case .stopAll: "Stop all processes"
    case .startAll: "Start all processes that do not run"
    case .input: "Send text to the standard input of a process"
    case .signal: "Send a signal to a process"
    case .clearLog: "Empty the log of a process"
    case .update: "Give a process another definition; restarts it only if what it runs changed"
    case .scale: "Run another number of copies of a process"
    case .reload: "Read the files of processes again, and do what they say"
    case .runs: "The last runs of a process, newest first"
    case .metrics: "What all processes and the daemon use, for Prometheus"
    case .info: "What this is (no key needed)"
    case .health: "Whether it works (no key needed)"
    case .shutdown: "Stop all processes and exit"
    }
  }
}
