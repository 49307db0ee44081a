import Glibc

extension SystemProcess {
  /// The children of a process, zombies included (`/proc/PID/task/TID/children`). A kernel without
  /// `CONFIG_PROC_CHILDREN` shows none.
  package static func children(of pid: Int32) -> [Int32] {
    // A process that is gone by now has no children.
    let threads = (try? Files.directoryNames(in: "/proc/\(pid)/task")) ?? []
    return threads.flatMap { children(of: pid, thread: $0) }
  }

  /// The processes below some others, these left out, zombies included.
  package static func descendants(of ancestors: [Int32]) -> [Int32] {
    var found: [Int32] = []
    // A parent may end while this looks, and its children move: each is taken once.
    var seen = Set(ancestors)
    var rest = ancestors
    while let next = rest.popLast() {
      for child in children(of: next) where seen.insert(child).inserted {
        found.append(child)
        rest.append(child)
      }
    }
    return found
  }

  /// The children of this process that are not of `loop`: orphans that came to the subreaper, whose parents
  /// have ended. Only the first thread has children here: it forks, and orphans come to it.
  package static func orphans(on loop: Loop) -> [Int32] {
    children(of: getpid(), thread: "\(getpid())").filter { loop.children[$0] == nil }
  }

  private static func children(of pid: Int32, thread: String) -> [Int32] {
    // A thread that is gone by now has no children.
    let path = "/proc/\(pid)/task/\(thread)/children"
    guard let bytes = try? Files.read(path, limit: 64 << 20) else { return [] }
    return bytes.split(separator: UInt8(ascii: " ")).compactMap {
      Int32(String(decoding: $0, as: UTF8.self))
    }
  }
}
