extension Dictionary {
  /// Gives the room back that entries had which are gone. A dictionary never shrinks by itself:
  /// after a thousand processes it would keep hundreds of kilobytes for those to come.
  package mutating func giveBackRoom() {
    guard capacity > 64, count * 8 < capacity else { return }
    var smaller: [Key: Value] = Dictionary(minimumCapacity: count)
    for (key, value) in self { smaller[key] = value }
    self = smaller
  }
}
