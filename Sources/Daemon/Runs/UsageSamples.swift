package import API
import Basics
package import Supervision
package import UV

/// What the processes use, as it was last read.
package struct UsageSamples {
  /// What is known now, by process.
  package private(set) var usages: [String: ProcessUsage] = [:]

  private var present: [String: Present] = [:]
  private var lastLook: Look?
  /// The last one at which details were read.
  private var lastDetailedLook: Look?
  /// Whether a run began after the last look.
  private var hasNewRun = false
  private let clock: () -> Duration

  /// How old an answer may be.
  package static let maxAge: Duration = .seconds(1)
  /// Looks never take more than this part of the time: with thousands of runs an answer may be
  /// older, and a run that began since is looked for sooner.
  private static let share = 20

  private struct Look {
    var at: Duration
    var took: Duration
  }

  /// A run whose usage is to be read.
  package typealias Run = (id: RunID, subject: UsageReader.Subject)

  /// A run that is not over.
  private struct Present {
    let id: RunID
    let subject: UsageReader.Subject
    let startedAt: Duration
    /// What the runs before it have used.
    let before: ProcessUsage
    /// The last reading that a share of the CPUs was made of.
    var last: (at: Duration, cpuTime: Duration)?
    /// The most that was ever read of it.
    var cpuTime: Duration = .zero
    /// The same of what it had of the disks; nil where that was never known.
    var diskReadBytes: Int?
    var diskWrittenBytes: Int?

    /// Takes what was read last, unless it is less than what was.
    mutating func note(_ reading: ResourceUsage) {
      cpuTime = max(cpuTime, reading.cpuTime)
      if let bytes = reading.diskReadBytes { diskReadBytes = max(bytes, diskReadBytes ?? 0) }
      if let bytes = reading.diskWrittenBytes {
        diskWrittenBytes = max(bytes, diskWrittenBytes ?? 0)
      }
    }

    /// Brings up to date what all runs have used.
    func addTotals(to usage: inout ProcessUsage) {
      usage.cpuTime = before.cpuTime + cpuTime
      if let diskReadBytes { usage.diskReadBytes = (before.diskReadBytes ?? 0) + diskReadBytes }
      if let diskWrittenBytes {
        usage.diskWrittenBytes = (before.diskWrittenBytes ?? 0) + diskWrittenBytes
      }
    }
  }

  /// No samples.
  ///
  /// - Parameter clock: the time on the monotonic clock.
  package init(clock: @escaping () -> Duration) {
    self.clock = clock
  }

  /// A run has begun.
  package mutating func began(_ id: RunID, _ subject: UsageReader.Subject) {
    var before = usages[id.process] ?? ProcessUsage()
    before.forgetPresent()
    present[id.process] = Present(id: id, subject: subject, startedAt: clock(), before: before)
    hasNewRun = true
  }

  /// Nothing of a run is left; its cgroup, if it had one, is still there.
  ///
  /// - Parameter cpuTime: what the leader and the children that it waited for have used, as
  ///   `wait4(2)` told; a cgroup knows better, since it has counted those that no process waited
  ///   for as well.
  package mutating func ended(_ id: RunID, cpuTime: Duration) {
    guard var run = present[id.process], run.id == id else { return }
    present[id.process] = nil
    present.giveBackRoom()
    var usage = usages[id.process] ?? run.before
    usage.forgetPresent()
    var final = ResourceUsage(memoryBytes: nil, cpuTime: cpuTime, oomKills: nil)
    if let cgroup = run.subject.cgroup, let last = UsageReader.readCgroup(cgroup) { final = last }
    run.note(final)
    run.addTotals(to: &usage)
    if let kills = final.oomKills { usage.oomKills = (run.before.oomKills ?? 0) + kills }
    usages[id.process] = usage
  }

  /// A process was removed: what it has used goes with it.
  package mutating func forget(_ process: String) {
    present[process] = nil
    usages[process] = nil
    present.giveBackRoom()
    usages.giveBackRoom()
  }

  /// The runs that are to be read now; nil while what is known is good enough.
  ///
  /// - Parameter hasDetails: whether details are to be read, and are not good enough.
  package mutating func begin(hasDetails: Bool = false) -> [Run]? {
    let last = hasDetails ? lastDetailedLook : lastLook
    guard !present.isEmpty, isDue(at: clock(), after: last) else { return nil }
    hasNewRun = false
    return present.values.map { ($0.id, $0.subject) }
  }

  /// Notes what was read.
  ///
  /// - Parameters:
  ///   - readings: what each of the runs uses, in their order; nil if nothing of it is left.
  ///   - began: when they began to be read, on the monotonic clock.
  ///   - hasDetails: whether details were read.
  package mutating func note(
    _ readings: [ResourceUsage?], of runs: [Run], since began: Duration, hasDetails: Bool = false
  ) {
    for (run, reading) in zip(runs, readings) {
      // It may have ended meanwhile.
      guard let reading, let current = present[run.id.process], current.id == run.id else {
        continue
      }
      note(reading, of: current, at: began, hasDetails)
    }
    lastLook = Look(at: began, took: clock() - began)
    if hasDetails { lastDetailedLook = lastLook }
  }

  private func isDue(at now: Duration, after last: Look?) -> Bool {
    guard let last else { return true }
    let age = now - last.at
    return age >= last.took * Self.share && (hasNewRun || age >= Self.maxAge)
  }

  private mutating func note(
    _ reading: ResourceUsage, of run: Present, at now: Duration, _ hasDetails: Bool
  ) {
    var run = run
    var usage = usages[run.id.process] ?? run.before
    // A child whose parent has ended takes its time with it when it ends, and one that ends while
    // it is looked at is missed once: the sum never goes down for that.
    run.note(reading)
    let since = run.last ?? (run.startedAt, .zero)
    // A share of less than a second would be made of a few ticks of a clock that has a hundred a
    // second.
    if run.last == nil || now - since.at >= Self.maxAge {
      usage.cpuPercent = Self.percent(run.cpuTime - since.cpuTime, of: now - since.at)
      run.last = (now, run.cpuTime)
    }
    usage.memoryBytes = reading.memoryBytes
    run.addTotals(to: &usage)
    if hasDetails {
      usage.tasks = reading.tasks
      usage.openDescriptors = reading.openDescriptors
    }
    if let kills = reading.oomKills { usage.oomKills = (run.before.oomKills ?? 0) + kills }
    present[run.id.process] = run
    usages[run.id.process] = usage
  }

  private static func percent(_ used: Duration, of time: Duration) -> Double {
    time > .zero ? 100 * (used / time) : 0
  }
}

extension ProcessUsage {
  /// Forgets what holds of the present run alone.
  fileprivate mutating func forgetPresent() {
    memoryBytes = nil
    cpuPercent = nil
    tasks = nil
    openDescriptors = nil
  }
}
