import Glibc

/// What `/proc/PID/stat` says of a process (proc(5)). Read without a `String` between: a sample of a
/// thousand processes reads a thousand of them.
struct ProcessRecord {
  let session: Int32
  /// In clock ticks since the boot.
  let startTime: UInt64
  /// A zombie, or past that.
  let hasEnded: Bool
  /// What it used, and the children that it has waited for; kept while it is a zombie.
  let cpuTime: Duration
  /// All that it has mapped, in bytes.
  let virtualBytes: Int
  /// What of that is in memory, pages that it shares with others included, in bytes.
  let residentBytes: Int

  /// A process that is not there, or ends while it is read, has no record: that is no error.
  init?(_ pid: Int32) {
    self.init(path: "/proc/\(pid)/stat")
  }

  /// The record of this process.
  static var own: ProcessRecord? { ProcessRecord(path: "/proc/self/stat") }

  private init?(path: String) {
    let record = Files.withBeginning(of: path) { ProcessRecord(contents: $0) }
    guard let record else { return nil }
    self = record
  }

  /// Reads the contents of such a file.
  init?(contents: UnsafeRawBufferPointer) {
    // The second field is the name in parentheses, which may hold spaces and parentheses too.
    guard let nameEnd = contents.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    var fields = NumberScanner(contents, from: nameEnd + 1)
    guard let state = fields.letter() else { return nil }
    hasEnded =
      state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") || state == UInt8(ascii: "x")
    // What follows are the fields from 4 on.
    fields.skip(2)
    guard let session = fields.number() else { return nil }
    fields.skip(7)
    guard let user = fields.number(), let system = fields.number(),
      let childrenUser = fields.number(), let childrenSystem = fields.number()
    else { return nil }
    fields.skip(4)
    guard let start = fields.number(), let virtual = fields.number(), let pages = fields.number()
    else { return nil }
    self.session = Int32(truncatingIfNeeded: session)
    startTime = UInt64(clamping: start)
    cpuTime = Self.duration(ofTicks: user + system + childrenUser + childrenSystem)
    virtualBytes = virtual
    residentBytes = pages * Self.pageSize
  }

  private static func duration(ofTicks ticks: Int) -> Duration {
    let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: ticksPerSecond)
    return .seconds(seconds) + .nanoseconds(rest * 1_000_000_000 / ticksPerSecond)
  }

  // Both are always known; 100 and 4096 are what nearly all systems have.
  private static let ticksPerSecond = max(1, sysconf(Int32(_SC_CLK_TCK)))
  private static let pageSize = max(1, sysconf(Int32(_SC_PAGESIZE)))
}
