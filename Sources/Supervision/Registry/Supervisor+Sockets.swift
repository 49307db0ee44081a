extension Supervisor {
  /// A service with `listen` has started something: it has sockets from now on.
  mutating func noteSockets(of id: ServiceID, _ effects: [Effect]) {
    for effect in effects {
      if case .run(_, .spawn) = effect { services[id]?.hasSockets = true }
    }
  }

  /// Has the sockets of a service closed once nothing of it runs or is to run.
  mutating func closeSocketsOfIdle(_ id: ServiceID) -> [Effect] {
    guard let service = services[id], service.hasSockets,
      service.names.allSatisfy({ machines[$0]?.isAtRestForGood ?? true })
    else { return [] }
    services[id]?.hasSockets = false
    return [.closeSockets(id)]
  }
}
