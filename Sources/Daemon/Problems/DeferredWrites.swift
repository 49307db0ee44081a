import API
import UV

/// What the disk refused at the start, and takes later.
final class DeferredWrites {
  private final class Write {
    let code: Problem.Code
    let subject: String?
    /// Tells why it failed, or has failed so far; nil if it did not.
    let attempt: (@escaping (UVError?) -> Void) -> Void
    /// The last attempt has not told yet.
    var isUnderWay = false

    init(
      _ code: Problem.Code, _ subject: String?,
      _ attempt: @escaping (@escaping (UVError?) -> Void) -> Void
    ) {
      self.code = code
      self.subject = subject
      self.attempt = attempt
    }
  }

  /// After this long each is tried again.
  private static let interval: Duration = .seconds(10)

  private let timer: Timer
  private let problems: Problems
  private var writes: [Write] = []

  init(on loop: Loop, problems: Problems) throws(UVError) {
    timer = try Timer(on: loop)
    timer.unref()
    self.problems = problems
  }

  /// Raises a problem and tries a write again until it succeeds.
  ///
  /// - Parameter attempt: must not wait: what may do so is done on the pool, and told then.
  func add(
    _ code: Problem.Code, of subject: String? = nil, _ message: String,
    attempt: @escaping (_ then: @escaping (UVError?) -> Void) -> Void
  ) {
    problems.raise(code, of: subject, message)
    writes.append(Write(code, subject, attempt))
    guard !timer.isActive else { return }
    timer.start(after: Self.interval, repeating: Self.interval) { [self] in tryAll() }
  }

  /// What is not to be tried any more: it has been done, or is no longer wanted.
  func drop(_ code: Problem.Code, of subject: String?) {
    writes.removeAll { $0.code == code && $0.subject == subject }
  }

  func close() {
    writes = []
    timer.close()
  }

  private func tryAll() {
    for write in writes where !write.isUnderWay {
      write.isUnderWay = true
      write.attempt { [self] error in
        write.isUnderWay = false
        // Where it fails again, the problem that was raised goes on.
        guard error == nil, writes.contains(where: { $0 === write }) else { return }
        writes.removeAll { $0 === write }
        problems.clear(write.code, of: write.subject)
        if writes.isEmpty { timer.stop() }
      }
    }
    if writes.isEmpty { timer.stop() }
  }
}
