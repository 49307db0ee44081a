import UV

/// What the service manager that started this process is told of it (`sd_notify(3)`): when it is
/// ready, how it does, that its loop turns, that it ends and how long that may take.
final class ServiceManager {
  private let channel: NotifyChannel
  private let clock: Clock
  private let watchdogInterval: Duration?
  private let watchdogTimer: Timer
  private let statusTimer: Timer
  private let extensionTimer: Timer
  /// What is told of the daemon.
  private let source: Source
  private var isReady = false
  private var isStopping = false
  private var reloads = 0
  private var toldStatus = ""
  /// When it was last looked at whether the status is another one.
  private var lookedAt = Duration.zero
  private var hasLastExtension = false

  /// Where the news comes from.
  struct Source {
    /// The one line of `systemctl status`.
    let status: () -> String
    /// How long the end of everything may still take, at the most.
    let longestEnd: () -> Duration
  }

  /// A status that changes more often is told so often.
  private static let statusInterval: Duration = .seconds(1)
  /// How much time is asked for in one message at the most: a loop that hangs is not waited for
  /// longer.
  private static let longestExtension: Duration = .seconds(10)
  /// Soon enough for two messages to get lost.
  private static let extensionInterval: Duration = .seconds(3)
  /// What connections may take that are answered last, and logs that are written out.
  private static let slack: Duration = .seconds(5)

  /// - Parameter watchdogInterval: how often the service manager is told that the loop turns; never
  ///   where nil.
  init(
    _ channel: NotifyChannel, watchdogInterval: Duration?, on loop: Loop, clock: Clock,
    source: Source
  ) throws(UVError) {
    self.channel = channel
    self.clock = clock
    self.watchdogInterval = watchdogInterval
    self.source = source
    watchdogTimer = try Timer(on: loop)
    statusTimer = try Timer(on: loop)
    extensionTimer = try Timer(on: loop)
    // The daemon's end waits for none of them, and yet they go on until it is there.
    for timer in [watchdogTimer, statusTimer, extensionTimer] { timer.unref() }
  }

  /// The port is bound, and the saved processes are in the supervisor's hands.
  func ready() {
    isReady = true
    tellStatus(with: "READY=1")
    guard let interval = watchdogInterval else { return }
    watchdogTimer.start(after: .zero, repeating: interval) { [channel] in
      // One that gets lost is made up for by the next, which still comes in time.
      channel.offer("WATCHDOG=1")
    }
  }

  /// Something has happened to a process: the status is told again if it has changed.
  func noteChange() {
    guard isReady, !statusTimer.isActive else { return }
    let rest = lookedAt + Self.statusInterval - clock.monotonic()
    statusTimer.start(after: max(.zero, rest)) { [self] in
      if !tellStatus() { noteChange() }
    }
  }

  /// The logs and the files of processes are being opened again; each call is followed by one of
  /// ``reloaded()``.
  func reloading() {
    reloads += 1
    guard isReady, !isStopping else { return }
    let now = Self.microseconds(clock.monotonic())
    channel.insist("RELOADING=1\nMONOTONIC_USEC=\(now)")
  }

  func reloaded() {
    reloads -= 1
    guard isReady, !isStopping, reloads == 0 else { return }
    tellStatus(with: "READY=1")
  }

  /// Everything is being ended; said once.
  func stopping() {
    guard !isStopping else { return }
    isStopping = true
    tellStatus(with: "STOPPING=1")
    extend()
    extensionTimer.start(after: Self.extensionInterval, repeating: Self.extensionInterval) {
      [self] in extend()
    }
  }

  /// Lets go of the loop: nothing is told from now on.
  func close() {
    channel.close()
    for timer in [watchdogTimer, statusTimer, extensionTimer] { timer.close() }
  }

  /// Asks for time: as long as an end is waited for that has a limit, and once for what comes after
  /// it.
  private func extend() {
    let rest = source.longestEnd()
    if rest == .zero, hasLastExtension { return }
    hasLastExtension = rest == .zero
    let time = min(Self.longestExtension, rest + Self.slack)
    channel.offer("EXTEND_TIMEOUT_USEC=\(Self.microseconds(time))")
  }

  /// Tells the status, if it is another one.
  /// - Returns: false where it has to be told again.
  private func tellStatus() -> Bool {
    let status = lookAtStatus()
    guard status != toldStatus else { return true }
    guard channel.offer("STATUS=\(status)") else { return false }
    toldStatus = status
    return true
  }

  /// Tells the status together with what must not get lost.
  private func tellStatus(with line: String) {
    toldStatus = lookAtStatus()
    channel.insist("\(line)\nSTATUS=\(toldStatus)")
  }

  private func lookAtStatus() -> String {
    lookedAt = clock.monotonic()
    return source.status()
  }

  private static func microseconds(_ duration: Duration) -> Int64 {
    Int64(duration / .microseconds(1))
  }
}
