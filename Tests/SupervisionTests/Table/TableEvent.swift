import Basics
import Supervision

/// Everything that can happen to the process `p`.
enum TableEvent: String, CaseIterable, Codable {
  case beforeStartEnded, beforeStartFailed
  case spawned, spawnFailed, spawnCancelled, exited, exitedOthersRemain, groupGone, outputEnded
  case outOfMemory, survivors
  case nextRun, stopTimeout, killTimeout, outputGrace
  case notifiedReady, notifiedAlive, notifiedFailed, notifiedStopping
  case probedWell, probedBadly, measuredLittle, measuredMuch, hookEnded
  case readyTimeout, probe, watchdog, memory, runTimeout
  case zoneRead
  case signalLeader, signalGroup, update, updateCommand
  case start, stop, restart, remove
  case shutdown, kill

  /// The event; `run` is the latest run of `p`, `ticket` that of the requester.
  func event(_ run: RunID, _ ticket: Ticket, _ definition: ProcessDefinition) -> Event {
    switch self {
    case .beforeStartEnded: .run(run, .beforeStartEnded(failure: nil))
    case .beforeStartFailed: .run(run, .beforeStartEnded(failure: "no"))
    case .spawned: .run(run, .spawned(pid: 7))
    case .spawnFailed: .run(run, .spawnFailed(reason: "no"))
    case .spawnCancelled: .run(run, .spawnCancelled)
    case .exited: .run(run, .exited(.code(1), groupRemains: false))
    case .exitedOthersRemain: .run(run, .exited(.code(1), groupRemains: true))
    case .groupGone: .run(run, .groupGone)
    case .outputEnded: .run(run, .outputEnded())
    case .outOfMemory: .run(run, .outOfMemory(oomKills: 1))
    case .survivors: .run(run, .survivors([Survivor(pid: 7, name: "web")]))
    case .nextRun: .timerFired(TimerID(process: "p", purpose: .nextRun))
    case .stopTimeout: .timerFired(TimerID(process: "p", purpose: .stopTimeout))
    case .killTimeout: .timerFired(TimerID(process: "p", purpose: .killTimeout))
    case .outputGrace: .timerFired(TimerID(process: "p", purpose: .outputGrace))
    case .notifiedReady: .run(run, .notified(Self.notification { $0.isReady = true }))
    case .notifiedAlive: .run(run, .notified(Self.notification { $0.isAlive = true }))
    case .notifiedFailed: .run(run, .notified(Self.notification { $0.hasFailed = true }))
    case .notifiedStopping: .run(run, .notified(Self.notification { $0.isStopping = true }))
    case .probedWell: .run(run, .probed(.succeeded))
    case .probedBadly: .run(run, .probed(.failed("refused")))
    case .measuredLittle: .run(run, .measured(residentBytes: 100))
    case .measuredMuch: .run(run, .measured(residentBytes: 101))
    case .hookEnded: .run(run, .hookEnded)
    case .readyTimeout: .timerFired(TimerID(process: "p", purpose: .readyTimeout))
    case .probe: .timerFired(TimerID(process: "p", purpose: .probe))
    case .watchdog: .timerFired(TimerID(process: "p", purpose: .watchdog))
    case .memory: .timerFired(TimerID(process: "p", purpose: .memory))
    case .runTimeout: .timerFired(TimerID(process: "p", purpose: .runTimeout))
    case .zoneRead: .zoneRead(TimeZoneOffsets([.init(at: 0, offset: 15)]))
    case .signalLeader: .command(.signal(id: "p", .hangUp, toGroup: false), ticket)
    case .signalGroup: .command(.signal(id: "p", .hangUp, toGroup: true), ticket)
    case .update: .command(.update(Self.changed(definition)), ticket)
    case .updateCommand: .command(.update(Self.changed(definition, command: "other")), ticket)
    case .start: .command(.start(id: "p"), ticket)
    case .stop: .command(.stop(id: "p"), ticket)
    case .restart: .command(.restart(id: "p"), ticket)
    case .remove: .command(.remove(id: "p", deletesLog: false), ticket)
    case .shutdown: .shutdownRequested
    case .kill: .killRequested
    }
  }

  /// What the requester is called in the table; nil for an event without one.
  var requester: String? {
    switch self {
    case .signalLeader, .signalGroup: "signaller"
    case .update, .updateCommand: "updater"
    case .start: "starter"
    case .stop: "stopper"
    case .restart: "restarter"
    case .remove: "remover"
    case .beforeStartEnded, .beforeStartFailed, .spawned, .spawnFailed, .spawnCancelled, .exited,
      .exitedOthersRemain, .groupGone,
      .outputEnded, .outOfMemory, .survivors, .nextRun, .stopTimeout, .killTimeout, .outputGrace,
      .notifiedReady, .notifiedAlive, .notifiedFailed, .notifiedStopping, .probedWell,
      .probedBadly, .measuredLittle, .measuredMuch, .hookEnded, .readyTimeout, .probe, .watchdog,
      .memory, .runTimeout, .zoneRead, .shutdown, .kill:
      nil
    }
  }

  /// Another definition: what is armed follows it, and what runs goes on unless it executes another
  /// command.
  private static func changed(
    _ definition: ProcessDefinition, command: String? = nil
  ) -> ProcessDefinition {
    var definition = definition
    definition.execution.command = command ?? definition.execution.command
    definition.labels = ["changed": "yes"]
    definition.period = definition.period.map { $0 * 2 }
    definition.readyTimeout = definition.readyTimeout.map { $0 * 2 }
    definition.runTimeout = definition.runTimeout.map { $0 * 2 }
    definition.restartAboveMemoryBytes = definition.restartAboveMemoryBytes.map { $0 * 2 }
    definition.healthCheck?.interval = .seconds(20)
    definition.logMaxFiles = 1
    definition.restartDelays = [.seconds(200)]
    return definition
  }

  private static func notification(_ change: (inout Notification) -> Void) -> Notification {
    var notification = Notification()
    change(&notification)
    return notification
  }
}
