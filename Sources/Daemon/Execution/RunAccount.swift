import Supervision
import UV

/// The user and the group that a definition names, looked up in the system's own tables.
struct RunAccount: Sendable {
  /// Nothing in it where the process is who the supervisor is.
  private(set) var identity = Identity()
  /// Nil where no user is named.
  private var variables: Variables?

  /// That of the supervisor.
  static let own = RunAccount()

  private init() {}

  /// Looks them up, which may take as long as a server of names takes to answer. Throws where there
  /// is no such user or group, or where only root could become it.
  init(_ execution: Execution) throws(StartRefusal) {
    let group = try execution.group.map { name throws(StartRefusal) in try Self.group(name) }
    guard let name = execution.user else {
      if let group, let field = execution.group { try become(group: group, "group '\(field)'") }
      return
    }
    let (user, account) = try Self.user(name)
    // As su(1) has it. A number without an account has no home, and not the supervisor's either.
    variables =
      account.map { account in
        let name = SystemString(bytes: account.name.systemBytes)
        return ["HOME": account.home, "SHELL": account.shell, "USER": name, "LOGNAME": name]
      }
      ?? ["HOME": "/"]
    guard SystemProcess.isRoot else {
      guard user == SystemProcess.userID else {
        throw StartRefusal("user '\(name)': only root can start a process as another user")
      }
      if let group, let field = execution.group { try become(group: group, "group '\(field)'") }
      return
    }
    guard let primary = group ?? account?.group else {
      throw StartRefusal(
        "user '\(name)': no such user; to run as a number that has no name, give a group as well")
    }
    do throws(UVError) {
      identity = Identity(
        user: user, group: primary,
        supplementaryGroups: try account?.groups(with: primary) ?? [primary])
    } catch {
      throw StartRefusal("user '\(name)': \(error)")
    }
  }

  private mutating func become(group: UInt32, _ field: String) throws(StartRefusal) {
    guard group != SystemProcess.groupID else { return }
    guard SystemProcess.isRoot else {
      throw StartRefusal("\(field): only root can start a process as another group")
    }
    identity.group = group
  }

  /// A name comes first: one of digits alone is a name if an account has it.
  private static func user(_ name: String) throws(StartRefusal) -> (UInt32, Account?) {
    do throws(UVError) {
      if let account = try Account.named(name) { return (account.user, account) }
      if let number = number(name) { return (number, try Account.numbered(number)) }
    } catch {
      throw StartRefusal("user '\(name)': \(error.reason)")
    }
    throw StartRefusal("user '\(name)': no such user")
  }

  private static func group(_ name: String) throws(StartRefusal) -> UInt32 {
    do throws(UVError) {
      if let group = try AccountGroup.named(name) ?? number(name) { return group }
    } catch {
      throw StartRefusal("group '\(name)': \(error.reason)")
    }
    throw StartRefusal("group '\(name)': no such group")
  }

  /// The highest number of all would mean that nothing is to change (setresuid(2)).
  private static func number(_ text: String) -> UInt32? {
    UInt32(text).flatMap { $0 < .max ? $0 : nil }
  }

  /// The supervisor's environment, with the variables that name a user made those of this one.
  func environment(in inherited: Variables) -> Variables {
    guard let variables else { return inherited }
    var environment = inherited
    for name: SystemString in ["HOME", "SHELL", "USER", "LOGNAME"] {
      environment[name] = variables[name]
    }
    return environment
  }
}
