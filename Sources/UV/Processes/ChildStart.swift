package import Basics
import CLinux
import Glibc

/// The start of a child: from the request to the fork server until the child executes its command,
/// fails at a step, or has taken too long.
///
/// The child closes a pipe by executing its command, which this watches; what it came to is in
/// memory that both have. The loop waits for nothing, however long a step takes: a working
/// directory or a program on a file system that does not answer, a lease on the program.
package final class ChildStart {
  private let options: SpawnOptions
  private let loop: Loop
  private let reader: OutputScheduler
  private let timeout: Duration
  private let spent: Duration
  private let timer: Timer
  private var onExit: ((ExitStatus) -> Void)?
  private var then: ((Result<ChildProcess, UVError>) -> Void)?
  private var onDelay: ((_ pid: Int32, _ startTime: UInt64?) -> Void)?
  private var attempt: Attempt?
  /// Whether a fork server has gone with a request of this start already.
  private var hasBeenLost = false
  /// Whether the child is to wait before it executes its command.
  private var isHeld: Bool
  private var phase = Phase.begun

  /// What the timer is for.
  private enum Phase {
    /// It has begun a moment ago.
    case begun
    /// It takes longer than a start does, and is given until the timeout.
    case delayed
    /// It is not wanted any more. Most are done in a moment, and are ended like any other child
    /// then.
    case cancelled
    /// What its child waits for will not come: the child is about to end.
    case refused(UVError)
    /// It was killed; what has not gone by the end of the timer hangs in the kernel.
    case killed(UVError)
  }

  /// One request.
  private struct Attempt {
    let report: UnsafeMutablePointer<exeio_report>
    let pipes: ChildPipes
    let descriptors: DescriptorBag
    let watch: DescriptorWatch
    /// The process that was asked.
    let server: Int32?
  }

  /// After which time a start counts as delayed.
  package static let delay: Duration = .milliseconds(50)
  /// How long a start goes on that was cancelled or refused, before it is killed.
  private static let grace: Duration = .milliseconds(100)
  /// How long the end of one that was killed is waited for.
  private static let killTimeout: Duration = .seconds(1)

  /// Begins.
  ///
  /// - Parameters:
  ///   - reader: reads the child's output.
  ///   - timeout: then the child is killed, unless it executes its command; more than ``delay``.
  ///   - spent: how much of that has passed already.
  ///   - onDelay: called once it has taken 50 ms and there is a process, with its pid and when it
  ///     was made.
  ///   - onExit: called exactly once after the command was executed, from the loop; not after
  ///     ``ChildProcess/close()``. Output may follow.
  ///   - then: called once, from the loop and never inside of this call, with the child that
  ///     executes its command; or with what failed: operation `chdir` with the working directory,
  ///     `execute` with the command, `enter the cgroup` with its path, or what the system lacked
  ///     (`EMFILE`). `ETIMEDOUT` at the step that took too long (operation `wait for` where that is
  ///     ``SpawnOptions/awaited``), `ECANCELED` after ``cancel()``, and the error of
  ///     ``refuse(_:)``. Nothing is left behind then, but a process that hangs in the kernel and
  ///     ends with it.
  /// - Throws: what cannot be asked for, or is lacking at once: `ETIMEDOUT` where an earlier start
  ///   hangs still that nothing has ended, in the same working directory or on the same command.
  @discardableResult
  package init(
    _ options: SpawnOptions, on loop: Loop, reader: OutputScheduler, timeout: Duration,
    spent: Duration = .zero,
    onDelay: @escaping (_ pid: Int32, _ startTime: UInt64?) -> Void = { _, _ in },
    onExit: @escaping (ExitStatus) -> Void,
    then: @escaping (Result<ChildProcess, UVError>) -> Void
  ) throws(UVError) {
    if let hung = HungStart.first(of: loop, inTheWayOf: options) { throw hung.error }
    self.options = options
    isHeld = options.awaited != nil
    self.loop = loop
    self.reader = reader
    self.timeout = timeout
    self.spent = spent
    self.onDelay = onDelay
    self.onExit = onExit
    self.then = then
    timer = try Timer(on: loop)
    do throws(UVError) {
      attempt = try ask()
    } catch {
      timer.close()
      throw error
    }
    timer.start(after: Self.delay) { [self] in delayed() }
    loop.starts[ObjectIdentifier(self)] = self
  }

  /// The process that is to execute the command; nil while there is none, and once the start is
  /// over.
  package var pid: Int32? { attempt.flatMap { SpawnReport($0.report.pointee).pid } }

  private func ask() throws(UVError) -> Attempt {
    let descriptors = DescriptorBag()
    let request = try SpawnRequest(options)
    let report = try loop.forkServer.takeReport()
    report.pointee.gate = isHeld ? EXEIO_GATE_CLOSED : EXEIO_GATE_OPEN
    do throws(UVError) {
      let pipes = try ChildPipes(options, descriptors)
      let end = try descriptors.pipe(options.command)
      var sent = [end.write] + pipes.ofChild + options.sockets.map(\.descriptor)
      if let group = options.cgroup {
        sent.append(
          descriptors.hold(
            try UVError.system(.open, group.path) {
              open(group.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            }))
      }
      let message = try request.message(to: report, &sent, descriptors)
      try loop.forkServer.send(message, sent) { [weak self] error in self?.fail(error) }
      for descriptor in sent { descriptors.closeIfHeld(descriptor) }
      let watch = try DescriptorWatch(end.read, on: loop)
      descriptors.release(end.read)
      watch.whenReadable { [weak self] in self?.conclude() }
      watch.watch()
      return Attempt(
        report: report, pipes: pipes, descriptors: descriptors, watch: watch,
        server: loop.forkServer.pid)
    } catch {
      descriptors.closeAll()
      loop.forkServer.giveBack(report)
      throw error
    }
  }

  /// The pipe has been closed, or the process has ended: the command was executed, or never will
  /// be.
  func conclude() {
    guard let attempt else { return }
    let report = SpawnReport(attempt.report.pointee)
    guard let pid = report.pid else {
      if let failure = report.failure(options) { return fail(failure) }
      return lost()
    }
    if let failure = report.failure(options) { return reap(pid, failure) }
    // One that was killed on its way (by a filter of system calls, or because memory ran out) has
    // failed at no step: its end is told as that of any other child. One that was ended from here
    // is not told as started.
    switch phase {
    case .killed(let error), .refused(let error): return reap(pid, error)
    case .begun, .delayed, .cancelled: break
    }
    attempt.watch.close()
    do throws(UVError) {
      guard let onExit else { return }
      let child = try ChildProcess(
        pid, startTime: report.startTime, attempt.pipes, options, on: loop, reader: reader,
        attempt.descriptors, onExit: onExit)
      finish(.success(child))
    } catch {
      fail(error)
    }
  }

  /// The server has gone with the request, and no process was made.
  private func lost() {
    switch phase {
    case .killed(let error), .refused(let error): return fail(error)
    case .begun, .delayed, .cancelled: break
    }
    guard !hasBeenLost else {
      var error = UVError(code: -EPIPE, operation: .execute, subject: options.command)
      error.detail = "the process that forks for the daemon has ended"
      return fail(error)
    }
    hasBeenLost = true
    // It may not have let go of its socket yet: another request to it would be lost too.
    if let server = attempt?.server, server == loop.forkServer.pid { loop.forkServer.replace() }
    release()
    do throws(UVError) {
      attempt = try ask()
    } catch {
      finish(.failure(error))
    }
  }

  /// The process has ended, or is about to: it is taken off first.
  private func reap(_ pid: Int32, _ error: UVError) {
    guard let attempt else { return }
    attempt.watch.unwatch()
    guard waitpid(pid, nil, WNOHANG) == 0 else { return fail(error) }
    do throws(UVError) {
      let pidfd = try UVError.system("watch", options.command) { pidfd_open(pid, 0) }
      let watch: DescriptorWatch
      do throws(UVError) {
        watch = try DescriptorWatch(pidfd, on: loop)
      } catch {
        close(pidfd)
        throw error
      }
      watch.whenReadable { [self] in
        // The OrphanReaper may have been first.
        waitpid(pid, nil, WNOHANG)
        watch.close()
        fail(error)
      }
      watch.watch()
    } catch {
      fail(error)
    }
  }

  private func delayed(for time: Duration = delay) {
    phase = .delayed
    if let attempt {
      let report = SpawnReport(attempt.report.pointee)
      if let pid = report.pid {
        onDelay?(pid, report.startTime)
      } else if time + Self.delay < timeout - spent {
        // The machine is busy, and the fork server has not come to it.
        timer.start(after: Self.delay) { [self] in delayed(for: time + Self.delay) }
        return
      }
    }
    timer.start(after: max(.zero, timeout - spent - time)) { [self] in
      guard let attempt else { return }
      let step = SpawnReport(attempt.report.pointee).step(options)
      var error = UVError(code: -ETIMEDOUT, operation: step.operation, subject: step.subject)
      error.detail = "timed out after \(timeout.text)"
      kill(error)
    }
  }

  /// What the child waits for is there (``SpawnOptions/awaited``): it executes its command.
  package func proceed() {
    guard isHeld else { return }
    if case .refused = phase { return }
    isHeld = false
    if let attempt { exeio_set_gate(attempt.report, EXEIO_GATE_OPEN) }
  }

  /// What the child waits for will not come: it ends without having executed anything, and the
  /// start fails with this error.
  package func refuse(_ error: UVError) {
    guard isHeld, let attempt, isWanted else { return }
    phase = .refused(error)
    exeio_set_gate(attempt.report, EXEIO_GATE_REFUSED)
    timer.start(after: Self.grace) { [self] in kill(error) }
  }

  /// Takes the start back. A child that executes its command within a moment is told as one, and
  /// its owner ends it; any other is killed.
  package func cancel() {
    let error = UVError(code: -ECANCELED, operation: .execute, subject: options.command)
    guard !isHeld else { return refuse(error) }
    // One that has failed is over, but for the reason that is looked for.
    guard attempt != nil, isWanted else { return }
    phase = .cancelled
    timer.start(after: Self.grace) { [self] in kill(error) }
  }

  /// Whether nothing has ended it from here.
  private var isWanted: Bool {
    switch phase {
    case .begun, .delayed: true
    case .cancelled, .refused, .killed: false
    }
  }

  private func kill(_ error: UVError) {
    phase = .killed(error)
    if let pid {
      ProcessGroups.killGroup(ledBy: pid)
    } else {
      // It has not been served in all that time.
      loop.forkServer.replace()
    }
    timer.start(after: Self.killTimeout) { [self] in
      if let report = attempt.map({ SpawnReport($0.report.pointee) }) {
        HungStart.note(report, options, on: loop)
      }
      fail(error)
    }
  }

  private func fail(_ error: UVError) {
    guard attempt != nil else { return }
    release()
    timer.stop()
    // What was taken back has no fault, and its file system may be the one that does not answer.
    guard error.operation == .execute, error.detail == nil, error.code != .canceled else {
      return finish(.failure(error))
    }
    options.commandPath.findFault(error.code.rawValue, on: loop) { [self] reason in
      var error = error
      error.detail = reason
      finish(.failure(error))
    }
  }

  private func finish(_ result: Result<ChildProcess, UVError>) {
    let then = self.then
    let onExit = self.onExit
    self.then = nil
    self.onExit = nil
    onDelay = nil
    timer.close()
    release()
    loop.starts[ObjectIdentifier(self)] = nil
    then?(result)
    withExtendedLifetime(onExit) {}
  }

  private func release() {
    guard let attempt else { return }
    attempt.watch.close()
    attempt.descriptors.closeAll()
    loop.forkServer.giveBack(attempt.report)
    self.attempt = nil
  }
}
