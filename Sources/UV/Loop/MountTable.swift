/// Where file systems are mounted, as `/proc/self/mountinfo` has it (proc_pid_mountinfo(5)). It is
/// read without a question to any of them.
struct MountTable {
  /// The mount points, each once.
  private var points: Set<String> = []

  /// Reads the contents of that file.
  init(mountInfo: String) {
    for line in mountInfo.split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5)
      if fields.count > 4 { points.insert(Self.unescape(fields[4])) }
    }
  }

  /// Reads the file; where it cannot be read, nothing is known to be mounted.
  static func current() -> MountTable {
    // Without it each directory stands for itself.
    let bytes = (try? Files.read("/proc/self/mountinfo", limit: 16 << 20)) ?? []
    return MountTable(mountInfo: String(decoding: bytes, as: UTF8.self))
  }

  /// The mount point at or above an absolute path, links in it not followed; `/` above those that
  /// are below no other.
  func point(above path: String) -> String {
    var rest = path[...]
    while rest.count > 1 {
      if points.contains(String(rest)) { return String(rest) }
      rest = rest[..<(rest.lastIndex(of: "/") ?? rest.startIndex)]
    }
    return "/"
  }

  /// Spaces, tabs, newlines and backslashes stand there as octal numbers: `\040`.
  static func unescape(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
