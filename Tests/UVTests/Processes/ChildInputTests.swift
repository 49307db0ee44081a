import Basics
import Glibc
import TestSupport
import Testing
import UV

struct ChildInputTests {
  @Test func whatIsWrittenReachesTheChildInOrder() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene("cat", on: loop, scheduler)
      let big = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
      var told: [String] = []
      scene.child.input.write([1, 2]) { told.append("small \($0 == nil)") }
      #expect(told == ["small true"])
      scene.child.input.write(big) { told.append("big \($0 == nil)") }
      scene.child.input.write([3]) { told.append("last \($0 == nil)") }
      #expect(scene.child.input.queuedBytes > 0)
      scene.child.input.closeWhenDrained()
      scene.child.input.write([4]) { told.append($0?.name ?? "written") }
      #expect(told == ["small true", "EPIPE"])
      try runLoop(loop) { scene.isOver }
      #expect(told == ["small true", "EPIPE", "big true", "last true"])
      #expect(scene.output == [1, 2] + big + [3])
      #expect(scene.exits == [.code(0)])
      scene.child.close()
    }
  }

  @Test func aChildThatClosesItsInputGivesABrokenPipe() throws {
    SystemProcess.ignoreBrokenPipes()
    try withScheduler { loop, scheduler in
      let scene = try Scene(shell: "exec <&-; echo closed; sleep 100", on: loop, scheduler)
      try runLoop(loop) { scene.text == "closed\n" }
      var failure: UVError?
      let timer = try Timer(on: loop)
      // Children that other tests are just forking hold the other end a moment longer.
      timer.start(after: .zero, repeating: .milliseconds(1)) {
        scene.child.input.write([1]) { failure = $0 }
      }
      try runLoop(loop) { failure != nil }
      timer.close()
      #expect(failure?.code == .brokenPipe)
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      try runLoop(loop) { scene.isOver }
      scene.child.close()
    }
  }

  @Test func aWriteThatWaitsFailsWhenTheChildDies() throws {
    SystemProcess.ignoreBrokenPipes()
    try withScheduler { loop, scheduler in
      let scene = try Scene("sleep", ["100"], on: loop, scheduler)
      var failures: [String] = []
      scene.child.input.write([UInt8](repeating: 1, count: 300_000)) {
        failures.append($0?.name ?? "written")
      }
      #expect(failures.isEmpty)
      try ProcessGroups.signal(SIGKILL, group: scene.child.pid)
      try runLoop(loop) { scene.isOver && !failures.isEmpty }
      #expect(failures == ["EPIPE"])
      scene.child.close()
    }
  }
}
