import UV

/// What the service manager says to this process in its environment (`sd_notify(3)`,
/// `sd_listen_fds(3)`, `sd_watchdog_enabled(3)`).
package struct ServiceEnvironment: Equatable {
  /// Where it wants to hear of us.
  package var notifySocket: String?
  /// How often it wants to hear of us at the least.
  package var watchdogTimeout: Duration?
  /// How often it is told that the loop turns: twice in that time, so that one message may be late
  /// or get lost (`sd_watchdog_enabled(3)`).
  package var watchdogInterval: Duration? { watchdogTimeout.map { $0 / 2 } }
  /// The sockets that it has bound for us.
  package var handed: [Handed] = []
  /// What it said that cannot be taken, in words: not reason enough to refuse the start.
  package var complaints: [String] = []

  /// A descriptor that was handed over.
  package struct Handed: Equatable {
    package var descriptor: Int32
    package var name: String

    package init(descriptor: Int32, name: String) {
      self.descriptor = descriptor
      self.name = name
    }
  }

  /// Reads the variables. Those that are for another process are passed over.
  /// - Parameter pid: this process's.
  /// Throws `StartError` where sockets were handed over and their number is not known.
  package init(_ environment: [String: String], pid: Int32) throws(StartError) {
    notifySocket = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    if let text = environment["WATCHDOG_USEC"],
      Self.isFor(pid, environment["WATCHDOG_PID"] ?? "\(pid)")
    {
      if let microseconds = Int64(text), microseconds > 0 {
        watchdogTimeout = .microseconds(microseconds)
      } else {
        complaints.append(
          "WATCHDOG_USEC '\(text)' is no number of microseconds over 0: the watchdog gets no pings")
      }
    }
    if let text = environment["LISTEN_FDS"], let listenPID = environment["LISTEN_PID"],
      Self.isFor(pid, listenPID)
    {
      handed = try Self.handed(text, names: environment["LISTEN_FDNAMES"])
    }
  }

  private static func isFor(_ pid: Int32, _ variable: String) -> Bool { Int32(variable) == pid }

  private static func handed(
    _ text: String, names: String?
  ) throws(StartError) -> [Handed] {
    let first = HandedSocket.firstDescriptor
    guard let count = Int32(text), (1...(.max - first)).contains(count) else {
      throw StartError(
        "LISTEN_FDS '\(text)' is no number of descriptors from 1 on; unset it to bind --port")
    }
    // As sd_listen_fds_with_names has it, one without a name is called unknown.
    let given =
      names?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
    let isComplete = given.count == Int(count)
    // The rest is looked at one by one, and ends with the first that is not open.
    return (0..<min(count, 65536)).map { index in
      Handed(descriptor: first + index, name: isComplete ? given[Int(index)] : "unknown")
    }
  }

  /// The sockets that were handed over, checked and made ours.
  /// Throws `StartError` naming the first that cannot be listened on.
  func takeSockets() throws(StartError) -> [HandedSocket] {
    var sockets: [HandedSocket] = []
    for entry in handed {
      do throws(HandedSocket.Unfit) {
        sockets.append(try HandedSocket(entry.descriptor, name: entry.name))
      } catch {
        throw StartError("\(error)")
      }
    }
    return sockets
  }
}
