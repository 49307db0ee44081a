import API
import Basics
import Supervision
import UV

/// What the processes of the machine tell of earlier daemons on the data directory: it is found
/// without any file, since the disk may have been full when a run began, and files can be removed
/// or damaged.
struct Predecessors {
  /// Names this daemon.
  let token: DaemonToken
  /// As it looked at all processes.
  let search: LeftoverSearch
  /// The runs of daemons that have ended, by their marks.
  let runs: [String: RunState.Run]
  /// A daemon that is alive and has the data directory open, whatever has become of the directory
  /// and its lock.
  let holder: Int32?
  /// How long a start waits for what cannot be told: an `execve` or an exit that is under way.
  private static let patience: Duration = .seconds(1)
  private static let pause: Duration = .milliseconds(2)

  /// What a look at all processes has found.
  struct Sight: Sendable {
    let search: LeftoverSearch
    /// The ids of the processes that runs are of, by the pid of the first of each run.
    let identifiers: [Int32: String]
  }

  /// Looks at all processes. This daemon has its locks, and has started nothing yet.
  ///
  /// The loop does not turn yet, so this waits where it is: as many times at the most as there are
  /// pauses in the patience, so that it ends with any clock.
  static func look(_ wait: StartWait, _ clock: Clock) throws(UVError) -> Sight {
    let scanner = try wait.makeScanner()
    defer { scanner.close() }
    let marks = EnvironmentMemory()
    let end = clock.monotonic() + patience
    var pauses = Int(patience / pause)
    var search = LeftoverSearch(wait.scan(for: RunState.markerName, marks, with: scanner))
    while search.isUnclear, clock.monotonic() < end, pauses > 0 {
      pauses -= 1
      Clock.sleep(pause)
      search = LeftoverSearch(wait.scan(for: RunState.markerName, marks, with: scanner))
    }
    let firsts = search.byMark.values.compactMap { first(of: $0)?.pid }
    // Most starts find none.
    guard !firsts.isEmpty else { return Sight(search: search, identifiers: [:]) }
    let named = wait.scan(
      firsts, for: ChildEnvironment.identifier, EnvironmentMemory(), with: scanner)
    return Sight(
      search: search,
      identifiers: named.found.reduce(into: [:]) { $0[$1.record.pid] = $1.variable.text })
  }

  private static func first(of processes: [ProcessRecord]) -> ProcessRecord? {
    processes.min { ($0.startTime, $0.pid) < ($1.startTime, $1.pid) }
  }

  /// Takes from a look what is of earlier daemons; on the pool.
  ///
  /// - Parameters:
  ///   - sight: of all processes.
  ///   - place: what is known of the data directory.
  ///   - definitions: say how a run of them wants to be ended, which a mark does not.
  init(
    _ sight: Sight, _ place: DataPlace, _ definitions: [ConfiguredDefinition]
  ) throws(UVError) {
    let token = try DaemonToken(resolved: place.directory)
    self.token = token
    search = sight.search
    let endings = Endings(definitions)
    var runs: [String: RunState.Run] = [:]
    for (text, processes) in search.byMark {
      guard let mark = RunMark(text), mark.place == token.place, !token.isAlive(mark),
        let first = Self.first(of: processes)
      else { continue }
      runs[text] = endings.run(mark, sight.identifiers[first.pid])
    }
    self.runs = runs
    holder = try Self.holder(place, search, token)
  }

  /// The daemons that a data directory may belong to are those whose program is called like this
  /// one, and those that the marks name. Whether it does belong to one is told by what that has
  /// open: its locks.
  private static func holder(
    _ place: DataPlace, _ search: LeftoverSearch, _ token: DaemonToken
  ) throws(UVError) -> Int32? {
    let own = search.records.first { $0.pid == SystemProcess.ownPID }
    var candidates = Set(search.records.filter { $0.name == own?.name }.map(\.pid))
    for text in search.byMark.keys {
      guard let mark = RunMark(text), mark.place == token.place, token.isAlive(mark) else {
        continue
      }
      candidates.insert(mark.daemon.pid)
    }
    candidates.remove(SystemProcess.ownPID)
    for pid in candidates.sorted() where try place.isHeld(by: pid) { return pid }
    return nil
  }
}

