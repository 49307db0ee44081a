import UV

extension LogFiles {
  /// The size at which the live file is rotated; nil: never.
  var rotationSize: Int? { rule.size(limits) }

  var isRotationDue: Bool {
    // What is left to be written by one whose files are another log's now goes where it is.
    guard let size = rotationSize, context.isOwner(ObjectIdentifier(self), of: path) else {
      return false
    }
    return live.segment.size >= size
  }

  /// Gives every file the next number, the live one `.1`, and opens a new live one; or empties
  /// the live one where no rotated files are kept. Says so in the log when it fails, and then
  /// the old file goes on.
  func rotate(then: @escaping () -> Void) {
    guard let open = live.open, let size = rotationSize else { return then() }
    let isFreeing = context.isFreeing
    let rotation = FileRotation(
      file: open.file.opened, size: size, survey: surveyPlan, holdsOldest: !isFreeing,
      numbers: ownNumbering?.write(before: live.segment, open.file.opened))
    if !isFreeing { context.isFreeing = true }
    directory.run { directory throws(UVError) in
      rotation.perform(in: directory)
    } then: { [self] result in
      // It has the room of a large file freed behind the writer's back: one file of all logs at a
      // time, so that the pool's threads are there for those that write.
      let oldest = (try? result.get())?.oldest
      if !isFreeing { free(oldest) }
      wasRotated(result)
      then()
    }
  }

  private func free(_ oldest: OpenedFile?) {
    guard let oldest else {
      context.isFreeing = false
      return
    }
    directory.fileForClosing(oldest).close { [context] _ in
      context.isFreeing = false
    }
  }

  private func wasRotated(_ result: Result<FileRotation.Outcome, UVError>) {
    let outcome: FileRotation.Outcome
    switch result {
    case .success(let done): outcome = done
    case .failure(let error): return rotationFailed(error)
    }
    if let survey = outcome.survey { rotated.apply(survey) }
    if let counted = outcome.counted { live.segment.note(counted) }
    if let numbers = outcome.numbers { numbering?.wasWritten(numbers.isThere) }
    switch outcome.end {
    case .notDue(let size): liveFileWasChanged(toSize: size)
    case .removed:
      // The next write goes into a new one.
      rule.refuse(at: live.segment.size)
    case .failed(let error): rotationFailed(error)
    case .emptied:
      rule.forgetRefusal()
      numbering?.older = []
      live.wasEmptied()
      tell(nil)
    case .opened(let opened):
      rule.forgetRefusal()
      let old = live.segment
      if let numbers = outcome.numbers { numbering?.liveFileWasReplaced(numbers) }
      adopt(opened)
      rotated.add(newest: old)
    }
  }

  private func rotationFailed(_ error: UVError) {
    rule.refuse(at: live.segment.size)
    report("rotated", error)
  }
}
