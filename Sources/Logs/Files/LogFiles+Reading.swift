import UV

extension LogFiles {
  /// Looks what others have done to the files, before a page is planned.
  ///
  /// - Parameters:
  ///   - ahead: what is read in passing.
  ///   - then: gets why the rotated files cannot be looked at.
  func look(reading ahead: ReadAhead? = nil, then: @escaping (UVError?) -> Void) {
    look(reading: ahead, replaces: true, then: then)
  }

  private func look(
    reading ahead: ReadAhead?, replaces: Bool, then: @escaping (UVError?) -> Void
  ) {
    let file = live.open?.file.opened
    let plan = surveyPlan
    let wanted = ahead?.wanted
    directory.run(makes: false) { directory throws(UVError) in
      try FileLook(file, plan, reading: wanted, in: directory)
    } then: { [self] result in
      switch result {
      case .success(let seen):
        ahead?.count = seen.readAhead
        take(seen, replaces: replaces, then: then)
      case .failure(let error):
        // Where there is no directory, there are no files.
        guard error.code == .noSuchFileOrDirectory, file == nil else { return then(error) }
        rotated.forgetAll()
        then(nil)
      }
    }
  }

  private func take(_ seen: FileLook, replaces: Bool, then: @escaping (UVError?) -> Void) {
    rotated.apply(seen.rotated)
    guard seen.isRemoved, replaces else {
      if isOpen, let size = seen.live?.size, Int(size) != live.segment.size {
        liveFileWasChanged(toSize: Int(size))
      }
      return then(nil)
    }
    // Where there can be no new file, the old one still has its lines.
    replaceLiveFile { [self] error in
      if error == nil { look(reading: nil, replaces: false, then: then) } else { then(nil) }
    }
  }

  /// Opens files of the log for reading, for one use each, within a step of the log's queue.
  ///
  /// - Parameter then: gets them in the same order, or nil if one of them is there no more.
  func open(_ segments: [Segment], then: @escaping (Result<[OpenFile]?, UVError>) -> Void) {
    let plan = surveyPlan
    let wanted = segments.filter { $0 !== live.segment }.map {
      RotatedFiles.Found(number: $0.number, identity: $0.identity, size: $0.size)
    }
    guard !wanted.isEmpty else { return then(.success(opened(segments, []))) }
    directory.run(makes: false) { directory throws(UVError) in
      try plan.open(wanted, in: directory)
    } then: { [self] result in
      then(result.map { $0.flatMap { self.opened(segments, $0) } })
    }
  }

  private func opened(_ segments: [Segment], _ others: [OpenedFile]) -> [OpenFile]? {
    var others = others[...]
    return segments.compactMap { segment in
      guard segment !== live.segment else {
        live.open?.retain()
        return live.open
      }
      return others.popFirst().map {
        OpenFile(directory.fileForReading($0), segment.identity)
      }
    }
  }
}
