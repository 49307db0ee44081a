import Glibc

extension ProcessTable {
  /// The children of this process that are not of `loop`: orphans that came to the subreaper, whose
  /// parents have ended. What was killed before it executed anything is none, though it may hang.
  ///
  /// Only the first thread has children here: the fork server makes them its own, and orphans come
  /// to it.
  ///
  /// - Throws: what keeps them from being listed, which does not say that there are none.
  package static func orphans(on loop: Loop) throws(UVError) -> [Int32] {
    let children = try list(childrenOf: getpid(), thread: "\(getpid())")
    // After the list: a child that is being started has said its pid by then.
    let starting = Set(loop.starts.values.compactMap(\.pid)).union(HungStart.pids(on: loop))
    return children.filter {
      loop.children[$0] == nil && !loop.forkServer.isOwn($0) && !starting.contains($0)
    }
  }
}