/// What a daemon on the data directory has open: the file itself tells, whatever it is called in
/// the container of that daemon. Where the directory was removed and made again, only the old path
/// is left of it, which means something where paths mean the same; and where its file system does
/// not answer, the path is all that there is.
struct DataPlace: Sendable {
  /// The path of the data directory, without links where that could be told.
  let directory: String
  private var files: [FileStatus] = []
  private var names: Set<String>

  /// Looks at the directory, on the pool.
  init(_ configuration: Configuration) throws(UVError) {
    let directory = Files.resolvingLinks(configuration.dataDirectory)
    self.directory = directory
    names = Set(
      [directory, "\(directory)/\(Configuration.lockFileName)"].map { "\($0) (deleted)" })
    var paths = [configuration.lockFile]
    // `exeio key` locks the configuration directory for a moment, which may be the same one.
    if Files.resolvingLinks(configuration.configDirectory) != directory {
      paths.append(configuration.dataDirectory)
    }
    for path in paths {
      do throws(UVError) {
        files.append(try Files.status(of: path))
      } catch {
        // A lock file may have to wait for a disk with room for it.
        guard error.code == .noSuchFileOrDirectory else { throw error }
      }
    }
  }

  /// Of a directory that nothing but its path can be told of.
  init(unanswered path: String) {
    directory = Files.absolute(path)
    let lock = "\(directory)/\(Configuration.lockFileName)"
    names = [lock, "\(lock) (deleted)"]
  }

  func isHeld(by pid: Int32) throws(UVError) -> Bool {
    let open = try ProcessTable.openFiles(of: pid)
    if open.contains(where: { open in files.contains { open.isSame(as: $0) } }) { return true }
    return open.contains { names.contains($0.path) } && ProcessTable.sharesView(with: pid)
  }
}

extension DaemonToken {
  /// Whether the daemon that a mark names is another one than this, and alive. Where this process
  /// was executed in the place of an earlier daemon, it is that by pid and start. One that was
  /// killed and hangs in the kernel minds nothing.
  func isAlive(_ mark: RunMark) -> Bool {
    mark.daemon != daemon && ProcessTable.isAlive(mark.daemon)
      && !LingeringProcess.isLingering(mark.daemon.pid)
  }
}

/// How runs want to be ended of which only the mark is known.
private struct Endings {
  private let definitions: [String: ProcessDefinition]

  init(_ definitions: [ConfiguredDefinition]) {
    self.definitions = Dictionary(definitions.map { ($0.definition.id, $0.definition) }) { $1 }
  }

  /// The run that a process was found of; its number is still to be given.
  ///
  /// - Parameter given: the id of the process that it is of, as its environment has it; nil where
  ///   that cannot be told, or there is nothing to be ended any more.
  func run(_ mark: RunMark, _ given: String?) -> RunState.Run {
    // What a stranger has put there is no id until it looks like one: it is written into a line of
    // `run-state`.
    let id = given.flatMap { ProcessID.isValid($0) ? $0 : nil } ?? "unknown"
    let definition = definition(id)
    var run = RunState.Run(
      number: 0, process: id, marker: mark.text,
      stopSignal: definition?.stopSignal ?? .terminate,
      stopTimeout: definition?.stopTimeout ?? ProcessDefinition.defaultStopTimeout)
    if mark.isHelper {
      run.isHelper = true
      run.stopSignal = .kill
      run.stopTimeout = .zero
    }
    return run
  }

  /// That of a process, or of the one that it is a copy of.
  private func definition(_ id: String) -> ProcessDefinition? {
    if let definition = definitions[id] { return definition }
    guard let dot = id.lastIndex(of: ".") else { return nil }
    return definitions[String(id[..<dot])]
  }
}
