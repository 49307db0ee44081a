import Glibc

/// POSIX process groups. A number of 1 or less would mean other processes than a group, so it
/// traps.
package enum ProcessGroups {
  /// Sends a signal to every process of a group (`kill(2)`).
  ///
  /// - Throws: `ESRCH` when the group is empty, `EPERM` when none of it may be signalled.
  package static func signal(_ signal: Int32, group: Int32) throws(UVError) {
    precondition(group > 1, "\(group) is no process group")
    try UVError.system("send signal \(signal) to the process group", "\(group)") {
      kill(-group, signal)
    }
  }

  /// Kills a child that has not been reaped, and its group, if it leads one by now.
  static func killGroup(ledBy leader: Int32) {
    // A zero would mean the group of this process, a one everybody.
    precondition(leader > 1, "\(leader) is no child")
    Glibc.kill(-leader, SIGKILL)
    Glibc.kill(leader, SIGKILL)
  }

  /// Reaps those children of this process in a group that have ended (`waitpid(2)`): orphans that
  /// came to the subreaper as zombies. The group's leader must have been reaped already, or its
  /// status is lost.
  ///
  /// - Returns: their pids.
  package static func reapEnded(in group: Int32) -> [Int32] {
    precondition(group > 1, "\(group) is no process group")
    var reaped: [Int32] = []
    while true {
      let pid = waitpid(-group, nil, WNOHANG)
      guard pid > 0 else { return reaped }
      reaped.append(pid)
    }
  }

  /// The group of a process (`getpgid(2)`); nil if there is no such process.
  package static func group(of pid: Int32) -> Int32? {
    let group = getpgid(pid)
    return group > 0 ? group : nil
  }

  /// Whether a process is in a group, a zombie included.
  package static func exists(_ group: Int32) -> Bool {
    precondition(group > 1, "\(group) is no process group")
    return kill(-group, 0) == 0 || errno == EPERM
  }
}
