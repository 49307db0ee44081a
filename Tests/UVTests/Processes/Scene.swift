import Basics
import Glibc
import TestSupport
import UV

/// A child in a test, with everything that was seen of it.
///
/// A test sees to it that its children are reaped: Swift Testing's exit tests, which may run at
/// the same time, wait for ever behind a zombie that no process reaps.
final class Scene {
  let child: ChildProcess
  private(set) var output: [UInt8] = []
  private(set) var errorOutput: [UInt8] = []
  var exits: [Basics.ExitStatus] { box.exits }
  private(set) var ends: [String] = []
  private let box: Box

  /// What the closures of the child report to. The child may outlive the scene, in a test that has
  /// failed.
  final class Box {
    weak var scene: Scene?
    /// A child may have ended in the turn of the loop in which it was told as started.
    var exits: [Basics.ExitStatus] = []
  }

  convenience init(
    _ command: String, _ arguments: [String] = [],
    environment: [SystemString] = ["PATH=\(TestPrograms.searchPath)"],
    directory: String? = nil, cgroup: Cgroup? = nil, on loop: Loop, _ scheduler: OutputScheduler
  ) throws(UVError) {
    try self.init(
      SpawnOptions(
        command: command, arguments: arguments, environment: environment,
        workingDirectory: directory, cgroup: cgroup), on: loop, scheduler)
  }

  init(_ options: SpawnOptions, on loop: Loop, _ scheduler: OutputScheduler) throws(UVError) {
    let box = Box()
    self.box = box
    child = try startedChild(options, on: loop, reader: scheduler) { box.exits.append($0) }
    box.scene = self
    child.output.start { span in
      span.withUnsafeBytes { box.scene?.output.append(contentsOf: $0) }
    } onEnd: {
      box.scene?.ends.append("out \($0.map(\.name) ?? "ended")")
    }
    child.errorOutput.start { span in
      span.withUnsafeBytes { box.scene?.errorOutput.append(contentsOf: $0) }
    } onEnd: {
      box.scene?.ends.append("err \($0.map(\.name) ?? "ended")")
    }
  }

  convenience init(shell script: String, on loop: Loop, _ scheduler: OutputScheduler)
    throws(UVError)
  {
    try self.init("sh", ["-c", script], on: loop, scheduler)
  }

  var text: String { String(decoding: output, as: UTF8.self) }
  var isOver: Bool { !exits.isEmpty && ends.count == 2 }
}

/// Starts a child, and turns the loop until it executes its command.
func startedChild(
  _ options: SpawnOptions, on loop: Loop, reader: OutputScheduler,
  onExit: @escaping (Basics.ExitStatus) -> Void
) throws(UVError) -> ChildProcess {
  var result: Result<ChildProcess, UVError>?
  try ChildStart(
    options, on: loop, reader: reader, timeout: .seconds(100), onExit: onExit
  ) {
    result = $0
  }
  do {
    try runLoop(loop) { result != nil }
  } catch {
    preconditionFailure("a start has no end: \(error)")
  }
  guard let result else { preconditionFailure("a start has no end") }
  return try result.get()
}

/// The children of this process that are not of a loop; nil where they cannot be listed.
func orphans(on loop: Loop) -> [Int32]? { try? ProcessTable.orphans(on: loop) }

/// A loop with a scheduler that is closed in the end.
func withScheduler(_ body: (Loop, OutputScheduler) throws -> Void) throws {
  try withLoop { loop in
    let scheduler = try OutputScheduler(on: loop)
    defer { scheduler.close() }
    try body(loop, scheduler)
  }
}

/// Runs a shell script to its end and says what it wrote to standard output.
/// - Parameter change: what is to be other than plain.
func outputOf(
  shell script: String, _ change: (inout SpawnOptions) throws -> Void = { _ in }
) throws -> String {
  var text = ""
  var options = SpawnOptions(
    command: "sh", arguments: ["-c", script], environment: ["PATH=\(TestPrograms.searchPath)"])
  try change(&options)
  try withScheduler { loop, scheduler in
    let scene = try Scene(options, on: loop, scheduler)
    try runLoop(loop) { scene.isOver }
    scene.child.close()
    text = scene.text
  }
  return text
}

/// The processes of a session that have not ended.
func membersOfSession(_ session: Int32) -> [ProcessTable.Member] {
  // The directory is always there.
  let names = (try? Files.directoryNames(in: "/proc")) ?? []
  return names.compactMap { Int32($0) }.filter { getsid($0) == session }.compactMap { pid in
    guard let record = ProcessRecord(pid), !record.hasEnded else { return nil }
    return record.member
  }
}
