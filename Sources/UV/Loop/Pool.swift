import CLibUV

/// Decides which piece of work gets a thread of libuv's pool next; there is one for each loop.
///
/// libuv takes work in the order of its submission, whatever hangs: a few requests to a dead disk would take all threads.
/// So no more is submitted to libuv than it has threads, and the rest waits here:
/// - one file system (the mount point above ``PoolLane/place``) has half of the threads at the most, and one lane of it
///   four or a quarter;
/// - files of logs, written and read, leave two threads to other work;
/// - of each kind of lane two jobs can run whatever the others do: one with fewer than 16 threads. With fewer than eight
///   threads other processes are read with the work before a start; with fewer than four nothing is kept, but that one
///   place leaves the last thread to others, and logs the second-last.
///
/// With one thread everything waits for everything. In each place the order of submission is kept.
package final class Pool {
  /// How many threads there are.
  package let threads: Int
  private unowned let loop: Loop
  /// The jobs that have a thread.
  private var running: [PoolJob?]
  private var freeSlots: [Int]
  private var runningByKind = [Int](repeating: 0, count: PoolLane.Kind.allCases.count)
  private var places: [PoolLane: PoolPlace] = [:]
  private var fileSystems: [String: PoolPlace.FileSystem] = [:]
  /// What is mounted, and when that was looked at.
  private var mounts: (table: MountTable, time: Duration)?
  /// Those in which a job waits; the first one is asked first.
  private var waitingPlaces: [PoolPlace] = []
  private var lastChange = Duration.zero

  /// How many jobs wait for a thread.
  package private(set) var queueLength = 0
  /// Called when there is something to do again after there was nothing.
  package var onBusy: (() -> Void)?

  private let limits: Limits
  /// With how many threads the reading of other processes has some of its own.
  private static let threadsForProcesses = 8
  /// The kinds that threads are kept for.
  private let keptKinds: [PoolLane.Kind]

  /// What follows from the number of threads.
  private struct Limits {
    let lane: Int
    let fileSystem: Int
    let logs: Int
    let kept: Int

    init(threads: Int) {
      fileSystem = max(1, threads / 2)
      lane = max(1, min(threads / 2, max(4, threads / 4)))
      logs = max(1, threads - 2)
      kept = threads < 4 ? 0 : threads < 16 ? 1 : 2
    }
  }

  init(on loop: Loop) {
    self.loop = loop
    threads = WorkerPool.makeThreads(on: loop)
    limits = Limits(threads: threads)
    let hasProcesses = threads >= Self.threadsForProcesses
    keptKinds = PoolLane.Kind.allCases.filter { hasProcesses || $0 != .processes }
    running = Array(repeating: nil, count: threads)
    freeSlots = Array((0..<threads).reversed())
  }

  /// Where libuv takes work from.
  var loopPointer: UnsafeMutablePointer<uv_loop_t> { loop.pointer }

  /// How many jobs have a thread.
  package var runningCount: Int { threads - freeSlots.count }

  /// How many threads are busy, those included that work of an earlier loop has not given back.
  package var busyThreads: Int { min(threads, runningCount + WorkerPool.left.count) }

  /// Whether a job has a thread or waits for one.
  package var isBusy: Bool { runningCount + queueLength > 0 }

  func place(_ lane: PoolLane) -> PoolPlace {
    if let place = places[lane] { return place }
    if places.count >= 256 { forgetIdle() }
    let name = fileSystem(of: lane.place)
    let fileSystem = fileSystems[name] ?? PoolPlace.FileSystem(name)
    fileSystems[name] = fileSystem
    let place = PoolPlace(kind(of: lane), fileSystem, in: self)
    places[lane] = place
    return place
  }

  private func kind(of lane: PoolLane) -> PoolLane.Kind {
    lane.kind == .processes && threads < Self.threadsForProcesses ? .start : lane.kind
  }

  /// What hangs together with a directory: its mount point, links on the way to it not followed. On the root file system,
  /// which has links to all others, each directory stands for itself.
  private func fileSystem(of directory: String) -> String {
    guard directory.hasPrefix("/") else { return directory }
    let table: MountTable
    if let mounts, loop.now - mounts.time < .seconds(1) {
      table = mounts.table
    } else {
      table = .current()
      mounts = (table, loop.now)
    }
    let point = table.point(above: directory)
    return point == "/" ? directory : point
  }

  /// What is held elsewhere goes on with counts of its own.
  private func forgetIdle() {
    places = places.filter { $0.value.running > 0 || $0.value.hasWaiting }
    let used = Set(places.values.map(\.fileSystem.name))
    fileSystems = fileSystems.filter { used.contains($0.key) }
  }

  /// Begins a job, or has it wait for its turn.
  func submit(_ job: PoolJob) {
    let wasBusy = isBusy
    job.noteSubmission(at: loop.now)
    if !job.place.hasWaiting, hasThread(for: job.place) {
      begin(job)
    } else {
      if !job.place.hasWaiting { waitingPlaces.append(job.place) }
      job.place.append(job)
      queueLength += 1
    }
    if !wasBusy { onBusy?() }
  }

  /// Takes a job out that waits for a thread.
  ///
  /// - Returns: whether it was waiting.
  func withdraw(_ job: PoolJob) -> Bool {
    guard job.slot < 0, job.place.remove(job) else { return false }
    queueLength -= 1
    if !job.place.hasWaiting { waitingPlaces.removeAll { $0 === job.place } }
    return true
  }

  private func hasThread(for place: PoolPlace) -> Bool {
    let left = WorkerPool.left.count
    let busy = runningCount + left
    guard busy < threads, place.running < limits.lane else { return false }
    let onFileSystem = place.fileSystem.running + WorkerPool.left.count(on: place.fileSystem.name)
    guard onFileSystem < limits.fileSystem else { return false }
    if place.kind.isOfLogs {
      let logs = runningByKind[PoolLane.Kind.logs.rawValue]
      guard logs + runningByKind[PoolLane.Kind.logPages.rawValue] + left < limits.logs else {
        return false
      }
    }
    var kept = 0
    for kind in keptKinds where kind != place.kind {
      kept += max(0, limits.kept - runningByKind[kind.rawValue])
    }
    return busy + kept < threads
  }

  private func begin(_ job: PoolJob) {
    guard let slot = freeSlots.popLast() else { preconditionFailure("there is no thread for it") }
    job.slot = slot
    running[slot] = job
    count(job, 1)
    let result = job.begin()
    guard result < 0 else { return }
    free(job)
    job.refused(result)
  }

  private func count(_ job: PoolJob, _ change: Int) {
    job.place.running += change
    job.place.fileSystem.running += change
    runningByKind[job.place.kind.rawValue] += change
    lastChange = loop.now
  }

  private func free(_ job: PoolJob) {
    running[job.slot] = nil
    freeSlots.append(job.slot)
    job.slot = -1
    count(job, -1)
  }

  /// Gives the thread of a job that has ended to the next one.
  func finished(_ job: PoolJob) {
    free(job)
    if queueLength > 0 { beginWaiting() }
  }

  /// Begins what waits for a thread that an earlier loop's work had: nothing tells when that ends.
  package func tryWaiting() {
    if queueLength > 0 { beginWaiting() }
  }

  /// The work that has a thread is left to it: the loop is given up.
  func leave() {
    for case let job? in running { job.leave() }
  }

  /// The places take turns.
  private func beginWaiting() {
    var looked = 0
    while looked < waitingPlaces.count, !freeSlots.isEmpty {
      let place = waitingPlaces.removeFirst()
      let job = hasThread(for: place) ? place.popFirst() : nil
      if place.hasWaiting { waitingPlaces.append(place) }
      guard let job else {
        looked += 1
        continue
      }
      looked = 0
      queueLength -= 1
      begin(job)
    }
  }
}

