import Synchronization

/// What a look at processes has found.
package struct ProcessScan: Sendable {
  /// A process that is alive.
  package struct Found: Sendable {
    package let record: ProcessRecord
    /// The variable that was asked for; unknown where none was.
    package let variable: VariableReading
    /// Nil where it was not asked for.
    var details: ProcessDetails?
  }

  /// Those that could be read.
  package var found: [Found] = []
  /// Those that may be alive, and of which nothing can be told now: one hangs in an `execve(2)`, or
  /// descriptors are short. What is neither here nor there has ended, or belongs to others and
  /// cannot be seen.
  package var hidden: [Int32] = []
  /// Whether all processes were listed that there are.
  package var isListed = true

  /// One that has found nothing.
  package init() {}
}

/// A look at processes, done by threads of the pool: each takes the next one. The memory of a
/// process is locked while it is changed, and a file system that does not answer can keep it so for
/// as long as it likes (`mmap(2)` of a file on NFS): a thread that reads its environment waits. So
/// a process that does not let itself be read is left to its thread, and another thread goes on
/// with the rest.
final class ProcessLook: Sendable {
  private struct State {
    /// Those that are to be read, the last one first.
    var waiting: [Int32] = []
    /// Those that were listed.
    var seen: Set<Int32> = []
    /// How many listings there may be still.
    var listings = 0
    /// Whether one has ended since it was listed, whose child may be in no listing.
    var hasLost = false
    /// What each thread reads, by its number.
    var readings: [Int: ProcessLook.Reading] = [:]
    /// Whether a thread lists them.
    var isListing = false
    /// The threads that have been given up.
    var givenUp: Set<Int> = []
    /// How many have been read.
    var steps = 0
    /// Whether what comes is too late.
    var isTaken = false
    var scan = ProcessScan()
  }

  /// A process that is being read.
  struct Reading {
    let pid: Int32
    /// What was read of it.
    var record: ProcessRecord?
  }

  private enum Step {
    case read(Int32)
    case list
    case done
  }

  /// What is to be read out of the environment of each.
  struct Variable {
    let name: String
    /// Of what was read before.
    let memory: EnvironmentMemory

    init(_ name: String, _ memory: EnvironmentMemory) {
      self.name = name
      self.memory = memory
    }
  }

  private let state: Mutex<State>
  private let variable: Variable?
  private let hasDetails: Bool
  /// A machine may be so busy that there is always one that ends.
  private static let mostListings = 8

  /// - Parameters:
  ///   - pids: the processes; nil: all that there are.
  ///   - held: those that are not tried, since a thread has not come back from them.
  ///   - variable: to be read out of the environment of each; nil: none.
  ///   - hasDetails: whether the details of each are read.
  init(
    _ pids: [Int32]?, without held: [Reading], variable: Variable?, hasDetails: Bool = false
  ) {
    var state = State()
    state.seen = Set(held.map(\.pid))
    if let pids {
      let pids = Set(pids)
      state.waiting = Array(pids.subtracting(state.seen))
      for reading in held where pids.contains(reading.pid) { state.scan.pass(reading) }
    } else {
      state.listings = Self.mostListings
      for reading in held { state.scan.pass(reading) }
    }
    self.state = Mutex(state)
    self.variable = variable
    self.hasDetails = hasDetails
  }

  /// Whether it reads the environment of each, too.
  var readsEnvironments: Bool { variable != nil }

  /// Reads until nothing is left to be read; on a thread of the pool.
  ///
  /// - Parameters:
  ///   - thread: a number of its own.
  ///   - isGated: whether it passes over those that hang in an `execve` (``ExecGate``).
  func work(as thread: Int, isGated: Bool) {
    while true {
      switch state.withLock({ Self.next(&$0, thread) }) {
      case .read(let pid): note(read(pid, by: thread, isGated), of: pid, by: thread)
      case .list: list(by: thread)
      case .done: return
      }
    }
  }

  private static func next(_ state: inout State, _ thread: Int) -> Step {
    guard !state.isTaken, !state.givenUp.contains(thread) else { return .done }
    if let pid = state.waiting.popLast() {
      state.readings[thread] = Reading(pid: pid)
      return .read(pid)
    }
    // The first listing, and another one while one of those that were listed has ended by the time
    // it was looked at.
    guard state.listings == mostListings || state.hasLost && state.listings > 0 else {
      return .done
    }
    state.listings -= 1
    state.hasLost = false
    state.isListing = true
    return .list
  }

  private func list(by thread: Int) {
    // The result says where something is missing.
    let names = try? Files.directoryNames(in: "/proc")
    state.withLock { state in
      state.steps += 1
      state.isListing = false
      guard let names else {
        state.scan.isListed = false
        return
      }
      let pids = names.compactMap { Int32($0) }
      state.waiting += pids.filter { state.seen.insert($0).inserted }
    }
  }

