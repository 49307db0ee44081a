import API
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// The files of definitions as a reload reads them: what of them is missing, and what holds of what
/// was read.
struct DefinitionFilesReaderTests {
  /// A supervisor with its files, and nothing else: what it wants to be done is kept.
  private final class Scene {
    let owners: OwnersScene
    let dispatcher: EventDispatcher
    let saves: DefinitionSaves
    let localTime: LocalTimeReader
    let reader: DefinitionFilesReader
    private let box = Box()
    var effects: [Effect] { box.effects }
    var replies: [Reply] = []

    private final class Box { var effects: [Effect] = [] }

    init(_ owners: OwnersScene, saved: String = "[]") throws {
      self.owners = owners
      let configuration = owners.configuration
      try Files.createNew(configuration.processesFile, mode: 0o600, contents: Array(saved.utf8))
      let dispatcher = EventDispatcher(
        Supervisor(limitControllers: [], configDirectory: "conf"), clock: owners.context.clock)
      self.dispatcher = dispatcher
      let context = DaemonContext(
        loop: owners.loop, clock: owners.context.clock, log: owners.context.log,
        send: dispatcher.send)
      saves = try DefinitionSaves(context, owners.problems, path: configuration.processesFile)
      localTime = try LocalTimeReader(context)
      reader = DefinitionFilesReader(
        context,
        DefinitionFilesReader.Parts(
          saved: saves.file, localTime: localTime, problems: owners.problems,
          refusal: { $0.id == "huge" ? "too large" : nil }),
        configuration)
      dispatcher.perform = { [box, saves, reader] effect in
        box.effects.append(effect)
        switch effect {
        case .save(let definitions, let id): saves.save(definitions, id)
        case .definitionFiles(.read): reader.read()
        case .definitionFiles(.take): reader.take()
        case .definitionFiles(.giveBack): reader.giveBack()
        // A reload waits for the starts that it brings about.
        case .run(let id, .spawn(_, run: _)):
          dispatcher.send(.run(id, .spawnFailed(reason: "a test")))
        default: break
        }
      }
      let survey = DefinitionFiles(configuration).survey()
      reader.start(with: survey)
      dispatcher.send(.load(survey.definitions))
    }

    func reload(isDryRun: Bool = false) throws -> Reply? {
      let count = replies.count
      dispatcher.ask(.reload(isDryRun: isDryRun)) { [unowned self] in replies.append($0) }
      try owners.wait { replies.count > count }
      return replies.last
    }

    func write(_ text: String) throws {
      try Files.rewrite(owners.configuration.processesFile, with: Array(text.utf8), over: nil)
    }

    func close() {
      saves.close()
      localTime.close()
      dispatcher.perform = { _ in }
    }
  }

  private func withScene(_ body: (Scene) throws -> Void) throws {
    try withOwners { owners in
      let scene = try Scene(owners)
      try body(scene)
      scene.close()
    }
  }

  private let web = #"[{"id": "web", "command": "sleep", "args": ["1000"]}]"#

  @Test func whatTheFilesSayReachesTheSupervisor() throws {
    try withScene { scene in
      try scene.write(web)
      guard case .reloaded = try scene.reload(isDryRun: true) else {
        return #expect(Bool(false), "\(scene.replies)")
      }
      #expect(scene.dispatcher.supervisor.definition(ofService: "web") == nil)
      guard case .reloaded = try scene.reload() else {
        return #expect(Bool(false), "\(scene.replies)")
      }
      #expect(
        scene.dispatcher.supervisor.definition(ofService: "web")?.execution.command == "sleep")
    }
  }

  @Test(arguments: [
    ("", "is missing; to remove all processes in it, write [] into it"),
    ("[", "processes.json"),
    (#"[{"id": "huge", "command": "x"}]"#, "process 'huge': too large"),
  ])
  func whatCannotBeMeantIsRefused(text: String, reason: String) throws {
    try withScene { scene in
      if text.isEmpty {
        try Files.remove(scene.owners.configuration.processesFile)
      } else {
        try scene.write(text)
      }
      guard case .refused(.conflict, let message)? = try scene.reload() else {
        return #expect(Bool(false), "\(scene.replies)")
      }
      #expect(message.hasPrefix("Nothing is reloaded: ") && message.contains(reason), "\(message)")
    }
  }

  @Test func oneWaitsForTheOtherAndForASave() throws {
    try withScene { scene in
      var definition = ProcessDefinition(id: "saved", command: "sleep")
      definition.isSaved = true
      scene.dispatcher.ask(.add(definition)) { _ in }
      #expect(scene.effects.contains { if case .save = $0 { true } else { false } })
      for _ in 0..<3 {
        scene.dispatcher.ask(.reload(isDryRun: false)) { [unowned scene] in
          scene.replies.append($0)
        }
      }
      try scene.owners.wait { scene.replies.count == 3 }
      // It stands in the file by then, and is not taken for removed.
      #expect(scene.dispatcher.supervisor.definition(ofService: "saved") != nil)
    }
  }

  @Test func theLocalTimeIsHandedOverAtTheStart() throws {
    try withOwners { owners in
      let reader = try LocalTimeReader(owners.context)
      reader.start()
      guard case .zoneRead = owners.events.first else {
        return #expect(Bool(false), "\(owners.events)")
      }
      reader.close()
      reader.note(.failure(UVError(.noSuchFileOrDirectory, "read", "/etc/localtime")))
      #expect(owners.events.count == 1)
    }
  }
}
