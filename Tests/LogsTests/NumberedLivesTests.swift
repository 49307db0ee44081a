import Basics
import Glibc
import Logs
import TestSupport
import Testing
import UV

/// Random lives of a log that is read, rotated, cleared, emptied and removed by other programs,
/// and whose daemon is killed at any step.
///
/// A daemon that is killed is one whose files are all linked into another directory, where the next
/// one finds them: what the first one does afterwards, it does elsewhere.
private final class NumberedLives {
  private let scene: Scene
  private var random: SeededRandom
  private var directory = 0
  private var log: Log
  private let limits: LogLimits
  private var written = 0
  /// What has been shown: for each epoch, the line of each number.
  private var shown: [UInt32: [Int: String]] = [:]
  private(set) var epochs: [UInt32] = []
  /// Whether something has happened after which numbers may skip, or an epoch may begin.
  private var isForeign = false
  /// Whether another program has emptied the file, and the daemon has not looked since then: one
  /// that has as many bytes again by then could not be told from what it was.
  private var isCut = false

  init(_ scene: Scene, seed: UInt64) throws {
    self.scene = scene
    random = SeededRandom(seed: seed)
    limits = LogLimits(
      maxBytes: [0, 300, 2_000].randomElement(using: &random) ?? 0,
      maxFiles: Int.random(in: 0...3, using: &random))
    try Files.createDirectories(scene.directory.file("0"), mode: 0o700)
    log = try scene.log("0/a.log", maxBytes: limits.maxBytes, maxFiles: limits.maxFiles)
  }

  private func path(_ name: String, in directory: Int) -> String {
    scene.directory.file("\(directory)/\(name)")
  }

  private var names: [String] {
    (try? Files.names(in: scene.directory.file("\(directory)"))) ?? []
  }

  private func write() throws {
    isCut = false
    let input = log.input(.stdout, run: nil)
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      written += 1
      input.write("line \(written)\n")
    }
    try scene.flush(log)
  }

  /// Reads some lines, all as a rule, and compares them with what was shown before.
  private func read() throws {
    isCut = false
    let size = [1, 3, 10_000, 10_000].randomElement(using: &random) ?? 1
    let page = try scene.numberedPage(log, LogQuery(page: 1, pageSize: size, newestFirst: false))
    guard let numbers = page.numbers else { return }
    if numbers.epoch != epochs.last {
      #expect(epochs.isEmpty || isForeign, "a new epoch without need")
      epochs.append(numbers.epoch)
    }
    #expect(numbers.all == numbers.all.sorted() && Set(numbers.all).count == numbers.all.count)
    let isWhole = size > 10 && !isForeign
    #expect(!isWhole || numbers.last - numbers.first == numbers.all.count - 1, "numbers skip")
    for (number, line) in zip(numbers.all, page.text) {
      if let other = shown[numbers.epoch]?[number] {
        #expect(other == line, "\(number) twice")
      }
      shown[numbers.epoch, default: [:]][number] = line
    }
  }

  /// Links all files into a new directory, as they are at this moment.
  private func snapshot() throws -> Int {
    let next = (directory...).first { !Files.isDirectory(scene.directory.file("\($0)")) } ?? 0
    try Files.createDirectories(scene.directory.file("\(next)"), mode: 0o700)
    for name in names {
      try #require(link(path(name, in: directory), path(name, in: next)) == 0)
    }
    return next
  }

  private func kill(goingOnIn next: Int) throws {
    try scene.close(log)
    // A file that has another name is not taken for a removed one.
    for name in names { unlink(path(name, in: directory)) }
    directory = next
    try open()
  }

  private func open() throws {
    isCut = false
    log = try scene.log(
      "\(directory)/a.log", maxBytes: limits.maxBytes, maxFiles: limits.maxFiles)
  }

  /// The daemon is killed in the middle of a rotation: after it has said with which number the next
  /// file begins, it renames one file after the other.
  private func killInRotation() throws {
    guard limits.maxBytes > 0, limits.maxFiles > 0 else { return }
    // Another program may have removed the file.
    try write()
    let before = try snapshot()
    let identity = try Files.status(of: path("a.log", in: directory))
    // One line at a time, until it is rotated.
    repeat {
      written += 1
      log.input(.stdout, run: nil).write("line \(written)\n")
      try scene.flush(log)
      if try Files.status(of: path("a.log", in: directory)).isSameFile(as: identity) {
        try read()
      }
    } while try Files.status(of: path("a.log", in: directory)).isSameFile(as: identity)
    let numbers = path("a.log.numbers", in: directory)
    if Files.isWritable(numbers) {
      unlink(path("a.log.numbers", in: before))
      try #require(link(numbers, path("a.log.numbers", in: before)) == 0)
    }
    var last = 0
    while last < limits.maxFiles, Files.isWritable(path("a.log.\(last + 1)", in: before)) {
      last += 1
    }
    var number = min(last, limits.maxFiles - 1)
    for _ in 0..<Int.random(in: 0...(number + 1), using: &random) where number >= 0 {
      let old = number == 0 ? "a.log" : "a.log.\(number)"
      try #require(rename(path(old, in: before), path("a.log.\(number + 1)", in: before)) == 0)
      number -= 1
    }
    try kill(goingOnIn: before)
  }

  func step() throws {
    switch Int.random(in: 0..<20, using: &random) {
    case let own where own < 16: try stepAlone(own)
    case 16:
      (isForeign, isCut) = (true, true)
      truncate(path("a.log", in: directory), 0)
    case 17:
      isForeign = true
      unlink(path("a.log", in: directory))
    case 18:
      isForeign = true
      if let name = names.first(where: { $0 == "a.log.1" || $0 == "a.log.2" }) {
        unlink(path(name, in: directory))
      }
    case _ where isCut: try write()
    case _:
      isForeign = true
      written += 1
      try scene.append(Array("other \(written)\n".utf8), to: "\(directory)/a.log")
    }
  }

  func live(_ steps: Int, _ step: () throws -> Void) throws {
    do {
      for _ in 0..<steps { try step() }
      try read()
    } catch {
      Issue.record(error)
    }
    try scene.close(log)
  }

  /// Whether no other program touches the files.
  func stepAlone() throws { try stepAlone(Int.random(in: 0..<16, using: &random)) }

  /// - Parameter kind: below 16.
  private func stepAlone(_ kind: Int) throws {
    switch kind {
    case 0..<6: try write()
    case 6..<11: try read()
    case 11: try scene.wait { done in log.clear { _ in done() } }
    case 12:
      try scene.close(log)
      try open()
    case 13, 14: try kill(goingOnIn: try snapshot())
    case _: try killInRotation()
    }
  }
}

@Suite struct NumberedLivesTests {
  @Test(arguments: 1...12)
  func noNumberIsUsedForTwoLinesOfAnEpoch(_ seed: UInt64) throws {
    try withScene(limit: .seconds(240)) { scene in
      let lives = try NumberedLives(scene, seed: seed)
      try lives.live(120) { try lives.step() }
    }
  }

  @Test(arguments: 21...32)
  func aDaemonThatIsKilledLosesNoNumberAndNoneSkips(_ seed: UInt64) throws {
    try withScene(limit: .seconds(240)) { scene in
      let lives = try NumberedLives(scene, seed: seed)
      try lives.live(120) { try lives.stepAlone() }
      #expect(lives.epochs.count == 1)
    }
  }
}
