import Basics
import Supervision
import UV

/// Makes the sockets on which runs tell of themselves: one for each run that has a reason to, so
/// that one that floods its own keeps no other process from being heard. Their files are made and
/// removed on the pool.
final class NotifySockets {
  private let loop: Loop
  private let directory: String
  private var preparation = Preparation.none
  /// The names that are in use, or whose file has not been removed yet.
  private var taken: Set<String> = []
  /// The longest path of a Unix socket (unix(7)).
  private static let longestPath = 107

  /// Of the directory.
  private enum Preparation {
    case none
    case underWay([(Result<String, UVError>) -> Void])
    /// The directory as every process can name it, wherever that is.
    case done(String)
  }

  /// - Parameter directory: of the sockets; made when the first one is.
  init(on loop: Loop, directory: String) {
    self.loop = loop
    self.directory = directory
  }

  /// Binds the socket of a run.
  ///
  /// It is a file that only the supervisor's own user can get at. Where that will not do, because
  /// the run is another user's, or the path is too long, it is an abstract name: every process can
  /// send to that, and the credentials of the senders decide, as they do in any case. Every process
  /// can take one, too, so it is one that no process can guess before it is taken.
  /// - Parameter then: called once, within this call for an abstract name.
  func open(
    for definition: ProcessDefinition, onMessages: @escaping ([NotifyMessage]) -> Void,
    then: @escaping (Result<NotifyListener, UVError>) -> Void
  ) {
    guard definition.execution.user == nil else {
      return then(openAbstract(onMessages))
    }
    prepare { [self] directory in
      switch directory {
      case .failure(let error): then(.failure(error))
      case .success(let directory):
        // The file of the run before may not have been removed yet.
        var name = definition.id
        var number = 1
        while taken.contains(name) {
          number += 1
          // No id has this sign in it.
          name = "\(definition.id)~\(number)"
        }
        let path = "\(directory)/\(name)"
        guard path.utf8.count <= Self.longestPath else { return then(openAbstract(onMessages)) }
        openFile(name, path, onMessages, then)
      }
    }
  }

  private func openFile(
    _ name: String, _ path: String, _ onMessages: @escaping ([NotifyMessage]) -> Void,
    _ then: @escaping (Result<NotifyListener, UVError>) -> Void
  ) {
    taken.insert(name)
    PoolWork.run(on: loop, .start(place: directory)) {
      Result { () throws(UVError) in try NotifyListener.Binding(path) }
    } then: { [self] binding in
      let listener = binding.flatMap { [loop] binding in
        Result { () throws(UVError) in
          try NotifyListener(binding, on: loop, onMessages: onMessages)
        }
      }
      switch listener {
      case .success(let listener): listener.onFileRemoved = { [self] in taken.remove(name) }
      case .failure: taken.remove(name)
      }
      then(listener)
    }
  }

  private func openAbstract(
    _ onMessages: @escaping ([NotifyMessage]) -> Void
  ) -> Result<NotifyListener, UVError> {
    Result { () throws(UVError) in
      try NotifyListener(
        try NotifyListener.Binding(try Self.abstractName()), on: loop, onMessages: onMessages)
    }
  }

  /// 128 random bits.
  private static func abstractName() throws(UVError) -> String {
    "@exeio/\(hexadecimal(try SystemProcess.randomBytes(16)))"
  }

  private func prepare(then: @escaping (Result<String, UVError>) -> Void) {
    switch preparation {
    case .done(let path): return then(.success(path))
    case .underWay(let waiters):
      preparation = .underWay(waiters + [then])
      return
    case .none: preparation = .underWay([then])
    }
    PoolWork.run(on: loop, .start(place: directory)) { [directory] in
      Result { () throws(UVError) in
        try Files.createDirectories(directory, mode: 0o700)
        let path = Files.resolvingLinks(directory)
        // What a supervisor has left that was killed.
        try Files.removeSockets(in: path)
        return path
      }
    } then: { [self] result in
      guard case .underWay(let waiters) = preparation else { return }
      preparation =
        switch result {
        case .success(let path): .done(path)
        case .failure: .none
        }
      for waiter in waiters { waiter(result) }
    }
  }
}
