package import Supervision

/// What the supervisor may do for its processes beyond what it is itself: everything where it is root.
package struct Privileges: Hashable, Sendable {
  /// Whether it may become any user, and change any limit.
  package var isRoot: Bool
  /// Its own user, by name; the number in digits where it has no name.
  package var userName: String
  package var userID: Int
  /// Its own groups, by number, the effective one first.
  package var groupIDs: [Int]
  /// The names of these groups, by number; those that have none are not in it.
  package var groupNames: [Int: String]
  /// Its own nice value, below which only `RLIMIT_NICE` lets it go.
  package var lowestNice: Int
  /// The hard limit for each member of `limits`; nil in it where there is none.
  package var hardLimits: ResourceLimits

  /// - Parameter lowestNice: The lowest nice value that it may give: its own, or 20 less `RLIMIT_NICE` where that is
  ///   lower (getrlimit(2)).
  package init(
    isRoot: Bool, userName: String, userID: Int, groupIDs: [Int], groupNames: [Int: String],
    lowestNice: Int, hardLimits: ResourceLimits
  ) {
    self.isRoot = isRoot
    self.userName = userName
    self.userID = userID
    self.groupIDs = groupIDs
    self.groupNames = groupNames
    self.lowestNice = lowestNice
    self.hardLimits = hardLimits
  }
}
