import Supervision
import UV

extension EnvironmentFile {
  /// The most that an environment file may hold, in bytes: what all arguments and variables may
  /// take together.
  private static let largest = 1 << 20

  /// Where the file of a definition is; nil if it has none.
  static func path(for execution: Execution) -> String? {
    guard let text = execution.environmentFile else { return nil }
    let name = text.hasPrefix("-") ? String(text.dropFirst()) : text
    let directory = execution.workingDirectory.map { "\($0)/" } ?? ""
    return name.hasPrefix("/") ? name : directory + name
  }

  /// What the file of a definition says; nothing where there is none. It is read as the
  /// supervisor's user, not as that of the process. Throws the reason why it cannot be read,
  /// without a word of its contents.
  static func variables(
    for execution: Execution
  ) throws(StartRefusal) -> Variables {
    guard let text = execution.environmentFile, let path = path(for: execution) else { return [:] }
    let mayBeMissing = text.hasPrefix("-")
    func refusal(_ reason: String) -> StartRefusal {
      StartRefusal("environment_file '\(path)': \(reason)")
    }
    let file: (status: FileStatus, bytes: [UInt8])
    do throws(UVError) {
      file = try Files.readRegular(path, limit: largest)
    } catch {
      let hint = Unexpanded.hint(mayBeMissing ? String(text.dropFirst()) : text)
      // A file that may be missing is not one that cannot be meant.
      if mayBeMissing, hint == nil,
        error.code == .noSuchFileOrDirectory || error.code == .notDirectory
      {
        return [:]
      }
      throw refusal(error.reason + (hint.map { "; \($0)" } ?? ""))
    }
    guard file.status.isRegular else {
      throw refusal("is \(file.status.kind), but must be a regular file")
    }
    // It can name the libraries that the process loads.
    guard file.status.mode & 0o002 == 0 else {
      let mode = String(file.status.mode, radix: 8)
      throw refusal("can be changed by every user of the machine (mode 0\(mode)): chmod o-w it")
    }
    do throws(EnvironmentFile.Malformed) {
      return try EnvironmentFile(file.bytes).variables
    } catch {
      throw StartRefusal("environment_file '\(path)' \(error)")
    }
  }
}
