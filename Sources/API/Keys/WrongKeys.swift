/// Counts wrong keys in a row by address, so that no client can try many.
///
/// Holds at most `capacity` addresses: two generations of half of it each, the older of which is
/// dropped when the younger is full. So the work of one request does not grow with the number of
/// attackers.
struct WrongKeys {
  /// So many are answered at once; the next one, and whatever follows it, has to wait.
  static let tolerated = 10
  /// How long after its last wrong key an address starts afresh.
  static let window: Duration = .seconds(60)
  static let capacity = 4096

  private struct Record {
    var count: Int
    var last: Duration
  }

  private var younger: [String: Record] = [:]
  private var older: [String: Record] = [:]

  /// How long the address has to wait, nil if it may try. Times are those of a monotonic clock.
  func wait(of address: String, at now: Duration) -> Duration? {
    guard let record = record(of: address, at: now), record.count > Self.tolerated else {
      return nil
    }
    return record.last + Self.window - now
  }

  mutating func countWrong(from address: String, at now: Duration) {
    let count = (record(of: address, at: now)?.count ?? 0) + 1
    forget(address)
    if younger.count >= Self.capacity / 2 {
      older = younger
      younger = [:]
    }
    younger[address] = Record(count: count, last: now)
  }

  /// A right key that may do everything ends the row.
  mutating func forget(_ address: String) {
    younger[address] = nil
    older[address] = nil
  }

  private func record(of address: String, at now: Duration) -> Record? {
    guard let record = younger[address] ?? older[address], now < record.last + Self.window else {
      return nil
    }
    return record
  }
}
