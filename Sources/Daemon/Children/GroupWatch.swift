import UV

/// Notices when a process group whose leader has been reaped has lost its last member.
///
/// Members whose parent has ended are children of the subreaper, so their end shows when an orphan is
/// reaped. A poll stands in for the rest, whose parent is outside the group.
final class GroupWatch {
  private let timer: Timer
  private var groups: [Int32: () -> Void] = [:]
  private static let pollInterval: Duration = .milliseconds(50)

  init(on loop: Loop) throws(UVError) {
    timer = try Timer(on: loop)
  }

  /// Calls `onGone` once, later, when `group` has no member left.
  func watch(_ group: Int32, onGone: @escaping () -> Void) {
    groups[group] = onGone
    if groups.count == 1 {
      timer.start(after: Self.pollInterval, repeating: Self.pollInterval) { [self] in check() }
    }
  }

  /// Looks at once; called when an orphan has been reaped.
  func check() {
    guard !groups.isEmpty else { return }
    let gone = groups.filter { group, _ in
      ProcessGroups.reapEnded(in: group)
      return !ProcessGroups.exists(group)
    }
    for group in gone.keys { groups[group] = nil }
    if groups.isEmpty { timer.stop() }
    for onGone in gone.values { onGone() }
  }

  func close() {
    groups = [:]
    timer.close()
  }
}
