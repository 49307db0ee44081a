import API
import Basics
import Foundation
import Supervision
import Testing

@Suite struct MergeTests {
  private let base = #"""
    {"id": "web", "command": "serve", "args": ["-p", "1"], "restart_policy": "on-failure",
     "save_for_next_run": true, "stop_timeout_seconds": 5, "environment": {"A": "1", "B": "2"},
     "labels": {"team": "x"}, "limits": {"open_files": 64}, "max_restarts": 3,
     "restart_above_memory_bytes": "2M",
     "health_check": {"http": "http://127.0.0.1/", "retries": 7, "interval_seconds": 2}}
    """#

  private func merge(_ patch: String) throws -> (ProcessDefinition, [String]?) {
    var reception = Reception()
    let routed = reception.ask("POST", "/update/web?merge=true", patch)
    guard case .merge("web", let patch, isForced: false) = routed else {
      throw Refused(try routed.answer.message)
    }
    let (result, warnings) = reception.router.merge(patch, into: try Reception.add(base))
    guard case .command(.update(let definition)) = result else {
      throw Refused(try result.answer.message)
    }
    return (definition, warnings)
  }

  private struct Refused: Error {
    let message: String

    init(_ message: String) { self.message = message }
  }

  private func refusal(_ patch: String) -> String? {
    do {
      _ = try merge(patch)
      return nil
    } catch let error as Refused {
      return error.message
    } catch {
      return "\(error)"
    }
  }

  private func expected(_ change: (inout ProcessDefinition) -> Void) throws -> ProcessDefinition {
    var definition = try Reception.add(base)
    change(&definition)
    return definition
  }

  @Test func onlyTheNamedFieldsChange() throws {
    #expect(try merge("{}").0 == expected { _ in })
    #expect(
      try merge(#"{"args": ["-p", "2"]}"#).0 == expected { $0.execution.arguments = ["-p", "2"] })
    #expect(
      try merge(#"{"stop_timeout_seconds": "1m", "id": "web"}"#).0
        == expected { $0.stopTimeout = .seconds(60) })
    #expect(try merge(#"{"instances": 3}"#).0 == expected { $0.instances = 3 })
  }

  @Test func nullGivesAFieldItsDefault() throws {
    #expect(
      try merge(#"{"stop_timeout_seconds": null, "max_restarts": null, "nice": null}"#).0
        == expected {
          $0.stopTimeout = .seconds(10)
          $0.maxRestarts = nil
        })
    #expect(try merge(#"{"health_check": null}"#).0 == expected { $0.healthCheck = nil })
    #expect(try merge(#"{"environment": null}"#).0 == expected { $0.execution.environment = [:] })
  }

  @Test func objectsAreMergedByMember() throws {
    #expect(
      try merge(#"{"environment": {"A": null, "C": "3", "absent": null}}"#).0
        == expected { $0.execution.environment = ["B": "2", "C": "3"] })
    #expect(
      try merge(#"{"labels": {"tier": "1"}, "limits": {"core_bytes": 0}}"#).0
        == expected {
          $0.labels = ["team": "x", "tier": "1"]
          $0.execution.limits.coreBytes = 0
        })
    #expect(
      try merge(#"{"health_check": {"retries": null}}"#).0
        == expected { $0.healthCheck?.retries = 3 })
  }

  @Test func aProbeReplacesTheOther() throws {
    let check = try merge(#"{"health_check": {"tcp": "127.0.0.1:80"}}"#).0.healthCheck
    #expect(check?.probe == .tcp("127.0.0.1:80"))
    #expect(check?.retries == 7)
  }

  @Test func theShortFormAndThePolicyDoNotContradictEachOther() throws {
    #expect(try merge(#"{"auto_restart": true}"#).0.restartPolicy == .always)
    #expect(try merge(#"{"auto_restart": false}"#).0.restartPolicy == .never)
    #expect(try merge(#"{"restart_policy": "never"}"#).0.restartPolicy == .never)
    #expect(try merge(#"{"restart_policy": "always"}"#).0.restartPolicy == .always)
    #expect(try merge(#"{"restart_policy": null}"#).0.restartPolicy == .never)
    #expect(try merge(#"{"auto_restart": null}"#).0.restartPolicy == .never)
    #expect(
      refusal(#"{"auto_restart": false, "restart_policy": "always"}"#)?.contains("contradicts")
        == true)
  }

  @Test func theOldNameChangesTheField() throws {
    let (definition, warnings) = try merge(#"{"max_memory_bytes": "4M"}"#)
    #expect(definition.restartAboveMemoryBytes == 4 << 20)
    #expect(warnings?.count == 1)
    #expect(try merge(#"{"max_memory_bytes": null}"#).0.restartAboveMemoryBytes == nil)
    #expect(try merge(#"{"labels": null}"#).1 == [])
  }

  @Test(arguments: [
    (#"{"comand": "x"}"#, #"unknown field "comand": did you mean "command"?"#),
    (#"{"comand": null}"#, #"unknown field "comand": did you mean "command"?"#),
    (#"{"command": null}"#, #""command" is missing"#),
    (#"{"id": "other"}"#, #""id" is "other", but must be the same as in the path"#),
    (#"{"health_check": {"retries": 0}}"#, #""health_check.retries" is 0, but must be"#),
    (#"[1]"#, "the body must be a JSON object, not an array"),
    (#"{"a": 1"#, "the body is not valid JSON"),
    (#"{"nice": 1e400}"#, "the body has a number beyond all bounds"),
    ("", "the body is empty"),
  ])
  func whatIsWrongIsRefused(patch: String, message: String) {
    #expect(refusal(patch)?.hasPrefix(message) == true, "\(refusal(patch) ?? "taken")")
  }

  @Test func theAnswerListsWhatChanges() throws {
    let old = try Reception.add(base)
    var new = old
    new.execution.environment["A"] = "secret"
    new.stopTimeout = .milliseconds(2500)
    new.instances = 2
    for hides in [false, true] {
      let changed = DefinitionChange.between(old, new, hidesEnvironment: hides)
      let answer = try Answer(
        Answers.reply(
          .done("updated"), notes: AnswerNotes(warnings: [], changed: changed),
          context: Reception.context))
      let list = try #require(try answer.object["changed"] as? [[String: Any]])
      #expect(
        list.map { $0["field"] as? String } == ["environment", "stop_timeout_seconds", "instances"])
      #expect(
        list[0]["old"] as? [String: String]
          == (hides ? ["A": "***", "B": "***"] : ["A": "1", "B": "2"]))
      #expect(
        list[0]["new"] as? [String: String]
          == (hides ? ["A": "***", "B": "***"] : ["A": "secret", "B": "2"]))
      #expect(list[1]["old"] as? Double == 5)
      #expect(list[1]["new"] as? Double == 2.5)
      #expect(list[2]["old"] is NSNull)
      #expect(list[2]["new"] as? Int == 2)
      #expect(try answer.object["warnings"] as? [String] == [])
    }
    #expect(DefinitionChange.between(old, old, hidesEnvironment: false).isEmpty)
  }

  @Test func whatWasAddedAndNotSavedIsSaidToBe() throws {
    for isSaved in [false, true] {
      var definition = ProcessDefinition(id: "a", command: "b")
      definition.isSaved = isSaved
      let entry = ProcessEntry(definition)
      for reply in [
        Reply.created(entry, message: "started"), .createdCopies([entry], message: "started"),
      ] {
        let message = try Answer(Answers.reply(reply, context: Reception.context)).message
        #expect(message.hasPrefix("started"))
        #expect(message.contains("not saved") == !isSaved)
        #expect(message.contains("save_for_next_run") == !isSaved)
      }
    }
  }

  @Test func aCommandThatWentNoFurtherIsRefusedWithItsResults() throws {
    let outcome = Reply.Outcome(id: "web.0", success: false, message: "no")
    let answer = try Answer(
      Answers.reply(
        .halted(.conflict, [outcome], message: "0 of 1"), context: Reception.context))
    #expect(answer.status == 409)
    #expect(try answer.object["success"] as? Bool == false)
    #expect((try answer.object["results"] as? [Any])?.count == 1)
  }
}
