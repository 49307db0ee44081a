import API
import HTTP
import Supervision
import UV

/// Writes to the standard input of processes for clients.
final class InputRequests {
  private let parts: RequestActions.Parts
  private let requests: RequestDispatcher

  init(_ parts: RequestActions.Parts, _ requests: RequestDispatcher) {
    self.parts = parts
    self.requests = requests
  }

  /// Writes to the standard input of one process or copy.
  func write(_ input: InputRequest, to process: String, _ ticket: Ticket) {
    guard let run = parts.dispatcher.supervisor.run(of: process).flatMap(parts.runs.live) else {
      return requests.answer(
        ticket, with: Answers.refused(.conflict, StandardInput.refusal(withoutLeaderOf: process)))
    }
    let present = StandardInput(
      isClosed: run.isInputClosed, waitingBytes: run.child.input.queuedBytes)
    if let reason = present.refusal(of: input.bytes.count, to: process) {
      return requests.answer(ticket, with: Answers.refused(.conflict, reason))
    }
    write(input, to: run, of: process, ticket)
  }

  private func write(
    _ input: InputRequest, to run: ActiveRun, of process: String, _ ticket: Ticket
  ) {
    let closed = input.closes ? ", and it is closed then" : ""
    var isAnswered = false
    run.writeInput(input.bytes, closes: input.closes) { [logs = parts.logs, requests] error in
      if let error, isAnswered {
        logs.write("Input was not taken by the process: \(error.reason)", to: process)
      } else if let error {
        let message = "process '\(process)' did not take the input: \(error.reason)"
        requests.answer(ticket, with: Answers.refused(.conflict, message))
      } else if !isAnswered {
        let message =
          "Wrote \(input.bytes.count) bytes to the input of process '\(process)'\(closed)"
        requests.answer(ticket, with: Answers.done(message))
      }
      isAnswered = true
    }
    // A process may read at its leisure, or never: its client is not kept waiting for it.
    if !isAnswered {
      isAnswered = true
      let message =
        "\(input.bytes.count) bytes wait for process '\(process)' to read its input\(closed)"
      requests.answer(ticket, with: Answers.done(message))
    }
  }
}
