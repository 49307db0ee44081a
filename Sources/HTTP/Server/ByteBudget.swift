/// How many bytes something may take, over all connections.
package final class ByteBudget {
  /// Some of the bytes; they are free again when the last reference to this has gone.
  package final class Reservation {
    private let budget: ByteBudget
    private let count: Int

    fileprivate init(_ budget: ByteBudget, _ count: Int) {
      self.budget = budget
      self.count = count
      budget.used += count
    }

    deinit {
      budget.used -= count
      budget.onFreed?(count)
    }
  }

  /// Called with how many bytes are free again.
  package var onFreed: ((_ bytes: Int) -> Void)?

  private let limit: Int
  /// How many bytes are taken.
  package private(set) var used = 0

  /// - Parameter limit: how many bytes there are.
  package init(limit: Int) {
    self.limit = limit
  }

  /// Takes so many bytes; nil if not as many are left.
  package func reserve(_ count: Int) -> Reservation? {
    guard count <= limit - used else { return nil }
    return Reservation(self, count)
  }
}
