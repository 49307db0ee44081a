import API
import UV

/// What the disk refused at the start, and takes later.
final class DeferredWrites {
  private struct Write {
    let code: Problem.Code
    let subject: String?
    /// Why it failed, or has failed so far; nil where it did not.
    let attempt: () -> UVError?
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
  func add(
    _ code: Problem.Code, of subject: String? = nil, _ message: String,
    attempt: @escaping () -> UVError?
  ) {
    problems.raise(code, of: subject, message)
    writes.append(Write(code: code, subject: subject, attempt: attempt))
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
    var left: [Write] = []
    for write in writes {
      // Where it fails again, the problem that was raised goes on.
      if write.attempt() == nil {
        problems.clear(write.code, of: write.subject)
      } else {
        left.append(write)
      }
    }
    writes = left
    if writes.isEmpty { timer.stop() }
  }
}

extension Daemon {
  /// Says what the disk refused at the start, and has it written as soon as it can be.
  func writeLater(_ key: ResolvedKey, _ locks: Locks) {
    if let error = key.unwritten {
      deferredWrites.add(
        .apiKey, "the new API key is not written, and nobody has it: \(error); make room for it"
      ) { key.tryToWrite() }
    }
    let path = configuration.lockFile
    if let error = locks.missing {
      deferredWrites.add(
        .lockFile, "'\(path)' cannot be made, only its directory is locked: \(error)"
      ) {
        locks.takeMissing(path)
      }
    }
    for lock in locks.all {
      guard let error = lock.unwritten else { continue }
      deferredWrites.add(.lockFile, "the pid is not in '\(path)': \(error)") {
        lock.writePID(path)
        return lock.unwritten
      }
    }
  }
}
