import Foundation
import Testing

/// What stands between the tests and the daemon: nothing, or an nginx with the configuration that
/// is shipped, with exeio at the host's root or below a path. `EXEIO_TEST_FRONT` says which.
enum Front: String, CaseIterable {
  case nginx
  case nginxSubpath = "nginx-subpath"

  /// Of this run; nil where the tests talk to the daemon itself.
  static let current: Front? = {
    guard let name = ProcessInfo.processInfo.environment["EXEIO_TEST_FRONT"], !name.isEmpty else {
      return nil
    }
    guard let front = Front(rawValue: name) else {
      let known = allCases.map(\.rawValue).joined(separator: ", ")
      preconditionFailure("EXEIO_TEST_FRONT is '\(name)'; allowed are \(known)")
    }
    return front
  }()

  /// What comes before a path of the API.
  var prefix: String { self == .nginxSubpath ? "/exeio" : "" }
}

extension Trait where Self == ConditionTrait {
  /// A test of the conversation with the daemon itself, which nginx would have with the daemon on
  /// its own terms.
  static func direct(_ reason: Comment) -> ConditionTrait {
    .disabled(if: Front.current != nil, reason)
  }

  /// A test of what nginx does.
  static var throughNginx: ConditionTrait {
    .enabled(if: Front.current != nil, "needs EXEIO_TEST_FRONT: make test-nginx")
  }
}
