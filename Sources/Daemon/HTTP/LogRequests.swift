import API
import HTTP
import Logs
import Supervision
import UV

/// Reads pages of logs for clients, and empties logs.
final class LogRequests {
  private let context: DaemonContext
  private let parts: RequestActions.Parts
  private let requests: RequestDispatcher

  init(_ context: DaemonContext, _ parts: RequestActions.Parts, _ requests: RequestDispatcher) {
    self.context = context
    self.parts = parts
    self.requests = requests
  }

  // MARK: Pages

  /// Reads a page of the log of one process or copy, or of the supervisor's own, and answers with
  /// it.
  func read(_ process: String, _ query: LogsQuery, _ ticket: Ticket) {
    guard let log = parts.logs.log(named: process), !log.isRefused else {
      return requests.answer(ticket, with: noLog(of: process))
    }
    let wanted = LogQuery(query)
    let request = requests[ticket]
    let connection = request.connection
    // A search may take long: a client that ends its side is taken to have gone, as web servers do.
    connection.endsWithInput = wanted.isSearch
    log.page(wanted, for: request.pageRequester) { [self] result in
      switch result {
      case .success where connection.isClosed: requests.abandon(ticket)
      case .success(let page): requests.answer(ticket, with: Self.answer(query, page))
      case .failure where connection.isClientGone: requests.abandon(ticket)
      case .failure where parts.logs.log(named: process) !== log:
        // The process was removed while its log was being read.
        requests.answer(ticket, with: noLog(of: process))
      case .failure(let failure):
        requests.answer(ticket, with: Answers.refused(Status(failure.cause), failure.message))
      }
    }
  }

  /// There is no process of that id, or one whose log could not be opened.
  private func noLog(of process: String) -> Response {
    guard parts.dispatcher.supervisor.entry(process, at: context.clock.now) != nil else {
      return Answers.noSuchProcess(process)
    }
    return Answers.refused(.internalServerError, ProcessLogs.refusal(of: process))
  }

  private static func answer(_ query: LogsQuery, _ page: LogPage) -> Response {
    Answers.logs(
      query, totalLines: page.totalLines, lines: page.lines,
      numbers: page.numbers,
      partial: page.partial.map(API.PartialLine.init))
  }

  // MARK: Clearing

  /// Empties the log of a process, or those of all its copies.
  func clear(_ id: String, _ ticket: Ticket) {
    guard let names = parts.dispatcher.supervisor.runNames(of: id), let first = names.first else {
      return requests.answer(ticket, with: Answers.noSuchProcess(id))
    }
    deleteLogs(ofFormerCopies: id)
    guard names.count > 1 else {
      return parts.logs.clear(first) { [requests] failure in
        requests.answer(
          ticket,
          with: failure.map { Answers.refused(.internalServerError, $0) }
            ?? Answers.done(Self.cleared(first)))
      }
    }
    var outcomes: [Reply.Outcome] = []
    for name in names {
      parts.logs.clear(name) { [self] failure in
        outcomes.append(
          Reply.Outcome(
            id: name, success: failure == nil, message: failure ?? Self.cleared(name)))
        guard outcomes.count == names.count else { return }
        requests.answer(ticket, with: cleared(outcomes, of: id))
      }
    }
  }

  private static func cleared(_ name: String) -> String { "Log of process '\(name)' cleared" }

  private func cleared(_ outcomes: [Reply.Outcome], of id: String) -> Response {
    let count = outcomes.filter(\.success).count
    let message = "\(count) of the \(outcomes.count) logs of process '\(id)' cleared"
    return Answers.reply(
      .results(outcomes.sorted { $0.id < $1.id }, message: message),
      context: parts.presentEntryContext)
  }

  private func deleteLogs(ofFormerCopies id: String) {
    guard parts.dispatcher.supervisor.definition(ofService: id)?.instances != nil else { return }
    parts.logs.deleteLogs(ofFormerCopies: id) { [dispatcher = parts.dispatcher] in
      dispatcher.supervisor.runNames(of: $0) != nil
    }
  }
}

extension LogQuery {
  fileprivate init(_ query: LogsQuery) {
    self.init(
      page: query.page, pageSize: query.pageSize, stream: query.stream, text: query.text,
      newestFirst: !query.ascending, before: query.before, after: query.after)
  }
}

extension Status {
  /// What a page that cannot be given is answered with.
  fileprivate init(_ cause: LogFailure.Cause) {
    self =
      switch cause {
      case .log: .internalServerError
      case .question: .badRequest
      case .cursor: .gone
      }
  }
}

extension API.PartialLine {
  fileprivate init(_ line: Logs.PartialLine) {
    self.init(stream: line.stream, line: (line.prefix + line.text)[...], text: line.text[...])
  }
}
