/// One file of a log and what is known of its lines. The object stays with the file when the
/// file gets another name.
final class Segment {
  let identity: FileIdentity
  /// The number in its name, when it was last looked at; 0 is the live file.
  var number = 0
  /// The number of its first line, whether it has one already; nil if the lines of the log have
  /// no numbers.
  var first: Int?
  /// How many bytes at the front no index has been made of: they were there before us.
  private(set) var unscanned: Int
  /// How many lines are known of these all the same.
  private var counted = LineCount()
  /// The index of what follows those.
  private(set) var index = LineIndex()
  /// Changes whenever bytes that were there are there no more: what was planned with an older
  /// one is not to be trusted.
  private(set) var generation = 0
  var scan: SegmentScan?

  init(_ identity: FileIdentity, unscanned: Int) {
    self.identity = identity
    self.unscanned = unscanned
  }

  /// How many bytes the file has, as far as is known here.
  var size: Int { unscanned + index.size }

  /// What is known of its lines.
  var tally: LineTally {
    LineTally(counted: counted, unscanned: unscanned, indexed: index.count)
  }

  /// How many lines it has; nil while some have not been counted.
  var lines: Int? { tally.whole?.lines }

  /// A number that no line of it has, nor one of a file before: that of the first line behind it.
  var next: Int? { first.map { $0 + tally.mostLines } }

  /// Notes how many lines its first bytes have, of those without an index.
  func note(_ count: LineCount) {
    guard count.bytes <= unscanned else { return }
    counted = count
  }

  /// Notes bytes that were written at the end.
  func append(_ bytes: UnsafeRawPointer, _ length: Int) {
    index.append(bytes, length)
  }

  /// Notes that a torn line at the end has been cut off.
  func dropTornLine(of length: Int) {
    index.dropTornLine(of: length)
  }

  /// Notes that the file is not what it was and has so many bytes now, which the index has not
  /// seen. The lines of a file that has become shorter are taken for others than those that it had,
  /// and those of one that has become longer are taken to be still there.
  func reset(toSize size: Int) {
    if size < self.size {
      first = next
      counted = LineCount()
    } else {
      counted = tally.known
    }
    unscanned = size
    index = LineIndex()
    generation += 1
  }

  /// Puts the index of the bytes that were there before in front.
  func complete(with front: LineIndex) {
    var whole = front
    whole.append(index)
    index = whole
    unscanned = 0
    counted = LineCount()
  }
}
