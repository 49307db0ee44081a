/// One file of a log and what is known of its lines. The object stays with the file when the
/// file gets another name.
final class Segment {
  let identity: FileIdentity
  /// The number in its name, when it was last looked at; 0 is the live file.
  var number = 0
  /// How many bytes at the front no index has been made of: they were there before us.
  private(set) var unscanned: Int
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

  /// Notes bytes that were written at the end.
  func append(_ bytes: UnsafeRawPointer, _ length: Int) {
    index.append(bytes, length)
  }

  /// Notes that a torn line at the end has been cut off.
  func dropTornLine(of length: Int) {
    index.dropTornLine(of: length)
  }

  /// Notes that the file is not what it was and has so many bytes now, which the index has not
  /// seen.
  func reset(toSize size: Int) {
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
  }
}
