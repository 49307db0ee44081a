import UV

/// Notices that the kernel has killed members of a cgroup because memory ran out.
///
/// It waits a moment before it tells: where the leader itself was killed, its exit says more. While
/// memory is short, the file changes a hundred times a second; it is looked at once in that time.
final class MemoryWatch {
  private let group: Cgroup
  private let onKills: (Int) -> Void
  private let timer: Timer
  private var file: CgroupFileWatch?
  private var told = 0
  private static let delay: Duration = .seconds(1)

  /// Watches nothing yet.
  ///
  /// - Parameter onKills: called with the number of those killed since the group was made, when it
  ///   has grown.
  init(_ group: Cgroup, on loop: Loop, onKills: @escaping (Int) -> Void) throws(UVError) {
    timer = try Timer(on: loop)
    self.onKills = onKills
    self.group = group
  }

  /// Watches from now on; a watch that throws is closed.
  func start() throws(UVError) {
    do throws(UVError) {
      file = try CgroupFileWatch(group, "memory.events", on: timer.loop) { [unowned self] _ in
        changed()
      }
    } catch {
      close()
      throw error
    }
  }

  private func changed() {
    file?.pause()
    timer.start(after: Self.delay) { [self] in
      file?.resume()
      // A group that is gone has nothing more to tell.
      guard let kills = try? group.outOfMemoryKills(), kills > told else { return }
      told = kills
      onKills(kills)
    }
  }

  func close() {
    timer.close()
    file?.close()
  }
}
