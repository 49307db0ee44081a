import Glibc
import UV

extension Log {
  /// The size at which the live file is rotated; nil: never. After a rotation that failed it is
  /// tried again when as much again has been written, not with every line.
  var rotationSize: Int? {
    guard limits.maxBytes > 0 else { return nil }
    guard let refused = rotationRefusedAt else { return limits.maxBytes }
    return max(limits.maxBytes, refused + limits.maxBytes)
  }

  var isRotationDue: Bool {
    // What is left to be written by one whose files are another log's now goes where it is.
    guard let size = rotationSize, context.isOwner(self) else { return false }
    return live.size >= size
  }

  /// Gives every file the next number, the live one `.1`, and opens a new live one; or empties
  /// the live one where no rotated files are kept. Says so in the log when it fails, and then
  /// the old file goes on.
  func rotate(then: @escaping () -> Void) {
    guard let file, let size = rotationSize else { return then() }
    let isFreeing = context.isFreeing
    let rotation = FileRotation(
      file: file.file.opened, size: size, survey: surveyPlan, holdsOldest: !isFreeing)
    if !isFreeing { context.isFreeing = true }
    onPool { directory throws(UVError) in
      rotation.perform(in: directory)
    } then: { [self] result in
      // It has the room of a large file freed behind the writer's back: one file of all logs at a time, so that the pool's
      // threads are there for those that write.
      let oldest = (try? result.get())?.oldest
      if !isFreeing { free(oldest) }
      rotated(result)
      then()
    }
  }

  private func free(_ oldest: OpenedFile?) {
    guard let oldest else {
      context.isFreeing = false
      return
    }
    let lane = directory.lane(.writing)
    File(oldest, on: context.loop, lane, reading: lane).close { [context] _ in
      context.isFreeing = false
    }
  }

  private func rotated(_ result: Result<FileRotation.Outcome, UVError>) {
    let outcome: FileRotation.Outcome
    switch result {
    case .success(let done): outcome = done
    case .failure(let error): return rotationFailed(error)
    }
    if let survey = outcome.survey { apply(survey) }
    switch outcome.end {
    case .notDue(let size):
      live.reset(toSize: size)
      mayEndTorn = true
    case .removed:
      // The next write goes into a new one.
      rotationRefusedAt = live.size
    case .failed(let error): rotationFailed(error)
    case .emptied:
      rotationRefusedAt = nil
      liveFileWasEmptied()
      tell(nil)
    case .opened(let opened):
      rotationRefusedAt = nil
      let old = live
      adopt(opened)
      // Those that are gone are left out at the next look.
      rotated = [old] + rotated
    }
  }

  private func rotationFailed(_ error: UVError) {
    rotationRefusedAt = live.size
    report("The log could not be rotated: \(error)")
    tell(error)
  }

  /// Tells of an error, or that it is over.
  func tell(_ error: UVError?) {
    guard error != nil || isInTrouble else { return }
    isInTrouble = error != nil
    onTrouble?(self, error)
  }

  /// Puts a line into the log about what went wrong with its files, ahead of what waits.
  func report(_ message: String) {
    let line = systemLine(message)
    waiting += line.count
    queue.insert(.batch(line), at: 0)
  }

  func liveFileWasEmptied() {
    live.reset(toSize: 0)
    mayEndTorn = false
  }
}
