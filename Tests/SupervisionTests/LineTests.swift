import Basics
import Supervision
import Testing

/// The wording of the seeds' "Log Messages to Watch For".
@Suite struct LineTests {
  @Test func aCrashAndItsRestartReadAsInTheSeeds() {
    var world = PaperWorld()
    world.latestPID = 12344
    world.ask(.add(.always("web-server")))
    world.advance(by: .seconds(5))
    world.end("web-server", .code(1))
    world.advance(by: .seconds(2))
    #expect(
      world.lines(of: "web-server") == [
        "Starting process 'web-server' (Run #1)",
        "Auto-restart monitor started for process 'web-server' (PID: 12345)",
        "Auto-restart monitor detected process 'web-server' (PID: 12345) has exited with status: "
          + "exit status: 1",
        "Auto-restart decision for 'web-server': should_restart=true, was_manual_stop=false, "
          + "delay=2s",
        "Initiating auto-restart for process 'web-server' (PID: 12345) in 2s",
        "Auto-restarting process 'web-server' after crash with exit code 1 (PID: 12345)",
        "Starting process 'web-server' (Run #2)",
        "Auto-restart monitor started for process 'web-server' (PID: 12346)",
      ])
    #expect(
      world.ownLines == [
        "Process 'web-server' added", "Process 'web-server' started (PID: 12345)",
        "Process 'web-server' (PID: 12345) has exited with status: exit status: 1",
        "Process 'web-server' started (PID: 12346)",
      ])
  }

  @Test(arguments: [
    (ExitStatus.code(0), "after normal exit (PID: 101)"),
    (.code(7), "after crash with exit code 7 (PID: 101)"),
    (.signal(.kill), "after external kill signal 9 (PID: 101)"),
  ])
  func theReasonOfARestartIsNamed(exit: ExitStatus, reason: String) {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.end("web", exit)
    world.advance(by: .seconds(2))
    #expect(world.lines(of: "web").contains("Auto-restarting process 'web' \(reason)"))
  }

  @Test func aManualStopSaysSo() {
    var world = PaperWorld()
    world.ask(.add(.always("web")))
    world.ask(.stop(id: "web"))
    world.advance(by: .zero)
    #expect(
      world.lines(of: "web").suffix(3) == [
        "Auto-restart monitor detected process 'web' (PID: 101) has exited with status: "
          + "signal: 15 (SIGTERM)",
        "Auto-restart decision for 'web': should_restart=false, was_manual_stop=true, delay=0s",
        "Process stopped manually via API",
      ])
    #expect(world.ownLines.last == "Process 'web' stopped")
  }

  @Test func aProcessThatIsNotRestartedSaysOnlyThatItEnded() {
    var world = PaperWorld()
    world.ask(.add(.once("web")))
    world.end("web", .code(3))
    #expect(
      world.lines(of: "web") == [
        "Starting process 'web' (Run #1)",
        "Process 'web' (PID: 101) has exited with status: exit status: 3",
      ])
  }

  @Test func theExitIsToldAfterTheLastOutput() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(outputTakes: .seconds(1))
    world.ask(.add(.once("web")))
    world.end("web", .code(3))
    #expect(world.lines(of: "web").count == 1)
    world.advance(by: .seconds(1))
    #expect(world.lines(of: "web").count == 2)
  }

  @Test func leftoversAndGivingUpAreTold() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(hasHelpers: true)
    world.ask(.add(.always("web").limited(to: 0)))
    world.end("web", .code(1))
    world.advance(by: .zero)
    #expect(
      world.lines(of: "web").contains(
        "Ending what is left of process 'web' (PID: 101)"))
    #expect(
      world.ownLines.last
        == "Process 'web' will not be restarted: gave up after 0 restarts; "
        + "last exit: exit status: 1")
  }

  @Test func aPeriodicRunTellsWhenTheNextIs() {
    var world = PaperWorld()
    var definition = ProcessDefinition.periodic("job")
    definition.period = .milliseconds(90_500)
    world.ask(.add(definition))
    world.end("job", .code(0))
    #expect(world.lines(of: "job").last == "Next run of process 'job' in 90.5s")
  }
}
