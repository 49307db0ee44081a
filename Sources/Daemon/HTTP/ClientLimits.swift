import API
import HTTP
import Supervision
import UV

/// The limits that clients run into: shows them as problems, and refuses what would take the
/// descriptors that restarts need.
final class ClientLimits {
  private let configuration: Configuration
  private let server: HTTPServer
  private let problems: Problems
  /// How many descriptors a start takes at the most, some of them for a moment.
  static let descriptorsForAStart = 10

  init(_ configuration: Configuration, _ server: HTTPServer, _ problems: Problems) {
    self.configuration = configuration
    self.server = server
    self.problems = problems
  }

  /// Refuses a command that would run more processes than there are descriptors for: those kept
  /// back are for the restarts of those that are there.
  func refusal(of command: Command) -> Response? {
    switch command {
    case .add, .start, .scale, .startAll: break
    default: return nil
    }
    let reserved = configuration.firstReservedDescriptor
    guard reserved != .max else { return nil }
    let most = reserved - Self.descriptorsForAStart
    var isFree = SystemProcess.hasFreeDescriptor(below: most)
    // Strangers do not keep processes from being added.
    while !isFree, server.closeSilent() { isFree = SystemProcess.hasFreeDescriptor(below: most) }
    guard !isFree, !SystemProcess.hasFreeDescriptor(below: reserved) else { return nil }
    show(.descriptors, isReached: true)
    return Answers.refused(
      .conflict,
      "Nothing is started: all \(reserved) descriptors but those kept back for restarts are open; raise the limit of open files (LimitNOFILE= in the unit), or close connections"
    )
  }

  /// Shows a limit that clients run into, until they have not for a while.
  func show(_ limit: LimitAlarms.Limit, isReached: Bool) {
    guard isReached else { return problems.clear(.limit, of: limit.rawValue) }
    problems.raise(.limit, of: limit.rawValue, message(of: limit), level: .warning)
  }

  private func message(of limit: LimitAlarms.Limit) -> String {
    let most = configuration.maxConnections
    return switch limit {
    case .tcpConnections:
      "\(most) connections over TCP are served, and more are wanted: silent ones without a right key are closed, others are refused; raise --max-connections, or find out who connects"
    case .unixConnections:
      "\(most) connections over the Unix socket are served, and more are wanted: others are refused; raise --max-connections, or find out who connects"
    case .descriptors:
      "connections and processes have taken all descriptors but those kept back for restarts, and more are wanted; raise the limit of open files (LimitNOFILE= in the unit), or lower --max-connections"
    }
  }
}
