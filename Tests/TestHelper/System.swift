import Glibc

/// Says why it cannot go on, and ends with 70.
func fail(_ text: String) -> Never {
  write(2, "exeio-test-helper: \(text)\n")
  exit(70)
}

/// The value of a call, unless it has failed.
@discardableResult
func check(_ value: Int32, _ what: String) -> Int32 {
  guard value >= 0 else { fail("\(what): \(String(cString: strerror(errno)))") }
  return value
}

/// Prints a line at once.
func say(_ line: String) { write(1, line + "\n") }

private func write(_ descriptor: Int32, _ text: String) {
  let bytes = Array(text.utf8)
  // A test that has gone needs no words.
  _ = Glibc.write(descriptor, bytes, bytes.count)
}

/// The value of an environment variable that has to be there.
func variable(_ name: String) -> String {
  guard let value = getenv(name) else { fail("\(name) is not set") }
  return String(cString: value)
}

/// A number among the arguments.
func number(_ text: String) -> Int {
  guard let number = Int(text) else { fail("'\(text)' is not a number") }
  return number
}

/// A TCP socket that listens on a free port of 127.0.0.1, and its address.
func loopbackServer() -> (descriptor: Int32, address: sockaddr_in) {
  let server = check(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), "socket")
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = check(bind(server, $0, size), "bind")
      _ = check(listen(server, 128), "listen")
      _ = check(getsockname(server, $0, &size), "getsockname")
    }
  }
  return (server, address)
}
