import Glibc
import TestSupport
import Testing
import UV

/// Files in a directory in which others may make names.
struct SharedDirectoryTests {
  private let temporary: TemporaryDirectory

  init() throws {
    temporary = try TemporaryDirectory()
  }

  /// Does something in a directory on the pool, and waits for it.
  private func run<Value: Sendable>(
    in directory: SharedDirectory, on loop: Loop, refreshes: Bool = false, makes: Bool = true,
    _ body: @escaping @Sendable (HeldDirectory) throws(UVError) -> Value
  ) throws -> Value {
    var result: Result<Value, UVError>?
    directory.run(.writing, refreshes: refreshes, makes: makes, body) { result = $0 }
    try runLoop(loop) { result != nil }
    return try #require(result).get()
  }

  @Test func noLinkIsFollowed() throws {
    try withLoop { loop in
      let directory = SharedDirectory(temporary.path, on: loop)
      try #require(symlink(temporary.file("target"), temporary.file("link")) == 0)
      for isThere in [false, true] {
        if isThere { try Files.createNew(temporary.file("target"), mode: 0o600, contents: [1]) }
        #expect(throws: UVError(code: -ELOOP, operation: "open", subject: temporary.file("link"))) {
          try run(in: directory, on: loop) { held throws(UVError) in
            try held.open("link", [.read, .append, .create]).close()
          }
        }
        #expect(temporary.names == (isThere ? ["link", "target"] : ["link"]))
      }
      let seen = try run(in: directory, on: loop) { held throws(UVError) in
        [try held.status(of: "link"), try held.status(of: "missing")]
      }
      #expect(seen.map { $0?.isLink } == [true, nil])
    }
  }

  @Test func aFIFODoesNotBlock() throws {
    try withLoop { loop in
      let directory = SharedDirectory(temporary.path, on: loop)
      try #require(mkfifo(temporary.file("fifo"), 0o600) == 0)
      let status = try run(in: directory, on: loop) { held throws(UVError) in
        let file = try held.open("fifo", .read)
        defer { file.close() }
        return try file.status()
      }
      #expect(!status.isRegular)
      #expect(throws: UVError.self) {
        try run(in: directory, on: loop) { held throws(UVError) in
          try held.open("fifo", .write).close()
        }
      }
    }
  }

  @Test func itsFilesAreReachedUnderAnyNameOfTheDirectory() throws {
    try withLoop { loop in
      let path = temporary.file("logs")
      let directory = SharedDirectory(path, on: loop)
      try run(in: directory, on: loop) { _ throws(UVError) in }
      try #require(rename(path, temporary.file("old")) == 0)
      // Another user has put a link in its place.
      try Files.createDirectories(temporary.file("elsewhere"), mode: 0o755)
      try #require(symlink(temporary.file("elsewhere"), path) == 0)
      let names = try run(in: directory, on: loop) { held throws(UVError) in
        try held.open("a", [.write, .create]).close()
        try held.open("b", [.write, .create]).close()
        try held.rename("a", to: "c")
        try held.unlink("b")
        return try held.names(beginningWith: "")
      }
      #expect(names == ["c"])
      #expect(try Files.names(in: temporary.file("old")) == ["c"])
      #expect(try Files.names(in: temporary.file("elsewhere")) == [])
    }
  }

  @Test func aFileIsReplacedByAWholeOneWhateverACrashHasLeft() throws {
    try Files.createNew(temporary.file("model"), mode: 0o604, contents: [])
    try #require(chmod(temporary.file("model"), 0o604) == 0)
    try withLoop { loop in
      let directory = SharedDirectory(temporary.path, on: loop)
      func replace(with bytes: [UInt8]) throws {
        try run(in: directory, on: loop) { held throws(UVError) in
          try held.replace("f", with: bytes, like: try held.status(of: "model"))
        }
      }
      try replace(with: [1])
      #expect(try Files.status(of: temporary.file("f")).mode == 0o604)
      // Another user has put a link where the temporary file goes.
      try #require(symlink("model", temporary.file(HeldDirectory.temporary(of: "f"))) == 0)
      try replace(with: [2, 3])
      let bytes = try run(in: directory, on: loop) { held throws(UVError) in
        [
          try held.contents(of: "f", limit: 2), try held.contents(of: "model", limit: 2),
          try held.contents(of: "missing", limit: 2),
        ]
      }
      #expect(bytes == [[2, 3], [], nil])
      #expect(temporary.names == ["f", "model"])
      // What cannot be replaced leaves nothing behind.
      try Files.remove(temporary.file("f"))
      try Files.createDirectories(temporary.file("f/full"), mode: 0o755)
      #expect(throws: UVError.self) { try replace(with: [4]) }
      #expect(temporary.names == ["f", "model"])
    }
  }

  @Test func onlyARegularFileOfTheSizeIsRead() throws {
    try Files.createNew(temporary.file("large"), mode: 0o600, contents: [1, 2, 3])
    try #require(symlink("large", temporary.file("link")) == 0)
    try #require(mkfifo(temporary.file("fifo"), 0o600) == 0)
    try withLoop { loop in
      let directory = SharedDirectory(temporary.path, on: loop)
      for (name, code) in [("large", EFBIG), ("link", ELOOP), ("fifo", EINVAL), (".", EINVAL)] {
        do {
          _ = try run(in: directory, on: loop) { held throws(UVError) in
            try held.contents(of: name, limit: 2)
          }
          Issue.record("\(name) was read")
        } catch {
          #expect((error as? UVError)?.number == code, "\(name)")
        }
      }
    }
  }

  @Test func whatItOpenedIsClosedWithIt() throws {
    try withLoop { loop in
      let before = openDescriptorCount()
      for _ in 0..<100 {
        let directory = SharedDirectory(temporary.file("logs"), on: loop)
        try run(in: directory, on: loop) { _ throws(UVError) in }
        try #require(rmdir(temporary.file("logs")) == 0)
        try run(in: directory, on: loop, refreshes: true) { _ throws(UVError) in }
      }
      // Other tests open and close files meanwhile.
      #expect(openDescriptorCount() < before + 90)
    }
  }

  @Test func aDirectoryIsMadeOnlyWhereThatIsWanted() throws {
    try withLoop { loop in
      let directory = SharedDirectory(temporary.file("logs"), on: loop)
      #expect(throws: UVError(code: -ENOENT, operation: "open", subject: temporary.file("logs"))) {
        try run(in: directory, on: loop, makes: false) { _ throws(UVError) in }
      }
      #expect(temporary.names == [])
      try run(in: directory, on: loop) { _ throws(UVError) in }
      #expect(temporary.names == ["logs"])
    }
  }

  @Test func aSecondNameIsRefusedWhereOthersMayMakeNames() throws {
    try withLoop { loop in
      let directory = SharedDirectory(temporary.path, on: loop)
      let status = try run(in: directory, on: loop) { held throws(UVError) in
        let file = try held.open("a", [.write, .create])
        defer { file.close() }
        return try file.status()
      }
      func refuse() throws {
        try run(in: directory, on: loop) { held throws(UVError) in
          try held.refuseForeignLink("a", status)
        }
      }
      try refuse()
      try #require(link(temporary.file("a"), temporary.file("b")) == 0)
      // Only its owner can have made the second name.
      try refuse()
      try #require(chmod(temporary.path, 0o775) == 0)
      #expect(throws: UVError(code: -EMLINK, operation: "open", subject: temporary.file("a"))) {
        try refuse()
      }
      try Files.remove(temporary.file("b"))
      try refuse()
      // One that lost this name after it was opened may have another one anywhere.
      try #require(rename(temporary.file("a"), temporary.file("c")) == 0)
      #expect(throws: UVError(code: -ESTALE, operation: "open", subject: temporary.file("a"))) {
        try refuse()
      }
    }
  }
}
