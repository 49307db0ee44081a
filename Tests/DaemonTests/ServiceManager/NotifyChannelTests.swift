import Glibc
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// Messages to a service manager that is busy, or away.
struct NotifyChannelTests {
  private let directory: TemporaryDirectory
  private let name: String

  init() throws {
    directory = try TemporaryDirectory()
    name = directory.file("notify")
  }

  private func withChannel(_ body: (NotifyChannel, Loop) throws -> Void) throws {
    try withLoop { loop in
      let channel = try NotifyChannel(try NotifySocket(name), on: loop)
      try body(channel, loop)
      channel.close()
    }
  }

  /// Sends until the receiver's queue is full; returns how many it took.
  private func fill(_ channel: NotifyChannel) -> Int {
    var taken = 0
    while channel.offer("\(taken)") { taken += 1 }
    return taken
  }

  /// A message of which the loop must turn to have it sent.
  private func next(_ receiver: NotifyReceiver, _ loop: Loop) throws -> String {
    // The timer of the channel keeps no loop alive.
    let timer = try Timer(on: loop)
    defer { timer.close() }
    timer.start(after: .seconds(1000)) {}
    try runLoop(loop) { !receiver.isEmpty }
    return try receiver.receive()
  }

  @Test func whatMustNotGetLostWaitsForRoomInItsOrder() throws {
    let receiver = try NotifyReceiver(name)
    try withChannel { channel, loop in
      let taken = fill(channel)
      #expect(taken > 0)
      channel.insist("first")
      channel.insist("second")
      #expect(!channel.offer("late"), "it would overtake those that wait")
      for number in 0..<taken { #expect(try receiver.receive() == "\(number)") }
      #expect(!channel.offer("late"))
      let waited = try [next(receiver, loop), next(receiver, loop)]
      #expect(waited == ["first", "second"])
      #expect(channel.offer("after"))
      #expect(try next(receiver, loop) == "after")
      #expect(receiver.isEmpty)
    }
  }

  @Test func whatWaitsGetsOneMoreChanceAtTheEnd() throws {
    let receiver = try NotifyReceiver(name)
    try withChannel { channel, _ in
      let taken = fill(channel)
      channel.insist("last")
      for _ in 0..<taken { _ = try receiver.receive() }
    }
    #expect(try receiver.receive() == "last")
  }

  /// What is not there takes no messages, and none is kept for it.
  @Test func aServiceManagerThatIsAwayIsToldOfOnce() throws {
    try withChannel { channel, _ in
      var troubles: [String] = []
      channel.onTrouble = { troubles.append($0) }
      for _ in 0..<2 { channel.insist("READY=1") }
      #expect(channel.offer("WATCHDOG=1"))
      #expect(
        troubles == [
          "The service manager cannot be told anything: tell '\(name)': No such file or directory"
        ])
      do {
        let receiver = try NotifyReceiver(name)
        channel.insist("back")
        #expect(try receiver.receive() == "back")
      }
      channel.insist("gone again")
      #expect(troubles.count == 2)
    }
  }
}
