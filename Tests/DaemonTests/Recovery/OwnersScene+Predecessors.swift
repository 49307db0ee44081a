import Testing
import UV

@testable import ExeioDaemon

extension OwnersScene {
  /// What a start finds of earlier supervisors, once all that is there can be told.
  func predecessors() throws -> Predecessors {
    var search: LeftoverSearch?
    // A child, of another test too, may be in the middle of an execve.
    while search?.isUnclear != false {
      search = nil
      scanner.scan(for: RunState.markerName, EnvironmentMemory()) {
        search = LeftoverSearch($0)
      }
      try wait { search != nil }
    }
    let sight = Predecessors.Sight(search: try #require(search), identifiers: [:])
    return try Predecessors(sight, try DataPlace(configuration), [])
  }
}
