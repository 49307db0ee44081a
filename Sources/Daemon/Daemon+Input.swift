import API
import HTTP
import Logs
import Supervision
import UV

extension Daemon {
  /// How much may wait for a child that does not read, in bytes.
  private static let maxQueuedInput = 1 << 20

  /// Writes to the standard input of one process or copy.
  func write(
    _ input: InputRequest, to process: String, _ answer: @escaping (Response) -> Void
  ) {
    guard supervisor.entry(process, at: now) != nil else {
      return answer(Answers.noSuchProcess(process))
    }
    guard let id = supervisor.run(of: process), let run = runs[id], !run.hasExited else {
      return answer(Answers.refused(.conflict, "process '\(process)' is not running"))
    }
    guard !run.isInputClosed else {
      return answer(Answers.refused(.conflict, "the input of process '\(process)' is closed"))
    }
    let waiting = run.child.input.queuedBytes
    guard input.bytes.isEmpty || waiting + input.bytes.count <= Self.maxQueuedInput || waiting == 0
    else {
      return answer(
        Answers.refused(
          .conflict, "process '\(process)' does not read its input: \(waiting) bytes wait"))
    }
    let closed = input.closes ? ", and it is closed then" : ""
    var isAnswered = false
    run.writeInput(input.bytes, closes: input.closes) { [self] error in
      if let error, isAnswered {
        logs[process]?.system("Input was not taken by the process: \(error.reason)")
      } else if let error {
        let message = "process '\(process)' did not take the input: \(error.reason)"
        answer(Answers.refused(.conflict, message))
      } else if !isAnswered {
        let message =
          "Wrote \(input.bytes.count) bytes to the input of process '\(process)'\(closed)"
        answer(Answers.done(message))
      }
      isAnswered = true
    }
    // A process may read at its leisure, or never: whoever asked is not kept waiting for it.
    if !isAnswered {
      isAnswered = true
      let message =
        "\(input.bytes.count) bytes wait for process '\(process)' to read its input\(closed)"
      answer(Answers.done(message))
    }
  }
}
