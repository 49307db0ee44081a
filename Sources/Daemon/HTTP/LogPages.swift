import API
import HTTP
import Logs
import Supervision
import UV

/// Reads pages of logs for clients.
final class LogPages {
  private let logs: ProcessLogs
  private let handler: RequestDispatcher
  /// Whether there is a process or copy of that name.
  private let exists: (String) -> Bool

  init(_ logs: ProcessLogs, _ handler: RequestDispatcher, exists: @escaping (String) -> Bool) {
    self.logs = logs
    self.handler = handler
    self.exists = exists
  }

  /// Reads a page of the log of one process or copy, or of the supervisor's own, and answers with
  /// it.
  func read(_ process: String, _ query: LogsQuery, _ context: RequestContext) {
    guard let log = logs.log(named: process), !log.isRefused else {
      return handler.answer(context, with: noLog(of: process))
    }
    let wanted = LogQuery(query)
    let connection = context.connection
    // A search may take long: a client that ends its side is taken to have gone, as web servers do.
    connection.endsWithInput = wanted.isSearch
    let requester = PageRequester(name: "\(context.record.client) \(context.record.key ?? "")") {
      !connection.isClientGone
    }
    log.page(wanted, for: requester) { [self] result in
      switch result {
      case .success where connection.isClosed: handler.abandon(context)
      case .success(let page): handler.answer(context, with: Self.answer(query, page))
      case .failure where connection.isClientGone: handler.abandon(context)
      case .failure where logs.log(named: process) !== log:
        // The process was removed while its log was being read.
        handler.answer(context, with: noLog(of: process))
      case .failure(let failure):
        handler.answer(context, with: Answers.refused(Status(failure.cause), failure.message))
      }
    }
  }

  /// There is no process of that id, or one whose log could not be opened.
  private func noLog(of process: String) -> Response {
    guard exists(process) else { return Answers.noSuchProcess(process) }
    return Answers.refused(.internalServerError, ProcessLogs.refusal(of: process))
  }

  private static func answer(_ query: LogsQuery, _ page: LogPage) -> Response {
    Answers.logs(
      query, totalLines: page.totalLines, lines: page.lines,
      numbers: page.numbers,
      partial: page.partial.map(API.PartialLine.init))
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
