import UV

extension RotatedFiles {
  /// Removes a rotated file; a missing one is as good as removed, and what is no regular file is
  /// none of ours.
  private func remove(_ number: Int, in directory: HeldDirectory) throws(UVError) {
    guard let status = try directory.status(of: name(number)), status.isRegular else { return }
    do throws(UVError) {
      try directory.unlink(name(number))
    } catch {
      guard error.code == .noSuchFileOrDirectory else { throw error }
    }
  }

  /// Removes rotated files in this order, up to the first that cannot be removed.
  func remove(_ numbers: [Int], in directory: HeldDirectory) throws(UVError) {
    for number in numbers { try remove(number, in: directory) }
  }

  /// Empties the live file, if there is one, and removes all that the directory's listing shows.
  ///
  /// - Returns: why the live file could not be emptied, and the first error of the removal; what
  ///   could be removed is gone all the same.
  func clear(_ file: OpenedFile?, in directory: HeldDirectory) -> (
    truncation: UVError?, removal: UVError?
  ) {
    var truncation: UVError?
    do throws(UVError) {
      try file?.truncate(to: 0)
    } catch {
      truncation = error
    }
    return (truncation, removeAll(in: directory))
  }

  /// Removes the live file, and all that the directory's listing shows.
  ///
  /// - Returns: the first error; what could be removed is gone all the same.
  func removeAllAndLiveFile(in directory: HeldDirectory) -> UVError? {
    var failure: UVError?
    do throws(UVError) {
      try directory.unlink(baseName)
    } catch {
      failure = error.code == .noSuchFileOrDirectory ? nil : error
    }
    return removeAll(in: directory).map { failure ?? $0 } ?? failure
  }

  /// Removes all that the directory's listing shows.
  ///
  /// - Returns: the first error; what could be removed is gone all the same.
  func removeAll(in directory: HeldDirectory) -> UVError? {
    let numbers: [Int]
    do throws(UVError) {
      numbers = try list(in: directory)
    } catch {
      return error
    }
    var first: UVError?
    for number in numbers.reversed() {
      do throws(UVError) {
        try remove(number, in: directory)
      } catch {
        first = first ?? error
      }
    }
    return first
  }

  /// What a removal of files tells: the first error.
  static func removalError(_ result: Result<UVError?, UVError>) -> UVError? {
    switch result {
    case .success(let failure): failure
    // Without a directory there are no files.
    case .failure(let error): error.code == .noSuchFileOrDirectory ? nil : error
    }
  }
}
