import API
import Foundation
import HTTP
import Testing

/// What an operator must know: kept once a code and subject, and shown to those who may see it.
struct ProblemTests {
  private func problem(_ code: Problem.Code, _ subject: String?, _ message: String) -> Problem {
    Problem(code, of: subject, message, since: .seconds(1_752_639_009))
  }

  @Test func oneThatIsThereAlreadyOnlyGetsAnotherMessage() {
    var list = ProblemList()
    #expect(list.raise(problem(.logWrite, "a", "first")) != nil)
    #expect(list.raise(Problem(.logWrite, of: "a", "second", since: .seconds(9))) == nil)
    #expect(list.raise(problem(.logWrite, "b", "third")) != nil)
    #expect(list.all == [problem(.logWrite, "a", "second"), problem(.logWrite, "b", "third")])
    #expect(list.count(of: .logWrite) == 2)
    #expect(list.clear(.logWrite, "c") == nil)
    #expect(list.clear(.logWrite, "a")?.message == "second")
    #expect(list.all.map(\.subject) == ["b"])
  }

  @Test func theirNumberIsBounded() {
    var list = ProblemList()
    for number in 0..<1000 {
      // Each is told, also where it is not kept, but for those after the first that is not.
      let isNew = list.raise(problem(.definitionFile, "\(number)", "m")) != nil
      #expect(isNew == (number <= ProblemList.limit))
    }
    #expect(list.all.count == ProblemList.limit + 1)
    #expect(list.count(of: .tooMany) == 1)
    for number in 0..<1000 { _ = list.clear(.definitionFile, "\(number)") }
    #expect(list.all.isEmpty)
  }

  private func isDetailed(_ key: String?, _ reception: inout Reception) -> Bool? {
    guard case .health(let isDetailed) = reception.ask("GET", "/health", key: key) else {
      return nil
    }
    return isDetailed
  }

  @Test func onlyARightKeySeesThem() {
    var reception = Reception()
    #expect(isDetailed(nil, &reception) == false)
    #expect(isDetailed("wrong", &reception) == false)
    #expect(isDetailed(Reception.key, &reception) == true)
  }

  @Test func aWrongKeyIsAGuessLikeAnyOther() {
    var reception = Reception()
    for _ in 0..<20 { #expect(isDetailed("wrong", &reception) == false) }
    #expect(reception.router.wrongKeyCount == 11)
    // The address has to wait: not even the right key is looked at.
    #expect(isDetailed(Reception.key, &reception) == false)
  }

  @Test func theAnswerHasTheirNumberOrEachOfThem() throws {
    let all = [problem(.keysFile, nil, "no named key works"), problem(.linesLost, "web", "full")]
    let few = try JSONSerialization.jsonObject(
      with: Data(Answers.health(all, isDetailed: false).body))
    #expect(few as? NSDictionary == ["success": true, "message": "ok", "problems": 2])
    let each = try JSONSerialization.jsonObject(
      with: Data(Answers.health(all, isDetailed: true).body))
    let since = "2025-07-16T04:10:09Z"
    #expect(
      (each as? [String: Any])?["problems"] as? NSArray == [
        ["code": "keys_file", "message": "no named key works", "since": since],
        ["code": "lines_lost", "message": "full", "since": since],
      ])
  }
}
