import Supervision

/// Everything that the process `p` can be doing, reached by a scripted prefix.
enum Situation: String, CaseIterable, Codable {
  case stopped, manuallyStopped, failed, waiting, backoff
  case starting, startCancelled, startCancelledThenWanted
  case running, runningSilently
  case stopping, stoppingSilently, stoppingLeaderless, stoppedThenStarted, restarting
  case killed, counted, unkillable, leftovers
  case draining, drainingStopped, closing
  case removing, removingSilently, restartingSilently
  case startCancelledThenRemoved, startKilled, shuttingDown, shuttingDownSilently

  /// A supervisor in which `p` is in this situation, and the moment it got there.
  func make() -> TableWorld {
    var world = TableWorld(definition)
    for happening in prefix { world.feed(happening) }
    return world
  }

  private var definition: ProcessDefinition {
    switch self {
    case .stopped, .failed: .once("p")
    case .waiting: .periodic("p")
    case .removingSilently: .always("p").saved
    case .manuallyStopped, .backoff, .starting, .startCancelled, .startCancelledThenWanted,
      .running, .runningSilently, .stopping, .stoppingSilently, .stoppingLeaderless,
      .stoppedThenStarted, .restarting, .killed, .counted, .unkillable, .leftovers,
      .draining, .drainingStopped, .closing, .removing, .restartingSilently,
      .startCancelledThenRemoved,
      .startKilled, .shuttingDown, .shuttingDownSilently:
      .always("p")
    }
  }

  private var prefix: [Happening] {
    switch self {
    case .stopped, .waiting, .backoff: [.spawned, .exited, .outputEnded]
    case .manuallyStopped: [.spawned, .stop, .exited, .outputEnded]
    case .failed: [.spawnFailed]
    case .starting: []
    case .startCancelled: [.stop]
    case .startCancelledThenWanted: [.stop, .start]
    case .running: [.spawned]
    case .runningSilently: [.spawned, .outputEnded]
    case .stopping: [.spawned, .stop]
    case .stoppingSilently: [.spawned, .outputEnded, .stop]
    case .stoppingLeaderless: [.spawned, .stop, .exitedOthersRemain]
    case .stoppedThenStarted: [.spawned, .stop, .start]
    case .restarting: [.spawned, .restart]
    case .killed: [.spawned, .stop, .stopTimeout]
    case .counted: [.spawned, .stop, .stopTimeout, .killTimeout]
    case .unkillable: [.spawned, .stop, .stopTimeout, .killTimeout, .survivors]
    case .leftovers: [.spawned, .exitedOthersRemain]
    case .draining: [.spawned, .exited]
    case .drainingStopped: [.spawned, .exited, .stop]
    case .closing: [.spawned, .exited, .outputGrace]
    case .removing: [.spawned, .remove]
    case .removingSilently: [.spawned, .outputEnded, .remove]
    case .restartingSilently: [.spawned, .outputEnded, .restart]
    case .startCancelledThenRemoved: [.stop, .remove]
    case .startKilled: [.kill]
    case .shuttingDown: [.spawned, .shutdown]
    case .shuttingDownSilently: [.spawned, .outputEnded, .shutdown]
    }
  }
}
