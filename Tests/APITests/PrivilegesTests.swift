import API
import Basics
import Supervision
import Testing

@Suite struct PrivilegesTests {
  private static var ordinary: Privileges {
    var hardLimits = ResourceLimits()
    hardLimits.openFiles = 4096
    hardLimits.cpuSeconds = 60
    return Privileges(
      isRoot: false, user: Privileges.Account(number: 1000, name: "deploy"),
      group: Privileges.Account(number: 1001, name: "staff"), lowestNice: 0, hardLimits: hardLimits)
  }

  /// What becomes of a definition with this field: nil where it is taken.
  private func refusal(_ field: String, _ privileges: Privileges) throws -> String? {
    var reception = Reception()
    reception.router.privileges = privileges
    let routed = reception.ask("POST", "/add", #"{"id": "a", "command": "b", \#(field)}"#)
    if case .command(.add) = routed { return nil }
    let answer = try routed.answer
    #expect(answer.status == 400)
    return try answer.message
  }

  @Test(arguments: [
    (
      #""user": "www-data""#,
      #""user" is "www-data", which needs a supervisor that runs as root, but it runs as 'deploy'"#
    ),
    (
      #""user": 33"#,
      #""user" is "33", which needs a supervisor that runs as root, but it runs as 'deploy'"#
    ),
    (
      #""group": "adm""#,
      #"""
      "group" is "adm", which needs a supervisor that runs as root, but it runs as 'deploy' with \#
      the group 'staff'
      """#
    ),
    (
      #""nice": -1"#,
      #"""
      "nice" is -1, which needs a supervisor that runs as root, but it runs as 'deploy' and may \#
      give 0 or more
      """#
    ),
    (
      #""limits": {"open_files": 4097}"#,
      #"""
      "limits.open_files" is 4097, which needs a supervisor that runs as root, but it runs as \#
      'deploy' and may give 4096 or less
      """#
    ),
    (
      #""limits": {"cpu_seconds": 61}, "user": "deploy""#,
      #"""
      "limits.cpu_seconds" is 61, which needs a supervisor that runs as root, but it runs as \#
      'deploy' and may give 60 or less
      """#
    ),
  ])
  func whatNeedsRootIsRefusedWithoutIt(field: String, expected: String) throws {
    #expect(try refusal(field, Self.ordinary) == expected)
    #expect(try refusal(field, .root) == nil)
  }

  @Test(arguments: [
    #""user": "deploy""#, #""user": 1000"#, #""user": "1000", "group": "staff""#,
    #""group": 1001"#, #""nice": 0"#, #""nice": 19"#,
    #""limits": {"open_files": 4096, "core_bytes": 1125899906842624, "cpu_seconds": 60}"#,
    #""umask": "0""#,
  ])
  func whatItIsItselfItMayGive(field: String) throws {
    #expect(try refusal(field, Self.ordinary) == nil)
  }

  @Test func aUserWithoutANameIsCalledByItsNumber() throws {
    var privileges = Self.ordinary
    privileges.user.name = nil
    #expect(try refusal(#""user": "x""#, privileges)?.hasSuffix("but it runs as 1000") == true)
  }
}
