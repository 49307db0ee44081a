extension Listener {
  /// Takes connections on a socket that another process has bound. A Unix socket's file is theirs
  /// too, and stays. When this throws, the descriptor is still the caller's.
  package static func adopting(
    _ socket: HandedSocket, on loop: Loop, onConnection: @escaping (Stream) -> Void
  ) throws(UVError) -> Listener {
    try Listener(socket.descriptor, socketFile: nil, on: loop, onConnection: onConnection)
  }
}
