package import Basics

/// What has to be true of another process before one may start.
package struct Dependency: Hashable, Sendable {
  /// The id of the other process.
  package var id: ServiceID
  package var condition: Condition = .started

  /// The names are those of the contract.
  package enum Condition: String, Hashable, Sendable, CaseIterable {
    /// It runs, and is ready as its own `ready` has it.
    case started
    /// Its health check has succeeded, and it is not unhealthy since.
    case healthy
    /// It has ended by itself and with success, and nothing of it runs.
    case completed
  }

  package init(id: String, condition: Condition = .started) {
    self.id = ServiceID(id)
    self.condition = condition
  }
}
