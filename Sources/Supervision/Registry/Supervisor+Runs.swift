extension Supervisor {
  /// The local time of the machine was read: what is due by it may be due at another time.
  mutating func read(_ zone: TimeZoneOffsets, at now: Moment) -> [Effect] {
    if zone == self.zone { return [] }
    self.zone = zone
    return machines.keys.sorted().flatMap { id in
      let context = makeContext(now)
      return finishCall(id, machines[id]?.zoneChanged(context))
    }
  }

  /// The latest runs of a process or copy, newest first, with the one that goes on; nil if there is none of that
  /// name, or several copies.
  package func runs(of id: String, at now: Moment) -> [RunRecord]? {
    guard let names = targets(of: id), names.count == 1 else { return nil }
    return machines[names[0]]?.runs(at: now)
  }
}
