import CAres
import CLibUV
import CLinux
import Glibc

extension Stream {
  /// Whether it is a Unix socket, or a pipe.
  package var isUnix: Bool { kind == .pipe }

  /// How much of the connection the peer has ended.
  package enum PeerEnd {
    /// It sends no more, but may still read.
    case sending
    /// The connection is broken.
    case all
  }

  /// `POLLRDHUP` of poll(2), which Glibc's module leaves out.
  private static let readEnd: Int16 = 0x2000

  /// What the peer has ended so far, also while nothing is read and where bytes wait before the end
  /// (`poll(2)` with `POLLRDHUP`); nil while the connection is whole.
  package var peerEnd: PeerEnd? {
    guard !isClosing else { return .all }
    var descriptor: Int32 = -1
    guard uv_fileno(handle, &descriptor) == 0 else { return .all }
    var entry = pollfd(fd: descriptor, events: Self.readEnd, revents: 0)
    guard poll(&entry, 1, 0) > 0 else { return nil }
    if entry.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { return .all }
    return entry.revents & Self.readEnd != 0 ? .sending : nil
  }

  /// The user that connected to a Unix socket, as it was at that time (`SO_PEERCRED`); nil if
  /// the kernel does not say.
  static func peerUser(of descriptor: Int32) -> UInt32? {
    // `struct ucred`: pid, uid, gid.
    var credentials: (pid: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
    var size = socklen_t(MemoryLayout.size(ofValue: credentials))
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0,
      credentials.pid > 0
    else { return nil }
    return credentials.user
  }
}
