import Glibc
import TestSupport
import Testing
import UV

struct ProcessGroupsTests {
  @Test func aGroupIsThereUntilItsLastMemberIsGone() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene(
        shell: "sleep 100 > /dev/null 2>&1 & echo ready", on: loop, scheduler)
      let group = scene.child.pid
      try runLoop(loop) { scene.isOver }
      // The leader has been reaped, its child is still in the group.
      #expect(ProcessGroups.exists(group))
      try ProcessGroups.signal(SIGKILL, group: group)
      let timer = try Timer(on: loop)
      timer.start(after: .zero, repeating: .milliseconds(1)) {
        if membersOfSession(group).isEmpty { timer.close() }
      }
      try runLoop(loop) { !timer.isActive }
      scene.child.close()
    }
  }

  @Test func signallingAnEmptyGroupIsAnError() throws {
    try withScheduler { loop, scheduler in
      let scene = try Scene("true", on: loop, scheduler)
      try runLoop(loop) { scene.isOver }
      scene.child.close()
      #expect(!ProcessGroups.exists(scene.child.pid))
      #expect {
        try ProcessGroups.signal(SIGTERM, group: scene.child.pid)
      } throws: {
        ($0 as? UVError)?.code == .noSuchProcess
      }
    }
  }

  @Test func aNumberThatWouldMeanEverybodyTraps() async {
    await #expect(processExitsWith: .failure) {
      try ProcessGroups.signal(0, group: 1)
    }
  }
}
