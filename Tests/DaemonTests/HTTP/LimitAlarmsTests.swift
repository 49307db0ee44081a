import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// A limit that clients run into is told once, and once more when they have not for a while.
struct LimitAlarmsTests {
  private struct Change: Equatable {
    let limit: LimitAlarms.Limit
    let isReached: Bool
  }

  /// Alarms that write down what they tell.
  private func withAlarms(
    patience: Duration, _ body: (LimitAlarms, Loop, _ told: () -> [Change]) throws -> Void
  ) throws {
    try withLoop { loop in
      let alarms = try LimitAlarms(on: loop, patience: patience)
      var told: [Change] = []
      alarms.onChange = { told.append(Change(limit: $0, isReached: $1)) }
      try body(alarms, loop) { told }
      alarms.close()
    }
  }

  @Test func aLimitIsToldOnceHoweverOftenItIsReached() throws {
    try withAlarms(patience: .seconds(1000)) { alarms, _, told in
      for _ in 0..<3 { alarms.reach(.tcpConnections) }
      alarms.reach(.descriptors)
      #expect(
        told() == [
          Change(limit: .tcpConnections, isReached: true),
          Change(limit: .descriptors, isReached: true),
        ])
    }
  }

  @Test func aLimitIsOverAfterAWhileWithoutIt() throws {
    try withAlarms(patience: .milliseconds(200)) { alarms, loop, told in
      let began = Clock.monotonicTime
      alarms.reach(.unixConnections)
      try pollLoop(loop) { Clock.monotonicTime - began >= .milliseconds(100) }
      // The wait begins again.
      let last = Clock.monotonicTime
      alarms.reach(.unixConnections)
      try pollLoop(loop) { told().last?.isReached == false }
      #expect(Clock.monotonicTime - last >= .milliseconds(200))
      alarms.reach(.unixConnections)
      #expect(told().map(\.isReached) == [true, false, true])
      #expect(told().allSatisfy { $0.limit == .unixConnections })
    }
  }

  @Test func nothingIsToldAfterTheEnd() throws {
    try withAlarms(patience: .milliseconds(1)) { alarms, loop, told in
      alarms.reach(.descriptors)
      alarms.close()
      _ = try turn(loop, for: .milliseconds(50))
      #expect(told() == [Change(limit: .descriptors, isReached: true)])
    }
  }
}
