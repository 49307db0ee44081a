import Supervision
import Testing

/// When the files are read for a reload, and which reloads get what they say.
@Suite struct ReloadQueueTests {
  private func loaded(_ definitions: ProcessDefinition...) -> PaperWorld {
    var world = PaperWorld()
    world.disk = definitions
    world.send(.loadSaved(definitions))
    world.files.definitions = definitions.map { ConfiguredDefinition($0) }
    return world
  }

  private func readings(_ world: PaperWorld) -> Int {
    world.effects.count { $0 == .definitionFiles(.read) }
  }

  private func message(_ world: PaperWorld, _ ticket: Ticket) -> String? {
    world.answers[ticket]?.message
  }

  @Test func oneWaitsForTheOther() {
    var world = loaded(.always("web").saved)
    world.filesTake = .seconds(1)
    let tickets = (0..<3).map { _ in world.ask(.reload(isDryRun: false)) }
    #expect(readings(world) == 1)
    for done in 1...3 {
      world.advance(by: .seconds(1))
      #expect(tickets.filter { world.answers[$0] != nil } == tickets.prefix(done).map { $0 })
    }
    #expect(readings(world) == 3 && world.filesTaken == 3)
    #expect(world.violations.isEmpty)
  }

  @Test func whatIsOnlyToldIsNotTaken() {
    var world = loaded(.always("web").saved)
    world.files.definitions = []
    let ticket = world.ask(.reload(isDryRun: true))
    #expect(world.changes(ticket)?.removed == ["web"])
    #expect(world.filesTaken == 0 && world.status("web") == .running)
  }

  /// What is added while they are read would be missing in what was read.
  @Test func aWriteThatBeginsMeanwhileHasThemReadAgain() {
    var world = loaded(.always("web").saved)
    world.filesTake = .seconds(2)
    world.saveTakes = .seconds(3)
    let ticket = world.ask(.reload(isDryRun: false))
    world.advance(by: .seconds(1))
    world.ask(.add(.always("late").saved))
    world.advance(by: .seconds(1))
    // They have been read, and are read again only behind the write.
    #expect(readings(world) == 1 && world.answers[ticket] == nil)
    world.files.definitions.append(ConfiguredDefinition(.always("late").saved))
    world.advance(by: .seconds(2))
    #expect(readings(world) == 2)
    world.advance(by: .seconds(2))
    #expect(world.changes(ticket)?.unchanged == ["late", "web"])
    #expect(world.status("late") == .running && world.violations.isEmpty)
  }

