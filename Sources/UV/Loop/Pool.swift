import CLibUV
import Synchronization

/// Decides which piece of work gets a thread of libuv's pool next; there is one for each loop.
///
/// libuv takes work in the order of its submission, whatever hangs: a few requests to a dead disk
/// would take all threads. So no more runners (``PoolRunner``) are submitted to libuv than it has
/// threads, and the rest of the work waits here:
/// - one file system (the mount point above ``PoolLane/place``) has half of the threads at the
///   most, and one lane of it four or a quarter;
/// - files of logs, written and read, leave two threads to other work;
/// - of each kind of lane two pieces can run whatever the others do: one with fewer than 16
///   threads. With fewer than eight threads other processes are read with the work before a start;
///   with fewer than four nothing is kept, but that one place leaves the last thread to others, and
///   logs the second-last.
///
/// With one thread everything waits for everything. Work that waits in a place is begun in the
/// order of its submission. Where work of several places waits, a runner gives its thread back
/// after ``turn``.
package final class Pool {
  /// How many threads there are.
  package let threads: Int
  private unowned let loop: Loop
  /// Those that have a thread, and those that have none.
  private var runners: [PoolRunner] = []
  private var idleRunners: [PoolRunner] = []
  private var runningByKind = [Int](repeating: 0, count: PoolLane.Kind.allCases.count)
  private var places: [PoolLane: PoolPlace] = [:]
  private var fileSystems: [String: PoolPlace.FileSystem] = [:]
  /// What is mounted, and when that was looked at.
  private var mounts: (table: MountTable, time: Duration)?
  /// Those in which work waits; the first one is asked first.
  private var waitingPlaces: [PoolPlace] = [] {
    didSet { waitingPlaceCount.store(waitingPlaces.count, ordering: .relaxed) }
  }
  private let waitingPlaceCount = Atomic(0)
  private var lastChange = Duration.zero
  /// Called when there is something to do again after there was nothing.
  package var onBusy: (() -> Void)?

  /// For what threads and the loop both touch: the queues of the places, ``PoolRunner/work``, and
  /// what follows.
  private let lock = PoolLock()
  /// What has ended and is to be told on the loop, in the order of the ends.
  private var ended: [Unmanaged<PoolWork>] = []
  /// Whether the loop has been woken for the first of those.
  private var isLoopWoken = false
  /// Written under the lock.
  private let waitingCount = Atomic(0)
  /// Wakes the loop.
  private var waker: UnsafeMutablePointer<uv_async_t>?

  /// For how long a runner keeps its thread while work of other places waits, in nanoseconds.
  private static let turn: UInt64 = 2_000_000
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
  }

  /// Where libuv takes work from.
  var loopPointer: UnsafeMutablePointer<uv_loop_t> { loop.pointer }

  /// The clock of its loop.
  var now: Duration { loop.now }

  /// How many threads have work, those included whose end libuv has not told yet.
  package var runningCount: Int { runners.count }

  /// How many pieces of work wait for a thread.
  package var queueLength: Int { waitingCount.load(ordering: .relaxed) }

  /// How many threads are busy, those included that work of an earlier loop has not given back.
  package var busyThreads: Int { min(threads, runningCount + WorkerPool.left.count) }

  /// Whether work has a thread or waits for one. It may be told first that a piece has ended, and
  /// then that its thread has.
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

  /// What hangs together with a directory: its mount point, links on the way to it not followed. On
  /// the root file system, which has links to all others, each directory stands for itself.
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
    places = places.filter { $0.value.running > 0 || $0.value.isListed }
    let used = Set(places.values.map(\.fileSystem.name))
    fileSystems = fileSystems.filter { used.contains($0.key) }
  }

  /// Begins work, or has it wait for its turn.
  func submit(_ work: PoolWork) {
    let wasBusy = isBusy
    let place = work.place
    let held = Unmanaged.passRetained(work)
    if !place.isListed, hasThread(for: place) {
      begin(held, in: place)
    } else {
      lock.withLock {
        place.append(held)
        waitingCount.add(1, ordering: .relaxed)
      }
      if !place.isListed {
        place.isListed = true
        waitingPlaces.append(place)
      }
    }
    if !wasBusy { onBusy?() }
  }

  /// Takes work out that waits for a thread, here or in libuv; what has one is left to it.
  func withdraw(_ work: PoolWork) {
    let place = work.place
    let (wasQueued, hasMore) = lock.withLock {
      guard work.isQueued else { return (false, place.hasWaiting) }
      place.remove(work)
      waitingCount.subtract(1, ordering: .relaxed)
      return (true, place.hasWaiting)
    }
    guard wasQueued else { return cancelRunner(of: work) }
    if !hasMore {
      place.isListed = false
      waitingPlaces.removeAll { $0 === place }
    }
    Unmanaged.passUnretained(work).release()
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

  private func cancelRunner(of work: PoolWork) {
    let address = Unmanaged.passUnretained(work).toOpaque()
    let runner = lock.withLock { runners.first { $0.work?.toOpaque() == address } }
    runner?.cancel()
  }

  private func begin(_ work: Unmanaged<PoolWork>, in place: PoolPlace) {
    makeWaker()
    let runner = idleRunners.popLast() ?? PoolRunner(in: self)
    runners.append(runner)
    count(place, 1)
    WorkerPool.noteBegun()
    runner.begin(work, in: place)
  }

  private func count(_ place: PoolPlace, _ change: Int) {
    place.running += change
    place.fileSystem.running += change
    runningByKind[place.kind.rawValue] += change
    lastChange = loop.now
  }

  /// Notes that the work of a runner has ended, and gives the runner the next piece of its place;
  /// on the runner's thread.
  func exchangeWork(of runner: PoolRunner) {
    let wakesLoop = lock.withLock {
      guard let place = runner.place, let work = runner.work else {
        preconditionFailure("a runner has work and its place")
      }
      ended.append(work)
      if runner.isLeft {
        // The loop tells of nothing any more, and keeps what has ended.
        runner.work = nil
        WorkerPool.left.remove(place.fileSystem.name)
        return false
      }
      runner.work = isTurnOver(of: runner, in: place) ? nil : place.popFirst()
      // The loop learns of the end of a runner from libuv.
      guard runner.work != nil else { return false }
      waitingCount.subtract(1, ordering: .relaxed)
      defer { isLoopWoken = true }
      return !isLoopWoken
    }
    if wakesLoop { uv_async_send(waker) }
  }

  /// Whether a runner's thread is needed for other places.
  private func isTurnOver(of runner: PoolRunner, in place: PoolPlace) -> Bool {
    waitingPlaceCount.load(ordering: .relaxed) > (place.hasWaiting ? 1 : 0)
      && uv_hrtime() - runner.beginning > Self.turn
  }

  /// Gives the thread of a runner that has ended to what waits.
  func didEnd(_ runner: PoolRunner, in place: PoolPlace) {
    WorkerPool.noteDone()
    let cancelled = lock.withLock {
      defer { runner.work = nil }
      return runner.work
    }
    cancelled?.release()
    runners.removeAll { $0 === runner }
    idleRunners.append(runner)
    count(place, -1)
    beginWaiting()
    tellEnds()
  }

  /// Tells of the work that has ended.
  private func tellEnds() {
    let told = lock.withLock {
      isLoopWoken = false
      defer { ended = [] }
      return ended
    }
    if !told.isEmpty { lastChange = loop.now }
    for work in told { work.takeRetainedValue().finish() }
  }

  /// The work that has a thread is left to it: the loop is given up.
  func leave() {
    lock.withLock {
      for runner in runners where runner.work != nil {
        guard let place = runner.place else { continue }
        runner.isLeft = true
        WorkerPool.left.add(place.fileSystem.name)
      }
    }
  }

  /// Begins what waits, where there is a thread for it; the places take turns. Nothing tells when
  /// work that an earlier loop has left gives its thread back, so this is tried from time to time,
  /// too.
  package func beginWaiting() {
    var looked = 0
    while looked < waitingPlaces.count, runningCount < threads {
      let place = waitingPlaces.removeFirst()
      let mayBegin = hasThread(for: place)
      let (work, hasMore) = lock.withLock {
        let work = mayBegin ? place.popFirst() : nil
        if work != nil { waitingCount.subtract(1, ordering: .relaxed) }
        return (work, place.hasWaiting)
      }
      place.isListed = hasMore
      if hasMore { waitingPlaces.append(place) }
      if let work {
        looked = 0
        begin(work, in: place)
      } else if hasMore {
        looked += 1
      }
    }
  }

  /// Makes what wakes the loop (`uv_async_init`), which does not keep it running.
  private func makeWaker() {
    guard waker == nil else { return }
    let new = UnsafeMutablePointer<uv_async_t>.allocate(capacity: 1)
    uv_loop_set_data(loop.pointer, Unmanaged.passUnretained(self).toOpaque())
    let result = uv_async_init(loop.pointer, new) { waker in
      guard let pool = waker.flatMap({ uv_loop_get_data($0.pointee.loop) }) else { return }
      Unmanaged<Pool>.fromOpaque(pool).takeUnretainedValue().tellEnds()
    }
    // What it needs was made with the loop.
    precondition(result == 0, "uv_async_init: \(result)")
    new.withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
      // It has no ``Handle``: only the pool closes it, when no thread can use it any more.
      uv_handle_set_data($0, nil)
      uv_unref($0)
    }
    waker = new
  }

  /// Closes what the pool has on its loop; nothing while work has a thread.
  func close() {
    guard runners.isEmpty, let waker else { return }
    self.waker = nil
    waker.withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
      uv_close($0) { $0?.deallocate() }
    }
  }
}

