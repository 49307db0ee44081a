/// What is known of the lines of a file: those at its front as far as they have been counted, and
/// those of the bytes that have an index, which may begin behind.
struct LineTally: Equatable, Sendable {
  /// Of the first bytes of those without an index.
  var counted: LineCount
  /// How many bytes at the front have no index.
  let unscanned: Int
  /// Of the bytes behind those.
  let indexed: LineCount

  /// How many bytes the file has.
  var size: Int { unscanned + indexed.bytes }

  /// How many lines there are; nil while some have not been counted.
  var whole: LineCount? { counted.bytes == unscanned ? known : nil }

  /// Of as many bytes from the front on as have been counted.
  var known: LineCount {
    guard counted.bytes == unscanned else { return counted }
    var count = counted
    count.append(indexed)
    return count
  }

  /// How many lines there are at the most: each byte that has not been counted is taken for one.
  var mostLines: Int {
    if let whole { return whole.lines }
    return counted.newlines + (unscanned - counted.bytes) + indexed.lines + 1
  }
}
