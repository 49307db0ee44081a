import Glibc

/// Tells when an interface file of a group says something new: `cgroup.events`, `memory.events`.
/// The kernel reports it as an urgent condition (`POLLPRI`, cgroups(7)), so nothing is polled.
package final class CgroupFileWatch {
  private let watch: DescriptorWatch
  private let path: String

  /// Watches from now on.
  ///
  /// - Parameters:
  ///   - onChange: called with what the file says: once soon, and then after each change. An error
  ///     where the group is gone; nothing follows that.
  package init(
    _ group: Cgroup, _ name: String, on loop: Loop,
    onChange: @escaping (Result<String, UVError>) -> Void
  ) throws(UVError) {
    let path = group.file(name)
    self.path = path
    let descriptor = try UVError.system(.open, path) { open(path, O_RDONLY | O_CLOEXEC) }
    do throws(UVError) {
      watch = try DescriptorWatch(descriptor, on: loop)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
    watch.whenReadable { [unowned self] in onChange(read()) }
    // A file that has not been read yet counts as changed.
    watch.watch(for: .urgentCondition)
  }

  /// Reading from the start is what makes the next change known.
  private func read() -> Result<String, UVError> {
    do throws(UVError) {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = try UVError.system("read", path) {
        pread(watch.descriptor, &bytes, bytes.count, 0)
      }
      return .success(String(decoding: bytes.prefix(count), as: UTF8.self))
    } catch {
      watch.unwatch()
      return .failure(error)
    }
  }

  /// Tells nothing until ``resume()``.
  package func pause() {
    watch.unwatch()
  }

  /// Watches again; a change since then is told soon.
  package func resume() {
    watch.watch(for: .urgentCondition)
  }

  /// Watches no longer.
  package func close() {
    watch.close()
  }
}
