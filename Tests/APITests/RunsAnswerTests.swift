import API
import Basics
import Foundation
import Supervision
import Testing

@Suite struct RunsAnswerTests {
  @Test func runsAreShownInTheirOrderAndWhatIsNotKnownIsNull() throws {
    let runs = [
      RunRecord(number: 3, start: .seconds(1_784_174_409), duration: .milliseconds(1_500)),
      RunRecord(
        number: 2, start: .seconds(1_784_174_400), end: .seconds(1_784_174_405),
        status: .signal(.kill), duration: .seconds(5), reason: "it took longer than 5s"),
      RunRecord(
        number: 1, start: .zero, end: .seconds(1), status: .code(0), duration: .seconds(-1)),
    ]
    let answer = try Answer(Answers.runs(runs, of: "web"))
    #expect(answer.status == 200)
    let object = try answer.object
    #expect(Set(object.keys) == ["success", "id", "runs"])
    #expect(object["success"] as? Bool == true)
    #expect(object["id"] as? String == "web")
    let shown = try #require(object["runs"] as? [[String: Any]])
    #expect(shown.count == 3)
    let names = Set(["number", "start", "end", "exit", "duration_seconds", "reason"])
    for run in shown { #expect(Set(run.keys) == names) }
    #expect(shown[0]["number"] as? Int == 3)
    #expect(shown[0]["start"] as? String == "2026-07-16T04:00:09Z")
    #expect(shown[0]["end"] is NSNull)
    #expect(shown[0]["exit"] is NSNull)
    #expect(shown[0]["duration_seconds"] as? Double == 1.5)
    #expect(shown[0]["reason"] is NSNull)
    #expect(shown[1]["end"] as? String == "2026-07-16T04:00:05Z")
    #expect(shown[1]["exit"] as? [String: String] == ["signal": "SIGKILL"])
    #expect(shown[1]["reason"] as? String == "it took longer than 5s")
    #expect(shown[2]["exit"] as? [String: Int] == ["code": 0])
    #expect(shown[2]["duration_seconds"] as? Int == 0)
  }

  @Test func aProcessThatNeverRanHasNone() throws {
    let object = try Answer(Answers.runs([], of: "web")).object
    #expect((object["runs"] as? [Any])?.isEmpty == true)
  }
}
