import API
import HTTP
import Logs
import Supervision
import TestSupport
import Testing

@testable import ExeioDaemon
@testable import UV

/// What requests ask for is done, and each is answered once by its ticket. Processes are added and
/// have their logs; nothing is executed.
struct RequestActionsTests {
  /// What does the things that a scene is asked for.
  private final class Actions {
    let scene: RequestScene
    let server: HTTPServer
    private let saves: DefinitionSaves
    private let streams: LogStreams
    private let metrics: OwnMetrics
    /// The effects that were not performed.
    var left: [Effect] = []

    init(_ scene: RequestScene, answers: AnswerBudget = AnswerBudget()) throws {
      self.scene = scene
      let owners = scene.owners
      let context = owners.context
      server = try HTTPServer(
        on: owners.loop, maxConnections: 10,
        times: HTTPConnection.Times(now: context.clock.monotonic), answers: answers,
        refusal: { Response($0.status) }, date: { "today" })
      saves = try DefinitionSaves(
        context, owners.problems, path: owners.configuration.processesFile)
      let logContext = LogContext(loop: owners.loop, origin: "test", now: { .zero })
      let lastReload = LastReload(context.clock)
      metrics = try OwnMetrics(
        context, version: "1.2.3", startedAt: .zero, server, scene.handler, logContext,
        owners.problems, lastReload)
      streams = try LogStreams(context, owners.logs, scene.handler, scene.keys)
      let parts = RequestActions.Parts(
        dispatcher: scene.dispatcher, server: server, logs: owners.logs, runs: owners.runs,
        saves: saves, usageSampler: UsageSampler(owners.scanner, clock: context.clock.monotonic),
        namedKeys: scene.keys, problems: owners.problems,
        limits: ClientLimits(owners.configuration, server, owners.problems), streams: streams,
        entryContext: EntryContext(logDirectory: "/logs", workingDirectory: "/"),
        metrics: metrics, lastReload: lastReload)
      let actions = RequestActions(context, parts, scene.handler)
      scene.handler.perform = { actions.perform($0, $1) }
      scene.dispatcher.perform = { [unowned self, logs = owners.logs] effect in
        guard case .log(_, .open(let definition)) = effect else { return left.append(effect) }
        logs.open(definition)
      }
    }

    /// Makes a process known; the start of its runs is left.
    func load(_ definition: ProcessDefinition) {
      scene.dispatcher.send(.load([ConfiguredDefinition(definition, fragment: nil)]))
    }

    /// The answer to a request.
    func ask(_ method: String, _ target: String, body: String = "") throws -> String {
      scene.send(method, target, body: body)
      let answer = try scene.answer()
      #expect(scene.handler.pendingCount == 0)
      return answer
    }

    func close() throws {
      scene.dispatcher.perform = { _ in }
      saves.close()
      streams.close()
      metrics.close()
      try server.close(grace: .zero)
    }
  }

  private func withActions(
    answers: AnswerBudget = AnswerBudget(), _ body: (Actions) throws -> Void
  ) throws {
    try withRequests { scene in
      let actions = try Actions(scene, answers: answers)
      try body(actions)
      try actions.close()
    }
  }

  private static let input = #"{"input":"text"}"#
  private static let web = ProcessDefinition(id: "web", command: "sleep 1")
  private static var pair: ProcessDefinition {
    var definition = ProcessDefinition(id: "pair", command: "sleep 1")
    definition.instances = 2
    return definition
  }

  @Test func aRouteThatReadsIsAnsweredByItsTicket() throws {
    try withActions { actions in
      #expect(try actions.ask("GET", "/list").hasSuffix("\r\n\r\n[]\n"))
      #expect(try actions.ask("GET", "/status/web").contains("no process 'web'"))
      #expect(try actions.ask("GET", "/runs/web").hasPrefix("HTTP/1.1 404 "))
      #expect(try actions.ask("GET", "/health").contains(#""success":true"#))
      #expect(try actions.ask("GET", "/metrics").contains("exeio_build_info"))
      let page = try actions.ask("GET", "/logs/exeio")
      #expect(page.hasPrefix("HTTP/1.1 200 ") && page.contains(#""logs":["#))
      #expect(try actions.ask("GET", "/logs/none").hasPrefix("HTTP/1.1 404 "))
    }
  }

  @Test func whatIsForOneIsRefusedForSeveralCopies() throws {
    try withActions { actions in
      actions.load(Self.pair)
      for (method, target, body) in [
        ("GET", "/logs/pair", ""), ("GET", "/runs/pair", ""), ("POST", "/input/pair", Self.input),
      ] {
        let answer = try actions.ask(method, target, body: body)
        #expect(answer.hasPrefix("HTTP/1.1 409 ") && answer.contains("pair.0"))
      }
      #expect(try actions.ask("GET", "/logs/pair.1").hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test func logsOfAllCopiesAreClearedBeforeTheAnswer() throws {
    try withActions { actions in
      actions.load(Self.pair)
      let answer = try actions.ask("POST", "/clear-log/pair")
      #expect(answer.hasPrefix("HTTP/1.1 200 "))
      #expect(answer.contains("2 of the 2 logs of process 'pair' cleared"))
      #expect(answer.contains("Log of process 'pair.0' cleared"))
      #expect(try actions.ask("POST", "/clear-log/none").hasPrefix("HTTP/1.1 404 "))
    }
  }

  @Test func aProcessWithoutARunTakesNoInput() throws {
    try withActions { actions in
      actions.load(Self.web)
      let answer = try actions.ask("POST", "/input/web", body: Self.input)
      #expect(answer.hasPrefix("HTTP/1.1 409 ") && answer.contains("'web' is not running"))
      #expect(try actions.ask("POST", "/input/none", body: Self.input).hasPrefix("HTTP/1.1 404 "))
    }
  }

  @Test(arguments: ["", "&force=true"])
  func aPatchOfWhatIsNotThereIsRefusedAsAnUpdateIs(force: String) throws {
    try withActions { actions in
      actions.load(Self.pair)
      let target = "?merge=true\(force)"
      let patch = #"{"labels":{"tier":"front"}}"#
      let none = try actions.ask("POST", "/update/none\(target)", body: patch)
      #expect(none.hasPrefix("HTTP/1.1 404 ") && none.contains("no process 'none'"))
      let copy = try actions.ask("POST", "/update/pair.0\(target)", body: patch)
      #expect(copy.hasPrefix("HTTP/1.1 409 ") && copy.contains("'pair'"))
      let taken = try actions.ask("POST", "/update/pair\(target)", body: patch)
      #expect(taken.hasPrefix("HTTP/1.1 200 ") && taken.contains(#""field":"labels""#))
    }
  }

  @Test func aListForAClientThatHasGoneIsNotMade() throws {
    let answers = AnswerBudget(pages: 1, others: 1)
    try withActions(answers: answers) { actions in
      answers.change(by: 1)
      actions.scene.send("GET", "/list")
      try actions.scene.owners.wait { actions.scene.handler.pendingCount == 1 }
      try actions.scene.owners.wait { answers.hasWaiting }
      actions.scene.client.close()
      try actions.scene.owners.wait { actions.scene.isClosed }
      answers.change(by: -1)
      #expect(actions.scene.handler.pendingCount == 0 && !answers.hasWaiting)
    }
  }
}