  @Test func aWriteThatHasFailedDoesNotHoldThemUp() {
    var world = loaded(.always("web").saved)
    world.saveFailure = "no space"
    world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(1))
    #expect(world.timers[.saveRetry] != nil)
    world.files.definitions = []
    let ticket = world.ask(.reload(isDryRun: false))
    #expect(world.changes(ticket) == Reply.Changes())
    // The files are as they are to be: nothing is written again.
    let before = world.effects.count
    world.advance(by: .seconds(60))
    #expect(world.effects.count == before && world.violations.isEmpty)
  }

  @Test func filesThatDoNotAnswerAreGivenUp() {
    var world = loaded(.always("web").saved)
    world.files.definitions = []
    world.filesTake = .seconds(100)
    let first = world.ask(.reload(isDryRun: false))
    let second = world.ask(.reload(isDryRun: true))
    world.advance(by: .seconds(29))
    #expect(world.answers[first] == nil && world.answers[second] == nil)
    world.advance(by: .seconds(1))
    let words = "Nothing is reloaded: the file system of '/etc/exeio' has not answered for"
    for ticket in [first, second] {
      #expect(world.answers[ticket]?.refusal == .failure)
      #expect(message(world, ticket) == "\(words) 30 seconds")
    }
    // Another one does not wait as long again.
    world.advance(by: .seconds(15))
    let third = world.ask(.reload(isDryRun: false))
    #expect(message(world, third) == "\(words) 45 seconds")
    // What comes late is dropped, and the next one reads again.
    world.advance(by: .seconds(55))
    #expect(world.status("web") == .running && world.filesTaken == 0 && readings(world) == 1)
    world.filesTake = nil
    let fourth = world.askAndWait(.reload(isDryRun: false))
    #expect(world.changes(fourth)?.removed == ["web"])
    #expect(readings(world) == 2 && world.violations.isEmpty)
  }

  @Test func aShutdownSendsAllAway() {
    var world = loaded(.always("web").saved)
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.filesTake = .milliseconds(500)
    let tickets = (0..<2).map { _ in world.ask(.reload(isDryRun: false)) }
    world.send(.shutdownRequested)
    for ticket in tickets { #expect(world.answers[ticket]?.refusal == .shuttingDown) }
    world.advance(by: .seconds(1))
    #expect(world.filesTaken == 0 && world.hasFinished && world.violations.isEmpty)
  }

  /// A shutdown in the middle of one leaves the files to the next start, as they are.
  @Test func whatIsNotDoneByThenIsGivenBack() {
    var world = loaded(.always("web").saved)
    world.behaviours["new"] = PaperBehaviour(spawnTakes: .seconds(5))
    world.files.definitions.append(ConfiguredDefinition(.always("new").saved))
    world.ask(.reload(isDryRun: false))
    #expect(world.filesTaken == 1)
    world.send(.shutdownRequested)
    #expect(world.filesTaken == 0)
    world.advance(by: .seconds(10))
    #expect(world.hasFinished && world.violations.isEmpty)
  }

  @Test func whatIsMissingIsNotTakenForRemoved() {
    for (loss, words) in [
      (
        DefinitionFilesReading.Loss.savedFile("/etc/exeio/processes.json"),
        "'/etc/exeio/processes.json' is missing; to remove all processes in it, write [] into it"
      ),
      (
        .fragments("/etc/exeio/processes.d"),
        "'/etc/exeio/processes.d' is missing; to remove all processes in it, make it and leave it empty"
      ),
    ] {
      var world = loaded(.always("web").saved)
      world.files.definitions = []
      world.files.losses = [loss]
      for isDryRun in [true, false] {
        let ticket = world.ask(.reload(isDryRun: isDryRun))
        #expect(world.answers[ticket]?.refusal == .conflict)
        #expect(message(world, ticket) == "Nothing is reloaded: \(words)")
      }
      #expect(world.status("web") == .running && world.filesTaken == 0)
    }
  }

  @Test func whatCannotBeReadIsSaid() {
    var world = loaded(.always("web").saved)
    world.files.failure = "'processes.json', line 1: no"
    let ticket = world.ask(.reload(isDryRun: false))
    #expect(message(world, ticket) == "Nothing is reloaded: 'processes.json', line 1: no")
    #expect(world.filesTaken == 0)
  }

  /// What is there already stays, whatever may not be started any more.
  @Test func whatCouldNeverStartHereIsRefused() {
    var world = loaded(.always("old").saved)
    world.files.excesses = ["old": "too large", "new": "too large"]
    let same = world.ask(.reload(isDryRun: false))
    #expect(world.changes(same)?.unchanged == ["old"])
    world.files.definitions.append(
      ConfiguredDefinition(.always("new").saved, fragment: "10-new.json"))
    let added = world.ask(.reload(isDryRun: false))
    #expect(
      message(world, added) == "Nothing is reloaded: 10-new.json: process 'new': too large")
    world.files.definitions = [ConfiguredDefinition(.always("old").labelled("x").saved)]
    let changed = world.ask(.reload(isDryRun: false))
    #expect(
      message(world, changed) == "Nothing is reloaded: processes.json: process 'old': too large")
    #expect(world.status("new") == nil && world.filesTaken == 1)
  }

  @Test func aWriteThatFailsIsTriedAgainAfterTenSeconds() {
    var world = loaded(.always("web").saved)
    world.saveFailure = "no space"
    world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(9))
    #expect(world.disk.map(\.id) == ["web"])
    world.saveFailure = nil
    world.advance(by: .seconds(1))
    #expect(world.disk.isEmpty && world.timers[.saveRetry] == nil)
    #expect(world.violations.isEmpty)
  }

  @Test func aShutdownDoesNotWaitForTheNextAttempt() {
    var world = loaded(.always("web").saved)
    world.saveFailure = "no space"
    world.ask(.remove(id: "web", deletesLog: false))
    world.advance(by: .seconds(1))
    world.send(.shutdownRequested)
    world.advance(by: .zero)
    #expect(world.hasFinished && world.violations.isEmpty)
  }
}