extension Pool {
  /// A place in which something has not ended for long.
  package struct Wait: Equatable, Sendable {
    /// The directory, or what else the lane is called by.
    package let place: String
    /// How long ago the oldest job was submitted that has not ended.
    package let time: Duration
    /// How many of its jobs have a thread.
    package let running: Int
    /// How many of its jobs wait for a thread.
    package let waiting: Int
  }

  /// How long ago the oldest job was submitted that has not ended, whether it waits for a thread or has one; zero where
  /// there is none.
  package var longestWait: Duration {
    var oldest = loop.now
    for case let job? in running { oldest = min(oldest, job.since) }
    for place in waitingPlaces { oldest = min(oldest, place.first?.since ?? oldest) }
    return loop.now - oldest
  }

  /// How long no job has begun or ended, while there is one.
  package var timeWithoutProgress: Duration { isBusy ? loop.now - lastChange : .zero }

  /// The places with a job that was submitted so long ago and has not ended.
  package func waits(longerThan limit: Duration) -> [Wait] {
    var oldest: [String: Duration] = [:]
    var waiting: [String: Int] = [:]
    for case let job? in running {
      oldest[job.place.fileSystem.name] = min(
        oldest[job.place.fileSystem.name] ?? job.since, job.since)
    }
    for place in waitingPlaces {
      let name = place.fileSystem.name
      var at = place.first
      while let job = at {
        oldest[name] = min(oldest[name] ?? job.since, job.since)
        waiting[name, default: 0] += 1
        at = job.following
      }
    }
    return oldest.compactMap { name, since in
      let time = loop.now - since
      guard time > limit else { return nil }
      return Wait(
        place: name, time: time, running: fileSystems[name]?.running ?? 0,
        waiting: waiting[name] ?? 0)
    }.sorted { $0.place < $1.place }
  }
}
