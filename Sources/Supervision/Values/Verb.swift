import Basics

/// What can be asked of a process, or of several.
enum Verb {
  case start
  case stop
  case restart
  case signal(Signal, toGroup: Bool)

  /// What has been done then.
  var participle: String {
    switch self {
    case .start: "started"
    case .stop: "stopped"
    case .restart: "restarted"
    case .signal: "signalled"
    }
  }
}

extension Reply.Outcome {
  /// What an answer says of one process.
  init(_ name: InstanceID, _ reply: Reply) {
    switch reply {
    case .done(let message), .created(_, let message), .createdCopies(_, let message),
      .results(_, let message), .reloaded(_, let message):
      self.init(name, success: true, message: message)
    case .refused(_, let message), .halted(_, _, let message):
      self.init(name, success: false, message: message)
    }
  }
}
