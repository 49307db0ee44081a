/// Heap bytes whose address never changes, for I/O that outlives a call.
package final class ByteBuffer {
  /// How many bytes there is room for.
  package let capacity: Int
  /// How many bytes, from the start, hold something.
  package var count = 0
  /// The first byte.
  package let base: UnsafeMutableRawPointer

  /// Makes an empty buffer; the memory is not touched before it is used.
  ///
  /// - Parameter capacity: in bytes, more than zero.
  package init(capacity: Int) {
    precondition(capacity > 0, "a buffer needs room")
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 64)
  }

  deinit {
    base.deallocate()
  }

  /// How many bytes can still be appended.
  package var room: Int { capacity - count }

  /// What has been appended.
  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base, count: count)
  }

  /// Appends bytes; there must be room for them.
  package func append(_ span: RawSpan) {
    span.withUnsafeBytes { append($0) }
  }

  /// Appends bytes; there must be room for them.
  package func append(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count <= room, "the buffer is full")
    guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
    base.advanced(by: count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  /// Appends one byte; there must be room for it.
  package func append(_ byte: UInt8) {
    precondition(room > 0, "the buffer is full")
    base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  /// Forgets everything that was appended.
  package func removeAll() {
    count = 0
  }
}
