import API
import HTTP
import Logs
import Supervision
import UV

extension Daemon {
  /// The log of a process, or the supervisor's own; nil where there is no such process.
  private func log(of process: String) -> Log? {
    process == "exeio" ? supervisorLog.log : logs[process]
  }

  /// There is no process of that id, or one whose log could not be opened.
  private func noLog(of process: String) -> Response {
    guard supervisor.entry(process, at: now) != nil else { return Answers.noSuchProcess(process) }
    return Answers.refused(.internalServerError, Self.isNotOpen(process))
  }

  /// Reads a page of the log of one process or copy, or of the supervisor's own.
  func page(
    _ process: String, _ query: LogsQuery, _ context: RequestContext
  ) {
    let answer = { [self] (response: Response) in self.answer(context, with: response) }
    guard let log = log(of: process), !log.isRefused else { return answer(noLog(of: process)) }
    let stream: LogStream? =
      switch query.stream {
      case nil: nil
      case .stdout: .stdout
      case .stderr: .stderr
      case .system: .system
      }
    let wanted = LogQuery(
      page: query.page, pageSize: query.pageSize, stream: stream, text: query.text,
      newestFirst: !query.ascending)
    let connection = context.connection
    // A search may take long: a client that ends its side is taken to have gone, as web servers do.
    connection.endsWithInput = wanted.isSearch
    let reader = LogReader(name: "\(context.client) \(context.key ?? "")") {
      !connection.isClientGone
    }
    log.page(wanted, for: reader) { [self] result in
      switch result {
      case .success where connection.isClosed: abandon(context)
      case .success(let page):
        answer(
          Answers.logs(
            query, totalLines: page.totalLines, lines: page.lines,
            partial: page.partial.map(API.PartialLine.init)))
      case .failure where connection.isClientGone: abandon(context)
      case .failure where self.log(of: process) !== log:
        // The process was removed while its log was being read.
        answer(noLog(of: process))
      case .failure(let failure):
        answer(
          Answers.refused(
            failure.isClientError ? .badRequest : .internalServerError, failure.message))
      }
    }
  }

  /// Empties the log of a process, or those of all its copies.
  func clearLogs(of id: String, _ answer: @escaping (Response) -> Void) {
    guard let names = supervisor.runNames(of: id), !names.isEmpty else {
      return answer(Answers.noSuchProcess(id))
    }
    deleteLogs(ofFormerCopies: id)
    guard names.count > 1 else {
      return clearLog(names[0]) { failure in
        answer(
          failure.map { Answers.refused(.internalServerError, $0) }
            ?? Answers.done("Log of process '\(names[0])' cleared"))
      }
    }
    var outcomes: [Reply.Outcome] = []
    for name in names {
      clearLog(name) { [self] failure in
        outcomes.append(
          Reply.Outcome(
            id: name, success: failure == nil,
            message: failure ?? "Log of process '\(name)' cleared"))
        guard outcomes.count == names.count else { return }
        let cleared = outcomes.filter(\.success).count
        answer(
          Answers.reply(
            .results(
              outcomes.sorted { $0.id < $1.id },
              message: "\(cleared) of the \(names.count) logs of process '\(id)' cleared"),
            context: currentContext()))
      }
    }
  }

  /// Deletes the logs of copies that a process has had and has no more: cleared lines would come back with the copies.
  func deleteLogs(ofFormerCopies id: String) {
    guard supervisor.definition(ofService: id)?.instances != nil else { return }
    logContext.names(in: configuration.logDirectory) { [self] result in
      switch result {
      case .success(let names): deleteLogs(formerCopies(of: id, in: names))
      case .failure(let error):
        // Without a directory there are no logs.
        guard error.code != .noSuchFileOrDirectory else { return }
        supervisorLog.error("The logs of former copies are not deleted: \(error)")
      }
    }
  }

  private func deleteLogs(_ names: [String]) {
    for name in names {
      Log.deleteFiles(configuration.logFile(name), context: logContext) { [supervisorLog] error in
        if let error {
          supervisorLog.error("The log of the former copy '\(name)' is not deleted: \(error)")
        }
      }
    }
  }

  private func formerCopies(of id: String, in names: [String]) -> [String] {
    let copies = names.compactMap { file -> String? in
      guard file.hasPrefix("\(id)."), let end = file.firstRange(of: ".log") else { return nil }
      let number = file[..<end.lowerBound].dropFirst(id.utf8.count + 1)
      guard let value = Int(number), "\(value)" == number else { return nil }
      return "\(id).\(number)"
    }
    return Set(copies).filter { logs[$0] == nil && supervisor.runNames(of: $0) == nil }.sorted()
  }

  /// Empties one log, and says then why it is not empty, in words; nil where it is.
  private func clearLog(_ process: String, _ done: @escaping (_ failure: String?) -> Void) {
    guard let log = logs[process], !log.isRefused else { return done(Self.isNotOpen(process)) }
    log.clear { error in
      done(error.map { "the log of process '\(process)' is not cleared: \($0)" })
    }
  }

  private static func isNotOpen(_ process: String) -> String {
    "the log of process '\(process)' cannot be opened: see GET /logs/exeio"
  }
}

extension API.PartialLine {
  fileprivate init(_ line: Logs.PartialLine) {
    let stream: LogsQuery.Stream =
      switch line.stream {
      case .stdout: .stdout
      case .stderr: .stderr
      case .system: .system
      }
    self.init(stream: stream, line: (line.prefix + line.text)[...], text: line.text[...])
  }
}
