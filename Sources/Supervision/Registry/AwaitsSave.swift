/// Something that goes on when a certain write of `processes.json` is done.
protocol AwaitsSave {
  var save: SaveID { get }
}

extension Dictionary where Key == String, Value: AwaitsSave {
  /// Takes out what waits for `save`, sorted by id.
  mutating func take(waitingFor save: SaveID) -> [(key: String, value: Value)] {
    let done = filter { $0.value.save == save }
    for id in done.keys { self[id] = nil }
    return done.sorted { $0.key < $1.key }
  }
}
