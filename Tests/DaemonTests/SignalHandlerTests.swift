import Glibc
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What each signal to the daemon asks for. Each test has a process of its own, which gets it.
struct SignalHandlerTests {
  /// What a handler has called for.
  private final class Calls {
    var all: [String] = []

    var actions: SignalHandler.Actions {
      SignalHandler.Actions(
        stop: { [unowned self] in all.append("stop") },
        kill: { [unowned self] in all.append("kill") },
        hangUp: { [unowned self] in all.append("hangUp") },
        reopen: { [unowned self] in all.append("reopen") })
    }

    /// Sends this process a signal, and waits for what comes of it.
    func send(_ signal: Int32, _ scene: OwnersScene) throws {
      let before = all.count
      try #require(Glibc.kill(getpid(), signal) == 0)
      try scene.wait { all.count > before }
    }
  }

  private static func withHandler(_ body: (OwnersScene, Calls) throws -> Void) throws {
    try withOwners { scene in
      let calls = Calls()
      let handler = SignalHandler(scene.context, calls.actions)
      try handler.start()
      try body(scene, calls)
      handler.close()
    }
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGQUIT, SIGPWR])
  func theFirstSignalToEndStopsAndEachFurtherOneKills(signal: Int32) async {
    await #expect(processExitsWith: .success) { [signal = signal as Int32] in
      try SignalHandlerTests.withHandler { scene, calls in
        try calls.send(signal, scene)
        #expect(calls.all == ["stop"])
        // Also another one.
        try calls.send(SIGTERM, scene)
        try calls.send(signal, scene)
        #expect(calls.all == ["stop", "kill", "kill"])
        let lines = try scene.supervisorLines()
        #expect(lines.count { $0.contains("Shutting down (SIG") } == 1)
        #expect(
          lines.count {
            $0.contains("warning: Killing what is left (SIG") && $0.hasSuffix(" again)")
          }
            == 2)
      }
    }
  }

  @Test func theOthersEndNothing() async {
    await #expect(processExitsWith: .success) {
      try SignalHandlerTests.withHandler { scene, calls in
        try calls.send(SIGHUP, scene)
        try calls.send(SIGUSR1, scene)
        try calls.send(SIGHUP, scene)
        #expect(calls.all == ["hangUp", "reopen", "hangUp"])
        #expect(try scene.supervisorLines().isEmpty)
        // They still do what they did while the daemon ends.
        try calls.send(SIGTERM, scene)
        try calls.send(SIGUSR1, scene)
        #expect(calls.all == ["hangUp", "reopen", "hangUp", "stop", "reopen"])
      }
    }
  }
}
