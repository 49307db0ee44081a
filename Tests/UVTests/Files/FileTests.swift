import TestSupport
import Testing
import UV

struct FileTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  /// Opens a file as the pool does it.
  private func open(_ name: String, _ access: File.Access, on loop: Loop) throws -> File {
    let lane = PoolLane.ownFiles(directory: directory.path)
    let shared = SharedDirectory(directory.path, on: loop)
    var opened: Result<OpenedFile, UVError>?
    shared.run(.writing) { directory throws(UVError) in
      try directory.open(name, access)
    } then: {
      opened = $0
    }
    try runLoop(loop) { opened != nil }
    return File(try #require(opened).get(), on: loop, lane, reading: lane)
  }

  @Test func whatIsInTheFileIsReadOnThePool() throws {
    try Files.createNew(directory.file("x"), mode: 0o600, contents: Array("two".utf8))
    try withLoop { loop in
      let file = try open("x", .read, on: loop)
      var order: [String] = []
      let into = ByteBuffer(capacity: 100)
      file.read(into: into, count: 100, at: 1) { result in
        order.append(
          "read \((try? result.get()) ?? -1) \(String(decoding: into.bytes, as: UTF8.self))")
        file.read(into: into, count: 1, at: 0) { result in
          order.append(
            "read \((try? result.get()) ?? -1) \(String(decoding: into.bytes, as: UTF8.self))")
          file.read(into: into, count: 1, at: 3) { result in
            order.append("read \((try? result.get()) ?? -1)")
            file.close { order.append("closed \($0 == nil)") }
          }
        }
      }
      loop.run()
      #expect(order == ["read 2 wo", "read 1 t", "read 0", "closed true"])
    }
  }

  @Test func whatTheKernelHasInMemoryIsReadAsItStandsInTheFile() throws {
    let contents = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0) }
    try Files.createNew(directory.file("c"), mode: 0o600, contents: contents)
    let canTell = directory.tellsWhatIsCached
    try withLoop { loop in
      let file = try open("c", .read, on: loop)
      let buffer = ByteBuffer(capacity: 200_000)
      let opened = file.opened
      // None where the file system cannot tell; others than those that always can may be able to,
      // too.
      let count = opened.readCached(into: buffer.piece(from: 0, to: 70_000), at: 20_000)
      #expect(count == 70_000 || count == 0 && !canTell)
      buffer.count = count
      #expect(buffer.bytes.elementsEqual(contents[20_000..<(20_000 + count)]))
      let rest = opened.readCached(into: buffer.piece(from: 0, to: 200_000), at: 99_000)
      #expect(rest == (count > 0 ? 1_000 : 0))
      #expect(opened.readCached(into: buffer.piece(from: 0, to: 1), at: 100_000) == 0)
      file.close()
    }
  }

  @Test func closingWaitsForWhatIsBeingRead() throws {
    try Files.createNew(directory.file("y"), mode: 0o600, contents: Array("abc".utf8))
    try withLoop { loop in
      let file = try open("y", .read, on: loop)
      var order: [String] = []
      let into = ByteBuffer(capacity: 3)
      file.read(into: into, count: 3, at: 0) { order.append("read \((try? $0.get()) ?? -1)") }
      file.close { _ in order.append("closed") }
      file.close { _ in order.append("closed too") }
      file.read(into: into, count: 3, at: 0) { result in
        if case .failure(let error) = result { order.append("refused \(error.name)") }
      }
      loop.run()
      #expect(order == ["refused EBADF", "read 3", "closed", "closed too"])
      file.close { _ in order.append("at once") }
      #expect(order.last == "at once")
    }
  }

  @Test func errorsNameThePathAndTheReason() throws {
    try withLoop { loop in
      let file = try open("z", [.append, .create], on: loop)
      var seen = ""
      file.read(into: ByteBuffer(capacity: 1), count: 1, at: 0) { result in
        if case .failure(let error) = result { seen = "\(error)" }
        file.close()
      }
      loop.run()
      #expect(seen == "read '\(directory.file("z"))': Bad file descriptor")
    }
    let path = directory.file("none/x")
    #expect {
      try Files.status(of: path)
    } throws: {
      "\($0)" == "look at '\(path)': No such file or directory"
    }
  }

  @Test func replaceLeavesTheNewContentsAndNoTemporaryFile() throws {
    let path = directory.file("p.json")
    try Files.createNew(path, mode: 0o600, contents: [1, 2, 3])
    try Files.createNew(path + ".tmp", mode: 0o600, contents: [9, 9])
    let big = [UInt8](repeating: 7, count: 300_000)
    for contents in [big, []] {
      try Files.replace(path, with: contents, mode: 0o600)
      #expect(try Files.read(path, limit: 1_000_000) == contents)
      #expect(directory.names == ["p.json"])
    }
  }

  @Test func aReplacementThatFailsLeavesTheOldContents() throws {
    let path = directory.file("d")
    try Files.createDirectories(path + "/sub", mode: 0o700)
    #expect {
      try Files.replace(path, with: [1], mode: 0o600)
    } throws: {
      ($0 as? UVError)?.operation == .rename
    }
    #expect(directory.names == ["d"])
  }
}
