import UV

extension LogFiles {
  /// Empties the live file, removes the rotated ones.
  ///
  /// - Parameter then: gets the first error; what could be removed is gone all the same.
  func clear(then: @escaping (UVError?) -> Void) {
    rule.forgetRefusal()
    let file = live.open?.file.opened
    let plan = surveyPlan
    let numbers = ownNumbering?.write(before: live.segment)
    directory.run(makes: false) { directory throws(UVError) in
      // Without a look at the file, that of the numbers is for this user alone.
      let written = numbers?.perform(like: try? file?.status(), in: directory)
      return (plan.clear(file, in: directory), areNumbersWritten: written?.isThere)
    } then: { [self] result in
      rotated.forgetAll()
      switch result {
      case .success(((let truncation, let removal), let areNumbersWritten)):
        if let areNumbersWritten { numbering?.wasWritten(areNumbersWritten) }
        if removal == nil { numbering?.older = [] }
        if truncation == nil {
          if let next = live.segment.next { clearedNumber = next - 1 }
          live.wasEmptied()
        }
        then(truncation ?? removal)
      case .failure(let error): then(error.code == .noSuchFileOrDirectory ? nil : error)
      }
    }
  }

  /// Ends the use of the live file by the writer, and writes with which numbers the log goes on.
  func close(then: @escaping () -> Void) {
    guard let numbering = ownNumbering, let file = live.open?.file.opened else {
      return live.release(then: then)
    }
    let numbers = numbering.write(closing: live.segment, file)
    directory.run(makes: false) { directory throws(UVError) in
      numbers.perform(in: directory)
    } then: { [self] _ in
      live.release(then: then)
    }
  }

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
