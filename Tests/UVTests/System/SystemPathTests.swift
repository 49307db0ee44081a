import Glibc
import TestSupport
import Testing
import UV

/// Bytes that are not UTF-8 in paths, variables and arguments.
struct SystemPathTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  /// U+FDDE and U+FDE9, which no text has, in UTF-8.
  private static let standIns: [UInt8] = [0xEF, 0xB7, 0x9E, 0xEF, 0xB7, 0xA9]

  @Test(arguments: [
    [], Array("/srv/a b".utf8), Array("/srv/café".utf8), [0xE9], [47, 0x63, 0xE9, 47, 0x61],
    [0xC3], [0xC3, 0x28], [0xF0, 0x9F, 0x98], [0xFF, 0xFE, 0x80], Self.standIns,
    [0x61] + Self.standIns + [0xE9], [0xEF, 0xB7], [0xE2, 0x82, 0x28, 0xE9, 0xC3, 0xA9],
  ])
  func bytesComeBackAsTheyWere(bytes: [UInt8]) {
    #expect(String(system: bytes).systemBytes == bytes)
  }

  @Test func allPairsOfBytesComeBackAsTheyWere() {
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        #expect(String(system: [first, second]).systemBytes == [first, second])
      }
    }
  }

  @Test func aTextIsHeldAsItIsAndPeopleSeeEscapes() {
    #expect(String(system: Array("/srv/café".utf8)) == "/srv/café")
    let path = String(system: [47, 0x63, 0xE9, 47, 0x61])
    #expect("\(path)/b".systemBytes == [47, 0x63, 0xE9, 47, 0x61, 47, 0x62])
    #expect(path.readable == "/c\\xE9/a")
    #expect(SystemString(bytes: [0x63, 0xE9]).description == "c\\xE9")
    #expect(UVError(code: -ENOENT, operation: "open", subject: path).description.contains("\\xE9"))
  }

  @Test func noStandInMakesASlashOrANUL() {
    // U+FDD2 and U+FDEF would be 0x2F, U+FDD0 and U+FDE0 zero.
    let slash: [UInt8] = [0xEF, 0xB7, 0x92, 0xEF, 0xB7, 0xAF, 0xEF, 0xB7, 0x90, 0xEF, 0xB7, 0xA0]
    #expect(String(decoding: slash, as: UTF8.self).systemBytes.allSatisfy { $0 >= 0x80 })
  }

  @Test func filesAreFoundByTheirBytes() throws {
    let name: [UInt8] = [0x63, 0xE9]
    let path = "\(directory.path)/\(String(system: name))"
    try Files.createDirectories("\(path)/in", mode: 0o700)
    try Files.createNew("\(path)/file", mode: 0o600, contents: [1])
    #expect(try Files.read("\(path)/file", limit: 10) == [1])
    #expect(try Files.status(of: path).isDirectory)
    let seen = try Files.names(in: directory.path)
    #expect(seen.map(\.systemBytes) == [name])
    #expect(
      Files.resolvingLinks("\(path)/in").systemBytes.suffix(6) == [47] + name + [47, 105, 110])
    #expect(try Files.status(of: "\(path)/file").size == 1)
  }
}
