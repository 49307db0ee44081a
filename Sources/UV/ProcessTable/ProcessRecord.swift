import Glibc

/// What `/proc/PID/stat` says of a process (proc(5)). Read without a `String` in between: a sample
/// of a thousand processes reads a thousand of them.
package struct ProcessRecord: Equatable, Sendable {
  package let pid: Int32
  /// The name of its program, cut to 15 bytes by the kernel.
  package let name: String
  package let parent: Int32
  package let group: Int32
  package let session: Int32
  /// In clock ticks since the boot.
  package let startTime: UInt64
  /// A zombie, or past that. One whose first thread has ended before the others is shown as a
  /// zombie too, and has not.
  package let hasEnded: Bool
  /// What it used, and the children that it has waited for; kept while it is a zombie.
  let cpuTime: Duration
  let threads: Int
  /// All that it has mapped, in bytes.
  let virtualBytes: Int
  /// What of that is in memory, pages that it shares with others included, in bytes.
  package let residentBytes: Int

  /// Reads the record. A process that is not there, or ends while it is read, has none: that is no
  /// error.
  package init?(_ pid: Int32) {
    // What cannot be told now has no record.
    guard let record = try? ProcessRecord.read(pid) else { return nil }
    self = record
  }

  /// Reads the record.
  ///
  /// - Parameter isGated: whether it is not read in the middle of an `execve` (``ExecGate``), which
  ///   doubles what it costs; otherwise this waits for the end of that.
  /// - Returns: nil if there is no such process.
  /// - Throws: what keeps it from being read, which says nothing of the process; `EAGAIN` in the
  ///   middle of an `execve`.
  package static func read(_ pid: Int32, isGated: Bool = true) throws(UVError) -> ProcessRecord? {
    if isGated { try ExecGate.pass("/proc/\(pid)") }
    return try Files.readBeginning(of: "/proc/\(pid)/stat") { ProcessRecord(contents: $0) }
  }

  /// The record of this process.
  static var own: ProcessRecord? { ProcessRecord(path: "/proc/self/stat") }

  private init?(path: String) {
    let record = Files.withBeginning(of: path) { ProcessRecord(contents: $0) }
    guard let record else { return nil }
    self = record
  }

  /// Reads the contents of such a file.
  package init?(contents: UnsafeRawBufferPointer) {
    // The second field is the name in parentheses, which may hold spaces and parentheses too.
    var beginning = NumberScanner(contents)
    guard let pid = beginning.number(), let nameStart = contents.firstIndex(of: UInt8(ascii: "(")),
      let nameEnd = contents.lastIndex(of: UInt8(ascii: ")")), nameStart < nameEnd
    else { return nil }
    var fields = NumberScanner(contents, from: nameEnd + 1)
    guard let state = fields.letter() else { return nil }
    // What follows are the fields from 4 on.
    guard let parent = fields.number(), let group = fields.number(),
      let session = fields.number()
    else { return nil }
    fields.skip(7)
    guard let user = fields.number(), let system = fields.number(),
      let childrenUser = fields.number(), let childrenSystem = fields.number()
    else { return nil }
    fields.skip(2)
    guard let threads = fields.number() else { return nil }
    fields.skip(1)
    guard let start = fields.number(), let virtual = fields.number(), let pages = fields.number()
    else { return nil }
    hasEnded =
      state == UInt8(ascii: "Z") && threads <= 1
      || state == UInt8(ascii: "X") || state == UInt8(ascii: "x")
    self.pid = Int32(truncatingIfNeeded: pid)
    // Of fifteen bytes a String makes no memory.
    name = String(decoding: contents[(nameStart + 1)..<nameEnd], as: UTF8.self)
    self.parent = Int32(truncatingIfNeeded: parent)
    self.group = Int32(truncatingIfNeeded: group)
    self.session = Int32(truncatingIfNeeded: session)
    startTime = UInt64(clamping: start)
    self.threads = threads
    cpuTime = Self.duration(ofTicks: user + system + childrenUser + childrenSystem)
    virtualBytes = virtual
    residentBytes = pages * Self.pageSize
  }

  private static func duration(ofTicks ticks: Int) -> Duration {
    let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: Clock.ticksPerSecond)
    return .seconds(seconds) + .nanoseconds(rest * 1_000_000_000 / Clock.ticksPerSecond)
  }

  // It is always known; 4096 is what nearly all systems have.
  static let pageSize = max(1, sysconf(Int32(_SC_PAGESIZE)))

  /// The process, told from a later one of its pid.
  package var member: ProcessTable.Member {
    ProcessTable.Member(pid: pid, startTime: startTime)
  }
}
