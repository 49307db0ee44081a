import Supervision
import Testing

@Suite struct ReloadTests {
  private static let old: [ProcessDefinition] = [
    .always("same").saved, .always("gone").saved, .always("label").saved, .always("command").saved,
    .always("copies").times(2).saved,
  ]
  private static let new: [ConfiguredDefinition] = [
    ConfiguredDefinition(.always("same").saved),
    ConfiguredDefinition(.always("label").labelled("x").saved),
    ConfiguredDefinition(.always("command").running("play").saved),
    ConfiguredDefinition(.always("copies").times(3).saved),
    ConfiguredDefinition(.always("fresh").saved),
  ]

  private func makeWorld() -> PaperWorld {
    var world = PaperWorld()
    world.disk = Self.old
    world.send(.loadSaved(Self.old))
    world.ask(.add(.always("passing")))
    return world
  }

  /// The files are changed by hand, and read again.
  @discardableResult
  private func reload(
    _ world: inout PaperWorld, _ files: [ConfiguredDefinition], isDryRun: Bool = false
  ) -> Ticket {
    if !isDryRun {
      world.disk = files.filter { $0.fragment == nil }.map(\.definition).sorted { $0.id < $1.id }
    }
    world.files.definitions = files
    return world.askAndWait(.reload(isDryRun: isDryRun))
  }

  private var expected: Reply.Changes {
    var changes = Reply.Changes()
    changes.added = ["fresh"]
    changes.removed = ["gone"]
    changes.updated = ["command", "copies", "label"]
    changes.unchanged = ["same"]
    return changes
  }

