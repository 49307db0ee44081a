import Basics
import Supervision

/// What a paper child does; set for a process before it is spawned.
struct PaperBehaviour {
  /// Nil: it starts. Otherwise why it cannot.
  var startFailure: String?
  /// How long the hook before it takes; at once where nil.
  var beforeStartTakes: Duration?
  /// Why the hook before it fails, where it does.
  var beforeStartFailure: String?
  /// How long the answer to a spawn takes; at once where nil.
  var spawnTakes: Duration?
  /// It ends by itself after this long.
  var lifetime: Duration?
  /// How it ends by itself.
  var exit = ExitStatus.code(0)
  var ignoresStopSignal = false
  /// From the stop signal to the end.
  var stopTakes = Duration.zero
  /// The leader has children in its group, which do not end with it.
  var hasHelpers = false
  var helpersIgnoreStopSignal = false
  /// Stuck in the kernel: not even `SIGKILL` ends it.
  var outlivesKill = false
  /// How long it takes to find who has outlived `SIGKILL`; at once where nil.
  var findingTakes: Duration?
  /// Something outside of the group holds its output open.
  var outputIsHeld = false
  /// The last line of its standard error.
  var lastErrorLine: String?
  /// How long after the last member the output ends.
  var outputTakes = Duration.zero
  /// How long a probe of its health takes; at once where nil.
  var probeTakes: Duration?
  /// Nil: its probes succeed. Otherwise why they fail.
  var probeFailure: String?
  /// Nil: probes can be made. Otherwise why they cannot.
  var probeObstacle: String?
  /// The resident memory of all of it.
  var memory: Int? = 50
  /// How long the hook after it takes; at once where nil.
  var hookTakes: Duration?
}

/// A child of paper: a leader, its helpers, its output.
struct PaperChild {
  private(set) var behaviour: PaperBehaviour
  let pid: Int32
  var leaderIsAlive = true
  var helpersAreAlive: Bool
  var outputIsOpen = true
  /// How many of its processes the kernel has killed because memory ran out.
  var oomKills = 0

  init(_ behaviour: PaperBehaviour, pid: Int32) {
    self.behaviour = behaviour
    self.pid = pid
    helpersAreAlive = behaviour.hasHelpers
  }

  /// This child, doing something else from now on.
  func behaving(_ behaviour: PaperBehaviour) -> PaperChild {
    var child = self
    child.behaviour = behaviour
    return child
  }

  var groupIsAlive: Bool { leaderIsAlive || helpersAreAlive }
  var isOver: Bool { !groupIsAlive && !outputIsOpen }
}