extension Pool {
  /// A place in which something has not ended for long.
  package struct Wait: Equatable, Sendable {
    /// The directory, or what else the lane is called by.
    package let place: String
    /// How long ago the oldest work was submitted that has not ended.
    package let time: Duration
    /// How many threads its work has.
    package let running: Int
    /// How many pieces of its work wait for a thread.
    package let waiting: Int
  }

  /// How long ago the oldest work was submitted that has not ended, whether it waits for a thread
  /// or has one; zero where there is none.
  package var longestWait: Duration {
    var oldest = loop.now
    lock.withLock {
      for runner in runners { oldest = min(oldest, runner.since ?? oldest) }
      for place in waitingPlaces { oldest = min(oldest, place.first?.since ?? oldest) }
    }
    return loop.now - oldest
  }

  /// How long no work has begun or ended, while there is some.
  package var timeWithoutProgress: Duration { isBusy ? loop.now - lastChange : .zero }

  /// The places with work that was submitted so long ago and has not ended.
  package func waits(longerThan limit: Duration) -> [Wait] {
    var oldest: [String: Duration] = [:]
    var waiting: [String: Int] = [:]
    lock.withLock {
      for runner in runners {
        guard let name = runner.place?.fileSystem.name, let since = runner.since else { continue }
        oldest[name] = min(oldest[name] ?? since, since)
      }
      for place in waitingPlaces {
        let name = place.fileSystem.name
        place.visitWaiting { work in
          oldest[name] = min(oldest[name] ?? work.since, work.since)
          waiting[name, default: 0] += 1
        }
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

/// A lock that a thread of the pool and the loop hold for moments only (`uv_mutex_t`).
private final class PoolLock {
  private let mutex = UnsafeMutablePointer<uv_mutex_t>.allocate(capacity: 1)

  init() {
    let result = uv_mutex_init(mutex)
    precondition(result == 0, "uv_mutex_init: \(result)")
  }

  deinit {
    uv_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func withLock<Value>(_ body: () -> Value) -> Value {
    uv_mutex_lock(mutex)
    defer { uv_mutex_unlock(mutex) }
    return body()
  }
}