  @Test func onlyWhatDiffersIsTouched() {
    var world = makeWorld()
    let ticket = reload(&world, Self.new)
    #expect(world.changes(ticket) == expected)
    #expect(
      world.names
        == ["command", "copies.0", "copies.1", "copies.2", "fresh", "label", "passing", "same"])
    let runs = world.supervisor.entries(at: world.now).map(\.runCount)
    #expect(runs == [2, 1, 1, 1, 1, 1, 1, 1])
    #expect(world.effects.contains(.log("gone", .close(deletesFiles: false))))
    let saves = world.effects.count { if case .save = $0 { true } else { false } }
    #expect(saves == 0)
    let again = reload(&world, Self.new)
    #expect(world.changes(again)?.unchanged == ["command", "copies", "fresh", "label", "same"])
    #expect(world.answers[again]?.message == "Nothing has changed")
    #expect(world.violations.isEmpty)
  }

  @Test func aDryRunOnlySaysWhatItWouldDo() {
    var world = makeWorld()
    let before = world.effects.count
    let ticket = reload(&world, Self.new, isDryRun: true)
    #expect(world.changes(ticket) == expected)
    #expect(
      world.answers[ticket]?.message
        == "A reload would be: 1 added, 1 removed, 3 updated, 1 unchanged")
    // The files were read, within the time for that, and the answer has been given.
    #expect(world.effects.count == before + 4)
  }

  @Test func theAnswerWaitsUntilAllIsDone() {
    var world = makeWorld()
    let gone = world.supervisor.run(of: "gone")
    #expect(gone != nil)
    world.behaviours["fresh"] = PaperBehaviour(spawnTakes: .seconds(2))
    let ticket = reload(&world, Self.new)
    #expect(world.answers[ticket] == nil)
    // Another one waits for it.
    let next = world.ask(.reload(isDryRun: false))
    #expect(world.answers[next] == nil)
    world.advance(by: .seconds(2))
    #expect(world.changes(ticket) == expected)
    #expect(
      world.changes(next)?.added.isEmpty == true && world.changes(next)?.removed.isEmpty == true)
    #expect(world.violations.isEmpty)
  }

  @Test func aMistakeInTheFilesChangesNothing() {
    var world = makeWorld()
    let before = world.supervisor.entries(at: world.now)
    for (files, words) in [
      (
        [ConfiguredDefinition(.once("a").after("b")), ConfiguredDefinition(.once("b").after("a"))],
        "a → b → a"
      ),
      ([ConfiguredDefinition(.once("a").after("no"))], "no process of that id"),
      ([ConfiguredDefinition(.once("a").after("gone"))], "no process of that id"),
      (
        [
          ConfiguredDefinition(.once("a")), ConfiguredDefinition(.once("a"), fragment: "10-a.json"),
        ],
        "in 'processes.json' and in '10-a.json'"
      ),
      ([ConfiguredDefinition(.once("a").times(2)), ConfiguredDefinition(.once("a.1"))], "'a.1'"),
      (
        [
          ConfiguredDefinition(.once("passing").times(2)), ConfiguredDefinition(.once("passing.0")),
        ], "'passing.0'"
      ),
    ] {
      let ticket = reload(&world, files, isDryRun: true)
      #expect(world.answers[ticket]?.refusal == .conflict)
      #expect(world.answers[ticket]?.message.hasPrefix("Nothing is reloaded: ") == true)
      #expect(world.answers[ticket]?.message.contains(words) == true, "\(words)")
    }
    #expect(world.supervisor.entries(at: world.now) == before)
  }

  @Test func theFileTakesOverAProcessThatWasNeverSaved() {
    var world = makeWorld()
    let files =
      Self.old.map { ConfiguredDefinition($0) } + [ConfiguredDefinition(.always("passing").saved)]
    let ticket = reload(&world, files)
    #expect(world.changes(ticket)?.updated == ["passing"])
    #expect(world.supervisor.entry("passing", at: world.now)?.runCount == 1)
    #expect(world.supervisor.definition(ofService: "passing")?.isSaved == true)
  }

  @Test func whatDependsOnAnotherGoesFirst() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(stopTakes: .seconds(1))
    world.disk = [.always("db").saved, .always("web").after("db").saved]
    world.send(.loadSaved(world.disk))
    let ticket = reload(&world, [])
    #expect(world.stops == ["web"])
    let add = world.ask(.add(.once("x").after("db")))
    #expect(world.answers[add]?.refusal == .badDefinition)
    world.advance(by: .seconds(1))
    #expect(world.stops == ["web", "db"])
    #expect(world.changes(ticket)?.removed == ["db", "web"])
    #expect(world.names.isEmpty)
    #expect(world.violations.isEmpty)
  }

  @Test func aNewProcessWaitsForWhatItDependsOn() {
    var world = PaperWorld()
    world.behaviours["db"] = PaperBehaviour(spawnTakes: .seconds(1))
    let ticket = reload(
      &world,
      [
        ConfiguredDefinition(.always("a").after("db").saved),
        ConfiguredDefinition(.always("db").saved),
      ])
    world.advance(by: .seconds(1))
    #expect(world.spawns == ["db", "a"])
    #expect(world.changes(ticket)?.added == ["a", "db"])
  }

  @Test func aSaveThatIsOutIsNotOverruledByAnOlderFile() {
    var world = makeWorld()
    world.saveTakes = .seconds(1)
    world.ask(.add(.always("late").saved))
    // The files are not even read while one is out.
    let behind = world.ask(.reload(isDryRun: false))
    #expect(world.answers[behind] == nil && !world.effects.contains(.definitionFiles(.read)))
    world.files.definitions = (Self.old + [.always("late").saved]).map { ConfiguredDefinition($0) }
    world.advance(by: .seconds(1))
    #expect(world.changes(behind)?.unchanged.count == 6)
    #expect(world.status("late") == .running)
    #expect(world.violations.isEmpty)
  }

  @Test func whatStandsInAFragmentIsChangedOnlyThere() {
    var world = PaperWorld()
    let fragment = ConfiguredDefinition(.always("web").saved, fragment: "10-web.json")
    world.send(.load([fragment]))
    world.ask(.add(.always("db").saved))
    #expect(world.disk.map(\.id) == ["db"])
    for command in [
      Command.update(.always("web").labelled("x")), .scale(id: "web", instances: 2),
      .remove(id: "web", deletesLog: false), .add(.always("web")),
    ] {
      let ticket = world.ask(command)
      #expect(world.answers[ticket]?.refusal == .conflict)
      #expect(world.answers[ticket]?.message.contains("'10-web.json'") == true)
    }
    #expect(world.answers[world.askAndWait(.restart(id: "web"))]?.isDone == true)
    #expect(world.supervisor.fragment(ofService: "web") == "10-web.json")
    let moved = reload(
      &world,
      [ConfiguredDefinition(.always("web").saved), ConfiguredDefinition(.always("db").saved)])
    #expect(world.changes(moved)?.updated == ["web"])
    let change = world.ask(.update(.always("web").labelled("x").saved))
    #expect(world.answers[change]?.isDone == true)
    #expect(world.disk.map(\.id) == ["db", "web"])
    let gone = reload(&world, [])
    #expect(world.changes(gone)?.removed == ["db", "web"])
    #expect(world.violations.isEmpty)
  }

  @Test func whatDoesNotStartIsSaid() {
    var world = PaperWorld()
    world.behaviours["web"] = PaperBehaviour(startFailure: "no such file")
    let ticket = reload(&world, [ConfiguredDefinition(.once("web").saved)])
    #expect(world.changes(ticket)?.added == ["web"])
    #expect(world.answers[ticket]?.message.contains("no such file") == true)
  }

  @Test func aShutdownEndsAReloadWithAnAnswer() {
    var world = makeWorld()
    world.behaviours["fresh"] = PaperBehaviour(spawnTakes: .seconds(2))
    let ticket = reload(&world, Self.new)
    world.send(.shutdownRequested)
    #expect(world.answers[ticket]?.refusal == .shuttingDown)
    world.advance(by: .seconds(10))
    #expect(world.hasFinished)
    #expect(world.violations.isEmpty)
  }
}
