import Basics
import Supervision
import Testing

/// Limits whose controllers of cgroup v2 the supervisor may not have.
@Suite struct LimitTests {
  /// A supervisor of one process, loaded from a file, with these controllers.
  private func loaded(
    _ definition: ProcessDefinition, _ controllers: Set<CgroupController>
  ) -> PaperWorld {
    var world = PaperWorld()
    world.supervisor = Supervisor.able(controllers)
    world.send(.loadSaved([definition.saved]))
    return world
  }

  private func limited(
    _ definition: ProcessDefinition, by controller: CgroupController
  ) -> ProcessDefinition {
    var definition = definition
    switch controller {
    case .memory: definition.execution.memoryMaxBytes = 1 << 20
    case .cpu: definition.execution.cpuMaxPercent = 50
    case .tasks: definition.execution.tasksMax = 5
    }
    return definition
  }

  private func starts(_ world: PaperWorld) -> Int {
    world.effects.count {
      switch $0 {
      case .run(_, .spawn), .run(_, .runBeforeStart): true
      default: false
      }
    }
  }

  @Test(arguments: CgroupController.allCases)
  func aLimitThatCannotBeKeptKeepsAProcessFromStarting(_ controller: CgroupController) {
    let others = Set(CgroupController.allCases).subtracting([controller])
    var definition = limited(.once("web"), by: controller)
    // It is not executed either.
    definition.beforeStart = ["prepare"]
    let world = loaded(definition, others)
    let field = [
      CgroupController.memory: "memory_max_bytes", .cpu: "cpu_max_percent", .tasks: "tasks_max",
    ][controller]!
    let reason =
      "\"\(field)\" cannot be kept here: the supervisor has no cgroup v2 with the controller "
      + "\"\(controller.rawValue)\" delegated to it (systemd: Delegate=yes)"
    #expect(starts(world) == 0)
    #expect(world.status("web") == .failed)
    #expect(
      world.supervisor.entry("web", at: world.now)?.error == "could not be started: \(reason)")
    #expect(world.lines(of: "web").last == "Failed to start process 'web': \(reason)")
    #expect(world.violations.isEmpty)
  }

  @Test(arguments: CgroupController.allCases)
  func aLimitThatCanBeKeptKeepsNothing(_ controller: CgroupController) {
    let world = loaded(limited(.once("web"), by: controller), [controller])
    #expect(world.status("web") == .running)
    #expect(loaded(.once("web"), []).status("web") == .running)
  }

  @Test func itIsTriedAgainAsEachStartIsThatFails() {
    var world = loaded(limited(.always("web"), by: .memory), [])
    #expect(world.status("web") == .backoff)
    let tries = world.lines(of: "web").count { $0.hasPrefix("Failed to start") }
    world.advance(by: .seconds(100))
    #expect(world.lines(of: "web").count { $0.hasPrefix("Failed to start") } > tries)
    #expect(starts(world) == 0)
    let ticket = world.ask(.start(id: "web"))
    #expect(world.answers[ticket]?.message.contains("cannot be kept here") == true)
    let stop = world.ask(.stop(id: "web"))
    #expect(world.answers[stop]?.isDone == true)
    #expect(world.violations.isEmpty)
  }
}
