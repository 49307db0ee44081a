import Basics
import Logs
import Supervision
import UV

/// Does the file work of a start on the pool, on a loop of its own: a disk may not answer. Who
/// looks hears what is waited for, and a signal that is to end the process ends it.
final class StartWait {
  /// How often it is said what is waited for.
  private static let silence: Duration = .seconds(3)
  /// How much time the service manager is asked for with each message.
  private static let extraTime = 15_000_000

  private let loop: Loop
  private let timer: Timer
  private let environment: [String: String]

  /// - Parameter environment: says who else is to hear of it.
  init(environment: [String: String]) throws(UVError) {
    self.environment = environment
    loop = try Loop()
    do throws(UVError) {
      try WorkerPool.start(on: loop)
      timer = try Timer(on: loop)
      for signal: Signal in [.terminate, .interrupt, .quit] {
        // Also as the first process of a container, which the kernel does not end by default.
        _ = try SignalWatcher(on: loop, signal: signal.number) { SystemProcess.endAtOnce(0) }
      }
    } catch {
      try loop.abandon()
      throw error
    }
  }

  /// Has a closure run, and waits for its value.
  ///
  /// - Parameters:
  ///   - subject: what is waited for, in words.
  ///   - limit: how long it is waited for at the most; nil: as long as it takes.
  func run<Value: Sendable>(
    _ subject: String, _ lane: PoolLane, within limit: Duration? = nil,
    _ body: @escaping @Sendable () -> Value
  ) -> Awaited<Value> {
    let start = Clock.monotonicTime
    let awaited = Awaited<Value>()
    PoolWork.run(on: loop, lane) {
      awaited.set(body())
    } then: {
    }
    let step = min(limit ?? Self.silence, Self.silence)
    timer.start(after: step, repeating: step) { [self] in
      tell(subject, after: Clock.monotonicTime - start)
    }
    loop.run {
      if let limit, Clock.monotonicTime - start >= limit { return true }
      return awaited.value != nil
    }
    timer.stop()
    return awaited
  }

  /// Makes what looks at processes here.
  func makeScanner() throws(UVError) -> ProcessScanner { try ProcessScanner(on: loop) }

  /// Has processes looked at, and waits for the result.
  ///
  /// - Parameter pids: the processes; nil: all that there are.
  func scan(
    _ pids: [Int32]? = nil, for variable: String, _ memory: EnvironmentMemory,
    with scanner: ProcessScanner
  ) -> ProcessScan {
    var result: ProcessScan?
    scanner.scan(pids, for: variable, memory) { result = $0 }
    loop.run { result != nil }
    guard let result else { preconditionFailure("a look at processes was never answered") }
    return result
  }

  private func tell(_ subject: String, after duration: Duration) {
    let message =
      "waiting for \(subject): its file system has not answered for \(duration.components.seconds) s"
    StartFailure.report(message, level: .warning, environment: environment)
    guard let name = environment["NOTIFY_SOCKET"], !name.isEmpty else { return }
    do {
      try NotifySocket(name).send("EXTEND_TIMEOUT_USEC=\(Self.extraTime)")
    } catch {
      // The same was tried with the message: a service manager that cannot be reached sets no limit
      // either.
    }
  }

  /// Lets go of the loop; what hangs keeps what it needs.
  func close() {
    do throws(UVError) {
      try loop.abandon()
    } catch {
      preconditionFailure("the loop of a start cannot be closed: \(error)")
    }
  }
}
