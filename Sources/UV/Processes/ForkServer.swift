import CAres
import CLibUV
import CLinux
import Glibc
import Synchronization

/// A process that forks for the daemon: it has little memory and few descriptors, so a fork costs
/// the same however much the daemon has of both, and the loop does not wait for it. Its children
/// are the daemon's own (`CLONE_PARENT` of clone(2)).
///
/// It is started by `uv_spawn`, as a copy of this process that executes nothing: a handler of
/// `pthread_atfork(3)` serves in it (`exeio_serve`), until this end of the socket is closed or the
/// thread that has started it ends, which is that of the loop. One that was killed is replaced at
/// the next start.
package final class ForkServer {
  private unowned let loop: Loop
  /// Its pid; nil while there is none.
  private(set) var pid: Int32?
  private var socket: Int32 = -1
  /// Requests that the socket has no room for.
  private var waiting: [Message] = []
  private var retryTimer: Timer?

  private final class Message {
    let bytes: [UInt8]
    var descriptors: [Int32]
    let onFailure: (UVError) -> Void

    init(_ bytes: [UInt8], _ descriptors: [Int32], _ onFailure: @escaping (UVError) -> Void) {
      self.bytes = bytes
      self.descriptors = descriptors
      self.onFailure = onFailure
    }
  }

  /// How long it takes until a full socket is tried again: the server needs a tenth of a
  /// millisecond for a request.
  private static let retryDelay: Duration = .milliseconds(2)

  /// A server that is started by the first request.
  init(on loop: Loop) {
    self.loop = loop
  }

  /// Room for reports, which all servers and children share with this process (`MAP_SHARED`), and
  /// the places in it that are free.
  private var reports: UnsafeMutablePointer<exeio_report>?
  private var freePlaces: [Int] = []
  /// How many places have been used; the others are not in that list.
  private var usedPlaces = 0
  /// How many starts can be under way at a time, what hangs included.
  private static let placeCount = 16 << 10
  private static let reportsSize = placeCount * MemoryLayout<exeio_report>.stride

  /// A place where the report of a start is written, empty; it is given back when the start is
  /// over.
  func takeReport() throws(UVError) -> UnsafeMutablePointer<exeio_report> {
    try mapReports()
    guard let reports, !freePlaces.isEmpty || usedPlaces < Self.placeCount else {
      throw UVError(code: -EAGAIN, operation: "start more than \(Self.placeCount) at a time")
    }
    let place = freePlaces.popLast() ?? usedPlaces
    usedPlaces = max(usedPlaces, place + 1)
    (reports + place).initialize(to: exeio_report())
    return reports + place
  }

  /// It must be there before a server is, which has what there is at its start.
  private func mapReports() throws(UVError) {
    guard reports == nil else { return }
    let pages = mmap(
      nil, Self.reportsSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let pages, pages != MAP_FAILED else {
      throw UVError.current("map memory for the reports of starts")
    }
    reports = pages.bindMemory(to: exeio_report.self, capacity: Self.placeCount)
  }

  /// The start that a report was for is over.
  func giveBack(_ report: UnsafeMutablePointer<exeio_report>) {
    if let reports { freePlaces.append(report - reports) }
  }

  /// Starts the process, if there is none.
  ///
  /// - Throws: `ETIMEDOUT` where those that were replaced hang, which would leave more and more of
  ///   them: a copy of this process closes what is open, and a file system may not answer.
  func start() throws(UVError) {
    guard pid == nil else { return }
    guard replaced.count < Self.mostReplaced else {
      var error = UVError(code: -ETIMEDOUT, operation: .startForkServer)
      error.detail = "those before it hang, and cannot be ended (pid \(replaced.last ?? 0))"
      throw error
    }
    try mapReports()
    try Self.install()
    var ends: (Int32, Int32) = (-1, -1)
    try UVError.system("make the socket of the fork server") {
      withUnsafeMutableBytes(of: &ends) { ends in
        ends.withMemoryRebound(to: Int32.self) {
          socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | O_CLOEXEC, 0, $0.baseAddress)
        }
      }
    }
    defer { Glibc.close(ends.1) }
    do throws(UVError) {
      pid = try spawn(serving: ends.1)
    } catch {
      Glibc.close(ends.0)
      throw error
    }
    socket = ends.0
  }

  private func spawn(serving socket: Int32) throws(UVError) -> Int32 {
    let key = try Self.madeKey()
    // The child must find it made.
    _ = Self.shown
    _ = Self.ownPID
    let result = pthread_setspecific(key, UnsafeRawPointer(bitPattern: UInt(socket) + 1))
    guard result == 0 else {
      throw UVError(code: -result, operation: .startForkServer)
    }
    defer { pthread_setspecific(key, nil) }
    let process = UnsafeMutablePointer<uv_process_t>.allocate(capacity: 1)
    process.initialize(to: uv_process_t())
    // It executes nothing: the names are for libuv, which wants some.
    let code = "exeio".withCString { name in
      var arguments: [UnsafeMutablePointer<CChar>?] = [UnsafeMutablePointer(mutating: name), nil]
      return arguments.withUnsafeMutableBufferPointer { arguments in
        var options = uv_process_options_t()
        options.file = name
        options.args = arguments.baseAddress
        return uv_spawn(loop.pointer, process, &options)
      }
    }
    let pid = process.pointee.pid
    // Closed at once, it is not libuv's to reap. One that was never used can be closed once
    // uv_spawn has seen it.
    UnsafeMutableRawPointer(process).withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
      uv_close($0) { $0?.deallocate() }
    }
    try UVError.check(code, .startForkServer)
    return pid
  }

  /// Asks for a child (``SpawnRequest``): the server gets copies of these descriptors.
  ///
  /// - Parameter onFailure: called in a later turn of the loop, if the request waited and cannot be
  ///   sent then.
  /// - Throws: what keeps it from being sent now.
  func send(
    _ bytes: [UInt8], _ descriptors: [Int32], onFailure: @escaping (UVError) -> Void
  ) throws(UVError) {
    let message = Message(bytes, descriptors, onFailure)
    do throws(UVError) {
      if waiting.isEmpty, try sendNow(message) { return }
      waiting.append(message)
      try retryLater()
    } catch {
      waiting.removeAll { $0 === message }
      throw error
    }
    // They are the message's until it can be sent.
    message.descriptors = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 0) }
  }

  /// - Returns: whether it was sent; not where the socket is full.
  private func sendNow(_ message: Message) throws(UVError) -> Bool {
    for attempt in 0..<2 {
      try start()
      let result = exeio_send_request(
        socket, message.bytes, message.bytes.count, message.descriptors,
        Int32(message.descriptors.count))
      switch result {
      case 0: return true
      case EAGAIN, ENOBUFS, ETOOMANYREFS: return false
      // It has gone, and has not been seen to yet.
      case EPIPE where attempt == 0, ECONNRESET where attempt == 0: replace()
      default: throw UVError(code: -result, operation: "ask the fork server")
      }
    }
    return false
  }

  private func retryLater() throws(UVError) {
    if retryTimer == nil { retryTimer = try Timer(on: loop) }
    retryTimer?.start(after: Self.retryDelay) { [self] in retry() }
  }

  private func retry() {
    while let message = waiting.first {
      do throws(UVError) {
        guard try sendNow(message) else { return try retryLater() }
        waiting.removeFirst()
        for descriptor in message.descriptors { Glibc.close(descriptor) }
      } catch {
        waiting.removeFirst()
        for descriptor in message.descriptors { Glibc.close(descriptor) }
        message.onFailure(error)
      }
    }
  }

  /// Takes its status if it has ended, as the ``OrphanReaper`` has seen.
  func collectExit() {
    guard let pid, waitpid(pid, nil, WNOHANG) == pid else { return }
    forget()
  }

  /// Ends the process, which may have been stopped, or has ended already: the next request starts
  /// another one. What it has not served is lost, which those who wait for it see.
  func replace() {
    guard let pid else { return }
    kill(pid, SIGKILL)
    // It is taken by the OrphanReaper, or at the end.
    replaced.append(pid)
    forget()
  }

  /// Those that were killed, and perhaps have not been reaped.
  private var replaced: [Int32] = []
  private static let mostReplaced = 8
  /// How long the end waits for one that a file system keeps from ending.
  private static let patienceWithDisk: Duration = .milliseconds(500)
  /// The same for one that a busy machine has not let run yet: without a parent that waits for it,
  /// it would be a zombie for as long as this process lives.
  private static let patienceWithMachine: Duration = .seconds(30)

  /// Whether that is a process of this server's.
  func isOwn(_ pid: Int32) -> Bool { pid == self.pid || replaced.contains(pid) }

  /// A process that was replaced has been reaped.
  func reaped(_ pid: Int32) { replaced.removeAll { $0 == pid } }

  private func forget() {
    Glibc.close(socket)
    socket = -1
    pid = nil
  }

  /// Ends it; for the end of the loop, when nothing more turns.
  ///
  /// - Parameter children: those that were killed on their way to a command, and have not been
  ///   reaped (``HungStart``).
  func close(reaping children: [Int32]) {
    retryTimer?.close()
    retryTimer = nil
    for message in waiting { for descriptor in message.descriptors { Glibc.close(descriptor) } }
    waiting = []
    replace()
    replaced += children
    let start = Clock.monotonicTime
    while true {
      replaced.removeAll { waitpid($0, nil, WNOHANG) != 0 }
      let time = Clock.monotonicTime - start
      if replaced.isEmpty || time >= Self.patienceWithMachine { break }
      if time >= Self.patienceWithDisk, replaced.allSatisfy(ProcessTable.waitsForDisk) { break }
      Clock.sleep(.microseconds(100))
    }
    let rest = replaced
    Self.left.withLock { $0 += rest }
    Self.reapLeft()
    replaced = []
    if let reports { munmap(reports, Self.reportsSize) }
    reports = nil
  }

  /// Those that their loops have left, since a file system keeps them from ending.
  private static let left = Mutex<[Int32]>([])

  /// Reaps those that have ended since: in a program that goes on, they would be zombies for as
  /// long as it lives.
  ///
  /// - Returns: whether none is left.
  @discardableResult
  package static func reapLeft() -> Bool {
    left.withLock { left in
      left.removeAll { waitpid($0, nil, WNOHANG) != 0 }
      return left.isEmpty
    }
  }

  /// The key, and one more, under which a thread that forks keeps the socket that the child is to
  /// serve, and one more; zero: none yet.
  private static let key = Atomic<UInt64>(0)
  /// Made once, by the first thread that asks, while others wait: zero, or an errno.
  private static let installation = pthread_atfork(nil, nil) { ForkServer.serveInChild() }

  private static func install() throws(UVError) {
    guard installation == 0 else {
      throw UVError(code: -installation, operation: "watch for forks")
    }
  }

  private static func madeKey() throws(UVError) -> pthread_key_t {
    let known = key.load(ordering: .acquiring)
    if known > 0 { return pthread_key_t(known - 1) }
    var made = pthread_key_t()
    let result = pthread_key_create(&made, nil)
    guard result == 0 else { throw UVError(code: -result, operation: "make a thread's key") }
    let (isFirst, other) = key.compareExchange(
      expected: 0, desired: UInt64(made) + 1, ordering: .acquiringAndReleasing)
    if isFirst { return made }
    pthread_key_delete(made)
    return pthread_key_t(other - 1)
  }

  /// In the child of a fork, which is that of the server or of another caller in this program.
  private static func serveInChild() {
    let key = key.load(ordering: .relaxed)
    guard key > 0, let value = pthread_getspecific(pthread_key_t(key - 1)) else { return }
    exeio_serve(Int32(Int(bitPattern: value)) - 1, ownPID, shown)
  }

  /// The process that forks, whose copy asks for it.
  private static let ownPID = getpid()

  /// Where the system finds the arguments and the environment of this process: `arg_start` to
  /// `env_end` of proc_pid_stat(5). Empty where that cannot be told.
  private static let shown: exeio_shown = {
    let shown = Files.withBeginning(of: "/proc/self/stat") { contents -> exeio_shown? in
      // The name of the program is in parentheses, and may have anything in it. Field 3 follows it.
      guard let nameEnd = contents.lastIndex(of: UInt8(ascii: ")")) else { return nil }
      var fields = NumberScanner(contents, from: nameEnd + 1)
      fields.skip(45)
      guard let arguments = room(&fields), let environment = room(&fields) else { return nil }
      return exeio_shown(
        arguments: arguments.start, argument_length: arguments.count,
        environment: environment.start, environment_length: environment.count)
    }
    return shown ?? exeio_shown()
  }()

  /// Reads where something begins, and where it ends.
  private static func room(_ fields: inout NumberScanner) -> (start: UInt, count: Int)? {
    guard let start = fields.number(), let end = fields.number(), 0 < start, start <= end else {
      return nil
    }
    return (UInt(start), end - start)
  }
}
