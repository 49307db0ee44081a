import Basics
import Supervision
import Testing

@Suite struct SocketTests {
  private func closings(_ world: PaperWorld) -> Int {
    world.effects.count { $0 == .closeSockets("web") }
  }

  @Test func socketsStayOpenAsLongAsOneCopyIsUpOrToComeUp() {
    var world = PaperWorld()
    world.ask(.add(.always("web").times(2).listening("127.0.0.1:80")))
    world.askAndWait(.stop(id: "web.0"))
    world.end("web.1", .code(1))
    #expect(closings(world) == 0)
    world.advance(by: .seconds(2))
    world.askAndWait(.restart(id: "web.1"))
    #expect(closings(world) == 0)
    world.askAndWait(.stop(id: "web"))
    #expect(closings(world) == 1)
    world.ask(.start(id: "web.0"))
    world.askAndWait(.remove(id: "web", deletesLog: false))
    #expect(closings(world) == 2)
    #expect(world.violations.isEmpty)
  }

  /// The daemon compares the addresses when it starts the next run: those that stay must never be
  /// closed.
  @Test func otherAddressesCloseNothingBeforeTheNextRun() {
    var world = PaperWorld()
    world.ask(.add(.always("web").listening("127.0.0.1:80", "127.0.0.1:81")))
    world.askAndWait(.update(.always("web").listening("127.0.0.1:81", "127.0.0.1:82")))
    world.askAndWait(.update(.always("web")))
    #expect(closings(world) == 0)
    world.askAndWait(.stop(id: "web"))
    #expect(closings(world) == 1)
    #expect(world.violations.isEmpty)
  }

  @Test func aProcessWithoutSocketsHasNoneToClose() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.askAndWait(.remove(id: "web", deletesLog: false))
    #expect(closings(world) == 0)
  }
}
