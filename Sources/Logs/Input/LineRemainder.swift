import Glibc

/// The beginning of a line whose end has not come yet.
///
/// It owns memory only while there is such a line, and grows from a few bytes, since most of
/// them are prompts.
struct LineRemainder: ~Copyable {
  private var memory: UnsafeMutableRawPointer?
  private var capacity = 0
  private(set) var count = 0

  deinit {
    memory?.deallocate()
  }

  /// Where the bytes are; nil when there are none.
  var start: UnsafeRawPointer? { memory.map { UnsafeRawPointer($0) } }

  /// The last byte.
  var last: UInt8? { memory.map { $0.load(fromByteOffset: count - 1, as: UInt8.self) } }

  /// Appends bytes; `length` is more than zero.
  mutating func append(_ bytes: UnsafeRawPointer, _ length: Int) {
    let target: UnsafeMutableRawPointer
    if let memory, count + length <= capacity {
      target = memory
    } else {
      capacity = max(64, 2 * capacity, count + length)
      target = .allocate(byteCount: capacity, alignment: 16)
      if let memory {
        target.copyMemory(from: memory, byteCount: count)
        memory.deallocate()
      }
      memory = target
    }
    (target + count).copyMemory(from: bytes, byteCount: length)
    count += length
  }

  /// Takes bytes away from the front; all of them give the memory back.
  mutating func drop(_ length: Int) {
    guard let memory else { return }
    count -= length
    if count > 0 {
      memmove(memory, memory + length, count)
    } else {
      memory.deallocate()
      self.memory = nil
      capacity = 0
    }
  }
}
