import API
import UV

/// `processes.json` as the daemon writes it: it remembers what it has read or written last, looks at the file before each
/// write, and never overwrites what another hand has put there.
///
/// All file work is done on the pool, one job after the other.
final class ProcessesFileStore {
  /// Why the file is not written.
  enum Failure: Error {
    /// Another hand has changed it.
    case changed(String)
    /// The system refused.
    case system(UVError)

    var description: String {
      switch self {
      case .changed(let reason): reason
      case .system(let error): "\(error)"
      }
    }
  }

  /// The hash of what the daemon has read or written last; nil where there was no file.
  private(set) var known: Int?
  /// The hash of another content that may be overwritten, once: a client has said so, and there is a backup of it.
  private var forsaken: Int?
  /// Whether a forced order may write the file again that was there and is missing.
  private var forsakesMissing = false
  private let path: String
  private let loop: Loop
  private var jobs: [(@escaping () -> Void) -> Void] = []
  private var isBusy = false

  init(_ path: String, on loop: Loop) {
    self.path = path
    self.loop = loop
  }

  /// Whether there was a file when it was last read or written.
  var wasThere: Bool { known != nil }

  /// The daemon has read this; nil: there is no file. Returns what it knew before, for ``restore(_:unless:)``.
  @discardableResult
  func note(_ bytes: [UInt8]?) -> Int? {
    let before = known
    known = bytes?.hashValue
    return before
  }

  /// What was read did not take effect: what was known before holds, unless the file was written since.
  func restore(_ before: Int?, unless bytes: [UInt8]?) {
    if known == bytes?.hashValue { known = before }
  }

  /// A forced order is over, well or not: what it was to overwrite is kept again.
  func keepAll() {
    forsaken = nil
    forsakesMissing = false
  }

  /// Looks whether the file is as the daemon knows it.
  /// - Parameter isForced: keeps a backup where it is not, and lets the next ``save(_:then:)`` overwrite it.
  func look(isForced: Bool, then: @escaping (Failure?) -> Void) {
    withFile(then) { [self] file, isKnown, finish in
      guard !isKnown else { return finish(nil) }
      guard isForced else { return finish(.changed(file == nil ? missingReason : changedReason)) }
      guard let file else {
        forsakesMissing = true
        return finish(nil)
      }
      File.writeForcedBackup(of: resolved, file, on: loop) { [self] error in
        if error == nil { forsaken = file.bytes.hashValue }
        let isFull = error?.name == "EEXIST"
        finish(error.map { isFull ? .changed(tooManyBackupsReason) : .system($0) })
      }
    }
  }

  /// Writes the file, if it is as the daemon knows it. What is written keeps the owner, the group and the mode of
  /// the file; a new one is for the daemon's user alone, as environments may hold secrets.
  func save(_ bytes: [UInt8], then: @escaping (Failure?) -> Void) {
    withFile(then) { [self] file, isKnown, finish in
      guard isKnown else { return finish(.changed(file == nil ? missingReason : changedReason)) }
      // The file behind a link is replaced, not the link.
      File.rewrite(resolved, with: bytes, over: file, on: loop) { [self] error in
        if error == nil {
          known = bytes.hashValue
          keepAll()
        }
        finish(error.map { .system($0) })
      }
    }
  }

  /// Takes its turn and reads the file.
  /// - Parameters:
  ///   - then: hears of the end, also where the file cannot be read.
  ///   - body: gets the file, nil where there is none; whether it is as the daemon knows it; and what ends the turn.
  private func withFile(
    _ then: @escaping (Failure?) -> Void,
    _ body:
      @escaping (
        (status: FileStatus, bytes: [UInt8])?, _ isKnown: Bool,
        _ finish: @escaping (Failure?) -> Void
      ) -> Void
  ) {
    enqueue { [self] done in
      let finish = { (failure: Failure?) in
        done()
        then(failure)
      }
      read { [self] result in
        switch result {
        case .failure(let error): finish(.system(error))
        case .success(let file): body(file, isKnown(file?.bytes), finish)
        }
      }
    }
  }

  private func isKnown(_ bytes: [UInt8]?) -> Bool {
    guard let bytes else { return known == nil || forsakesMissing }
    let hash = bytes.hashValue
    return hash == known || hash == forsaken
  }

  private var resolved: String { Files.resolvingLinks(path) }

  private var missingReason: String {
    "'\(path)' is missing: put it back, or write it again with ?force=true"
  }

  private var changedReason: String {
    "'\(path)' was changed and is not reloaded: POST /reload first, or overwrite it with ?force=true"
  }

  private var tooManyBackupsReason: String {
    "'\(path)' was changed, and there are \(File.mostForcedBackups) files '\(File.forcedBackup(of: resolved, number: 0))*' already: move them away first"
  }

  /// Nil where there is no file.
  private func read(
    then: @escaping (Result<(status: FileStatus, bytes: [UInt8])?, UVError>) -> Void
  ) {
    File.readRegular(resolved, limit: DefinitionFiles.limit, on: loop) { result in
      switch result {
      case .success(let file): then(.success(file))
      case .failure(let error) where error.name == "ENOENT": then(.success(nil))
      case .failure(let error): then(.failure(error))
      }
    }
  }

  private func enqueue(_ job: @escaping (@escaping () -> Void) -> Void) {
    jobs.append(job)
    next()
  }

  private func next() {
    guard !isBusy, !jobs.isEmpty else { return }
    isBusy = true
    jobs.removeFirst()() { [self] in
      isBusy = false
      next()
    }
  }
}
