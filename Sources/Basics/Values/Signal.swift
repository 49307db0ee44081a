/// A POSIX signal, by the number Linux gives it on x86, ARM and RISC-V (`signal(7)`).
package struct Signal: Hashable, Sendable {
  /// The number that `kill(2)` takes.
  package let number: Int32

  /// The signal with that number, known by name or not.
  package init(number: Int32) {
    self.number = number
  }

  package static let hangUp = Signal(number: 1)
  package static let interrupt = Signal(number: 2)
  package static let quit = Signal(number: 3)
  package static let kill = Signal(number: 9)
  package static let user1 = Signal(number: 10)
  package static let terminate = Signal(number: 15)
  package static let `continue` = Signal(number: 18)
  package static let powerFailure = Signal(number: 30)

  /// The signal called `name`, with or without `SIG`, in any case (`TERM`, `sigterm`, `RTMIN+3`);
  /// nil if Linux has no such signal.
  package init?(name: String) {
    var short = name.uppercased()
    if short.hasPrefix("SIG") { short.removeFirst(3) }
    if let index = Self.names.firstIndex(of: short), index > 0 {
      self.init(number: Int32(index))
    } else if short.hasPrefix("RTMIN+"), let offset = Int32(short.dropFirst(6)),
      (0...30).contains(offset)
    {
      self.init(number: Self.firstRealTime + offset)
    } else if short == "RTMIN" {
      self.init(number: Self.firstRealTime)
    } else {
      return nil
    }
  }

  /// `SIGTERM`, `SIGRTMIN+3`, or `SIG77` for a number that Linux does not name.
  package var name: String {
    if number > 0, number < Self.names.count { return "SIG\(Self.names[Int(number)])" }
    if number == Self.firstRealTime { return "SIGRTMIN" }
    if number > Self.firstRealTime, number <= 64 {
      return "SIGRTMIN+\(number - Self.firstRealTime)"
    }
    return "SIG\(number)"
  }

  /// The name without `SIG`, as `kill -l` prints it and `stop_signal` is written.
  package var shortName: String { String(name.dropFirst(3)) }

  /// The number of `SIGRTMIN` as glibc gives it: the first two are the library's own.
  private static let firstRealTime: Int32 = 34

  /// Names by number, from 1; the entry at 0 stands for no signal.
  private static let names = [
    "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
    "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
  ]
}
