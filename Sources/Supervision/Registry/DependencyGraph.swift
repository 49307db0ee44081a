import Basics

/// Who depends on whom, by ids.
struct DependencyGraph {
  /// The ids that each one depends on.
  private let edges: [ServiceID: [ServiceID]]

  /// Dependencies on what is not among `definitions` are left out.
  init(_ definitions: some Sequence<ProcessDefinition>) {
    let all = Dictionary(
      definitions.map { ($0.serviceID, $0) }, uniquingKeysWith: { first, _ in first })
    edges = all.mapValues { definition in
      definition.dependencies.map(\.id).filter { all[$0] != nil }
    }
  }

  /// The ids in an order in which everything comes after what it depends on, otherwise sorted; and
  /// those for which there is none, because they are in a circle or depend on one that is.
  var order: (sorted: [ServiceID], rest: [ServiceID]) {
    var missing = edges.mapValues { Set($0).count }
    var dependents: [ServiceID: [ServiceID]] = [:]
    for (id, others) in edges {
      for other in Set(others) { dependents[other, default: []].append(id) }
    }
    var sorted: [ServiceID] = []
    var level = missing.filter { $0.value == 0 }.keys.sorted()
    while !level.isEmpty {
      sorted += level
      var next: [ServiceID] = []
      for id in level {
        missing[id] = nil
        for dependent in dependents[id] ?? [] {
          missing[dependent, default: 0] -= 1
          if missing[dependent] == 0 { next.append(dependent) }
        }
      }
      level = next.sorted()
    }
    return (sorted, missing.keys.sorted())
  }

  /// The shortest way from `id` back to itself, both ends included; nil if there is none.
  func cycle(through id: ServiceID) -> [ServiceID]? {
    Self.cycle(through: id) { edges[$0] ?? [] }
  }

  /// The shortest way from `id` back to itself along `successors`, both ends included; nil if there
  /// is none.
  static func cycle(through id: ServiceID, _ successors: (ServiceID) -> [ServiceID]) -> [ServiceID]?
  {
    var cameFrom: [ServiceID: ServiceID] = [:]
    var front = [id]
    var next = 0
    while next < front.count {
      let here = front[next]
      next += 1
      for other in successors(here) {
        if other == id {
          var path = [id, here]
          while let last = path.last, last != id, let before = cameFrom[last] {
            path.append(before)
          }
          if here == id { path = [id, id] }
          return path.reversed()
        }
        if cameFrom[other] == nil {
          cameFrom[other] = here
          front.append(other)
        }
      }
    }
    return nil
  }
}
