import Foundation
import Testing

/// A process with copies is asked for by its id, and each copy by its name.
struct ServiceRequestTests {
  private func daemonWithCopies(_ instances: Int) throws -> DaemonUnderTest {
    let daemon = try DaemonUnderTest()
    let answer = try daemon.add([
      "id": "web", "command": "cat", "instances": instances, "labels": ["team": "a"],
    ])
    #expect(answer.status == 201)
    return daemon
  }

  @Test func theStatusOfAProcessWithCopiesHoldsThatOfEach() throws {
    let daemon = try daemonWithCopies(2)
    let status = try daemon.get("/status/web").object()
    #expect(status["id"] as? String == "web")
    #expect(status["instances"] as? Int == 2)
    #expect(status["status"] as? String == "running")
    let copies = try #require(status["processes"] as? [[String: Any]])
    #expect(copies.map { $0["id"] as? String } == ["web.0", "web.1"])
    let definition = try #require(status["definition"] as? [String: Any])
    #expect(definition["id"] as? String == "web")
    let copy = try daemon.get("/status/web.1").object()
    #expect(copy["is_running"] as? Bool == true)
    #expect((copy["definition"] as? [String: Any])?["id"] as? String == "web")
    try daemon.add(["id": "other", "command": "cat"])
    for query in ["id=web", "label=team:a"] {
      let list = try daemon.get("/list?\(query)").list()
      #expect(list.map { $0["id"] as? String } == ["web.0", "web.1"])
    }
  }

  @Test func whatOnlyOneCanDoIsRefusedWithTheNamesOfTheCopies() throws {
    let daemon = try daemonWithCopies(2)
    let answers = [
      try daemon.get("/logs/web"), try daemon.get("/runs/web"),
      try daemon.post("/input/web", #"{"input": "x"}"#),
    ]
    for answer in answers {
      #expect(answer.status == 409)
      #expect(try answer.message.hasSuffix("name one of web.0, web.1"))
    }
    #expect(try daemon.post("/input/web.1", #"{"input": "hello"}"#).status == 200)
    try daemon.waitFor("web.1", line: "STDOUT: hello")
    #expect(try daemon.log("web.0").contains("STDOUT: hello") == false)
    let runs = try #require(try daemon.get("/runs/web.1").object()["runs"] as? [[String: Any]])
    #expect(runs.count == 1)
  }

  @Test func theLogsOfAllCopiesAreClearedAtOnce() throws {
    let daemon = try daemonWithCopies(2)
    let answer = try daemon.post("/clear-log/web")
    #expect(answer.status == 200)
    let results = try #require(try answer.object()["results"] as? [[String: Any]])
    #expect(results.map { $0["id"] as? String } == ["web.0", "web.1"])
    #expect(results.allSatisfy { $0["success"] as? Bool == true })
    for copy in ["web.0", "web.1"] { #expect(try daemon.log(copy) == []) }
  }

  @Test func aSingleCopyIsMeantByTheIDToo() throws {
    let daemon = try daemonWithCopies(1)
    #expect(try daemon.post("/input/web", #"{"input": "hello"}"#).status == 200)
    try daemon.waitFor("web", line: "STDOUT: hello")
    #expect(try daemon.get("/runs/web").object()["id"] as? String == "web.0")
    #expect(try daemon.post("/clear-log/web").status == 200)
  }

  @Test(arguments: ["/logs/nobody", "/runs/nobody", "/status/nobody"])
  func whatNobodyIsIsNotFound(path: String) throws {
    #expect(try DaemonUnderTest().get(path).status == 404)
  }
}
