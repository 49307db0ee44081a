/// The children of a loop, and what forks for it.
final class LoopChildren: LoopPart {
  fileprivate var running: [Int32: ChildProcess] = [:]
  fileprivate var starts: [ObjectIdentifier: ChildStart] = [:]
  fileprivate var hungStarts: [HungStart] = []
  fileprivate let forkServer: ForkServer

  init(on loop: Loop) {
    forkServer = ForkServer(on: loop)
  }

  func close() {
    forkServer.close(reaping: hungStarts.map(\.pid))
    hungStarts = []
  }
}

extension Loop {
  private var own: LoopChildren { part(LoopChildren.self) }

  /// The children that run, by process id: the code that sees an exit first finds its owner here.
  var children: [Int32: ChildProcess] {
    get { own.running }
    _modify { yield &own.running }
  }

  /// The children that have not executed their commands yet.
  var starts: [ObjectIdentifier: ChildStart] {
    get { own.starts }
    _modify { yield &own.starts }
  }

  /// The children that were killed on their way to a command, and hang in the kernel.
  var hungStarts: [HungStart] {
    get { own.hungStarts }
    _modify { yield &own.hungStarts }
  }

  /// Forks for this process.
  var forkServer: ForkServer { own.forkServer }

  /// Starts the process that forks for this one (``ChildStart``), which the first start does
  /// otherwise. It closes its copies of what is open by then, each of which asks the file system:
  /// the less, the better. A fork is the cheaper, the less memory this process has by then.
  package func startForkServer() throws(UVError) { try forkServer.start() }

  /// The pid of that process; nil while there is none.
  package var forkServerPID: Int32? { forkServer.pid }
}
