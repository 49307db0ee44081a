import Glibc

/// Who a child is, by numbers; what is nil stays as it is in this process.
package struct Identity: Equatable, Sendable {
  /// The user (`setresuid(2)`).
  package var user: UInt32?
  /// The group (`setresgid(2)`).
  package var group: UInt32?
  /// The supplementary groups (`setgroups(2)`).
  package var supplementaryGroups: [UInt32]?

  /// Changes nothing unless told to.
  package init(
    user: UInt32? = nil, group: UInt32? = nil, supplementaryGroups: [UInt32]? = nil
  ) {
    self.user = user
    self.group = group
    self.supplementaryGroups = supplementaryGroups
  }
}
