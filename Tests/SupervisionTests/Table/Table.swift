import Basics

/// What each event does in each state: events, arrow, outcome (see `TableWorld.feed`).
enum Table {
  static let traps = "traps"

  struct Pair: Codable {
    let tableState: TableState
    let tableEvent: TableEvent
  }

  /// What the table says of a pair; nil where it says nothing, or more than one thing.
  static func outcome(_ tableState: TableState, _ tableEvent: TableEvent) -> String? {
    let found = (rows[tableState.rawValue] ?? []).filter {
      $0.tableEvents.contains(tableEvent.rawValue)
    }
    return found.count == 1 ? found[0].outcome : nil
  }

  /// All pairs that cannot be.
  static let trapping: [Pair] = TableState.allCases.flatMap { tableState in
    TableEvent.allCases.filter { outcome(tableState, $0) == traps }
      .map { Pair(tableState: tableState, tableEvent: $0) }
  }

  private static let rows: [String: [(tableEvents: [String], outcome: String)]] = {
    var rows: [String: [(tableEvents: [String], outcome: String)]] = [:]
    var tableState = ""
    for line in text.split(separator: "\n") {
      guard line.hasPrefix(" ") else {
        tableState = String(line)
        continue
      }
      let words = line.split(separator: " ").map(String.init)
      guard let arrow = words.firstIndex(of: "->") else { continue }
      let outcome = words[(arrow + 1)...].joined(separator: " ")
      let tableEvents = words[..<arrow].flatMap { families[$0] ?? [$0] }
      rows[tableState, default: []].append((tableEvents, outcome))
    }
    return rows
  }()

  /// Events that mostly do the same, under one name.
  private static let families = [
    "prepared": ["beforeStartEnded", "beforeStartFailed"],
    "told": ["notifiedReady", "notifiedAlive", "notifiedFailed", "notifiedStopping"],
    "probed": ["probedWell", "probedBadly"],
    "measured": ["measuredLittle", "measuredMuch"],
    "signalled": ["signalLeader", "signalGroup"],
    "updated": ["update", "updateCommand"],
    "watches": ["readyTimeout", "probe", "watchdog", "memory", "runTimeout"],
  ]

