/// Whether what another process waits for is true of one.
enum DependencyState: Equatable {
  case met
  /// Not yet; says what is missing, beginning with the process.
  case pending(String)
  /// Not until an operator does something; says why, beginning with the process.
  case failed(String)

  /// What is missing; nil where nothing is.
  var reason: String? {
    switch self {
    case .met: nil
    case .pending(let reason), .failed(let reason): reason
    }
  }
}
