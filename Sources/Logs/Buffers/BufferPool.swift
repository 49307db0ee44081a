import UV

/// The buffers that all logs of a daemon write and read with, so that a log has none of its own
/// while nothing happens to it.
final class BufferPool {
  /// Room for what a quiet process writes between two writes to its log.
  static let small = 16 * 1024
  /// Room for the longest line several times over; one write of a busy log, one read of a page.
  static let large = 256 * 1024
  /// One write of a log that gets all its process can write: fewer round trips to the pool of
  /// threads.
  static let flood = 1024 * 1024
  /// How many free bytes of each size stay when no buffer is in use: the daemon's heap is kept
  /// small, since forking a child copies its page tables.
  private static let kept = 256 * 1024
  /// How many stay while others are in use.
  private static let cached = 16 * kept

  private var free: [Int: [ByteBuffer]] = [:]
  private var inUse = 0

  /// An empty buffer, a small one if it is large enough.
  ///
  /// - Parameter bytes: how many are expected; at most ``flood``.
  func take(for bytes: Int) -> ByteBuffer {
    let size =
      bytes <= Self.small ? Self.small : bytes <= Self.large ? Self.large : Self.flood
    inUse += 1
    return free[size]?.popLast() ?? ByteBuffer(capacity: size)
  }

  /// Gives a buffer back; the caller must not touch it again.
  func giveBack(_ buffer: ByteBuffer) {
    inUse -= 1
    buffer.removeAll()
    if free[buffer.capacity, default: []].count < Self.cached / buffer.capacity {
      free[buffer.capacity, default: []].append(buffer)
    }
    guard inUse == 0 else { return }
    for (size, buffers) in free where buffers.count > Self.kept / size {
      free[size]?.removeLast(buffers.count - Self.kept / size)
    }
  }
}
