import Glibc

extension ProcessTable {
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

  /// The session of a process (`getsid(2)`), which can be told at any time; -1 where there is no
  /// such process.
  package static func session(of pid: Int32) -> Int32 { getsid(pid) }

  private static func children(of pid: Int32, thread: String) -> [Int32] {
    // A thread that is gone by now has no children. Who asks for descendants asks again.
    (try? list(childrenOf: pid, thread: thread)) ?? []
  }

  /// The children of one thread of a process, zombies included.
  static func list(
    childrenOf pid: Int32, thread: String
  ) throws(UVError) -> [Int32] {
    do throws(UVError) {
      let bytes = try Files.read("/proc/\(pid)/task/\(thread)/children", limit: 64 << 20)
      return bytes.withUnsafeBytes { bytes in
        var pids: [Int32] = []
        var numbers = NumberScanner(bytes)
        while let pid = numbers.number() { pids.append(Int32(truncatingIfNeeded: pid)) }
        return pids
      }
    } catch {
      if error.isNoSuchProcess { return [] }
      throw error
    }
  }
}
