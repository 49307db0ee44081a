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
      case .upTo(let end, let error):
        show(buffer, from: start, to: end, isWhole: error == nil) { then(end, error) }
      case .removed:
        replaceLiveFile { [self] error in
          if let error { return then(start, error) }
          append(buffer, from: start, to: end, isReplaced: true, then: then)
        }
      }
    }
  }

  /// Gives those who follow the log the lines that are in the file now, once what a later start
  /// must know of their numbers has been written.
  ///
  /// - Parameter isWhole: whether nothing else is behind them.
  private func show(
    _ buffer: ByteBuffer, from start: Int, to end: Int, isWhole: Bool, then: @escaping () -> Void
  ) {
    guard end > start else { return then() }
    guard tail.isFollowed, isWhole, let epoch = numbering?.epoch, let next = live.segment.next,
      live.segment.lines != nil
    else {
      tail.append([], first: nil, epoch: nil)
      return then()
    }
    let lines = Newlines.count(buffer.base + start, end - start)
    let bytes = [UInt8](UnsafeRawBufferPointer(start: buffer.base + start, count: end - start))
    writeNumbers { [tail] in
      tail.append(bytes, first: next - lines, epoch: epoch)
      then()
    }
  }
}