  private static let text = """
    stopped
      prepared -> nothing
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      nextRun stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      start restart -> starting: spawn
      stop -> stopped: stopper done
      remove -> gone: close log, remover done
      shutdown kill -> stopped: finish
      told probed measured hookEnded watches zoneRead -> nothing
      signalled -> stopped: signaller conflict
      updated -> stopped: limit log, updater done
    manuallyStopped
      prepared -> nothing
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      nextRun stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      start restart -> starting: spawn
      stop -> manually_stopped: stopper 2 done
      remove -> gone: close log, remover done
      shutdown kill -> manually_stopped: finish
      told probed measured hookEnded watches zoneRead -> nothing
      signalled -> manually_stopped: signaller conflict
      updated -> manually_stopped: limit log, updater done
    failed
      prepared -> nothing
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      nextRun stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      start restart -> starting: spawn
      stop -> failed: stopper done
      remove -> gone: close log, remover done
      shutdown kill -> failed: finish
      told probed measured hookEnded watches zoneRead -> nothing
      signalled -> failed: signaller conflict
      update -> failed: limit log, updater done
      updateCommand -> starting: limit log, spawn
    waiting
      prepared -> nothing
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      nextRun -> starting: spawn
      start restart -> starting: disarm nextRun, spawn
      stop -> manually_stopped: disarm nextRun, stopper done
      remove -> gone: disarm nextRun, close log, remover done
      shutdown kill -> stopped: disarm nextRun, finish
      told probed measured hookEnded watches zoneRead -> nothing
      signalled -> waiting: signaller conflict
      updated -> waiting: limit log, arm nextRun 0s, updater done
    backoff
      prepared -> nothing
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      nextRun -> starting: spawn
      start restart -> starting: disarm nextRun, spawn
      stop -> manually_stopped: disarm nextRun, stopper done
      remove -> gone: disarm nextRun, close log, remover done
      shutdown kill -> failed: disarm nextRun, finish
      told probed measured hookEnded watches zoneRead -> nothing
      signalled -> backoff: signaller conflict
      update -> backoff: limit log, arm nextRun 60s, updater done
      updateCommand -> starting: limit log, disarm nextRun, spawn
    preparing
      beforeStartEnded -> starting: spawn
      beforeStartFailed -> backoff: arm nextRun 2s, adder created
      spawned spawnFailed spawnCancelled -> traps
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace restart -> nothing
      start -> starting: starter conflict
      stop -> stopping: cancel spawn, adder created
      remove -> stopping: cancel spawn, adder conflict
      shutdown kill -> stopping: cancel spawn, adder shuttingDown
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> starting: signaller conflict
      update -> starting: limit log, updater done
      updateCommand -> stopping: limit log, cancel spawn
    preparingCancelled
      beforeStartEnded beforeStartFailed spawnCancelled -> manually_stopped: stopper done
      spawned spawnFailed -> traps
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace start stop restart shutdown kill -> nothing
      remove -> stopping: stopper conflict
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> stopping: signaller conflict
      updated -> stopping: limit log, updater done
    preparingCancelledThenWanted
      beforeStartEnded beforeStartFailed spawnCancelled -> starting: stopper done, run before_start
      spawned spawnFailed -> traps
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace restart -> nothing
      start -> stopping: starter 2 conflict
      stop -> stopping: starter conflict
      remove -> stopping: starter conflict, stopper conflict
      shutdown kill -> stopping: starter shuttingDown
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> stopping: signaller conflict
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    preparingCancelledThenRemoved
      beforeStartEnded beforeStartFailed spawnCancelled -> gone: close log, remover done
      spawned spawnFailed -> traps
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace remove shutdown kill -> nothing
      start -> stopping: starter conflict
      stop -> stopping: stopper 2 conflict
      restart -> stopping: restarter conflict
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> stopping: signaller conflict
      updated -> stopping: updater conflict
    preparingKilled
      beforeStartEnded beforeStartFailed spawnCancelled -> stopped: finish
      spawned spawnFailed -> traps
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace shutdown kill -> nothing
      start -> stopping: starter shuttingDown
      stop -> stopping: stopper shuttingDown
      restart -> stopping: restarter shuttingDown
      remove -> stopping: remover shuttingDown
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> stopping: signaller shuttingDown
      updated -> stopping: updater shuttingDown
    starting
      prepared -> traps
      spawned -> running: adder created
      spawnFailed -> backoff: arm nextRun 2s, adder created
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace restart -> nothing
      start -> starting: starter conflict
      spawnCancelled -> traps
      stop -> stopping: cancel spawn, adder created
      remove -> stopping: cancel spawn, adder conflict
      shutdown kill -> stopping: cancel spawn, adder shuttingDown
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> starting: signaller conflict
      update -> starting: limit log, updater done
      updateCommand -> stopping: limit log, cancel spawn
    startCancelled
      prepared -> traps
      spawned -> stopping: SIGTERM, arm stopTimeout 10s
      spawnFailed spawnCancelled -> manually_stopped: stopper done
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace start stop restart shutdown kill -> nothing
      remove -> stopping: stopper conflict
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> stopping: signaller conflict
      updated -> stopping: limit log, updater done
    startCancelledThenWanted
      prepared -> traps
      spawned -> stopping: SIGTERM, arm stopTimeout 10s
      spawnFailed spawnCancelled -> starting: stopper done, spawn
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace restart -> nothing
      start -> stopping: starter 2 conflict
      stop -> stopping: starter conflict
      remove -> stopping: starter conflict, stopper conflict
      shutdown kill -> stopping: starter shuttingDown
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> stopping: signaller conflict
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    running
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: arm outputGrace 2s
      exitedOthersRemain stop restart remove shutdown -> stopping: SIGTERM, arm stopTimeout 10s
      outputEnded nextRun stopTimeout killTimeout outputGrace outOfMemory -> nothing
      start -> running: starter conflict
      kill -> stopping: SIGKILL, arm killTimeout 10s
      notifiedReady notifiedAlive probed measured watches zoneRead -> nothing
      notifiedFailed -> stopping: SIGTERM, arm stopTimeout 10s
      notifiedStopping -> stopping: arm stopTimeout 10s
      hookEnded -> traps
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, updater done
      updateCommand -> stopping: limit log, SIGTERM, arm stopTimeout 10s
    runningSilently
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> backoff: arm nextRun 2s
      exitedOthersRemain stop restart remove shutdown -> stopping: SIGTERM, arm stopTimeout 10s
      nextRun stopTimeout killTimeout outputGrace outOfMemory -> nothing
      start -> running: starter conflict
      kill -> stopping: SIGKILL, arm killTimeout 10s
      notifiedReady notifiedAlive probed measured watches zoneRead -> nothing
      notifiedFailed -> stopping: SIGTERM, arm stopTimeout 10s
      notifiedStopping -> stopping: arm stopTimeout 10s
      hookEnded -> traps
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, updater done
      updateCommand -> stopping: limit log, SIGTERM, arm stopTimeout 10s
    stopping
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun killTimeout outputGrace start stop restart -> nothing
      shutdown outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      remove -> stopping: stopper conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      updated -> stopping: limit log, updater done
    stoppingSilently
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> manually_stopped: disarm stopTimeout, stopper done
      exitedOthersRemain nextRun killTimeout outputGrace start stop restart shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      remove -> stopping: stopper conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      updated -> stopping: limit log, updater done
    stoppingLeaderless
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain survivors -> traps
      groupGone -> stopping: disarm stopTimeout, arm outputGrace 2s
      outputEnded nextRun killTimeout outputGrace start stop restart shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      remove -> stopping: stopper conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: signaller conflict
      signalGroup -> stopping: SIGHUP, signaller done
      updated -> stopping: limit log, updater done
    stoppedThenStarted
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun killTimeout outputGrace restart outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter 2 conflict
      stop -> stopping: starter conflict
      remove -> stopping: starter conflict, stopper conflict
      shutdown -> stopping: starter shuttingDown
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s, starter shuttingDown
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    restarting
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun killTimeout outputGrace restart outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      stop remove -> stopping: restarter conflict
      shutdown -> stopping: restarter shuttingDown
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s, restarter shuttingDown
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    killed
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm killTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun stopTimeout outputGrace start stop restart -> nothing
      shutdown kill outOfMemory -> nothing
      killTimeout -> stopping: find survivors
      remove -> stopping: stopper conflict
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      updated -> stopping: limit log, updater done
    counted
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone -> traps
      exited -> stopping: arm outputGrace 2s
      exitedOthersRemain outputEnded outOfMemory nextRun stopTimeout killTimeout outputGrace -> nothing
      start stop restart shutdown kill -> nothing
      survivors -> stopping: stopper failure
      remove -> stopping: stopper conflict
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      updated -> stopping: limit log, updater done
    unkillable
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun stopTimeout killTimeout outputGrace -> nothing
      start stop restart remove shutdown kill -> stopping: SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      updated -> stopping: limit log, updater done
    leftovers
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain survivors -> traps
      groupGone -> stopping: disarm stopTimeout, arm outputGrace 2s
      outputEnded nextRun killTimeout outputGrace stop restart remove shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: signaller conflict
      signalGroup -> stopping: SIGHUP, signaller done
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    draining
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outOfMemory -> traps
      outputEnded -> backoff: disarm outputGrace, arm nextRun 0s
      nextRun stopTimeout killTimeout stop restart remove shutdown survivors -> nothing
      outputGrace -> stopping: close output
      start -> stopping: starter conflict
      kill -> stopping: disarm outputGrace, close output
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalled -> stopping: signaller conflict
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    drainingStopped
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outOfMemory -> traps
      outputEnded -> manually_stopped: disarm outputGrace, stopper done
      nextRun stopTimeout killTimeout start stop restart shutdown survivors -> nothing
      outputGrace -> stopping: close output
      remove -> stopping: stopper conflict
      kill -> stopping: disarm outputGrace, close output
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalled -> stopping: signaller conflict
      updated -> stopping: limit log, updater done
    closing
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outOfMemory -> traps
      outputEnded -> backoff: arm nextRun 0s
      nextRun stopTimeout killTimeout outputGrace stop restart remove shutdown kill -> nothing
      start -> stopping: starter conflict
      survivors -> nothing
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalled -> stopping: signaller conflict
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    removing
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun killTimeout outputGrace remove shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      stop -> stopping: stopper conflict
      restart -> stopping: restarter conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      updated -> stopping: updater conflict
    removingSilently
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> gone: disarm stopTimeout, close log, save
      exitedOthersRemain nextRun killTimeout outputGrace remove shutdown outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      stop -> stopping: stopper conflict
      restart -> stopping: restarter conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      updated -> stopping: updater conflict
    restartingSilently
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> starting: disarm stopTimeout, spawn
      exitedOthersRemain nextRun killTimeout outputGrace restart outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      stop remove -> stopping: restarter conflict
      shutdown -> stopping: restarter shuttingDown
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s, restarter shuttingDown
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    startCancelledThenRemoved
      prepared -> traps
      spawned -> stopping: SIGTERM, arm stopTimeout 10s
      spawnFailed spawnCancelled -> gone: close log, remover done
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace remove shutdown kill -> nothing
      start -> stopping: starter conflict
      stop -> stopping: stopper 2 conflict
      restart -> stopping: restarter conflict
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> stopping: signaller conflict
      updated -> stopping: updater conflict
    startKilled
      prepared -> traps
      spawned -> stopping: SIGKILL, arm killTimeout 10s
      spawnFailed spawnCancelled -> stopped: finish
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace shutdown kill -> nothing
      start -> stopping: starter shuttingDown
      stop -> stopping: stopper shuttingDown
      restart -> stopping: restarter shuttingDown
      remove -> stopping: remover shuttingDown
      told watches zoneRead -> nothing
      probed measured hookEnded -> traps
      signalled -> stopping: signaller shuttingDown
      updated -> stopping: updater shuttingDown
    shuttingDown
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun killTimeout outputGrace shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter shuttingDown
      stop -> stopping: stopper shuttingDown
      restart -> stopping: restarter shuttingDown
      remove -> stopping: remover shuttingDown
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalled -> stopping: signaller shuttingDown
      updated -> stopping: updater shuttingDown
    shuttingDownSilently
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> stopped: disarm stopTimeout, finish
      exitedOthersRemain nextRun killTimeout outputGrace shutdown outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter shuttingDown
      stop -> stopping: stopper shuttingDown
      restart -> stopping: restarter shuttingDown
      remove -> stopping: remover shuttingDown
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      told probed measured watches zoneRead -> nothing
      hookEnded -> traps
      signalled -> stopping: signaller shuttingDown
      updated -> stopping: updater shuttingDown
    notReady
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm readyTimeout, disarm memory, arm outputGrace 2s
      exitedOthersRemain notifiedFailed stop -> stopping: disarm readyTimeout, disarm memory, SIGTERM, arm stopTimeout 10s
      restart remove shutdown -> stopping: disarm readyTimeout, disarm memory, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory nextRun stopTimeout killTimeout outputGrace notifiedAlive probed measured probe -> nothing
      watchdog runTimeout zoneRead -> nothing
      notifiedReady -> running: disarm readyTimeout, probe, arm watchdog 20s
      notifiedStopping -> stopping: disarm readyTimeout, disarm memory, arm stopTimeout 10s
      readyTimeout -> stopping: disarm memory, SIGTERM, arm stopTimeout 10s
      memory -> starting: measure
      start -> starting: starter conflict
      kill -> stopping: disarm readyTimeout, disarm memory, SIGKILL, arm killTimeout 10s
      signalLeader -> starting: SIGHUP to the leader, signaller done
      signalGroup -> starting: SIGHUP, signaller done
      update -> starting: limit log, arm readyTimeout 0s, arm memory 5s, updater done
      updateCommand -> stopping: limit log, disarm readyTimeout, disarm memory, SIGTERM, arm stopTimeout 10s
    probing
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm memory, disarm watchdog, cancel probe, arm outputGrace 2s
      exitedOthersRemain -> stopping: disarm memory, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      notifiedFailed stop restart -> stopping: disarm memory, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      remove shutdown -> stopping: disarm memory, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory nextRun stopTimeout killTimeout outputGrace notifiedReady measured readyTimeout -> nothing
      probe runTimeout zoneRead -> nothing
      notifiedAlive -> running: arm watchdog 20s
      notifiedStopping -> stopping: disarm memory, disarm watchdog, cancel probe, arm stopTimeout 10s
      probed -> running: arm probe 10s
      watchdog -> stopping: disarm memory, cancel probe, SIGTERM, arm stopTimeout 10s
      memory -> running: measure
      start -> running: starter conflict
      kill -> stopping: disarm memory, disarm watchdog, cancel probe, SIGKILL, arm killTimeout 10s
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, arm memory 5s, cancel probe, probe, updater done
      updateCommand -> stopping: limit log, disarm memory, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
    healthy
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm memory, disarm watchdog, disarm probe, arm outputGrace 2s
      exitedOthersRemain -> stopping: disarm memory, disarm watchdog, disarm probe, SIGTERM, arm stopTimeout 10s
      notifiedFailed stop restart -> stopping: disarm memory, disarm watchdog, disarm probe, SIGTERM, arm stopTimeout 10s
      remove shutdown -> stopping: disarm memory, disarm watchdog, disarm probe, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory nextRun stopTimeout killTimeout outputGrace notifiedReady probed measured -> nothing
      readyTimeout runTimeout zoneRead -> nothing
      notifiedAlive -> running: arm watchdog 20s
      notifiedStopping -> stopping: disarm memory, disarm watchdog, disarm probe, arm stopTimeout 10s
      probe -> running: probe
      watchdog -> stopping: disarm memory, disarm probe, SIGTERM, arm stopTimeout 10s
      memory -> running: measure
      start -> running: starter conflict
      kill -> stopping: disarm memory, disarm watchdog, disarm probe, SIGKILL, arm killTimeout 10s
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, arm memory 5s, disarm probe, probe, updater done
      updateCommand -> stopping: limit log, disarm memory, disarm watchdog, disarm probe, SIGTERM, arm stopTimeout 10s
    failing
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm memory, disarm watchdog, cancel probe, arm outputGrace 2s
      exitedOthersRemain -> stopping: disarm memory, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      notifiedFailed stop restart -> stopping: disarm memory, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      remove shutdown -> stopping: disarm memory, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory nextRun stopTimeout killTimeout outputGrace notifiedReady measured readyTimeout -> nothing
      probe runTimeout zoneRead -> nothing
      notifiedAlive -> running: arm watchdog 20s
      notifiedStopping -> stopping: disarm memory, disarm watchdog, cancel probe, arm stopTimeout 10s
      probedWell -> running: arm probe 10s
      probedBadly -> stopping: disarm memory, disarm watchdog, SIGTERM, arm stopTimeout 10s
      watchdog -> stopping: disarm memory, cancel probe, SIGTERM, arm stopTimeout 10s
      memory -> running: measure
      start -> running: starter conflict
      kill -> stopping: disarm memory, disarm watchdog, cancel probe, SIGKILL, arm killTimeout 10s
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, arm memory 5s, cancel probe, probe, updater done
      updateCommand -> stopping: limit log, disarm memory, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
    reported
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm memory, disarm watchdog, disarm probe, arm outputGrace 2s
      exitedOthersRemain -> stopping: disarm memory, disarm watchdog, disarm probe, SIGTERM, arm stopTimeout 10s
      notifiedFailed stop restart -> stopping: disarm memory, disarm watchdog, disarm probe, SIGTERM, arm stopTimeout 10s
      remove shutdown -> stopping: disarm memory, disarm watchdog, disarm probe, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory nextRun stopTimeout killTimeout outputGrace notifiedReady probed measured -> nothing
      readyTimeout runTimeout zoneRead -> nothing
      notifiedAlive -> running: arm watchdog 20s
      notifiedStopping -> stopping: disarm memory, disarm watchdog, disarm probe, arm stopTimeout 10s
      probe -> running: probe
      watchdog -> stopping: disarm memory, disarm probe, SIGTERM, arm stopTimeout 10s
      memory -> running: measure
      start -> running: starter conflict
      kill -> stopping: disarm memory, disarm watchdog, disarm probe, SIGKILL, arm killTimeout 10s
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, arm memory 5s, disarm probe, probe, updater done
      updateCommand -> stopping: limit log, disarm memory, disarm watchdog, disarm probe, SIGTERM, arm stopTimeout 10s
    measuring
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm watchdog, cancel probe, arm outputGrace 2s
      exitedOthersRemain notifiedFailed stop restart -> stopping: disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      remove shutdown -> stopping: disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory nextRun stopTimeout killTimeout outputGrace notifiedReady readyTimeout probe memory -> nothing
      runTimeout zoneRead -> nothing
      notifiedAlive -> running: arm watchdog 20s
      notifiedStopping -> stopping: disarm watchdog, cancel probe, arm stopTimeout 10s
      probed -> running: arm probe 10s
      measured -> running: arm memory 5s
      watchdog -> stopping: cancel probe, SIGTERM, arm stopTimeout 10s
      start -> running: starter conflict
      kill -> stopping: disarm watchdog, cancel probe, SIGKILL, arm killTimeout 10s
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, arm memory 5s, cancel probe, probe, updater done
      updateCommand -> stopping: limit log, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
    aboveLimit
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm watchdog, cancel probe, arm outputGrace 2s
      exitedOthersRemain notifiedFailed measuredMuch -> stopping: disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      stop restart remove shutdown -> stopping: disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory nextRun stopTimeout killTimeout outputGrace notifiedReady readyTimeout probe memory -> nothing
      runTimeout zoneRead -> nothing
      notifiedAlive -> running: arm watchdog 20s
      notifiedStopping -> stopping: disarm watchdog, cancel probe, arm stopTimeout 10s
      probed -> running: arm probe 10s
      measuredLittle -> running: arm memory 5s
      watchdog -> stopping: cancel probe, SIGTERM, arm stopTimeout 10s
      start -> running: starter conflict
      kill -> stopping: disarm watchdog, cancel probe, SIGKILL, arm killTimeout 10s
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, arm memory 5s, cancel probe, probe, updater done
      updateCommand -> stopping: limit log, disarm watchdog, cancel probe, SIGTERM, arm stopTimeout 10s
    announced
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain stop restart remove shutdown -> stopping: disarm stopTimeout, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory nextRun killTimeout outputGrace told probed measured watches zoneRead -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log, disarm stopTimeout, SIGTERM, arm stopTimeout 10s
    forced
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded outOfMemory nextRun killTimeout outputGrace told probed measured watches -> nothing
      zoneRead stop restart remove shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      signalLeader -> stopping: SIGHUP to the leader, signaller done
      signalGroup -> stopping: SIGHUP, signaller done
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    hook
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded outOfMemory -> traps
      survivors nextRun stopTimeout killTimeout outputGrace told probed measured watches zoneRead stop restart -> nothing
      remove shutdown -> nothing
      hookEnded -> backoff: arm nextRun 0s
      start -> stopping: starter conflict
      kill -> stopping: cancel hook
      signalled -> stopping: signaller conflict
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    hookStopped
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded outOfMemory -> traps
      survivors nextRun stopTimeout killTimeout outputGrace told probed measured watches zoneRead start stop -> nothing
      restart shutdown -> nothing
      hookEnded -> manually_stopped: stopper done
      remove -> stopping: stopper conflict
      kill -> stopping: cancel hook
      signalled -> stopping: signaller conflict
      updated -> stopping: limit log, updater done
    hookRestarting
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded outOfMemory -> traps
      survivors nextRun stopTimeout killTimeout outputGrace told probed measured watches zoneRead restart -> nothing
      hookEnded -> starting: spawn
      start -> stopping: starter conflict
      stop remove -> stopping: restarter conflict
      shutdown -> stopping: restarter shuttingDown
      kill -> stopping: cancel hook, restarter shuttingDown
      signalled -> stopping: signaller conflict
      update -> stopping: limit log, updater done
      updateCommand -> stopping: limit log
    hookRemoving
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded outOfMemory -> traps
      survivors nextRun stopTimeout killTimeout outputGrace told probed measured watches zoneRead remove shutdown -> nothing
      hookEnded -> gone: close log, remover done
      start -> stopping: starter conflict
      stop -> stopping: stopper conflict
      restart -> stopping: restarter conflict
      kill -> stopping: cancel hook
      signalled -> stopping: signaller conflict
      updated -> stopping: updater conflict
    hookShuttingDown
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded outOfMemory -> traps
      survivors nextRun stopTimeout killTimeout outputGrace told probed measured watches zoneRead shutdown -> nothing
      hookEnded -> stopped: finish
      start -> stopping: starter shuttingDown
      stop -> stopping: stopper shuttingDown
      restart -> stopping: restarter shuttingDown
      remove -> stopping: remover shuttingDown
      kill -> stopping: cancel hook
      signalled -> stopping: signaller shuttingDown
      updated -> stopping: updater shuttingDown
    hookCancelled
      prepared -> traps
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded outOfMemory -> traps
      survivors nextRun stopTimeout killTimeout outputGrace told probed measured watches zoneRead shutdown kill -> nothing
      hookEnded -> stopped: finish
      start -> stopping: starter shuttingDown
      stop -> stopping: stopper shuttingDown
      restart -> stopping: restarter shuttingDown
      remove -> stopping: remover shuttingDown
      signalled -> stopping: signaller shuttingDown
      updated -> stopping: updater shuttingDown
    scheduled
      prepared -> nothing
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> nothing
      stopTimeout killTimeout outputGrace told probed measured hookEnded watches zoneRead -> nothing
      nextRun -> starting: spawn
      start restart -> starting: disarm nextRun, spawn
      stop -> manually_stopped: disarm nextRun, stopper done
      remove -> gone: disarm nextRun, close log, remover done
      shutdown kill -> stopped: disarm nextRun, finish
      signalled -> waiting: signaller conflict
      updated -> waiting: limit log, updater done
    scheduledLater
      prepared -> nothing
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> nothing
      stopTimeout killTimeout outputGrace told probed measured hookEnded watches -> nothing
      nextRun -> waiting: arm nextRun 60s
      zoneRead -> waiting: disarm nextRun, arm nextRun 60s
      start restart -> starting: disarm nextRun, spawn
      stop -> manually_stopped: disarm nextRun, stopper done
      remove -> gone: disarm nextRun, close log, remover done
      shutdown kill -> stopped: disarm nextRun, finish
      signalled -> waiting: signaller conflict
      updated -> waiting: limit log, updater done
    neverDue
      prepared -> nothing
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> nothing
      nextRun stopTimeout killTimeout outputGrace told probed measured hookEnded watches zoneRead -> nothing
      start restart -> starting: spawn
      stop -> failed: stopper done
      remove -> gone: close log, remover done
      shutdown kill -> failed: finish
      signalled -> failed: signaller conflict
      updated -> failed: limit log, updater done
    scheduledRunning
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm runTimeout, disarm nextRun, arm outputGrace 2s
      exitedOthersRemain notifiedFailed stop -> stopping: disarm runTimeout, disarm nextRun, SIGTERM, arm stopTimeout 10s
      restart remove shutdown -> stopping: disarm runTimeout, disarm nextRun, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory stopTimeout killTimeout outputGrace notifiedReady notifiedAlive probed measured -> nothing
      readyTimeout probe watchdog memory -> nothing
      nextRun -> running: arm nextRun 10s
      notifiedStopping -> stopping: disarm runTimeout, disarm nextRun, arm stopTimeout 10s
      runTimeout -> stopping: disarm nextRun, SIGTERM, arm stopTimeout 10s
      zoneRead -> running: arm nextRun 55s
      start -> running: starter conflict
      kill -> stopping: disarm runTimeout, disarm nextRun, SIGKILL, arm killTimeout 10s
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, arm runTimeout 0s, updater done
      updateCommand -> stopping: limit log, disarm runTimeout, disarm nextRun, SIGTERM, arm stopTimeout 10s
    scheduledProbing
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm runTimeout, disarm nextRun, cancel probe, arm outputGrace 2s
      exitedOthersRemain -> stopping: disarm runTimeout, disarm nextRun, cancel probe, SIGTERM, arm stopTimeout 10s
      notifiedFailed stop restart -> stopping: disarm runTimeout, disarm nextRun, cancel probe, SIGTERM, arm stopTimeout 10s
      remove shutdown -> stopping: disarm runTimeout, disarm nextRun, cancel probe, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory stopTimeout killTimeout outputGrace notifiedReady notifiedAlive measured -> nothing
      readyTimeout probe watchdog memory -> nothing
      nextRun -> running: arm nextRun 10s
      notifiedStopping -> stopping: disarm runTimeout, disarm nextRun, cancel probe, arm stopTimeout 10s
      probed -> running: arm probe 10s
      runTimeout -> stopping: disarm nextRun, cancel probe, SIGTERM, arm stopTimeout 10s
      zoneRead -> running: arm nextRun 55s
      start -> running: starter conflict
      kill -> stopping: disarm runTimeout, disarm nextRun, cancel probe, SIGKILL, arm killTimeout 10s
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, arm runTimeout 0s, cancel probe, probe, updater done
      updateCommand -> stopping: limit log, disarm runTimeout, disarm nextRun, cancel probe, SIGTERM, arm stopTimeout 10s
    queued
      prepared -> traps
      spawned spawnFailed spawnCancelled groupGone survivors hookEnded -> traps
      exited -> stopping: disarm runTimeout, disarm nextRun, arm outputGrace 2s
      exitedOthersRemain notifiedFailed stop -> stopping: disarm runTimeout, disarm nextRun, SIGTERM, arm stopTimeout 10s
      restart remove shutdown -> stopping: disarm runTimeout, disarm nextRun, SIGTERM, arm stopTimeout 10s
      outputEnded outOfMemory stopTimeout killTimeout outputGrace notifiedReady notifiedAlive probed measured -> nothing
      readyTimeout probe watchdog memory -> nothing
      nextRun -> running: arm nextRun 60s
      notifiedStopping -> stopping: disarm runTimeout, disarm nextRun, arm stopTimeout 10s
      runTimeout -> stopping: disarm nextRun, SIGTERM, arm stopTimeout 10s
      zoneRead -> running: arm nextRun 45s
      start -> running: starter conflict
      kill -> stopping: disarm runTimeout, disarm nextRun, SIGKILL, arm killTimeout 10s
      signalLeader -> running: SIGHUP to the leader, signaller done
      signalGroup -> running: SIGHUP, signaller done
      update -> running: limit log, arm runTimeout 0s, updater done
      updateCommand -> stopping: limit log, disarm runTimeout, disarm nextRun, SIGTERM, arm stopTimeout 10s
    """
}
