/// How many bytes of a log wait to be written, and whether the source of its lines has to wait for
/// that.
struct WritePressure {
  private static let highWater = 1024 * 1024
  private static let lowWater = 512 * 1024
  /// What waits at the most while the file system does not answer and the supervisor goes on giving
  /// lines of its own; processes wait from ``highWater`` on.
  private static let brim = 2 * highWater

  /// Bytes that are not in the file yet.
  private var waiting = 0
  /// Those of them that are being written.
  private var underWay = 0
  /// Whether the source of the lines has to wait.
  private(set) var isHigh = false

  /// How many bytes wait behind the write that is under way.
  private var gathered: Int { waiting - underWay }

  var isFull: Bool { gathered >= Self.brim }

  /// Notes bytes that are to be written.
  mutating func add(_ count: Int) { waiting += count }

  /// Notes that a batch of so many bytes is being written.
  mutating func begin(_ count: Int) { underWay = count }

  /// Notes that it has been written or lost.
  mutating func end(_ count: Int) {
    waiting -= count
    underWay = 0
  }

  /// Whether the source has to wait from now on.
  mutating func rises() -> Bool {
    guard gathered > Self.highWater, !isHigh else { return false }
    isHigh = true
    return true
  }

  /// Whether the source, which had to wait, may go on from now on.
  mutating func falls() -> Bool {
    guard isHigh, gathered < Self.lowWater else { return false }
    isHigh = false
    return true
  }
}
