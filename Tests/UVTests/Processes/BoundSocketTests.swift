import Glibc
import TestSupport
import Testing
import UV

/// Sockets that are bound here and accepted on by children.
struct BoundSocketTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  private func failure(_ body: () throws -> BoundSocket) -> String {
    do {
      let socket = try body()
      socket.close()
      return "none"
    } catch {
      return "\(error)"
    }
  }

  @Test func aChildHasThemFromThreeOnAndKnowsThatTheyAreItsOwn() async {
    await #expect(processExitsWith: .success) {
      // The test's own process has others.
      try SystemProcess.keepDescriptorsFromChildren()
      let directory = try TemporaryDirectory()
      let sockets = try [
        BoundSocket("127.0.0.1:0"), BoundSocket(directory.file("s")), BoundSocket("127.0.0.1:0"),
      ]
      defer { for socket in sockets { socket.close() } }
      let script =
        "echo $LISTEN_PID $$; for f in /proc/$$/fd/*; do echo ${f##*/}; done; "
        + "for f in 3 4 5; do readlink /proc/$$/fd/$f; done; grep flags /proc/$$/fdinfo/[345]"
      for cgroup in [nil, TestCgroup.isAvailable ? try TestCgroup() : nil] {
        let lines = try outputOf(shell: script) {
          $0.sockets = sockets
          $0.cgroup = cgroup?.group
        }.split(separator: "\n")
        let pids = try #require(lines.first).split(separator: " ")
        #expect(pids.count == 2 && pids.first == pids.last)
        // 6 is what the shell reads the directory with.
        #expect(lines[1...7] == ["0", "1", "2", "3", "4", "5", "6"])
        let links = lines[8...10]
        #expect(links.allSatisfy { $0.hasPrefix("socket:") } && Set(links).count == 3)
        let flags = lines[11...].compactMap {
          Int32($0.split(separator: "\t").last ?? "", radix: 8)
        }
        #expect(flags.count == 3 && flags.allSatisfy { $0 & O_NONBLOCK == 0 })
      }
    }
  }

  @Test func manyOfThemDisturbNeitherEachOtherNorTheWordOfAFailure() throws {
    let sockets = try (0..<32).map { try BoundSocket("\(directory.path)/s\($0)") }
    defer { for socket in sockets { socket.close() } }
    let lines = try outputOf(
      shell: "for f in $(seq 3 34); do readlink /proc/$$/fd/$f; done; readlink /proc/$$/fd/35"
    ) { $0.sockets = sockets.reversed() }.split(separator: "\n")
    #expect(Set(lines).count == 32 && lines.allSatisfy { $0.hasPrefix("socket:") })
    try withScheduler { loop, scheduler in
      var options = SpawnOptions(command: "/no/such")
      options.sockets = sockets
      #expect(throws: UVError(code: -ENOENT, operation: "execute", subject: "/no/such")) {
        try Scene(options, on: loop, scheduler)
      }
    }
  }

  @Test func aFailureToBindSaysWhere() throws {
    let path = directory.file("socket")
    let first = try BoundSocket(path)
    #expect(failure { try BoundSocket(path) } == "listen on '\(path)': Address already in use")
    first.close()
    let file = directory.file("file")
    try Files.createNew(file, mode: 0o600, contents: [])
    #expect(
      failure { try BoundSocket(file) } == "listen on '\(file)': Socket operation on non-socket")
    #expect(
      failure { try BoundSocket("192.0.2.1:80") }
        == "listen on '192.0.2.1:80': Cannot assign requested address")
    for text in ["localhost:80", "1.2.3.4", "1.2.3.4:x", "::1:80", "[::1]", "[::1]:99999", ""] {
      #expect(failure { try BoundSocket(text) } == "listen on '\(text)': Invalid argument")
    }
  }

  @Test func aSocketFileIsForItsGroupAndGoesWithTheSocket() throws {
    let path = directory.file("socket")
    let owner =
      SystemProcess.isRoot ? Identity(user: 4711, group: 4712) : Identity(user: geteuid())
    let socket = try BoundSocket(path, owner: owner)
    var status = stat()
    try #require(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    #expect(status.st_uid == owner.user)
    if SystemProcess.isRoot { #expect(status.st_gid == 4712) }
    socket.close()
    socket.close()
    #expect(stat(path, &status) != 0)
  }

  @Test func aStaleSocketFileIsReplaced() throws {
    let path = directory.file("socket")
    let stale = socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    close(stale)
    try BoundSocket(path).close()
  }
}