  private enum Outcome {
    case alive(ProcessScan.Found)
    case hidden
    case ended
    /// It belongs to others, and never can be seen (`/proc` mounted with `hidepid=1`).
    case invisible
  }

  private func read(_ pid: Int32, by thread: Int, _ isGated: Bool) -> Outcome {
    do throws(UVError) {
      guard let record = try ProcessRecord.read(pid, isGated: isGated), !record.hasEnded else {
        return .ended
      }
      state.withLock { $0.readings[thread]?.record = record }
      guard let variable else {
        return .alive(
          ProcessScan.Found(
            record: record, variable: .unknown,
            details: hasDetails ? ProcessDetails.read(pid) : nil))
      }
      let reading = variable.memory.read(variable.name, of: record)
      return reading == .ended
        ? .ended : .alive(ProcessScan.Found(record: record, variable: reading))
    } catch {
      return error.code.isDenial ? .invisible : .hidden
    }
  }

  private func note(_ outcome: Outcome, of pid: Int32, by thread: Int) {
    state.withLock { state in
      state.readings[thread] = nil
      state.steps += 1
      guard !state.isTaken else { return }
      switch outcome {
      case .alive(let found): state.scan.found.append(found)
      case .hidden: state.scan.hidden.append(pid)
      case .ended: state.hasLost = true
      case .invisible: break
      }
    }
  }

  /// How far a look has come.
  struct Progress {
    /// How many processes have been read, and listings made.
    let steps: Int
    /// What each thread reads, by its number.
    let readings: [Int: Reading]
    /// Whether a thread lists processes, which comes to its end.
    let isListing: Bool
    /// Whether there is work for another thread.
    let hasMore: Bool
  }

  /// How far it has come.
  var progress: Progress {
    state.withLock { state in
      Progress(
        steps: state.steps, readings: state.readings, isListing: state.isListing,
        hasMore: !state.waiting.isEmpty || state.listings == Self.mostListings)
    }
  }

  /// A thread is to read no other process after the one that does not let itself be read.
  func giveUp(_ thread: Int) { state.withLock { _ = $0.givenUp.insert(thread) } }

  /// The result: what is being read, or still to be read, is hidden. What comes later is dropped.
  func take() -> ProcessScan {
    state.withLock { state in
      state.isTaken = true
      if state.isListing || state.listings == Self.mostListings { state.scan.isListed = false }
      state.scan.hidden += state.waiting
      for reading in state.readings.values { state.scan.pass(reading) }
      return state.scan
    }
  }
}

extension ProcessScan {
  /// Passes a process over that does not let itself be read.
  fileprivate mutating func pass(_ reading: ProcessLook.Reading) {
    if let record = reading.record {
      found.append(Found(record: record, variable: .unknown))
    } else {
      hidden.append(reading.pid)
    }
  }
}

/// What a variable is in the environments of processes, as far as that stays as it is; for all
/// threads.
package final class EnvironmentMemory: Sendable {
  private struct State {
    var final: [ProcessTable.Member: VariableReading] = [:]
    /// Since when it cannot be told of each, on the monotonic clock.
    var unknownSince: [ProcessTable.Member: Duration] = [:]
  }

  private let state = Mutex(State())
  /// An `execve` or an exit takes milliseconds.
  private static let patience: Duration = .seconds(1)

  /// Nothing is known yet.
  package init() {}

  /// What the environment of a process says at this moment.
  func read(_ variable: String, of record: ProcessRecord) -> VariableReading {
    let member = record.member
    if let known = state.withLock({ $0.final[member] }) { return known }
    let reading = ProcessTable.variable(variable, of: record.pid)
    let since = state.withLock { state -> Duration? in
      if reading.isFinal { state.final[member] = reading }
      guard reading == .unknown else {
        state.unknownSince[member] = nil
        return nil
      }
      let since = state.unknownSince[member] ?? Clock.monotonicTime
      state.unknownSince[member] = since
      return since
    }
    // What hangs on its way out, in a file system that does not answer for instance, has no
    // environment any more and starts nothing. Other processes must not wait for it as if it could
    // be theirs.
    guard let since, Clock.monotonicTime - since >= Self.patience,
      ProcessTable.isExiting(record.pid)
    else { return reading }
    return .unreadable
  }

  /// Forgets all processes but these.
  package func keep(only members: Set<ProcessTable.Member>) {
    state.withLock { state in
      state.final = state.final.filter { members.contains($0.key) }
      state.unknownSince = state.unknownSince.filter { members.contains($0.key) }
    }
  }
}
