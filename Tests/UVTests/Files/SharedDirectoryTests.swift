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

  private func open(
    _ name: String, _ access: File.Access, in directory: SharedDirectory, on loop: Loop
  ) throws -> File {
    var result: Result<File, UVError>?
    directory.open(name, access) { result = $0 }
    try runLoop(loop) { result != nil }
    return try #require(result).get()
  }

  @Test func noLinkIsFollowedHoweverItIsOpened() throws {
    try withLoop { loop in
      let directory = try SharedDirectory(temporary.path, on: loop)
      try #require(symlink(temporary.file("target"), temporary.file("link")) == 0)
      let access: File.Access = [.read, .append, .create]
      for isThere in [false, true] {
        if isThere { try Files.createNew(temporary.file("target"), mode: 0o600, contents: [1]) }
        #expect(throws: UVError(code: -ELOOP, operation: "open", subject: temporary.file("link"))) {
          try directory.openNow("link", access).close()
        }
        #expect(throws: UVError(code: -ELOOP, operation: "open", subject: temporary.file("link"))) {
          try open("link", access, in: directory, on: loop).close()
        }
        #expect(temporary.names == (isThere ? ["link", "target"] : ["link"]))
      }
      #expect(try directory.status(of: "link")?.isLink == true)
      #expect(try directory.status(of: "missing") == nil)
    }
  }

  @Test func aFIFODoesNotBlock() throws {
    try withLoop { loop in
      let directory = try SharedDirectory(temporary.path, on: loop)
      try #require(mkfifo(temporary.file("fifo"), 0o600) == 0)
      let file = try directory.openNow("fifo", .read)
      #expect(try !file.statusNow().isRegular)
      file.close()
      #expect(throws: UVError.self) { try open("fifo", .write, in: directory, on: loop).close() }
    }
  }

  @Test func itsFilesAreReachedUnderAnyNameOfTheDirectory() throws {
    try withLoop { loop in
      let path = temporary.file("logs")
      let directory = try SharedDirectory(path, on: loop)
      try #require(rename(path, temporary.file("old")) == 0)
      // Another user has put a link in its place.
      try Files.createDirectories(temporary.file("elsewhere"), mode: 0o755)
      try #require(symlink(temporary.file("elsewhere"), path) == 0)
      try directory.openNow("a", [.write, .create]).close()
      try open("b", [.write, .create], in: directory, on: loop).close()
      var done = 0
      directory.rename("a", to: "c") {
        #expect($0 == nil)
        done += 1
      }
      directory.unlink("b") {
        #expect($0 == nil)
        done += 1
      }
      try runLoop(loop) { done == 2 }
      var names: [String] = []
      directory.names(beginningWith: "") {
        names = (try? $0.get()) ?? []
        done += 1
      }
      try runLoop(loop) { done == 3 }
      #expect(names == ["c"])
      #expect(try Files.names(in: temporary.file("old")) == ["c"])
      #expect(try Files.names(in: temporary.file("elsewhere")) == [])
    }
  }

  @Test func whatItOpenedIsClosedWithIt() throws {
    try withLoop { loop in
      let before = openDescriptorCount()
      for _ in 0..<100 {
        let directory = try SharedDirectory(temporary.file("logs"), on: loop)
        try #require(rmdir(temporary.file("logs")) == 0)
        try directory.refreshNow()
        var isDone = false
        directory.refresh { _ in isDone = true }
        try runLoop(loop) { isDone }
      }
      // Other tests open and close files meanwhile.
      #expect(openDescriptorCount() < before + 90)
    }
  }

  @Test func aSecondNameIsRefusedWhereOthersMayMakeNames() throws {
    try withLoop { loop in
      let directory = try SharedDirectory(temporary.path, on: loop)
      let file = try directory.openNow("a", [.write, .create])
      let status = try file.statusNow()
      file.close()
      try directory.refuseForeignLink("a", status)
      try #require(link(temporary.file("a"), temporary.file("b")) == 0)
      // Only its owner can have made the second name.
      try directory.refuseForeignLink("a", status)
      try #require(chmod(temporary.path, 0o775) == 0)
      #expect(throws: UVError(code: -EMLINK, operation: "open", subject: temporary.file("a"))) {
        try directory.refuseForeignLink("a", status)
      }
      try Files.remove(temporary.file("b"))
      try directory.refuseForeignLink("a", status)
      // One that lost this name after it was opened may have another one anywhere.
      try #require(rename(temporary.file("a"), temporary.file("c")) == 0)
      #expect(throws: UVError(code: -ESTALE, operation: "open", subject: temporary.file("a"))) {
        try directory.refuseForeignLink("a", status)
      }
    }
  }
}
