import UV

/// What threads of the pool find out about the files that the numbers are those of.
extension NumbersFile {
  /// How many bytes a check is made of at most.
  private static let checked = 64
  /// How much is counted at a time.
  private static let piece = 256 * 1024
  /// How much is counted at most while the writer waits for it: as much as a log file of the
  /// default size has, and some more. It takes 30 ms if the kernel has it in its memory.
  private static let mostCounted = 64 * 1024 * 1024

  /// A fingerprint (FNV-1a) of the last of the bytes that a file begins with; 0 of none. A file
  /// that has been emptied or replaced, and has grown since then, has others there.
  ///
  /// - Parameter waits: whether they are read from the disk if they are not in memory.
  /// - Returns: nil if they cannot be read.
  static func check(_ file: OpenedFile, _ bytes: Int, waits: Bool) -> UInt64? {
    let length = min(checked, bytes)
    guard length > 0 else { return 0 }
    let buffer = ByteBuffer(capacity: length)
    let (piece, offset) = (buffer.piece(from: 0, to: length), Int64(bytes - length))
    // What cannot be read gives no fingerprint.
    let count =
      waits ? try? file.read(into: piece, at: offset) : file.readCached(into: piece, at: offset)
    guard count == length else { return nil }
    buffer.count = length
    return buffer.bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Counts the lines of a file up to an end.
  ///
  /// - Parameter known: those that have been counted.
  /// - Returns: nil if they cannot be read, or are too many bytes.
  static func count(_ file: OpenedFile, from known: LineCount, upTo end: Int) -> LineCount? {
    guard end > known.bytes else { return known }
    guard end - known.bytes <= mostCounted else { return nil }
    let buffer = ByteBuffer(capacity: min(piece, end - known.bytes))
    var count = known
    while count.bytes < end {
      let wanted = min(buffer.capacity, end - count.bytes)
      let length: Int
      do throws(UVError) {
        length = try file.read(
          into: buffer.piece(from: 0, to: wanted), at: Int64(count.bytes))
      } catch {
        return nil
      }
      guard length > 0 else { return nil }
      count.append(
        LineCount(
          bytes: length, newlines: Newlines.count(buffer.base, length),
          endsInNewline: (buffer.base + length - 1).load(as: UInt8.self) == Newlines.byte))
    }
    return count
  }
}

extension NumbersFile.Entry {
  /// Whether a file of that inode still begins with the bytes that were counted, as far as is
  /// known.
  func matches(_ file: OpenedFile) -> Bool {
    guard let check else { return true }
    return NumbersFile.check(file, count.bytes, waits: true) == check
  }
}
