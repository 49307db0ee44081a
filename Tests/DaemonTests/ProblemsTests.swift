import API
import Supervision
import Testing

@testable import ExeioDaemon

/// What an operator must know, as the daemon keeps it.
struct ProblemsTests {
  /// What was written to the log, and what time it is.
  private final class Scene {
    var lines: [String] = []
    var now: Duration = .zero
    lazy var problems = Problems { [unowned self] in
      lines.append("\($0.rawValue): \($1)")
    } clock: { [unowned self] in
      Moment(monotonic: now, sinceEpoch: .seconds(100) + now)
    }
  }

  @Test func eachIsToldWhenItBeginsAndWhenItEnds() {
    let scene = Scene()
    var changes = 0
    scene.problems.onChange = { changes += 1 }
    scene.problems.raise(.processesFile, "disk full")
    scene.now = .seconds(5)
    scene.problems.raise(.processesFile, "still full")
    #expect(
      scene.problems.list.all == [Problem(.processesFile, "still full", since: .seconds(100))])
    scene.problems.clear(.processesFile)
    scene.problems.clear(.processesFile)
    #expect(scene.problems.list.all.isEmpty)
    #expect(changes == 3)
    #expect(
      scene.lines == [
        "error: Problem processes_file: disk full",
        "info: Problem processes_file is over: still full",
      ])
  }

  @Test func oneThatComesAndGoesAllTheTimeFillsNoLog() {
    let scene = Scene()
    for _ in 0..<1000 {
      scene.problems.raise(.linesLost, of: "web", "full", level: .warning)
      scene.problems.clear(.linesLost, of: "web")
    }
    #expect(scene.lines.count == 100)
  }
}
