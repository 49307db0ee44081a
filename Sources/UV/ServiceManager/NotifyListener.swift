import CAres
import CLibUV
import CLinux
import Glibc

/// A socket to which processes send news of themselves (`sd_notify(3)`): datagrams, with the
/// credentials of their senders.
///
/// What comes faster than it is read waits in the kernel, and its senders with it: a batch is read
/// in each turn of the loop, and after a full one the reading rests. It does so, too, until the
/// descriptors are closed that came with a message.
package final class NotifyListener: DescriptorWatch {
  /// What `NOTIFY_SOCKET` is to say.
  package let name: String
  private let file: SocketFile?
  /// Called from the loop once the file has been removed after the end; never for an abstract name.
  package var onFileRemoved: (() -> Void)?
  private let pause: Timer
  private var onMessages: (([NotifyMessage]) -> Void)?
  /// How many descriptors that came with messages are still to be closed.
  private var unclosed = 0

  /// How many messages are read before the loop gets its turn.
  package static let batch = 32
  /// How long reading rests after that many.
  private static let rest: Duration = .milliseconds(10)
  /// Room for the credentials and for as many descriptors as one message can carry (`SCM_MAX_FD`).
  private static let controlSize = 2048

  /// A socket that has its name.
  package struct Binding: Sendable {
    let name: String
    let descriptor: Int32
    let file: SocketFile?

    /// Binds a socket.
    ///
    /// - Parameter name: an absolute path, where a socket that is there is replaced and which waits
    ///   for the file system; or an abstract name: `@name`.
    /// - Throws: `EADDRINUSE` where an abstract name is taken, `ENAMETOOLONG` where the address is
    ///   too long.
    package init(_ name: String) throws(UVError) {
      guard let address = SocketAddress.notify(name) else {
        throw UVError(code: -ENAMETOOLONG, operation: .listen, subject: name)
      }
      self.name = name
      descriptor = try NotifyListener.open(name)
      do throws(UVError) {
        file = try NotifyListener.bind(descriptor, to: address, name)
      } catch {
        Glibc.close(descriptor)
        throw error
      }
    }

    /// Lets go of a socket that no listener has taken over. Its file is removed on the pool.
    package func close(on loop: Loop) {
      Glibc.close(descriptor)
      file?.remove(on: loop)
    }
  }

  /// Takes over a socket.
  ///
  /// - Parameter onMessages: gets the messages of one turn, in their order; called from the loop.
  /// - Throws: what the system lacks; the socket is closed then.
  package init(
    _ binding: Binding, on loop: Loop, onMessages: @escaping ([NotifyMessage]) -> Void
  ) throws(UVError) {
    name = binding.name
    file = binding.file
    self.onMessages = onMessages
    let pause: Timer
    do throws(UVError) {
      pause = try Timer(on: loop)
    } catch {
      binding.close(on: loop)
      throw error
    }
    self.pause = pause
    do throws(UVError) {
      try super.init(binding.descriptor, on: loop)
    } catch {
      binding.close(on: loop)
      pause.close()
      throw error
    }
    whenReadable { [unowned self] in receiveBatch() }
    watch()
  }

  fileprivate static func open(_ name: String) throws(UVError) -> Int32 {
    let type = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = try UVError.system("make a socket for", name) {
      socket(AF_UNIX, Int32(type), 0)
    }
    do throws(UVError) {
      // Before it has a name: no message comes without its sender.
      var on: Int32 = 1
      try UVError.system("ask for the senders of", name) {
        setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, &on, socklen_t(MemoryLayout<Int32>.size))
      }
    } catch {
      Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }

  fileprivate static func bind(
    _ descriptor: Int32, to address: SocketAddress, _ name: String
  ) throws(UVError) -> SocketFile? {
    if name.hasPrefix("/"), unlink(name) != 0, errno != ENOENT {
      throw UVError.current("remove", name)
    }
    try UVError.system(.listen, name) {
      address.withPointer { Glibc.bind(descriptor, $0, $1) }
    }
    return name.hasPrefix("/") ? SocketFile(name) : nil
  }

  private func receiveBatch() {
    var messages: [NotifyMessage] = []
    var count = 0
    while count < Self.batch, unclosed == 0, let result = receive() {
      if let message = result { messages.append(message) }
      count += 1
    }
    if unclosed > 0 {
      unwatch()
    } else if count == Self.batch {
      unwatch()
      pause.start(after: Self.rest) { [unowned self] in watch() }
    }
    if !messages.isEmpty { onMessages?(messages) }
  }

  /// Takes one message: nil if none waits, and nothing in it for one that is not passed on.
  private func receive() -> NotifyMessage?? {
    withUnsafeTemporaryAllocation(byteCount: NotifyMessage.longest, alignment: 16) { text in
      withUnsafeTemporaryAllocation(byteCount: Self.controlSize, alignment: 16) { control in
        receive(text, control)
      }
    }
  }

  private func receive(
    _ text: UnsafeMutableRawBufferPointer, _ control: UnsafeMutableRawBufferPointer
  ) -> NotifyMessage?? {
    var header = msghdr()
    var count = 0
    var piece = iovec(iov_base: text.baseAddress, iov_len: text.count)
    withUnsafeMutablePointer(to: &piece) { piece in
      repeat {
        header.msg_iov = piece
        header.msg_iovlen = 1
        header.msg_control = control.baseAddress
        header.msg_controllen = control.count
        count = recvmsg(descriptor, &header, Int32(MSG_CMSG_CLOEXEC))
      } while count == -1 && errno == EINTR
    }
    // Nothing waits. Other errors are of a socket that cannot have them.
    guard count >= 0 else { return nil }
    var control = ControlMessages(
      UnsafeRawBufferPointer(rebasing: control[..<header.msg_controllen]))
    var sender = Credentials(pid: 0, user: 0, group: 0)
    while let message = control.next() {
      switch message {
      case .credentials(let credentials): sender = credentials
      case .descriptors(let descriptors):
        // The daemon has no use for them. `BARRIER=1` waits for that: all that came before it has
        // been read.
        unclosed += descriptors.count
        for descriptor in descriptors { loop.closer.close(descriptor) { [self] in closedOne() } }
      }
    }
    // One that is longer than it may be has been cut, perhaps within a line.
    guard header.msg_flags & Int32(MSG_TRUNC) == 0 else { return .some(nil) }
    return NotifyMessage(bytes: Array(text[..<count]), pid: sender.pid, user: sender.user)
  }

  private func closedOne() {
    unclosed -= 1
    if unclosed == 0 { watch() }
  }

  override func closeResources() {
    // With it go the unread messages, and the descriptors in them.
    loop.closer.close(descriptor)
    pause.close()
    file?.remove(on: loop, then: onFileRemoved ?? {})
  }

  override func releaseClosures() {
    super.releaseClosures()
    onMessages = nil
  }
}
