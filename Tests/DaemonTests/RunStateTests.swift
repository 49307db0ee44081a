import Basics
import ExeioDaemon
import Supervision
import Testing

/// What a supervisor writes down of its runs is what the next one reads.
struct RunStateTests {
  private let first = RunState.Run(
    number: 1, process: "web", marker: "t.1", stopSignal: .interrupt,
    stopTimeout: .milliseconds(2500),
    leader: RunState.Run.Leader(pid: 100, startTime: 5))
  private let second = RunState.Run(
    number: 2, process: "job", marker: "t.2", stopSignal: .terminate, stopTimeout: .seconds(10))

  private func read(_ text: String, bootID: String = "boot") -> RunState {
    RunState(Array(text.utf8), bootID: bootID)
  }

  private func text(_ runs: RunState.Run...) -> String {
    RunState.header(bootID: "boot")
      + runs.map { $0.intentLine + ($0.beginLine ?? "") }.joined()
  }

  @Test func whatIsWrittenIsRead() {
    #expect(read(text(first, second)).runs == [1: first, 2: second])
  }

  @Test func aHookOrAProbeIsToldFromARun() {
    var helper = second
    helper.number = 3
    helper.isHelper = true
    let state = read(text(first, helper))
    #expect(state.runs == [1: first, 3: helper])
    #expect(state.runs[1]?.isHelper == false)
  }

  /// The numbers after it are counted up from the largest one.
  @Test func aNumberThatLeavesNoRoomIsPassedOver() {
    for number in ["18446744073709551615", "9223372036854775808"] {
      #expect(
        read(text(first) + "? \(number) 15 0 t.9 web\n+ \(number) 100 5\n").runs == [1: first])
    }
  }

  @Test func aRunThatHasEndedIsForgotten() {
    #expect(read(text(first, second) + RunState.endLine(1)).runs == [2: second])
  }

  @Test func anotherBootLeftNothing() {
    #expect(read(text(first), bootID: "later").runs.isEmpty)
  }

  @Test func aLineThatWasNeverFinishedSaysNothing() {
    let whole = text(first, second)
    for length in 0..<whole.utf8.count {
      let state = RunState(Array(whole.utf8.prefix(length)), bootID: "boot")
      for (number, run) in state.runs {
        let known = number == 1 ? first : second
        #expect(run.process == known.process && run.stopTimeout == known.stopTimeout)
        #expect(run.leader == nil || run.leader == known.leader, "cut at \(length)")
      }
    }
    #expect(read(String(whole.dropLast())).runs == [1: first])
  }

  @Test(arguments: [
    "", "\n", "nonsense\n", "exeio-run-state 1 boot\n+ 1 2 3\n",
    "exeio-run-state 2 boot\n+ 1 0 3\n",
    "exeio-run-state 2 boot\n? 1 999 3 t.1 web\n",
    "exeio-run-state 2 boot\n? x 15 3 t.1 web\n\u{0}\n",
    "exeio-run-state 2 boot\n+ 7 100 5\n",
  ])
  func whatMakesNoSenseIsPassedOver(text: String) {
    #expect(read(text).runs.isEmpty)
  }
}
