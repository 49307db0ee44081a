import Supervision

/// Everything that the process `p` can be doing, reached by a scripted prefix.
enum TableState: String, CaseIterable, Codable {
  case stopped, manuallyStopped, failed, waiting, backoff
  case preparing, preparingCancelled, preparingCancelledThenWanted
  case preparingCancelledThenRemoved, preparingKilled
  case starting, startCancelled, startCancelledThenWanted
  case running, runningSilently
  case stopping, stoppingSilently, stoppingLeaderless, stoppedThenStarted, restarting
  case killed, counted, unkillable, leftovers
  case draining, drainingStopped, closing
  case removing, removingSilently, restartingSilently
  case startCancelledThenRemoved, startKilled, shuttingDown, shuttingDownSilently
  case notReady, probing, healthy, failing, reported, measuring, aboveLimit, announced, forced
  case hook, hookStopped, hookRestarting, hookRemoving, hookShuttingDown, hookCancelled
  case scheduled, scheduledLater, neverDue, scheduledRunning, scheduledProbing, queued

  /// A supervisor in which `p` is in this state, and the moment it got there.
  func make() -> TableWorld {
    var world = TableWorld(definition)
    for tableEvent in prefix { world.feed(tableEvent) }
    return world
  }

  /// The process that gets into it.
  var definition: ProcessDefinition {
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
    case .notReady, .probing, .healthy, .failing, .measuring, .aboveLimit, .announced, .forced:
      Self.watched(.restart)
    case .reported: Self.watched(.report)
    case .preparing, .preparingCancelled, .preparingCancelledThenWanted,
      .preparingCancelledThenRemoved, .preparingKilled:
      Self.prepared
    case .hook, .hookStopped, .hookRestarting, .hookRemoving, .hookShuttingDown, .hookCancelled:
      Self.hooked
    case .scheduled, .scheduledRunning: Self.scheduled("* * * * *", .skip)
    case .scheduledProbing:
      Self.scheduled("* * * * *", .skip, checked: true)
    case .queued: Self.scheduled("* * * * *", .queue)
    case .scheduledLater: Self.scheduled("@hourly", .skip)
    case .neverDue: Self.scheduled("0 0 30 2 *", .skip)
    }
  }

  /// A process with all that watches over a run, each within a minute.
  private static func watched(_ onFailure: HealthCheck.OnFailure) -> ProcessDefinition {
    var definition = ProcessDefinition.always("p")
    definition.execution.ready = .notify
    definition.readyTimeout = .seconds(30)
    definition.execution.watchdog = .seconds(20)
    var check = HealthCheck(.tcp("localhost:80"))
    check.retries = 2
    check.onFailure = onFailure
    definition.healthCheck = check
    definition.restartAboveMemoryBytes = 100
    return definition
  }

  private static var prepared: ProcessDefinition {
    var definition = ProcessDefinition.always("p")
    definition.beforeStart = ["migrate"]
    return definition
  }

  private static var hooked: ProcessDefinition {
    var definition = ProcessDefinition.always("p")
    definition.afterExit = ["clean"]
    return definition
  }

  private static func scheduled(
    _ text: String, _ overlap: Overlap, checked: Bool = false
  ) -> ProcessDefinition {
    var definition = ProcessDefinition.once("p")
    do {
      definition.schedule = try CronSchedule(text)
    } catch {
      preconditionFailure(error.message)
    }
    definition.overlap = overlap
    definition.runTimeout = .seconds(30)
    if checked { definition.healthCheck = HealthCheck(.tcp("localhost:80")) }
    return definition
  }

  /// What happens to the process after it was added.
  var prefix: [TableEvent] {
    switch self {
    case .stopped, .waiting, .backoff: [.spawned, .exited, .outputEnded]
    case .manuallyStopped: [.spawned, .stop, .exited, .outputEnded]
    case .failed: [.spawnFailed]
    case .preparing, .starting: []
    case .preparingCancelled, .startCancelled: [.stop]
    case .preparingCancelledThenWanted, .startCancelledThenWanted: [.stop, .start]
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
    case .preparingCancelledThenRemoved, .startCancelledThenRemoved: [.stop, .remove]
    case .preparingKilled, .startKilled: [.kill]
    case .shuttingDown: [.spawned, .shutdown]
    case .shuttingDownSilently: [.spawned, .outputEnded, .shutdown]
    case .notReady: [.spawned]
    case .probing: [.spawned, .notifiedReady]
    case .healthy: [.spawned, .notifiedReady, .probedWell]
    case .failing: [.spawned, .notifiedReady, .probedWell, .probe, .probedBadly, .probe]
    case .reported: [.spawned, .notifiedReady, .probedBadly, .probe, .probedBadly]
    case .measuring: [.spawned, .notifiedReady, .memory]
    case .aboveLimit: [.spawned, .notifiedReady, .memory, .measuredMuch, .memory]
    case .announced: [.spawned, .notifiedStopping]
    case .forced: [.spawned, .notifiedFailed]
    case .hook: [.spawned, .outputEnded, .exited]
    case .hookStopped: [.spawned, .outputEnded, .stop, .exited]
    case .hookRestarting: [.spawned, .outputEnded, .exited, .restart]
    case .hookRemoving: [.spawned, .outputEnded, .remove, .exited]
    case .hookShuttingDown: [.spawned, .outputEnded, .shutdown, .exited]
    case .hookCancelled: [.spawned, .outputEnded, .exited, .kill]
    case .scheduled, .scheduledLater, .neverDue: []
    case .scheduledRunning, .scheduledProbing: [.nextRun, .spawned]
    case .queued: [.nextRun, .spawned, .nextRun]
    }
  }
}
