import Foundation
import TestSupport
import Testing

/// Programs of this machine that some tests run as processes.
enum Installed {
  /// Where a program is, behind the link to it that `Tests/run.sh` makes; nil where there is none.
  static func path(of program: String) -> String? {
    let found = TestPrograms.searchPath.split(separator: ":").map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    // Not a link itself where the tests are run without `Tests/run.sh`.
    return (try? FileManager.default.destinationOfSymbolicLink(atPath: found)).flatMap {
      $0.hasPrefix("/") ? $0 : nil
    } ?? found
  }

  /// What this run has been promised: the purposes of `packaging/setup.sh`.
  static var purposes: [Substring] {
    (ProcessInfo.processInfo.environment["EXEIO_TEST_PROGRAMS"] ?? "").split(separator: " ")
  }
}

extension Trait where Self == ConditionTrait {
  /// A test of programs that not everybody has: `make test-programs` installs them, and leaves no
  /// such test out.
  static func needs(_ programs: String...) -> ConditionTrait {
    .enabled("needs \(programs.joined(separator: ", ")): make test-programs") {
      Installed.purposes.contains("programs")
        || programs.allSatisfy { Installed.path(of: $0) != nil }
    }
  }
}
