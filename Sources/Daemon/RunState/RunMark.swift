package import UV

/// What a run carries in its environment (`EXEIO_RUN`), and everything that it starts inherits:
/// which daemon it is of, and which run of that.
///
/// `PLACE.PID.START.N`. PLACE stands for the data directory (see ``DaemonToken``); PID and START,
/// in clock ticks since the boot, name the daemon; N numbers its runs, with an `h` behind it for a
/// hook or a probe. From that alone, with every file gone, a later daemon on the same data
/// directory knows what its predecessor left running, and does not touch what belongs to a daemon
/// that is alive. Marks of 2.0.0 (`TOKEN.N`) say nothing of all this: they are found by the run
/// state only.
package struct RunMark: Equatable {
  /// Stands for the data directory.
  package var place: String
  /// The daemon that has started the run.
  package var daemon: ProcessTable.Member
  package var number: UInt64
  /// Whether it is no run but a hook or a probe.
  package var isHelper: Bool

  /// A mark.
  package init(place: String, daemon: ProcessTable.Member, number: UInt64, isHelper: Bool) {
    self.place = place
    self.daemon = daemon
    self.number = number
    self.isHelper = isHelper
  }

  /// Reads one; nil if it is none, or one of 2.0.0.
  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, !parts[0].isEmpty, let pid = Int32(parts[1]), pid > 0,
      let start = UInt64(parts[2])
    else { return nil }
    isHelper = parts[3].hasSuffix("h")
    guard let number = UInt64(isHelper ? parts[3].dropLast() : parts[3]) else { return nil }
    place = String(parts[0])
    daemon = ProcessTable.Member(pid: pid, startTime: start)
    self.number = number
  }

  /// As it stands in the environment.
  package var text: String {
    "\(place).\(daemon.pid).\(daemon.startTime).\(number)\(isHelper ? "h" : "")"
  }
}

/// Names this daemon in the marks of its runs.
package struct DaemonToken: Equatable {
  /// Stands for the data directory: 64 bits of a hash over its path without links, over the root
  /// directory that the path begins at, and over the PID namespace that pids are numbers of. It is
  /// the same when the directory was removed and made again, and another one in each container,
  /// whose daemons may all have the same paths.
  package let place: String
  /// This process.
  package let daemon: ProcessTable.Member

  /// The token of this process on a data directory, which is there.
  package init(dataDirectory: String) throws(UVError) {
    try self.init(resolved: Files.resolvingLinks(dataDirectory))
  }

  /// The same of a path without links.
  package init(resolved path: String) throws(UVError) {
    guard let record = try ProcessRecord.read(SystemProcess.ownPID) else {
      throw UVError(.noSuchFileOrDirectory, "read", "/proc/\(SystemProcess.ownPID)/stat")
    }
    let root = try Files.status(of: "/")
    // A kernel without namespaces has no such file: all processes are in the same one.
    let namespace = (try? ProcessTable.pidNamespace) ?? 0
    place = Self.hash("\(namespace) \(root.device):\(root.inode) \(path)")
    daemon = record.member
  }

  /// The mark of a run.
  package func mark(_ number: UInt64, isHelper: Bool = false) -> RunMark {
    RunMark(place: place, daemon: daemon, number: number, isHelper: isHelper)
  }

  /// FNV-1a, as sixteen hexadecimal digits: it need not withstand an attacker, since a mark can be
  /// copied anyway.
  private static func hash(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
