import Foundation
import TestSupport
import UV

/// How a daemon keeps the processes of a run together.
enum Containment: String, CaseIterable {
  /// By cgroups, in one of its own.
  case cgroups
  /// By process groups, descent and marks.
  case marks

  /// Those that can be tried here.
  static var possible: [Containment] { TestCgroup.isAvailable ? allCases : [.marks] }
}

/// A daemon that is contained in one of the two ways, and the cgroup that it was given.
struct ContainedDaemon {
  let daemon: DaemonUnderTest
  let cgroup: TestCgroup?

  init(_ containment: Containment) throws {
    switch containment {
    case .cgroups:
      let cgroup = try TestCgroup()
      self.cgroup = cgroup
      daemon = try DaemonUnderTest(["--cgroup", cgroup.group.path])
    case .marks:
      cgroup = nil
      daemon = try DaemonUnderTest(["--cgroup", "none"])
    }
  }

  /// The names of the cgroups of runs; none where there are no cgroups.
  func groups() throws -> [String] {
    try (cgroup?.group.childNames() ?? []).filter { $0 != "supervisor" }.sorted()
  }
}
