import Glibc

/// The write end of the pipe that wakes ``listenForRequests(_:)`` when it is told to end.
nonisolated(unsafe) private var wake: Int32 = -1

private let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

private func sendAll(_ text: String, to client: Int32) {
  let bytes = Array(text.utf8)
  _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
}

/// `listen [gracefully]`: answers each connection to the sockets that it was handed
/// (`sd_listen_fds(3)`), having checked that they are meant for it. With `gracefully`, `SIGTERM`
/// ends it between two connections.
func listenForRequests(_ arguments: [String]) -> Never {
  guard variable("LISTEN_PID") == "\(getpid())" else { fail("not for me") }
  let count = number(variable("LISTEN_FDS"))
  var pipe: [Int32] = [-1, -1]
  check(Glibc.pipe(&pipe), "pipe")
  wake = pipe[1]
  if arguments == ["gracefully"] {
    signal(SIGTERM) { _ in _ = write(wake, "x", 1) }
  }
  say("ready \(count) \(variable("LISTEN_FDNAMES"))")
  var entries = (3..<3 + Int32(count)).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  // Another copy may be faster: the sockets of both are the same.
  for entry in entries {
    check(fcntl(entry.fd, F_SETFL, fcntl(entry.fd, F_GETFL) | O_NONBLOCK), "O_NONBLOCK")
  }
  entries.append(pollfd(fd: pipe[0], events: Int16(POLLIN), revents: 0))
  while true {
    if poll(&entries, nfds_t(entries.count), -1) < 0 {
      guard errno == EINTR else { fail("poll: \(String(cString: strerror(errno)))") }
      continue
    }
    if entries[count].revents != 0 { exit(0) }
    for entry in entries.dropLast() where entry.revents != 0 {
      let client = accept(entry.fd, nil, nil)
      guard client >= 0 else { continue }
      var request = [UInt8](repeating: 0, count: 65536)
      _ = recv(client, &request, request.count, 0)
      sendAll(answer, to: client)
      close(client)
    }
  }
}

/// `serve WORD …`: a server of its own on 127.0.0.1 that prints its port, and does with each
/// connection what the words say, in this order:
///
/// - `read`: takes what has come as a request
/// - `send=TEXT`: sends this, in which `\r\n` is written so
/// - `wanted=REQUEST`: takes the request, in which `PORT` is the server's own; answers 302 to that
///   one and 500 to others
/// - `endless`: sends more for as long as the client takes it
/// - `close`: closes the connection; without it, it stays open
func serve(_ words: [String]) -> Never {
  let server = loopbackServer()
  let port = UInt16(bigEndian: server.address.sin_port)
  say("\(port)")
  while true {
    let client = accept(server.descriptor, nil, nil)
    guard client >= 0 else { continue }
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      switch (parts[0], parts.count) {
      case ("read", 1): _ = receive(client)
      case ("send", 2): sendAll(unescaped(parts[1]), to: client)
      case ("wanted", 2):
        let wanted = unescaped(parts[1].replacing("PORT", with: "\(port)"))
        let status = receive(client) == Array(wanted.utf8) ? "302" : "500"
        sendAll("HTTP/1.1 \(status) x\r\n\r\n", to: client)
      case ("endless", 1):
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 65536)
        while send(client, chunk, chunk.count, Int32(MSG_NOSIGNAL)) > 0 {}
      case ("close", 1): close(client)
      default: fail("unknown word '\(word)'")
      }
    }
  }
}

private func receive(_ client: Int32) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 65536)
  let count = recv(client, &bytes, bytes.count, 0)
  return Array(bytes.prefix(max(0, count)))
}

private func unescaped(_ text: String) -> String { text.replacing(#"\r\n"#, with: "\r\n") }
