/// What each happening does in each situation: happenings, arrow, outcome (see `TableWorld.feed`).
enum Table {
  static let traps = "traps"

  struct Pair: Codable {
    let situation: Situation
    let happening: Happening
  }

  /// What the table says of a pair; nil where it says nothing, or more than one thing.
  static func outcome(_ situation: Situation, _ happening: Happening) -> String? {
    let found = (rows[situation.rawValue] ?? []).filter {
      $0.happenings.contains(happening.rawValue)
    }
    return found.count == 1 ? found[0].outcome : nil
  }

  /// All pairs that cannot be.
  static let trapping: [Pair] = Situation.allCases.flatMap { situation in
    Happening.allCases.filter { outcome(situation, $0) == traps }
      .map { Pair(situation: situation, happening: $0) }
  }

  private static let rows: [String: [(happenings: [String], outcome: String)]] = {
    var rows: [String: [(happenings: [String], outcome: String)]] = [:]
    var situation = ""
    for line in text.split(separator: "\n") {
      guard line.hasPrefix(" ") else {
        situation = String(line)
        continue
      }
      let words = line.split(separator: " ").map(String.init)
      guard let arrow = words.firstIndex(of: "->") else { continue }
      let outcome = words[(arrow + 1)...].joined(separator: " ")
      rows[situation, default: []].append((Array(words[..<arrow]), outcome))
    }
    return rows
  }()

