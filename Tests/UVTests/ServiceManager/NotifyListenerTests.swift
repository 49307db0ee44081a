import Basics
import Glibc
import TestSupport
import Testing
import UV

/// A listener on a loop, and what has come to it.
private final class Hall {
  let loop: Loop
  private(set) var listener: NotifyListener!
  private(set) var batches: [[NotifyMessage]] = []

  init(_ name: String, on loop: Loop) throws {
    self.loop = loop
    listener = try NotifyListener(try NotifyListener.Binding(name), on: loop) { [unowned self] in
      batches.append($0)
    }
  }

  var messages: [NotifyMessage] { batches.flatMap { $0 } }
  var texts: [String] { messages.map { String(decoding: $0.bytes, as: UTF8.self) } }

  func wait(for count: Int) throws {
    try runLoop(loop) { messages.count >= count }
  }
}

struct NotifyListenerTests {
  private let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  private func withHall(_ name: String? = nil, _ body: (Hall) throws -> Void) throws {
    try withLoop { loop in
      let hall = try Hall(name ?? directory.file("notify"), on: loop)
      defer { hall.listener.close() }
      try body(hall)
    }
  }

  @Test func aMessageComesWithItsSender() throws {
    try withHall { hall in
      try NotifySocket(hall.listener.name).send("READY=1\nSTATUS=ümläut")
      try hall.wait(for: 1)
      #expect(
        hall.messages == [
          NotifyMessage(
            bytes: Array("READY=1\nSTATUS=ümläut".utf8), pid: getpid(), user: geteuid())
        ])
    }
  }

  @Test func aMessageComesToAnAbstractName() throws {
    try withHall("@exeio-test-\(getpid())-\(UInt32.random(in: 0 ... .max))") { hall in
      try NotifySocket(hall.listener.name).send("READY=1")
      try hall.wait(for: 1)
      #expect(hall.texts == ["READY=1"])
    }
  }

  @Test func theSenderIsTheChildAlsoWhenThatHasEnded() throws {
    try withScheduler { loop, scheduler in
      let hall = try Hall(directory.file("notify"), on: loop)
      let scene = try Scene(
        TestPrograms.helper, ["notify", "READY=1"],
        environment: environment(adding: ["NOTIFY_SOCKET=\(hall.listener.name)"]), on: loop,
        scheduler)
      try runLoop(loop) { scene.isOver }
      try hall.wait(for: 1)
      #expect(hall.messages.map(\.pid) == [scene.child.pid])
      scene.child.close()
      hall.listener.close()
    }
  }

  /// The last close of a TCP socket may take as long as its maker likes, if the peer does not take
  /// what it has to send.
  @Test func descriptorsThatTakeLongToCloseKeepNobodyWaiting() throws {
    try withHall { hall in
      try withScheduler { loop, scheduler in
        let begin = Clock.monotonicTime
        let scene = try Scene(
          TestPrograms.helper, ["notify-unsent", "first", "second"],
          environment: environment(adding: ["NOTIFY_SOCKET=\(hall.listener.name)"]), on: loop,
          scheduler)
        // The listener is not read until it has closed them: then this process has them alone.
        try runLoop(loop) { scene.text.contains("sent") }
        try hall.wait(for: 1)
        #expect(hall.texts == ["first"])
        // The second one has not been read, and goes with the socket.
        hall.listener.close()
        hall.loop.run(.noWait)
        #expect(Clock.monotonicTime - begin < .seconds(60))
        // With the reader of the connections goes what their closing waits for.
        scene.child.input.close()
        try runLoop(loop) { scene.isOver }
        scene.child.close()
      }
    }
  }

  /// `systemd-notify` waits until a descriptor that it has sent is closed: its message has been
  /// read by then.
  @Test(.enabled(if: access("/usr/bin/systemd-notify", X_OK) == 0))
  func systemdNotifyIsHeardAndNotKeptWaiting() throws {
    try withScheduler { loop, scheduler in
      let hall = try Hall(directory.file("notify"), on: loop)
      let scene = try Scene(
        "systemd-notify", ["--ready", "--status=up"],
        environment: environment(adding: ["NOTIFY_SOCKET=\(hall.listener.name)"]), on: loop,
        scheduler)
      try runLoop(loop) { scene.isOver }
      #expect(scene.exits == [.code(0)])
      #expect(hall.texts == ["READY=1\nSTATUS=up", "BARRIER=1"])
      scene.child.close()
      hall.listener.close()
    }
  }

  @Test func descriptorsThatComeWithAMessageAreClosed() async {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      try withScheduler { loop, scheduler in
        let hall = try Hall(directory.file("notify"), on: loop)
        let before = openDescriptorCount()
        let scene = try Scene(
          TestPrograms.helper, ["notify-descriptors", "100", "5"],
          environment: environment(adding: ["NOTIFY_SOCKET=\(hall.listener.name)"]), on: loop,
          scheduler)
        try runLoop(loop) { scene.isOver && hall.messages.count == 5 }
        #expect(hall.messages.allSatisfy { $0.pid == scene.child.pid })
        scene.child.close()
        try runLoop(loop) { openDescriptorCount() < before + 50 }
        hall.listener.close()
      }
    }
  }

  @Test func aFloodIsReadInBatchesAndNothingIsLost() throws {
    try withHall { hall in
      let socket = try NotifySocket(hall.listener.name)
      var sent = 0
      while sent < 300 {
        do throws(UVError) {
          try socket.send("\(sent)")
          sent += 1
        } catch {
          #expect(error.code == .wouldBlock)
          let known = hall.batches.count
          try runLoop(hall.loop) { hall.batches.count > known }
        }
      }
      try hall.wait(for: 300)
      #expect(hall.texts == (0..<300).map { "\($0)" })
      #expect(hall.batches.allSatisfy { $0.count <= NotifyListener.batch })
    }
  }

  @Test func aMessageThatIsTooLongIsPassedOver() throws {
    try withHall { hall in
      let socket = try NotifySocket(hall.listener.name)
      try socket.send(String(repeating: "x", count: NotifyMessage.longest))
      try socket.send(String(repeating: "y", count: NotifyMessage.longest + 1))
      try socket.send("")
      try socket.send("z")
      try hall.wait(for: 3)
      #expect(hall.messages.map(\.bytes.count) == [NotifyMessage.longest, 0, 1])
    }
  }

  @Test func aSocketThatWasLeftBehindIsReplacedAndItsFileGoesWithTheListener() throws {
    let path = directory.file("notify")
    try withLoop { loop in
      let first = try NotifyListener(try NotifyListener.Binding(path), on: loop) { _ in }
      let hall = try Hall(path, on: loop)
      first.close()
      try NotifySocket(path).send("READY=1")
      try hall.wait(for: 1)
      hall.listener.close()
      loop.run()
      #expect(directory.names.isEmpty)
    }
  }

  @Test func anAddressThatCannotBeIsAnError() throws {
    let long = directory.file(String(repeating: "x", count: 200))
    try withLoop { loop in
      #expect(throws: UVError(code: -ENAMETOOLONG, operation: "listen on", subject: long)) {
        try NotifyListener(try NotifyListener.Binding(long), on: loop) { _ in }
      }
      let none = directory.file("none/notify")
      #expect(throws: UVError(code: -ENOENT, operation: "listen on", subject: none)) {
        try NotifyListener(try NotifyListener.Binding(none), on: loop) { _ in }
      }
    }
  }

  @Test func socketsThatWereLeftBehindAreRemovedAndNothingElse() throws {
    let receiver = try NotifyReceiver(directory.file("socket"))
    try Files.createNew(directory.file("file"), mode: 0o600, contents: [])
    try Files.removeSockets(in: directory.path)
    #expect(directory.names == ["file"])
    #expect(receiver.isEmpty)
  }
}

private func environment(adding more: [SystemString]) -> [SystemString] {
  SystemProcess.environment.map { "\($0.key)=\($0.value)" } + more
}
