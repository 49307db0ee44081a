import Foundation

/// What was waited for did not come.
struct NeverHappened: Error, CustomStringConvertible {
  var description: String
}

/// Waits until `condition` gives a value, and returns it. The limit is there for a broken program
/// only: it is far above what any machine needs, so no test depends on it to pass.
func eventually<Value>(
  _ what: String, within limit: TimeInterval = 60, _ condition: () throws -> Value?
) throws -> Value {
  let start = Date()
  while true {
    if let value = try condition() { return value }
    let waited = Date().timeIntervalSince(start)
    if waited > limit { throw NeverHappened(description: "never happened: \(what)") }
    // Many tests wait at the same time, and what they wait for needs the processors.
    usleep(UInt32(min(max(waited / 10, 0.005), 0.05) * 1_000_000))
  }
}

/// Waits until `condition` holds.
func eventually(
  _ what: String, within limit: TimeInterval = 60, holds condition: () throws -> Bool
) throws {
  _ = try eventually(what, within: limit) { try condition() ? true : nil }
}
