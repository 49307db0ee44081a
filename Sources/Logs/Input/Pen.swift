/// Where the next line goes in the buffer that is being filled. While lines are put down it is a
/// local variable, so that nothing but registers changes from one line to the next.
struct Pen {
  private(set) var cursor: UnsafeMutableRawPointer?
  private(set) var room = 0

  /// Lays the pen down at a place with so much room.
  init(at cursor: UnsafeMutableRawPointer? = nil, room: Int = 0) {
    self.cursor = cursor
    self.room = room
  }

  /// How much room a line of some length needs at most.
  @inline(__always)
  static func room(for length: Int) -> Int { LinePrefix.capacity + length + 1 }

  /// Writes one line. There must be room for it.
  @inline(__always)
  mutating func put(_ prefix: LinePrefix, _ line: UnsafeRawPointer, _ length: Int) {
    guard let cursor else { return }
    prefix.store(to: cursor)
    let text = cursor + prefix.count
    text.copyMemory(from: line, byteCount: length)
    text.storeBytes(of: Newlines.byte, toByteOffset: length, as: UInt8.self)
    let total = prefix.count + length + 1
    self.cursor = cursor + total
    room -= total
  }
}
