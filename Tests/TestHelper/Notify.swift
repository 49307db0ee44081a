import Glibc

/// A socket that is connected to `NOTIFY_SOCKET`.
private func notifySocket() -> Int32 {
  let name = variable("NOTIFY_SOCKET")
  let descriptor = check(socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0), "socket")
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let bytes = name.hasPrefix("@") ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
  withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = check(connect(descriptor, $0, size), "connect to \(name)")
    }
  }
  return descriptor
}

private func send(_ text: String, to descriptor: Int32) {
  let bytes = Array(text.utf8)
  guard Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count else {
    fail("send: \(String(cString: strerror(errno)))")
  }
}

/// Sends a message together with descriptors (`SCM_RIGHTS`).
private func send(_ text: String, with descriptors: [Int32], to socket: Int32) {
  var bytes = Array(text.utf8)
  let payload = descriptors.count * MemoryLayout<Int32>.size
  // A cmsghdr: its length with what follows, a level and a type.
  let head = MemoryLayout<Int>.size + 2 * MemoryLayout<Int32>.size
  let space = (head + payload + 7) & ~7
  let control = UnsafeMutableRawPointer.allocate(byteCount: space, alignment: 8)
  defer { control.deallocate() }
  control.storeBytes(of: head + payload, as: Int.self)
  control.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
  control.storeBytes(of: Int32(SCM_RIGHTS), toByteOffset: 12, as: Int32.self)
  for (index, descriptor) in descriptors.enumerated() {
    control.storeBytes(
      of: descriptor, toByteOffset: head + index * MemoryLayout<Int32>.size, as: Int32.self)
  }
  bytes.withUnsafeMutableBytes { bytes in
    var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
    withUnsafeMutablePointer(to: &part) { part in
      var message = msghdr()
      message.msg_iov = part
      message.msg_iovlen = 1
      message.msg_control = control
      message.msg_controllen = space
      guard sendmsg(socket, &message, 0) == bytes.count else {
        fail("sendmsg: \(String(cString: strerror(errno)))")
      }
    }
  }
}

/// `notify MESSAGE [SECONDS]`: sends a message, and then stays for so long.
func notify(_ arguments: [String]) -> Never {
  guard let message = arguments.first else { fail("no message") }
  send(message, to: notifySocket())
  if arguments.count > 1 { sleep(UInt32(number(arguments[1]))) }
  exit(0)
}

/// `notify-flood MESSAGE`: says that it begins, and sends the message again and again.
func notifyFlood(_ arguments: [String]) -> Never {
  guard let message = arguments.first else { fail("no message") }
  let socket = notifySocket()
  say("floods")
  while true { send(message, to: socket) }
}

/// `notify-descriptors DESCRIPTORS MESSAGES`: sends messages that each bring so many descriptors.
func notifyDescriptors(_ arguments: [String]) -> Never {
  guard arguments.count == 2 else { fail("not two numbers") }
  let descriptors = (0..<number(arguments[0])).map { _ in check(dup(0), "dup") }
  let socket = notifySocket()
  for _ in 0..<number(arguments[1]) { send("A=1", with: descriptors, to: socket) }
  exit(0)
}

/// `notify-unsent TEXT …`: sends each text with a TCP connection whose last close waits, because
/// the peer does not take what it still has to send. Says `sent`, and stays until its input ends.
func notifyUnsent(_ texts: [String]) -> Never {
  let server = loopbackServer()
  let notify = notifySocket()
  for text in texts {
    let client = check(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), "socket")
    var address = server.address
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = check(
          connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size)), "connect")
      }
    }
    var wait = linger(l_onoff: 1, l_linger: 100)
    check(
      setsockopt(client, SOL_SOCKET, SO_LINGER, &wait, socklen_t(MemoryLayout<linger>.size)),
      "SO_LINGER")
    let chunk = [UInt8](repeating: 0, count: 65536)
    while Glibc.send(client, chunk, chunk.count, Int32(MSG_DONTWAIT)) > 0 {}
    send(text, with: [client], to: notify)
    close(client)
  }
  say("sent")
  var byte: UInt8 = 0
  while read(0, &byte, 1) > 0 {}
  exit(0)
}