  private static let text = """
    stopped
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      nextRun stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      start restart -> starting: spawn
      stop -> stopped: stopper done
      remove -> gone: close log, remover done
      shutdown kill -> stopped: finish
    manuallyStopped
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      nextRun stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      start restart -> starting: spawn
      stop -> manually_stopped: stopper 2 done
      remove -> gone: close log, remover done
      shutdown kill -> manually_stopped: finish
    failed
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      nextRun stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      start restart -> starting: spawn
      stop -> failed: stopper done
      remove -> gone: close log, remover done
      shutdown kill -> failed: finish
    waiting
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      nextRun -> starting: spawn
      start restart -> starting: disarm nextRun, spawn
      stop -> manually_stopped: disarm nextRun, stopper done
      remove -> gone: disarm nextRun, close log, remover done
      shutdown kill -> stopped: disarm nextRun, finish
    backoff
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outputEnded -> nothing
      stopTimeout killTimeout outputGrace outOfMemory survivors -> nothing
      nextRun -> starting: spawn
      start restart -> starting: disarm nextRun, spawn
      stop -> manually_stopped: disarm nextRun, stopper done
      remove -> gone: disarm nextRun, close log, remover done
      shutdown kill -> failed: disarm nextRun, finish
    starting
      spawned -> running: adder created
      spawnFailed -> backoff: arm nextRun 2s, adder created
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace restart -> nothing
      start -> starting: starter conflict
      spawnCancelled -> traps
      stop -> stopping: cancel spawn, adder created
      remove -> stopping: cancel spawn, adder conflict
      shutdown kill -> stopping: cancel spawn, adder shuttingDown
    startCancelled
      spawned -> stopping: SIGTERM, arm stopTimeout 10s
      spawnFailed spawnCancelled -> manually_stopped: stopper done
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace start stop restart shutdown kill -> nothing
      remove -> stopping: stopper conflict
    startCancelledThenWanted
      spawned -> stopping: SIGTERM, arm stopTimeout 10s
      spawnFailed spawnCancelled -> starting: stopper done, spawn
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace restart -> nothing
      start -> stopping: starter 2 conflict
      stop -> stopping: starter conflict
      remove -> stopping: starter conflict, stopper conflict
      shutdown kill -> stopping: starter shuttingDown
    running
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: arm outputGrace 2s
      exitedOthersRemain stop restart remove shutdown -> stopping: SIGTERM, arm stopTimeout 10s
      outputEnded nextRun stopTimeout killTimeout outputGrace outOfMemory -> nothing
      start -> running: starter conflict
      kill -> stopping: SIGKILL, arm killTimeout 10s
    runningSilently
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> backoff: arm nextRun 2s
      exitedOthersRemain stop restart remove shutdown -> stopping: SIGTERM, arm stopTimeout 10s
      nextRun stopTimeout killTimeout outputGrace outOfMemory -> nothing
      start -> running: starter conflict
      kill -> stopping: SIGKILL, arm killTimeout 10s
    stopping
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun killTimeout outputGrace start stop restart -> nothing
      shutdown outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      remove -> stopping: stopper conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
    stoppingSilently
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> manually_stopped: disarm stopTimeout, stopper done
      exitedOthersRemain nextRun killTimeout outputGrace start stop restart shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      remove -> stopping: stopper conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
    stoppingLeaderless
      spawned spawnFailed spawnCancelled exited exitedOthersRemain survivors -> traps
      groupGone -> stopping: disarm stopTimeout, arm outputGrace 2s
      outputEnded nextRun killTimeout outputGrace start stop restart shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      remove -> stopping: stopper conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
    stoppedThenStarted
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun killTimeout outputGrace restart outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter 2 conflict
      stop -> stopping: starter conflict
      remove -> stopping: starter conflict, stopper conflict
      shutdown -> stopping: starter shuttingDown
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s, starter shuttingDown
    restarting
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun killTimeout outputGrace restart outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      stop remove -> stopping: restarter conflict
      shutdown -> stopping: restarter shuttingDown
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s, restarter shuttingDown
    killed
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm killTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun stopTimeout outputGrace start stop restart -> nothing
      shutdown kill outOfMemory -> nothing
      killTimeout -> stopping: find survivors
      remove -> stopping: stopper conflict
    counted
      spawned spawnFailed spawnCancelled groupGone -> traps
      exited -> stopping: arm outputGrace 2s
      exitedOthersRemain outputEnded outOfMemory nextRun stopTimeout killTimeout outputGrace -> nothing
      start stop restart shutdown kill -> nothing
      survivors -> stopping: stopper failure
      remove -> stopping: stopper conflict
    unkillable
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun stopTimeout killTimeout outputGrace -> nothing
      start stop restart remove shutdown kill -> stopping: SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
    leftovers
      spawned spawnFailed spawnCancelled exited exitedOthersRemain survivors -> traps
      groupGone -> stopping: disarm stopTimeout, arm outputGrace 2s
      outputEnded nextRun killTimeout outputGrace stop restart remove shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
    draining
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outOfMemory -> traps
      outputEnded -> backoff: disarm outputGrace, arm nextRun 0s
      nextRun stopTimeout killTimeout stop restart remove shutdown survivors -> nothing
      outputGrace -> stopping: close output
      start -> stopping: starter conflict
      kill -> stopping: disarm outputGrace, close output
    drainingStopped
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outOfMemory -> traps
      outputEnded -> manually_stopped: disarm outputGrace, stopper done
      nextRun stopTimeout killTimeout start stop restart shutdown survivors -> nothing
      outputGrace -> stopping: close output
      remove -> stopping: stopper conflict
      kill -> stopping: disarm outputGrace, close output
    closing
      spawned spawnFailed spawnCancelled exited exitedOthersRemain groupGone outOfMemory -> traps
      outputEnded -> backoff: arm nextRun 0s
      nextRun stopTimeout killTimeout outputGrace stop restart remove shutdown kill -> nothing
      start -> stopping: starter conflict
      survivors -> nothing
    removing
      spawned spawnFailed spawnCancelled groupGone survivors -> traps
      exited -> stopping: disarm stopTimeout, arm outputGrace 2s
      exitedOthersRemain outputEnded nextRun killTimeout outputGrace remove shutdown -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      stop -> stopping: stopper conflict
      restart -> stopping: restarter conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
      outOfMemory -> nothing
    removingSilently
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> gone: disarm stopTimeout, close log, save
      exitedOthersRemain nextRun killTimeout outputGrace remove shutdown outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      stop -> stopping: stopper conflict
      restart -> stopping: restarter conflict
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
    restartingSilently
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> starting: disarm stopTimeout, spawn
      exitedOthersRemain nextRun killTimeout outputGrace restart outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter conflict
      stop remove -> stopping: restarter conflict
      shutdown -> stopping: restarter shuttingDown
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s, restarter shuttingDown
    startCancelledThenRemoved
      spawned -> stopping: SIGTERM, arm stopTimeout 10s
      spawnFailed spawnCancelled -> gone: close log, remover done
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace remove shutdown kill -> nothing
      start -> stopping: starter conflict
      stop -> stopping: stopper 2 conflict
      restart -> stopping: restarter conflict
    startKilled
      spawned -> stopping: SIGKILL, arm killTimeout 10s
      spawnFailed spawnCancelled -> stopped: finish
      exited exitedOthersRemain groupGone outputEnded outOfMemory survivors -> traps
      nextRun stopTimeout killTimeout outputGrace shutdown kill -> nothing
      start -> stopping: starter shuttingDown
      stop -> stopping: stopper shuttingDown
      restart -> stopping: restarter shuttingDown
      remove -> stopping: remover shuttingDown
    shuttingDown
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
    shuttingDownSilently
      spawned spawnFailed spawnCancelled groupGone outputEnded survivors -> traps
      exited -> stopped: disarm stopTimeout, finish
      exitedOthersRemain nextRun killTimeout outputGrace shutdown outOfMemory -> nothing
      stopTimeout -> stopping: SIGKILL, arm killTimeout 10s
      start -> stopping: starter shuttingDown
      stop -> stopping: stopper shuttingDown
      restart -> stopping: restarter shuttingDown
      remove -> stopping: remover shuttingDown
      kill -> stopping: disarm stopTimeout, SIGKILL, arm killTimeout 10s
    """
}
