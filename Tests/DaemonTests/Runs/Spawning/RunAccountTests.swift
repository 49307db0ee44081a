import Glibc
import Supervision
import Testing
import UV

@testable import ExeioDaemon

/// Who a process is to be: the account of a user, a group, or a number.
struct RunAccountTests {
  private static let isRoot = geteuid() == 0

  private func account(user: String? = nil, group: String? = nil) throws -> RunAccount {
    var execution = ProcessDefinition(id: "web", command: "true").execution
    execution.user = user
    execution.group = group
    return try RunAccount(execution)
  }

  private func refusal(user: String? = nil, group: String? = nil) throws -> String {
    try #require(throws: StartRefusal.self) { try account(user: user, group: group) }.description
  }

  private let inherited: Variables = [
    "HOME": "/supervisor", "SHELL": "/supervisor/sh", "USER": "supervisor", "OTHER": "x",
  ]

  @Test func withoutAUserNothingChanges() throws {
    for account in [RunAccount.own, try account()] {
      #expect(account.identity == Identity())
      #expect(account.environment(in: inherited) == inherited)
    }
  }

  @Test(.enabled(if: RunAccountTests.isRoot, "only root can become another user"))
  func aUserHasItsGroupsAndItsHome() throws {
    let entry = try #require(try Account.named("nobody"))
    let account = try account(user: "nobody")
    #expect(account.identity.user == entry.user && account.identity.group == entry.group)
    #expect(account.identity.supplementaryGroups == (try entry.groups(with: entry.group)))
    let variables = account.environment(in: inherited)
    #expect(variables["HOME"] == entry.home && variables["SHELL"] == entry.shell)
    #expect(variables["USER"] == "nobody" && variables["LOGNAME"] == "nobody")
    #expect(variables["OTHER"] == "x")
    // By its number it is the same one.
    #expect(try self.account(user: "\(entry.user)").identity == account.identity)
  }

  @Test(.enabled(if: RunAccountTests.isRoot, "only root can become another user"))
  func aGroupReplacesThatOfTheUser() throws {
    let account = try account(user: "nobody", group: "12345")
    #expect(account.identity.group == 12345)
    #expect(account.identity.supplementaryGroups?.first == 12345)
    let groupAlone = try self.account(group: "12345")
    #expect(groupAlone.identity == Identity(group: 12345))
    #expect(groupAlone.environment(in: inherited) == inherited)
    // Its own group is no change.
    #expect(try self.account(group: "\(getegid())").identity == Identity())
  }

  /// The home of the supervisor is not that of a number.
  @Test(.enabled(if: RunAccountTests.isRoot, "only root can become another user"))
  func aNumberWithoutANameNeedsAGroup() throws {
    let number = "987654"
    #expect(
      try refusal(user: number)
        == "user '987654': no such user; to run as a number that has no name, give a group as well")
    let account = try account(user: number, group: "12345")
    #expect(account.identity == Identity(user: 987_654, group: 12345, supplementaryGroups: [12345]))
    let variables = account.environment(in: inherited)
    #expect(variables == ["HOME": "/", "OTHER": "x"])
  }

  @Test func whatIsThereNotIsNamed() throws {
    #expect(try refusal(user: "no-such-user") == "user 'no-such-user': no such user")
    #expect(try refusal(group: "no-such-group") == "group 'no-such-group': no such group")
    // setresuid(2) would take it for no change at all.
    #expect(try refusal(user: "4294967295") == "user '4294967295': no such user")
    #expect(try refusal(group: "4294967295") == "group '4294967295': no such group")
    #expect(try refusal(user: "-1") == "user '-1': no such user")
  }
}
