import TestSupport
import Testing
import UV

struct FileTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  private func buffer(_ text: String) -> ByteBuffer {
    let buffer = ByteBuffer(capacity: max(1, text.utf8.count))
    buffer.append(Array(text.utf8).span.bytes)
    return buffer
  }

  @Test func whatIsWrittenOnThePoolIsReadBack() throws {
    let path = directory.file("x")
    try withLoop { loop in
      var order: [String] = []
      File.open(path, [.read, .append, .create], on: loop) { result in
        guard let file = try? result.get() else {
          Issue.record("\(result)")
          return
        }
        file.write(buffer("one two"), from: 4, count: 3) { result in
          order.append("write \((try? result.get()) ?? -1)")
          file.sync { error in
            #expect(error == nil)
            let into = ByteBuffer(capacity: 100)
            file.read(into: into, count: 100, at: 1) { result in
              order.append("read \(String(decoding: into.bytes, as: UTF8.self))")
              #expect((try? result.get()) == 2)
              file.status { result in
                #expect((try? result.get())?.size == 3)
                file.truncate(to: 1) { error in
                  #expect(error == nil)
                  #expect((try? file.opened.status())?.size == 1)
                  file.close { error in
                    #expect(error == nil)
                    order.append("closed")
                  }
                }
              }
            }
          }
        }
      }
      loop.run()
      #expect(order == ["write 3", "read wo", "closed"])
    }
    #expect(try Files.read(path, limit: 10) == Array("t".utf8))
    #expect(try Files.mode(of: path) & 0o777 == 0o640)
  }

  @Test func closingWaitsForTheWorkUnderWay() throws {
    try withLoop { loop in
      var opened: File?
      File.open(directory.file("y"), [.write, .create], on: loop) { opened = try? $0.get() }
      try runLoop(loop) { opened != nil }
      let file = try #require(opened)
      var order: [String] = []
      file.write(buffer("abc"), from: 0, count: 3) {
        order.append("wrote \((try? $0.get()) ?? -1)")
      }
      file.close { _ in order.append("closed") }
      file.close { _ in order.append("closed too") }
      file.sync { order.append("refused \($0?.name ?? "")") }
      loop.run()
      #expect(order == ["refused EBADF", "wrote 3", "closed", "closed too"])
      file.close { _ in order.append("at once") }
      #expect(order.last == "at once")
    }
  }

  @Test func errorsNameThePathAndTheReason() throws {
    try withLoop { loop in
      let path = directory.file("none/x")
      var seen: [String] = []
      File.open(path, .read, on: loop) { result in
        if case .failure(let error) = result { seen.append("\(error)") }
      }
      File.unlink(path, on: loop) { seen.append("\($0.map { "\($0)" } ?? "")") }
      File.status(path, on: loop) { if case .failure(let error) = $0 { seen.append("\(error)") } }
      loop.run()
      #expect(
        seen.sorted() == [
          "look at '\(path)': No such file or directory",
          "open '\(path)': No such file or directory",
          "remove '\(path)': No such file or directory",
        ])
      #expect(throws: UVError.self) { try File.statusNow(path) }
    }
  }

  @Test func renameAndUnlinkMoveAndRemoveNames() throws {
    let (a, b) = (directory.file("a"), directory.file("b"))
    try Files.createNew(a, mode: 0o600, contents: [1])
    try withLoop { loop in
      File.rename(a, to: b, on: loop) { error in
        #expect(error == nil)
        #expect(directory.names == ["b"])
        File.unlink(b, on: loop) { #expect($0 == nil) }
      }
    }
    #expect(directory.names.isEmpty)
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
