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
  /// The numbers that the directory's listing has shown; nil if that is not known.
  let listed: [Int]?

  /// What was found.
  struct Survey: Sendable {
    /// The numbers that the directory's listing shows; nil if it was not listed, or could not
    /// be.
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

  /// Lists which numbers there are, and looks at the files: of the numbers that are kept, and of
  /// those that the listing has shown.
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

  /// The number that a rotation has given, as it is written: `12`. All else in a name, `012` or
  /// `1.gz`, is another program's.
  private static func number(_ digits: Substring.UTF8View.SubSequence) -> Int? {
    guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0"),
      digits.allSatisfy(\.isDigit)
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// Opens files for reading, each if the name still stands for it; nil if one of the names stands
  /// for another file now.
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
}
