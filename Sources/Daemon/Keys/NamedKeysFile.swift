import API
import Supervision
import UV

/// `keys.json` as the daemon sees it. A look at its status tells whether it has changed, so a key that was
/// removed is wrong at once, and nothing has to be reloaded.
final class NamedKeysFile {
  /// Where what becomes of the file is told; the supervisor's own log, once there is one.
  var report: (LogLevel, String) -> Void = { _, _ in }

  /// Hears whether the file can be used, whenever it has been read: why not, or nil.
  var onUse: (_ failure: String?) -> Void = { _ in }

  private let path: String
  /// What the file was when it was last read; nil where it must be read again.
  private var seen: Seen?
  /// What was last told of the file, so that it is told once.
  private var problem: String?
  /// What the file was when it could not be used, and when: whoever asks meanwhile does not have it read.
  private var refused: (file: Seen?, at: Duration)?
  /// After this long it is read again all the same: what is wrong may be mended without a trace in the file.
  private static let patience: Duration = .seconds(1)

  private enum Seen: Equatable {
    case absent
    case file(FileStatus)
  }

  /// The most bytes that the file may have.
  static let limit = 1 << 20

  init(_ path: String) {
    self.path = path
  }

  /// Throws `StartError` where there is a file that cannot be read, trusted or parsed.
  func checkAtStart() throws(StartError) {
    do throws(ConfigurationFile.Failure) {
      _ = try read()
    } catch {
      throw StartError("\(error)", errorNumber: error.errorNumber)
    }
  }

  /// Everything that is wrong with the file, a line each, where there is one.
  func mistakes() -> [String] {
    var mistakes: [String] = []
    do throws(ConfigurationFile.Failure) {
      _ = try read()
      return []
    } catch {
      mistakes.append(error.description)
    }
    do throws(UVError) {
      let file = try Files.readRegular(path, limit: Self.limit)
      guard file.status.isRegular else { return mistakes }
      let all = KeysFile.mistakes(in: file.bytes, name: path)
      return mistakes.filter { !all.contains(where: $0.hasPrefix) } + all
    } catch {
      return mistakes
    }
  }

  /// What the router asks.
  var source: NamedKeySource {
    NamedKeySource(changes: changes) { [self] key, setting in
      do throws(UVError) {
        return try Crypt.hash(key, setting: setting)
      } catch {
        report(.error, "A key cannot be checked: \(error)")
        return nil
      }
    }
  }

  private func changes() -> NamedKeySource.Change? {
    let file = look()
    if let seen, seen == file { return nil }
    let now = SystemProcess.monotonicClock
    if let refused, refused.file == file, now - refused.at < Self.patience { return nil }
    refused = nil
    do throws(ConfigurationFile.Failure) {
      let (status, records) = try read()
      if status != .absent || seen != nil || problem != nil {
        report(.info, "Named keys in '\(path)': \(records.count)")
      }
      seen = status
      problem = nil
      onUse(nil)
      return .records(records)
    } catch {
      refused = (file, now)
      seen = nil
      onUse(error.description)
      if problem != error.description {
        problem = error.description
        report(.error, "No named key works: \(error)")
      }
      return .unusable
    }
  }

  /// What the file is now; nil where that cannot be told, and reading it will say why.
  private func look() -> Seen? {
    do throws(UVError) {
      return .file(try File.statusNow(path))
    } catch {
      return error.name == "ENOENT" ? .absent : nil
    }
  }

  private func read() throws(ConfigurationFile.Failure) -> (Seen, [KeyRecord]) {
    let file: (status: FileStatus, bytes: [UInt8])
    do throws(ConfigurationFile.Failure) {
      file = try ConfigurationFile.read(path, limit: Self.limit, isSecret: true)
    } catch {
      guard error.isAbsence else { throw error }
      return (.absent, [])
    }
    return (.file(file.status), try Self.parse(file.bytes, path))
  }

  /// The keys in the contents of the file of that name.
  static func parse(
    _ bytes: [UInt8], _ path: String
  ) throws(ConfigurationFile.Failure) -> [KeyRecord] {
    do throws(JSONFileError) {
      return try KeysFile.parse(bytes, name: path)
    } catch {
      throw ConfigurationFile.Failure(description: "\(error); mend the file or move it away")
    }
  }
}
