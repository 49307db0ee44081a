import Basics
import Glibc
import UV

/// The rotated files of a log, as threads of the pool look for them.
struct RotatedFiles: Sendable {
  /// The name of the live file.
  let baseName: String
  /// How many of them are kept.
  let kept: Int
  /// After a rotation that failed, the live file may have a rotated one's name.
  let live: FileIdentity
  /// The numbers that the directory's listing has shown; nil where that is not known.
  let listed: [Int]?

  /// What was found.
  struct Survey: Sendable {
    /// The numbers that the directory's listing shows; nil where it was not listed, or could not be.
    var listed: [Int]?
    /// Those that are regular files, the newest first. Numbers may be missing between them.
    var files: [Found] = []
  }

  /// A rotated file.
  struct Found: Sendable {
    let number: Int
    let identity: FileIdentity
    let size: Int
  }

  /// The name of a rotated file in the directory; 0 is the live one.
  func name(_ number: Int) -> String {
    number == 0 ? baseName : "\(baseName).\(number)"
  }

  /// Lists which numbers there are, and looks at the files: of the numbers that are kept, and of those that the listing has
  /// shown.
  ///
  /// - Parameter isListed: whether it fails where the directory cannot be listed.
  func look(in directory: HeldDirectory, isListed: Bool) throws(UVError) -> Survey {
    var survey = Survey(listed: listed)
    if listed == nil {
      do throws(UVError) {
        survey.listed = try list(in: directory)
      } catch {
        if isListed { throw error }
      }
    }
    let beyond = (survey.listed ?? []).filter { $0 > kept }
    for number in Array(1..<(max(0, kept) + 1)) + beyond {
      guard
        case .file(let identity, let size) = try FileIdentity.look(at: name(number), in: directory),
        identity != live
      else { continue }
      survey.files.append(Found(number: number, identity: identity, size: size))
    }
    return survey
  }

  /// Lists which numbers there are.
  func list(in directory: HeldDirectory) throws(UVError) -> [Int] {
    let start = baseName + "."
    do throws(UVError) {
      let digits = try directory.names(beginningWith: start).map {
        $0.utf8.dropFirst(start.utf8.count)
      }
      return digits.compactMap(RotatedFiles.number).sorted()
    } catch {
      // In a directory that was removed there are none.
      if error.code == .noSuchFileOrDirectory { return [] }
      throw error
    }
  }

  /// The number that a rotation has given, as it is written: `12`. All else in a name, `012` or `1.gz`, is
  /// another program's.
  private static func number(_ digits: Substring.UTF8View.SubSequence) -> Int? {
    guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0"),
      digits.allSatisfy(\.isDigit)
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// Removes a rotated file; a missing one is as good as removed, and what is no regular file is none of ours.
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

  /// Opens files for reading, each if the name still stands for it; nil if one of the names stands for another file now.
  func open(_ wanted: [Found], in directory: HeldDirectory) throws(UVError) -> [OpenedFile]? {
    var files: [OpenedFile] = []
    do throws(UVError) {
      for found in wanted {
        let file = try directory.open(name(found.number), .read)
        files.append(file)
        guard FileIdentity(try file.status()) != found.identity else { continue }
        for file in files { file.close() }
        return nil
      }
      return files
    } catch {
      for file in files { file.close() }
      if error.code == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  /// Empties the live file, if there is one, and removes all that the directory's listing shows.
  ///
  /// - Returns: why the live file could not be emptied, and the first error of the removal; what could be removed is gone
  ///   all the same.
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
