import CLinux
import Glibc

/// Counting and finding newlines in raw memory.
enum Newlines {
  static let byte = UInt8(ascii: "\n")

  /// How many newlines there are, at the speed of memory however short the lines are.
  ///
  /// Each of 32 lanes counts for itself; 255 rounds are what a lane of one byte can hold.
  static func count(_ start: UnsafeRawPointer, _ length: Int) -> Int {
    var total = 0
    var at = 0
    let wanted = SIMD32<UInt8>(repeating: byte)
    while length - at >= 32 {
      let end = min(at + 255 * 32, length - (length - at) % 32)
      var lanes = SIMD32<UInt8>()
      while at < end {
        let bytes = (start + at).loadUnaligned(as: SIMD32<UInt8>.self)
        // A lane that matches is -1 as a mask, and taking -1 away adds one.
        lanes &-= unsafeBitCast(bytes .== wanted, to: SIMD32<UInt8>.self)
        at += 32
      }
      total += Int(SIMD32<UInt16>(truncatingIfNeeded: lanes).wrappedSum())
    }
    while at < length {
      if (start + at).load(as: UInt8.self) == byte { total += 1 }
      at += 1
    }
    return total
  }

  /// Where the first newline is, counted from the start (`memchr`).
  @inline(__always)
  static func first(_ start: UnsafeRawPointer, _ length: Int) -> Int? {
    guard let found = memchr(start, Int32(byte), length) else { return nil }
    return UnsafeRawPointer(found) - start
  }

  /// Where the last newline is, counted from the start (`memrchr`).
  static func last(_ start: UnsafeRawPointer, _ length: Int) -> Int? {
    guard let found = memrchr(start, Int32(byte), length) else { return nil }
    return UnsafeRawPointer(found) - start
  }

  /// Passes over a number of lines.
  ///
  /// - Parameter lines: how many are to be passed; less those that were.
  /// - Returns: where the first line that was not passed begins, or `length`.
  static func skip(_ lines: inout Int, _ start: UnsafeRawPointer, _ length: Int) -> Int {
    var at = 0
    // Blocks are counted as a whole; only in the last one are lines looked for one by one.
    while lines > 0, at < length {
      let block = min(4096, length - at)
      let inBlock = count(start + at, block)
      guard inBlock >= lines else {
        lines -= inBlock
        at += block
        continue
      }
      while lines > 0, let newline = first(start + at, length - at) {
        at += newline + 1
        lines -= 1
      }
    }
    return at
  }
}
