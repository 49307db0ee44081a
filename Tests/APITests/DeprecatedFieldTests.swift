import API
import Supervision
import Testing

@Suite struct DeprecatedFieldTests {
  private let warning =
    #""max_memory_bytes" is deprecated: it is called "restart_above_memory_bytes" now"#

  private func warnings(_ body: String, _ target: String = "/add") -> [String]? {
    var reception = Reception()
    return reception.request("POST", target, Array(body.utf8)).warnings
  }

  @Test func theOldNameIsTakenAndWarnedOf() throws {
    let old = #"{"id": "a", "command": "b", "max_memory_bytes": 2097152}"#
    #expect(try Reception.add(old).restartAboveMemoryBytes == 2 << 20)
    #expect(warnings(old) == [warning])
    #expect(warnings(old, "/update/a") == [warning])
    #expect(
      try ProcessesFile.parse(Array("[\(old)]".utf8), name: "f").definitions.first?
        .restartAboveMemoryBytes
        == 2 << 20)
  }

  @Test func theNewNameIsNot() {
    #expect(
      warnings(#"{"id": "a", "command": "b", "restart_above_memory_bytes": 2097152}"#) == [])
    #expect(warnings(#"{"id": "a", "command": "b", "max_memory_bytes": null}"#) == [])
  }

  @Test func bothMustBeEqual() throws {
    let equal =
      #"{"id": "a", "command": "b", "max_memory_bytes": "2M", "restart_above_memory_bytes": 2097152}"#
    #expect(try Reception.add(equal).restartAboveMemoryBytes == 2 << 20)
    #expect(
      try Reception.refusal(
        of:
          #"{"id": "a", "command": "b", "max_memory_bytes": "3M", "restart_above_memory_bytes": 2097152}"#
      ) == #"""
        "restart_above_memory_bytes" and "max_memory_bytes", its old name, are given with different \#
        values: leave out "max_memory_bytes"
        """#)
  }

  @Test func onlyTheNewNameIsWritten() throws {
    let definition = try Reception.add(#"{"id": "a", "command": "b", "max_memory_bytes": "2M"}"#)
    let file = String(decoding: ProcessesFile.render([definition]), as: UTF8.self)
    #expect(file.contains(#""restart_above_memory_bytes": 2097152"#))
    #expect(!file.contains("max_memory_bytes\":") || !file.contains("\"max_memory_bytes\""))
  }
}
