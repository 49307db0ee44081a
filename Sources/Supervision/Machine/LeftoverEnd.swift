package import Basics

/// How something that an earlier supervisor left running is ended: it is asked, and killed when its
/// time to stop is over; what outlives that is given up.
///
/// The times are on the monotonic clock. All processes are looked through again and again, and each
/// look says what comes next.
package struct LeftoverEnd: Sendable {
  /// When what is left is killed.
  package private(set) var killAt: Duration
  /// When what is left then is waited for no longer.
  package private(set) var giveUpAt: Duration
  private let signal: Signal
  private var stage = Stage.waiting
  /// How long something may outlive `SIGKILL` before the start goes on without its end.
  private static let killTimeout: Duration = .seconds(5)

  private enum Stage {
    /// Until the first look has come to its end.
    case waiting
    case asked(EndRequest)
    case killing
  }

  /// What was seen of it.
  package struct Look {
    /// On the monotonic clock, as `endedAt`.
    package var begunAt: Duration
    package var endedAt: Duration
    /// The beginning in clock ticks since the boot.
    package var ticks: UInt64
    /// Those that are of it, with their starts in clock ticks since the boot.
    package var members: [(pid: Int32, startTime: UInt64)]
    /// Whether all were seen that were there.
    package var isComplete: Bool

    /// A look at all processes.
    package init(
      begunAt: Duration, endedAt: Duration, ticks: UInt64,
      members: [(pid: Int32, startTime: UInt64)], isComplete: Bool
    ) {
      self.begunAt = begunAt
      self.endedAt = endedAt
      self.ticks = ticks
      self.members = members
      self.isComplete = isComplete
    }
  }

  /// What is to be done after a look.
  package enum Step: Equatable, Sendable {
    /// These get the signal; perhaps none.
    case ask([Int32], Signal)
    /// All that is left of it gets `SIGKILL`.
    case kill
  }

  /// - Parameters:
  ///   - signal: asks it to end.
  ///   - timeout: how long it may take to end then; zero kills it at once.
  ///   - now: on the monotonic clock.
  package init(_ signal: Signal, within timeout: Duration, at now: Duration) {
    self.signal = signal
    killAt = now + timeout
    giveUpAt = killAt + Self.killTimeout
  }

  /// Whether its time to stop is over.
  package func isKilled(at now: Duration) -> Bool { now >= killAt }

  /// Whether it is waited for no longer, also if something is left of it.
  package func isGivenUp(at now: Duration) -> Bool { now >= giveUpAt }

  /// How long it may take from now on, at the most.
  package func longest(at now: Duration) -> Duration { max(.zero, giveUpAt - now) }

  /// Its time to stop is over now.
  package mutating func killNow(at now: Duration) {
    guard !isKilled(at: now) else { return }
    stage = .killing
    killAt = now
    giveUpAt = now + Self.killTimeout
  }

  /// What is to be done after a look: it is asked first, then those that the first request has
  /// missed, and all are killed at each look when their time is over, since a member may have
  /// forked between the last one and its end.
  package mutating func step(after look: Look) -> Step {
    // It has its time from when it is asked, unless there is none.
    if case .waiting = stage, !isKilled(at: look.begunAt) {
      killAt += look.endedAt - look.begunAt
      giveUpAt += look.endedAt - look.begunAt
    }
    guard !isKilled(at: look.endedAt) else {
      stage = .killing
      return .kill
    }
    var request: EndRequest
    let asked: [Int32]
    switch stage {
    case .waiting:
      request = EndRequest(signal, at: look.ticks, wasComplete: look.isComplete)
      asked = look.members.map(\.pid)
    case .asked(let before):
      request = before
      asked = look.members.filter { before.hasMissed($0.pid, startedAt: $0.startTime) }.map(\.pid)
    case .killing: return .kill
    }
    request.reach(asked)
    stage = .asked(request)
    return .ask(asked, signal)
  }
}
