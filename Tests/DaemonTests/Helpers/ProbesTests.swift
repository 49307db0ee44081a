import API
import Basics
import HTTP
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// Probes as the supervisor orders them: what is told of each, once, unless it is cancelled.
struct ProbesTests {
  private let id = RunID(process: "web", serial: 1)

  private func withProbes(_ body: (Probes, OwnersScene) throws -> Void) throws {
    try withOwners { scene in
      let probes = Probes(scene.context, scene.helpers)
      try body(probes, scene)
      probes.cancelAll()
      var isOver = false
      scene.helpers.cancelAll { isOver = true }
      try scene.wait { isOver }
    }
  }

  private func checked(
    _ probe: HealthCheck.Probe, _ change: (inout HealthCheck) -> Void = { _ in }
  ) -> ProcessDefinition {
    var definition = ProcessDefinition(id: "web", command: "true")
    var check = HealthCheck(probe)
    check.timeout = .seconds(100)
    change(&check)
    definition.healthCheck = check
    return definition
  }

  /// What is told of one probe.
  private func result(
    _ definition: ProcessDefinition, _ probes: Probes, _ scene: OwnersScene
  ) throws -> String? {
    let count = scene.events.count
    probes.start(id, definition)
    try scene.wait { scene.events.count > count }
    switch scene.events.last {
    case .run(id, .probed(.succeeded)): return nil
    case .run(id, .probed(.failed(let failure))): return failure
    default:
      Issue.record("\(scene.events)")
      return nil
    }
  }

  @Test func aProcessWithoutACheckIsHealthy() throws {
    try withProbes { probes, scene in
      probes.start(id, ProcessDefinition(id: "web", command: "true"))
      #expect(scene.events == [.run(id, .probed(.succeeded))])
    }
  }

  @Test func aConnectionIsMadeOrRefused() throws {
    try withProbes { probes, scene in
      let listeners = try Listener.tcp(host: "127.0.0.1", port: 0, on: scene.loop) { $0.close() }
      let port = try #require(listeners.first?.port)
      #expect(try result(checked(.tcp("127.0.0.1:\(port)")), probes, scene) == nil)
      for listener in listeners { listener.close() }
      let closed = try ClosedPort()
      let failure = try result(checked(.tcp("127.0.0.1:\(closed.port)")), probes, scene)
      #expect(failure == "connect 127.0.0.1:\(closed.port): Connection refused")
    }
  }

  @Test(arguments: [(Status.ok, nil), (.badRequest, "HTTP status 400")])
  func thePageOfAServerIsAskedFor(status: Status, failure: String?) throws {
    try withProbes { probes, scene in
      let server = try HTTPServer(
        on: scene.loop, maxConnections: 10, times: HTTPConnection.Times { .zero },
        refusal: { Response($0.status) }, date: { "" })
      var paths: [String] = []
      server.onRequest = { connection, id, request in
        paths.append("\(request.method) \(request.target)")
        connection.respond(to: id, with: Response(status))
      }
      let port = try server.listen(host: "127.0.0.1", port: 0)
      let definition = checked(.http("http://127.0.0.1:\(port)/health?deep=1"))
      #expect(try result(definition, probes, scene) == failure)
      #expect(paths == ["GET /health?deep=1"])
      try server.close(grace: .zero)
    }
  }

  @Test(arguments: [
    (HealthCheck.Probe.tcp("nowhere"), "'nowhere' is not host:port"),
    (.http("ftp://a/"), "'ftp://a/' is not an http:// address"),
  ])
  func whatIsNoAddressIsToldAtOnce(probe: HealthCheck.Probe, failure: String) throws {
    try withProbes { probes, scene in
      probes.start(id, checked(probe))
      #expect(scene.events == [.run(id, .probed(.failed(failure)))])
    }
  }

  @Test(arguments: [
    ("exit 0", nil), ("exit 3", "exit status: 3"),
    ("echo one; echo two >&2; echo; exit 3", "exit status: 3: two"),
    ("kill -9 $$", "signal: 9 (SIGKILL)"),
  ])
  func aCommandTellsByItsEnd(script: String, failure: String?) throws {
    try withProbes { probes, scene in
      let definition = checked(.command(["sh", "-c", "sleep 0.01; \(script)"]))
      let told = try result(definition, probes, scene)
      #expect(told == failure)
    }
  }

  @Test func aCommandThatTakesTooLongIsKilled() throws {
    try withProbes { probes, scene in
      let definition = checked(.command(["sh", "-c", "sleep 1000"])) {
        $0.timeout = .milliseconds(50)
      }
      let failure = try result(definition, probes, scene)
      #expect(failure == "timed out after \(Duration.milliseconds(50).text)")
      #expect(scene.helpers.isIdle)
    }
  }

  @Test func whatIsNoCommandIsNamed() throws {
    try withProbes { probes, scene in
      let failure = try result(checked(.command(["/nowhere/check"])), probes, scene)
      #expect(failure == "health_check '/nowhere/check': No such file or directory")
    }
  }

  @Test func aProbeThatTheDaemonCouldNotMakeSaysNothing() throws {
    try withProbes { probes, scene in
      let path = scene.directory.file("program")
      let program = try LeasedProgram(path)
      defer { withExtendedLifetime(program) {} }
      var definition = checked(.command([path]))
      definition.startTimeout = .seconds(100)
      probes.start(id, definition)
      scene.clock.pass(.seconds(100))
      try scene.wait { !scene.events.isEmpty }
      guard case .run(id, .probed(.unknown(let reason))) = scene.events.last else {
        Issue.record("\(scene.events)")
        return
      }
      #expect(reason.contains("timed out after"))
    }
  }

  /// The next run may be probed before the last probe of the one before it has gone.
  @Test func oneThatIsCancelledTellsNothingAndTheNextWaitsForItsEnd() throws {
    try withProbes { probes, scene in
      let made = scene.directory.file("made")
      probes.start(
        id, checked(.command(["sh", "-c", "touch \(made); trap '' TERM; sleep 1000"])))
      // It is there a moment later.
      try scene.poll { (try? Files.status(of: made)) != nil }
      probes.cancel(id)
      let second = RunID(process: "web", serial: 2)
      let third = RunID(process: "web", serial: 3)
      probes.start(second, checked(.command(["false"])))
      probes.cancel(second)
      probes.start(third, checked(.command(["true"])))
      try scene.wait { !scene.events.isEmpty }
      #expect(scene.events == [.run(third, .probed(.succeeded))])
      #expect(scene.helpers.isIdle)
    }
  }

  @Test func nothingIsToldOfAConnectionThatIsGivenUp() throws {
    try withProbes { probes, scene in
      var streams: [UV.Stream] = []
      let listeners = try Listener.tcp(host: "127.0.0.1", port: 0, on: scene.loop) {
        streams.append($0)
      }
      let port = try #require(listeners.first?.port)
      probes.start(id, checked(.http("http://127.0.0.1:\(port)/")))
      try scene.wait { !streams.isEmpty }
      probes.cancel(id)
      _ = try turn(scene.loop, for: .milliseconds(20))
      #expect(scene.events.isEmpty)
      for stream in streams { stream.close() }
      for listener in listeners { listener.close() }
    }
  }
}
