import API
import Glibc
import Supervision
import TestSupport
import Testing
import UV

@testable import ExeioDaemon

/// `exeio key`: what it writes, and what it refuses.
struct KeyStoreTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("keys.json")
    try #require(chmod(directory.path, 0o700) == 0)
  }

  private static func store(_ directory: String) throws -> KeyStore {
    var settings = Settings()
    settings[.configDirectory] = Settings.Setting(
      value: directory, origin: "--config-dir", isOption: true)
    return try KeyStore(
      settings, environment: [:],
      clock: Clock(
        monotonic: { .zero }, sinceEpoch: { .seconds(1_800_000_000) }, bootTicks: { 0 }))
  }

  private var store: KeyStore {
    get throws { try Self.store(directory.path) }
  }

  private func record(_ name: String) -> KeyRecord {
    KeyRecord(
      name: name, role: .operate,
      hash: "$7$46..../....iO/aFVy29NfudogP$WUWyYNQOXVeyaIL.tpyS868UIaDaBQiGRRVYstrXNgC",
      created: .seconds(1_769_855_445))
  }

  private func names() throws -> [String] {
    let store = try store
    return try store.read(try store.open()).map(\.name)
  }

  /// Root gives a new file to the user of the directory, whose group the daemon may be of.
  private static let newMode: UInt32 = geteuid() == 0 ? 0o640 : 0o600

  private func mode() throws -> UInt32 { try Files.status(of: path).mode & 0o777 }

  @Test func aKeyIsPrintedOnceAndItsHashIsKept() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardOutputContent]
    ) { [path = directory.path as String] in
      try KeyStoreTests.store(path).run(.add(name: "ci", .read))
    }
    let output = String(decoding: result.standardOutputContent, as: UTF8.self)
    let key = try #require(output.split(separator: "\n").first { $0.hasPrefix("exeio_ci_") })
    let store = try store
    let records = try store.read(try store.open())
    #expect(records.map(\.name) == ["ci"] && records.map(\.role) == [.read])
    #expect(records[0].created == "2027-01-15T08:00:00Z")
    #expect(try Crypt.hash(String(key), setting: records[0].hash) == records[0].hash)
    #expect(try mode() == Self.newMode)
  }

  /// A group that may read the file may do so afterwards.
  @Test func theFileKeepsItsMode() throws {
    try store.change { $0.append(record("a")) }
    #expect(try mode() == Self.newMode)
    for mode in [0o600, 0o640] as [mode_t] {
      #expect(chmod(path, mode) == 0)
      try store.change { $0.append(record("b\(mode)")) }
      #expect(try self.mode() == mode)
    }
    #expect(try names().count == 3)
  }

  @Test func aKeyThatIsThereOrNotIsNamed() throws {
    let store = try store
    try store.change { $0.append(record("ci")) }
    func refusal(_ action: KeyCommand.Action) throws -> String {
      try #require(throws: KeyStore.Refusal.self) { try store.run(action) }.message
    }
    #expect(try refusal(.remove(name: "other")).hasPrefix("there is no key 'other' in '\(path)'"))
    #expect(try refusal(.remove(name: KeyName.main)).contains("is the main key"))
    #expect(
      try refusal(.add(name: KeyName.main, .admin)).contains("is the name of the main key"))
    #expect(try refusal(.add(name: "ci", .admin)).hasPrefix("there is a key 'ci' in '\(path)'"))
    #expect(try names() == ["ci"])
    try store.run(.remove(name: "ci"))
    #expect(try names() == [])
  }

  /// What cannot be trusted is not written over.
  @Test func aFileThatIsWrongIsLeftAsItIs() throws {
    for (text, mode) in [("[", 0o600), ("[]", 0o602)] as [(String, mode_t)] {
      try? Files.remove(path)
      try Files.createNew(path, mode: 0o600, contents: Array(text.utf8))
      #expect(chmod(path, mode) == 0)
      #expect(throws: KeyStore.Refusal.self) { try store.change { $0.append(record("a")) } }
      #expect(try Files.read(path, limit: 100) == Array(text.utf8))
    }
    try Files.remove(path)
    try #require(symlink("/dev/null", path) == 0)
    let refusal = try #require(throws: KeyStore.Refusal.self) { try names() }
    #expect(refusal.message.contains("is a symbolic link"))
  }

  @Test func anEditThatIsRefusedChangesNothing() throws {
    try store.change { $0.append(record("a")) }
    #expect(throws: KeyStore.Refusal.self) {
      try store.change { records throws(KeyStore.Refusal) in
        records = []
        throw KeyStore.Refusal("no")
      }
    }
    #expect(try names() == ["a"])
  }

  @Test func aDirectoryThatIsNotThereIsNotMade() throws {
    let missing = directory.file("none")
    let refusal = try #require(throws: KeyStore.Refusal.self) {
      try Self.store(missing).change { _ in }
    }
    #expect(refusal.message.contains("start exeio there once"))
    #expect(access(missing, F_OK) != 0)
  }
}
