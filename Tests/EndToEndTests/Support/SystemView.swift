import Foundation
import Glibc

/// What the kernel says of processes, read from `/proc` like any administrator would.
enum SystemView {
  /// An argument for `sleep(1)` that no other process of this machine has: over 16 minutes, and a
  /// fraction by which `processes(matching:)` finds it.
  static func uniqueSleep() -> String {
    "1000.\(UInt32.random(in: 1_000_000_000...UInt32.max))"
  }

  /// Whether a process of that id is there and not a zombie.
  static func isAlive(_ pid: Int32) -> Bool {
    guard let fields = stat(pid) else { return false }
    return fields[0] != "Z"
  }

  /// Whether a process stands still after `SIGSTOP`.
  static func isStopped(_ pid: Int32) -> Bool {
    stat(pid)?[0] == "T"
  }

  /// The processes, zombies included, whose parent is `pid`; a daemon's fork server is left out.
  static func children(of pid: Int32) -> [Int32] {
    all().filter { isChild($0, of: pid) && !isForkServer($0) }
  }

  /// What forks for a daemon.
  static func forkServer(of pid: Int32) -> Int32? { forks(of: pid).first }

  /// What forks for a daemon, and its children that have not executed their commands yet.
  static func forks(of pid: Int32) -> [Int32] {
    all().filter { isChild($0, of: pid) && isForkServer($0) }
  }

  private static func isChild(_ pid: Int32, of parent: Int32) -> Bool {
    stat(pid)?[1] == "\(parent)"
  }

  private static func isForkServer(_ pid: Int32) -> Bool {
    // One that has gone by now is none.
    let name = try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)
    return name == "exeio-spawner\n"
  }

  /// The zombies among the children of `pid`.
  static func zombies(of pid: Int32) -> [Int32] {
    children(of: pid).filter { stat($0)?[0] == "Z" }
  }

  /// The processes whose command line holds `text`.
  static func processes(matching text: String) -> [Int32] {
    all().filter { pid in
      // To read what it was started with would wait for the test that lets it hang.
      guard contents(of: "/proc/\(pid)/comm") != "holds-memory\n",
        let line = contents(of: "/proc/\(pid)/cmdline")
      else { return false }
      return line.contains(text) && isAlive(pid)
    }
  }

  /// The effective user of a process.
  static func owner(of pid: Int32) -> UInt32? {
    statusValue("Uid", of: pid).flatMap { UInt32(exactly: $0) }
  }

  static func descriptorCount(of pid: Int32) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
  }

  /// How many sockets a process has open.
  static func socketCount(of pid: Int32) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []
    return names.count { name in
      // One that is closed meanwhile is none.
      let target = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/\(pid)/fd/\(name)")
      return target?.hasPrefix("socket:") == true
    }
  }

  static func threadCount(of pid: Int32) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").count) ?? 0
  }

  /// A line of `/proc/PID/status`, its number only; memory in KiB.
  static func statusValue(_ name: String, of pid: Int32) -> Int? {
    guard let status = contents(of: "/proc/\(pid)/status") else { return nil }
    for line in status.split(separator: "\n")
    where line.hasPrefix("\(name):") {
      return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
    }
    return nil
  }

  private static func all() -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }
  }

  /// The fields of `/proc/PID/stat` from the state on.
  private static func stat(_ pid: Int32) -> [Substring]? {
    guard let text = contents(of: "/proc/\(pid)/stat") else { return nil }
    guard let end = text.lastIndex(of: ")") else { return nil }
    return text[text.index(after: end)...].split(separator: " ")
  }

  /// A file of `/proc`, which says that it is empty. Read by system calls, because Foundation's own
  /// reading of such files leaks.
  private static func contents(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes += chunk.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
