import Glibc
package import UV

/// A cgroup of its own for a test, removed with everything in it.
package final class TestCgroup {
  /// The group.
  package let group: Cgroup

  /// Whether one can be made here.
  package static let isAvailable: Bool = {
    do {
      _ = try TestCgroup()
      return true
    } catch {
      return false
    }
  }()

  /// Makes the group at the root of the mounted tree.
  package init() throws {
    let table = try Files.read("/proc/self/mountinfo", limit: 16 << 20)
    guard let mount = CgroupMount(mountInfo: String(decoding: table, as: UTF8.self)) else {
      throw UVError(code: -ENOENT, operation: "find cgroup v2")
    }
    let name = "exeio-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    group = Cgroup(path: "\(mount.directory)/\(name)")
    guard mkdir(group.path, 0o755) == 0 else {
      throw UVError(code: -errno, operation: "make the cgroup", subject: group.path)
    }
  }

  deinit {
    do {
      _ = try group.kill()
      // Who was killed is gone a moment later.
      for _ in 0..<1000 where try group.isPopulated() { usleep(5000) }
      try group.remove()
    } catch {
      print("could not remove \(group.path): \(error)")
    }
  }
}
