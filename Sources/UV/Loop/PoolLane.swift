/// Which work on the pool competes with which.
package enum PoolLane: Hashable, Sendable {
  /// Files of logs that are written, with the path of their directory.
  case logs(directory: String)
  /// Files of logs that are read for a client, with the path of their directory.
  case logPages(directory: String)
  /// What the daemon reads and saves of its own: configuration, keys, run state; with the path of
  /// the directory.
  case ownFiles(directory: String)
  /// What must be known before a process is started: environment files, accounts. `place` tells
  /// what may hang by itself: the directory of a file, `accounts`.
  case start(place: String)
  /// The closing of descriptors that other processes have handed over.
  case handedOver
  /// What is read of other processes: one that hangs may keep whatever reads its environment.
  case processes

  /// What ``Pool/Wait/place`` is where a process does not let itself be read.
  package static let memoryOfProcesses = "memory of other processes"

  /// The lanes for whose kind some threads are always kept.
  enum Kind: Int, CaseIterable {
    case logs
    case logPages
    case ownFiles
    case start
    case processes

    var isOfLogs: Bool { self == .logs || self == .logPages }
  }

  var kind: Kind {
    switch self {
    case .logs: .logs
    case .logPages: .logPages
    case .ownFiles: .ownFiles
    case .start, .handedOver: .start
    case .processes: .processes
    }
  }

  /// What hangs as a whole: a directory stands for its file system, whose device is not known
  /// before a look at it, which may hang.
  var place: String {
    switch self {
    case .logs(let directory), .logPages(let directory), .ownFiles(let directory): directory
    case .start(let place): place
    case .handedOver: "descriptors of other processes"
    case .processes: Self.memoryOfProcesses
    }
  }
}
