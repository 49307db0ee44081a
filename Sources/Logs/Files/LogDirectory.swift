import UV

/// The directory of a log, and the name of its live file there.
final class LogDirectory {
  /// Of the live file.
  let path: String
  /// The name of the live file in the directory.
  let baseName: String
  private let directory: SharedDirectory
  private let loop: Loop
  /// When the file system last answered the writer, on the loop's clock.
  private(set) var answeredAt = Duration.zero

  init(_ path: String, _ context: LogContext) {
    self.path = path
    let (folder, name) = Self.parts(of: path)
    directory = context.directory(folder)
    baseName = name
    loop = context.loop
  }

  /// The directory of a path, and the name in it.
  static func parts(of path: String) -> (directory: String, name: String) {
    let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    return (Files.parent(of: path), name)
  }

  /// Does something in the directory on a thread of the pool, and notes that the file system has
  /// answered. The writer waits for it, so it does not compete with those that read pages.
  func run<Value: Sendable>(
    refreshes: Bool = false, makes: Bool = true,
    _ body: @escaping @Sendable (HeldDirectory) throws(UVError) -> Value,
    then: @escaping (Result<Value, UVError>) -> Void
  ) {
    directory.run(.writing, refreshes: refreshes, makes: makes, body) { [self] result in
      noteAnswer()
      then(result)
    }
  }

  func noteAnswer() { answeredAt = loop.now }

  /// A file that the writer writes to, and pages are read from.
  func fileForWriting(_ opened: OpenedFile) -> File {
    File(opened, on: loop, directory.lane(.writing), reading: directory.lane(.reading))
  }

  /// A file that pages are read from.
  func fileForReading(_ opened: OpenedFile) -> File {
    let lane = directory.lane(.reading)
    return File(opened, on: loop, lane, reading: lane)
  }

  /// A file that is only closed, where no page waits for it.
  func fileForClosing(_ opened: OpenedFile) -> File {
    let lane = directory.lane(.writing)
    return File(opened, on: loop, lane, reading: lane)
  }
}
