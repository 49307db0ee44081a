import UV

extension RotatedFiles {
  /// Removes a rotated file.
  private func remove(_ number: Int, in directory: HeldDirectory) throws(UVError) {
    try remove(name(number), in: directory)
  }

  /// Removes a file; a missing one is as good as removed, and what is no regular file is none of
  /// ours.
  private func remove(_ name: String, in directory: HeldDirectory) throws(UVError) {
    guard let status = try directory.status(of: name), status.isRegular else { return }
    do throws(UVError) {
      try directory.unlink(name)
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

  /// Removes the live file, all that the directory's listing shows, and the file of numbers.
  ///
  /// - Returns: the first error; what could be removed is gone all the same.
  func removeAllAndLiveFile(in directory: HeldDirectory) -> UVError? {
    var failure: UVError?
    do throws(UVError) {
      try directory.unlink(baseName)
    } catch {
      failure = error.code == .noSuchFileOrDirectory ? nil : error
    }
    if let error = removeAll(in: directory) { failure = failure ?? error }
    let numbers = NumbersFile.name(for: baseName)
    for name in [numbers, HeldDirectory.temporary(of: numbers)] {
      do throws(UVError) {
        try remove(name, in: directory)
      } catch {
        failure = failure ?? error
      }
    }
    return failure
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
