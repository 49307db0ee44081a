import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// What the service manager is told, and how often.
struct ServiceManagerTests {
  /// A service manager of paper, and what it is told of.
  private final class Scene {
    let owners: OwnersScene
    let receiver: NotifyReceiver
    let manager: ServiceManager
    private let box: Box

    /// What the daemon says of itself.
    final class Box {
      var status = "one"
      var longestEnd = Duration.zero
    }

    init(_ owners: OwnersScene, watchdogTimeout: Duration?) throws {
      self.owners = owners
      let box = Box()
      self.box = box
      receiver = try NotifyReceiver(owners.directory.file("notify"))
      var environment = try ServiceEnvironment(["NOTIFY_SOCKET": receiver.name], pid: 1)
      environment.watchdogTimeout = watchdogTimeout
      manager = try #require(
        try ServiceManager.connect(
          environment, owners.context,
          ServiceManager.Source(status: { box.status }, longestEnd: { box.longestEnd })))
    }

    var status: String {
      get { box.status }
      set { box.status = newValue }
    }

    var longestEnd: Duration {
      get { box.longestEnd }
      set { box.longestEnd = newValue }
    }

    /// The next message, for which the loop turns.
    func next() throws -> String {
      try owners.wait { !receiver.isEmpty }
      return try receiver.receive()
    }
  }

  private func withScene(
    watchdogTimeout: Duration? = nil, _ body: (Scene) throws -> Void
  ) throws {
    try withOwners { owners in
      let scene = try Scene(owners, watchdogTimeout: watchdogTimeout)
      // Its timers keep no loop alive.
      let timer = try Timer(on: owners.loop)
      timer.start(after: .seconds(1000)) {}
      try body(scene)
      scene.manager.close()
      timer.close()
    }
  }

  @Test func itHearsWhenTheDaemonIsReadyAndHowItDoes() throws {
    try withScene { scene in
      scene.manager.noteChange()
      _ = try turn(scene.owners.loop, for: .milliseconds(20))
      #expect(scene.receiver.isEmpty, "it is not ready")
      scene.manager.ready()
      #expect(try scene.receiver.receive() == "READY=1\nSTATUS=one")
      #expect(scene.receiver.isEmpty)
    }
  }

  @Test func aStatusThatChangesOftenIsToldOnceASecond() throws {
    try withScene { scene in
      scene.manager.ready()
      _ = try scene.receiver.receive()
      scene.status = "two"
      scene.manager.noteChange()
      _ = try turn(scene.owners.loop, for: .milliseconds(50))
      #expect(scene.receiver.isEmpty)
      scene.status = "three"
      #expect(try scene.next() == "STATUS=three")
      // A second later it is told at once, and what is as it was is not told again.
      scene.owners.clock.pass(.seconds(1))
      scene.manager.noteChange()
      _ = try turn(scene.owners.loop, for: .milliseconds(20))
      #expect(scene.receiver.isEmpty)
      scene.owners.clock.pass(.seconds(1))
      scene.status = "four"
      scene.manager.noteChange()
      let before = scene.owners.loop.now
      #expect(try scene.next() == "STATUS=four")
      #expect(scene.owners.loop.now - before < .milliseconds(900))
    }
  }

  /// `sd_watchdog_enabled(3)` wants twice in the time, so that one message may get lost.
  @Test func theWatchdogIsFedTwiceInItsTime() throws {
    let timeout = Duration.milliseconds(400)
    try withScene(watchdogTimeout: timeout) { scene in
      scene.manager.ready()
      _ = try scene.receiver.receive()
      #expect(try scene.next() == "WATCHDOG=1")
      // A busy machine may be late for some of them. One that feeds once in that time is never so
      // early.
      var isSoonEnough = false
      for _ in 0..<50 where !isSoonEnough {
        let before = scene.owners.loop.now
        for _ in 0..<4 { #expect(try scene.next() == "WATCHDOG=1") }
        isSoonEnough = scene.owners.loop.now - before < timeout * 3
      }
      #expect(isSoonEnough)
    }
  }

  @Test func aReloadIsToldFromItsBeginToTheEndOfTheLast() throws {
    try withScene { scene in
      scene.manager.ready()
      _ = try scene.receiver.receive()
      scene.owners.clock.pass(.seconds(2))
      scene.manager.reloading()
      // systemd compares it with its own CLOCK_MONOTONIC, in microseconds.
      #expect(try scene.receiver.receive() == "RELOADING=1\nMONOTONIC_USEC=1002000000")
      scene.manager.reloading()
      #expect(try scene.receiver.receive().hasPrefix("RELOADING=1\n"))
      scene.manager.reloaded()
      #expect(scene.receiver.isEmpty)
      scene.manager.reloaded()
      #expect(try scene.receiver.receive() == "READY=1\nSTATUS=one")
    }
  }

  @Test func anEndIsToldOnceWithTheTimeThatItMayTake() throws {
    try withScene { scene in
      scene.manager.ready()
      _ = try scene.receiver.receive()
      scene.longestEnd = .seconds(2)
      scene.manager.stopping()
      scene.manager.stopping()
      #expect(try scene.receiver.receive() == "STOPPING=1\nSTATUS=one")
      #expect(try scene.receiver.receive() == "EXTEND_TIMEOUT_USEC=7000000")
      #expect(scene.receiver.isEmpty)
      scene.manager.reloading()
      scene.manager.reloaded()
      #expect(scene.receiver.isEmpty)
      // Again as long as there is something to wait for, and never for long: a loop that hangs is
      // not waited for.
      scene.longestEnd = .seconds(1000)
      #expect(try scene.next() == "EXTEND_TIMEOUT_USEC=10000000")
    }
  }

  @Test func whereNothingWantsToHearThereIsNoServiceManager() throws {
    try withOwners { owners in
      let source = ServiceManager.Source(status: { "" }, longestEnd: { .zero })
      for socket in [nil, "relative"] {
        var environment = try ServiceEnvironment([:], pid: 1)
        environment.notifySocket = socket
        #expect(try ServiceManager.connect(environment, owners.context, source) == nil)
      }
      let lines = try owners.supervisorLines()
      #expect(lines.count { $0.hasSuffix(": the service manager is told nothing") } == 1)
    }
  }
}
