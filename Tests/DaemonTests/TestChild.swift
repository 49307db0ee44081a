import API
import Basics
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// A shell that a test has started, in a session of its own, and what it has said.
final class TestChild {
  let child: ChildProcess
  private let box: Box
  var pid: Int32 { child.pid }
  var exit: Basics.ExitStatus? { box.exit }
  var text: String { String(decoding: box.output, as: UTF8.self) }
  /// Whether it has ended, and all that had its output.
  var isOver: Bool { box.exit != nil && box.ends == 2 }

  private final class Box {
    var exit: Basics.ExitStatus?
    var output: [UInt8] = []
    var ends = 0
  }

  /// Turns the loop until the shell is executed.
  ///
  /// - Parameters:
  ///   - mark: what `EXEIO_RUN` says in its environment.
  ///   - onExit: called when it has been reaped.
  init(
    _ script: String, mark: String? = nil, in scene: OwnersScene,
    onExit: @escaping () -> Void = {}
  ) throws {
    let box = Box()
    self.box = box
    var environment: [SystemString] = ["PATH=\(TestPrograms.searchPath)"]
    if let mark { environment.append("EXEIO_RUN=\(mark)") }
    var result: Result<ChildProcess, UVError>?
    try ChildStart(
      SpawnOptions(command: "sh", arguments: ["-c", script], environment: environment),
      on: scene.loop, reader: scene.reader, timeout: .seconds(100)
    ) {
      box.exit = $0
      onExit()
    } then: {
      result = $0
    }
    try scene.wait { result != nil }
    child = try #require(try result?.get())
    child.output.start { span in
      span.withUnsafeBytes { box.output.append(contentsOf: $0) }
    } onEnd: { _ in
      box.ends += 1
    }
    child.errorOutput.start { _ in
    } onEnd: { _ in
      box.ends += 1
    }
  }

  /// Kills it with its process group, and waits for their end.
  func end(in scene: OwnersScene) throws {
    if exit == nil { try ProcessGroups.signal(SIGKILL, group: pid) }
    try scene.wait { isOver }
    child.close()
  }
}
