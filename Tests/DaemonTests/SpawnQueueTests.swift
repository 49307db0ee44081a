import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// The starts that are still to be made: their order, and how many are under way.
struct SpawnQueueTests {
  private func id(_ process: String) -> RunID { RunID(process: process, serial: 1) }

  private func withQueue(_ body: (SpawnQueue, Loop) throws -> Void) throws {
    try withLoop { loop in
      let queue = try SpawnQueue(on: loop, clock: .system)
      try body(queue, loop)
      queue.close()
    }
  }

  @Test func startsComeInTheirOrderAndNeverInsideTheCall() throws {
    try withQueue { queue, loop in
      var begun: [String] = []
      for name in ["a", "b", "c"] { queue.add(id(name)) { _ in begun.append(name) } }
      #expect(begun.isEmpty)
      try runLoop(loop) { begun.count == 3 }
      #expect(begun == ["a", "b", "c"])
    }
  }

  @Test func soManyAreUnderWayAtATime() throws {
    try withQueue { queue, loop in
      var places: [SpawnQueue.Place] = []
      for number in 0..<40 { queue.add(id("p\(number)")) { places.append($0) } }
      _ = try turn(loop, for: .milliseconds(20))
      #expect(places.count == 16)
      places[0].leave()
      places[0].leave()
      _ = try turn(loop, for: .milliseconds(20))
      #expect(places.count == 17, "one that left twice counts once")
      // One that is forgotten has left.
      places.removeLast()
      _ = try turn(loop, for: .milliseconds(20))
      #expect(places.count == 17)
    }
  }

  @Test func oneThatTakesLongLeavesItsPlace() throws {
    try withQueue { queue, loop in
      var places: [SpawnQueue.Place] = []
      for number in 0..<17 { queue.add(id("p\(number)")) { places.append($0) } }
      try runLoop(loop) { places.count == 16 }
      try places[3].leave(after: .milliseconds(10))
      try runLoop(loop) { places.count == 17 }
      // It has left already.
      try places[3].leave(after: .zero)
      try places[4].leave(after: .seconds(1000))
      places[4].leave()
    }
  }

  @Test func aProcessThatIsHeldLetsOthersPass() throws {
    try withQueue { queue, loop in
      var begun: [String] = []
      queue.hold("a")
      queue.hold("a")
      for name in ["a", "b"] { queue.add(id(name)) { _ in begun.append(name) } }
      _ = try turn(loop, for: .milliseconds(20))
      queue.release("a")
      _ = try turn(loop, for: .milliseconds(20))
      #expect(begun == ["b"], "it was held twice")
      queue.release("a")
      queue.release("a")
      try runLoop(loop) { begun == ["b", "a"] }
    }
  }

  @Test func whatReplacesAStartComesWhenThatWouldHaveCome() throws {
    try withQueue { queue, loop in
      var begun: [String] = []
      queue.hold("a")
      queue.add(id("a")) { _ in begun.append("a") }
      queue.replace(id("a")) { begun.append("instead") }
      queue.replace(id("x")) { begun.append("x") }
      _ = try turn(loop, for: .milliseconds(20))
      #expect(begun.isEmpty)
      queue.release("a")
      try runLoop(loop) { begun == ["instead"] }
    }
  }
}
