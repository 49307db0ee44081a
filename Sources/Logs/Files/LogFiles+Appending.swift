import UV

extension LogFiles {
  /// Where the lines end that still belong into the live file: with the one that fills it.
  func endOfPiece(of batch: ByteBuffer, from start: Int) -> Int {
    guard let limit = rotationSize, batch.count - start > limit - live.segment.size else {
      return batch.count
    }
    let search = start + max(0, limit - live.segment.size - 1)
    let newline = Newlines.first(batch.base + search, batch.count - search)
    return newline.map { search + $0 + 1 } ?? batch.count
  }

  /// Appends whole lines of a buffer to the live file.
  ///
  /// - Parameter then: gets where the first line begins that is not in the file, and why it is
  ///   not.
  func append(
    _ buffer: ByteBuffer, from start: Int, to end: Int,
    then: @escaping (Int, UVError?) -> Void
  ) {
    append(buffer, from: start, to: end, isReplaced: false, then: then)
  }

  private func append(
    _ buffer: ByteBuffer, from start: Int, to end: Int, isReplaced: Bool,
    then: @escaping (Int, UVError?) -> Void
  ) {
    guard let open = live.open else { return then(start, openingError) }
    live.append(
      buffer, from: start, to: end, into: open, isReplaced: isReplaced, numbering: ownNumbering
    ) { [self] outcome in
      switch outcome {
      case .upTo(let end, let error): then(end, error)
      case .removed:
        replaceLiveFile { [self] error in
          if let error { return then(start, error) }
          append(buffer, from: start, to: end, isReplaced: true, then: then)
        }
      }
    }
  }
}
