import UV

extension LogFiles {
  /// Empties the live file, removes the rotated ones.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same.
  func clear(then: @escaping (UVError?) -> Void) {
    rule.forgetRefusal()
    let file = live.open?.file.opened
    let plan = surveyPlan
    directory.run(makes: false) { directory throws(UVError) in
      plan.clear(file, in: directory)
    } then: { [self] result in
      rotated.forgetAll()
      switch result {
      case .success((let truncation, let removal)):
        if truncation == nil { live.wasEmptied() }
        then(truncation ?? removal)
      case .failure(let error): then(error.code == .noSuchFileOrDirectory ? nil : error)
      }
    }
  }

  /// Ends the use of the live file by the writer.
  func close(then: @escaping () -> Void) { live.release(then: then) }

  /// Leaves the path to another log, when this one is closed.
  func leavePath() { context.leave(path, by: ObjectIdentifier(self)) }

  /// Removes the files when the log is closed, the rotated ones included.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same.
  func remove(then: @escaping (UVError?) -> Void) {
    // A log that was made for the same path meanwhile has taken the files over.
    guard context.isOwner(ObjectIdentifier(self), of: path) else { return then(nil) }
    let plan = surveyPlan
    directory.run(makes: false) { directory throws(UVError) in
      plan.removeAllAndLiveFile(in: directory)
    } then: { [self] result in
      rotated.forgetAll()
      leavePath()
      then(RotatedFiles.removalError(result))
    }
  }
}
