import CLinux
import Glibc

/// A group of processes in cgroup v2, by its directory (cgroups(7)).
package struct Cgroup: Hashable, Sendable {
  /// The directory, absolute.
  package let path: String

  /// Names a group, whether it is there or not.
  package init(path: String) {
    self.path = path
  }

  /// Whether a path is a directory of a cgroup v2 file system.
  ///
  /// - Throws: `ENOENT`, `ENOTDIR` and what else `statfs(2)` and `stat(2)` say.
  package static func isCgroup(_ path: String) throws(UVError) -> Bool {
    let isCgroup2 = try UVError.system("look at", path) { exeio_is_cgroup2(path) } == 1
    guard isCgroup2 else { return false }
    return try Files.status(of: path).isDirectory
  }

  /// Whether it is the root of the whole system: all processes may be in it, so no run can have it
  /// for itself. What tells it from the root of a container is that it has no `cgroup.events`.
  package var isRootOfSystem: Bool { access(file("cgroup.events"), F_OK) != 0 }

  /// The path of one of its interface files.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// A group in it.
  package func child(_ name: String) -> Cgroup { Cgroup(path: file(name)) }

  /// The names of the groups in it.
  package func childNames() throws(UVError) -> [String] {
    try Files.directoryNames(in: path)
  }

  /// What an interface file says.
  package func read(_ name: String) throws(UVError) -> String {
    String(decoding: try Files.read(file(name), limit: 16 << 20), as: UTF8.self)
  }

  /// Writes to an interface file; the kernel takes each write as a whole.
  package func write(_ text: String, to name: String) throws(UVError) {
    let file = file(name)
    let descriptor = try UVError.system(.open, file) { open(file, O_WRONLY | O_CLOEXEC) }
    defer { Glibc.close(descriptor) }
    try Files.writeAll(Array(text.utf8), to: descriptor, file)
  }

  /// The number behind a key of a file such as `cgroup.events`; nil if there is no such key.
  package func value(_ key: String, in name: String) throws(UVError) -> Int? {
    Self.value(key, in: try read(name))
  }

  /// The number behind a key in the contents of such a file.
  package static func value(_ key: String, in contents: String) -> Int? {
    for line in contents.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == key { return Int(words[1]) }
    }
    return nil
  }

  /// Whether a process is in it or in a group below it, zombies apart. One that has been removed is
  /// empty.
  package func isPopulated() throws(UVError) -> Bool {
    do throws(UVError) {
      return try value("populated", in: "cgroup.events") != 0
    } catch {
      guard error.isNoSuchGroup else { throw error }
      return false
    }
  }

  /// The processes in it and in the groups below it. Those of another PID namespace are left out:
  /// they have no number here.
  ///
  /// - Throws: `ENOTSUP` for a threaded group: its processes are told by the group above it that is
  ///   none.
  package func processes() throws(UVError) -> [Int32] {
    var processes = try read("cgroup.procs").split(separator: "\n").compactMap { Int32($0) }
    processes.removeAll { $0 <= 1 }
    for name in try childNames() {
      do throws(UVError) {
        processes += try child(name).processes()
      } catch {
        // Removed since it was listed: no process is in it. Threaded: its processes have been
        // listed above.
        guard error.isNoSuchGroup || error.code == .notSupported else { throw error }
      }
    }
    return processes
  }

  /// How many of its processes the kernel has killed because memory ran out; zero without the
  /// controller.
  package func outOfMemoryKills() throws(UVError) -> Int {
    do throws(UVError) {
      return try value("oom_kill", in: "memory.events") ?? 0
    } catch {
      guard error.code == .noSuchFileOrDirectory else { throw error }
      return 0
    }
  }

  /// Kills every process in it and below it at once, those being forked included (`cgroup.kill`).
  ///
  /// - Returns: false where a process is in it, but the kernel, one before 5.14, has no such file.
  package func kill() throws(UVError) -> Bool {
    do throws(UVError) {
      try write("1", to: "cgroup.kill")
      return true
    } catch {
      // Where the file is missing, the group itself may be gone: then there is no process to kill.
      guard error.code == .noSuchFileOrDirectory else { throw error }
      return try !isPopulated()
    }
  }

  /// Removes it and the groups below it (`rmdir(2)`). One that is gone already is no error.
  ///
  /// - Throws: `EBUSY` while a process is in it.
  package func remove() throws(UVError) {
    do throws(UVError) {
      for name in try childNames() { try child(name).remove() }
      try UVError.system("remove the cgroup", path) { rmdir(path) }
    } catch {
      guard error.isNoSuchGroup else { throw error }
    }
  }
}

extension UVError {
  /// Whether the group that was used is not there any more: `ENODEV` comes from files that were
  /// open.
  package var isNoSuchGroup: Bool { code == .noSuchFileOrDirectory || code == .noSuchDevice }
}
