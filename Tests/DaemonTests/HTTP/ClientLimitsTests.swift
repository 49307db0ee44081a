import API
import HTTP
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What clients are refused when descriptors are short, and how limits are shown.
struct ClientLimitsTests {
  private let starts: [Command] = [
    .add(ProcessDefinition(id: "web", command: "true")), .start(id: "web"),
    .scale(id: "web", instances: 2), .startAll,
  ]

  /// The limits of a server on a Unix socket, with two silent connections.
  /// - Parameter firstReservedDescriptor: 0 to 2 are open in every process, so that none is free
  ///   below 3.
  private func withLimits(
    firstReservedDescriptor: Int, _ body: (ClientLimits, HTTPServer, OwnersScene) throws -> Void
  ) throws {
    try withOwners { scene in
      var configuration = scene.configuration
      configuration.maxConnections = 7
      configuration.firstReservedDescriptor = firstReservedDescriptor
      let clock = scene.context.clock
      let server = try HTTPServer(
        on: scene.loop, maxConnections: 7,
        times: HTTPConnection.Times(now: clock.monotonic),
        refusal: { Response($0.status) }, date: { "" })
      try server.listen(socketPath: scene.directory.file("s"))
      var clients: [UV.Stream] = []
      for _ in 0..<2 {
        UV.Stream.connect(unix: scene.directory.file("s"), on: scene.loop) { result in
          if let stream = try? result.get() { clients.append(stream) }
        }
      }
      try scene.wait { clients.count == 2 && server.connectionCount == 2 }
      try body(ClientLimits(configuration, server, scene.problems), server, scene)
      for client in clients { client.close() }
      try server.close(grace: .zero)
      try scene.poll { server.connectionCount == 0 }
    }
  }

  @Test func whatStartsProcessesIsRefusedWithoutDescriptors() throws {
    try withLimits(firstReservedDescriptor: 3) { limits, server, scene in
      for command in starts {
        let refusal = try #require(limits.refusal(of: command))
        #expect(refusal.status == .conflict)
        let body = String(decoding: refusal.body, as: UTF8.self)
        #expect(body.contains("all 3 descriptors but those kept back for restarts are open"))
      }
      // Silent clients went first.
      try scene.poll { server.connectionCount == 0 }
      #expect(scene.problems.list.all.map(\.subject) == ["descriptors"])
    }
  }

  @Test func whatStartsNothingIsNeverRefused() throws {
    try withLimits(firstReservedDescriptor: 3) { limits, server, scene in
      for command in [Command.stop(id: "web"), .stopAll] {
        #expect(limits.refusal(of: command) == nil)
      }
      _ = try turn(scene.loop, for: .milliseconds(20))
      #expect(server.connectionCount == 2)
      #expect(scene.problems.list.all.isEmpty)
    }
  }

  @Test(arguments: [1 << 20, .max])
  func nothingIsRefusedWhileThereAreDescriptors(_ firstReservedDescriptor: Int) throws {
    try withLimits(firstReservedDescriptor: firstReservedDescriptor) { limits, server, scene in
      for command in starts { #expect(limits.refusal(of: command) == nil) }
      _ = try turn(scene.loop, for: .milliseconds(20))
      #expect(server.connectionCount == 2)
      #expect(scene.problems.list.all.isEmpty)
    }
  }

  @Test func eachLimitIsAProblemOfItsOwnUntilItIsOver() throws {
    try withLimits(firstReservedDescriptor: .max) { limits, _, scene in
      var messages: [String?: String] {
        Dictionary(uniqueKeysWithValues: scene.problems.list.all.map { ($0.subject, $0.message) })
      }
      for limit in LimitAlarms.Limit.allCases { limits.show(limit, isReached: true) }
      #expect(scene.problems.list.all.allSatisfy { $0.code == .limit })
      #expect(messages.count == 3)
      #expect(messages["tcp-connections"]?.hasPrefix("7 connections over TCP are served") == true)
      #expect(
        messages["unix-connections"]?.hasPrefix("7 connections over the Unix socket") == true)
      #expect(messages["descriptors"]?.contains("LimitNOFILE=") == true)
      limits.show(.tcpConnections, isReached: false)
      #expect(Set(messages.keys) == ["unix-connections", "descriptors"])
      let warnings = try scene.supervisorLines().filter { $0.contains("Problem limit: ") }
      #expect(warnings.count == 3)
    }
  }
}
