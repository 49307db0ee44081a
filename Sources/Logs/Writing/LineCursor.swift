/// Where the next line goes in the buffer that is being filled. While lines are written it is a
/// local variable, so that nothing but registers changes from one line to the next.
struct LineCursor {
  /// The longest line, in bytes; what is longer is cut into pieces of this length.
  static let longestLine = 64 * 1024

  private(set) var position: UnsafeMutableRawPointer?
  private(set) var room = 0

  /// A cursor at a place with so much room.
  init(at position: UnsafeMutableRawPointer? = nil, room: Int = 0) {
    self.position = position
    self.room = room
  }

  /// How much room a line of some length needs at most.
  @inline(__always)
  static func room(for length: Int) -> Int { LinePrefix.capacity + length + 1 }

  /// Writes one line. There must be room for it.
  @inline(__always)
  mutating func put(_ prefix: LinePrefix, _ line: UnsafeRawPointer, _ length: Int) {
    guard let position else { return }
    prefix.store(to: position)
    let text = position + prefix.count
    text.copyMemory(from: line, byteCount: length)
    text.storeBytes(of: Newlines.byte, toByteOffset: length, as: UInt8.self)
    let total = prefix.count + length + 1
    self.position = position + total
    room -= total
  }
}
