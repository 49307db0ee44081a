import UV

/// Notices that the kernel has killed members of a cgroup because memory ran out.
///
/// It waits a moment before it tells: where the leader itself was killed, its exit says more. While memory is
/// short, the file changes a hundred times a second; it is looked at once in that time.
final class MemoryWatch {
  private let group: Cgroup
  private let onKills: (Int) -> Void
  private let timer: Timer
  private let file: CgroupFileWatch
  private var told = 0
  private static let delay: Duration = .seconds(1)

  /// - Parameter onKills: called with the number of those killed since the group was made, when it has grown.
  init(_ group: Cgroup, on loop: Loop, onKills: @escaping (Int) -> Void) throws(UVError) {
    let timer = try Timer(on: loop)
    self.timer = timer
    weak var watch: MemoryWatch?
    do throws(UVError) {
      file = try CgroupFileWatch(group, "memory.events", on: loop) { _ in watch?.changed() }
    } catch {
      timer.close()
      throw error
    }
    self.onKills = onKills
    self.group = group
    watch = self
  }

  private func changed() {
    file.pause()
    timer.start(after: Self.delay) { [self] in
      file.resume()
      // A group that is gone has nothing more to tell.
      guard let kills = try? group.outOfMemoryKills(), kills > told else { return }
      told = kills
      onKills(kills)
    }
  }

  func close() {
    timer.close()
    file.close()
  }
}
