import Glibc
import TestSupport
import Testing
import UV

struct NotifySocketTests {
  private let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  @Test func aMessageArrivesAtAPathAsItIs() throws {
    let receiver = try NotifyReceiver(directory.file("notify"))
    try NotifySocket(receiver.name).send("READY=1\nSTATUS=ümläut")
    #expect(try receiver.receive() == "READY=1\nSTATUS=ümläut")
  }

  @Test func aMessageArrivesAtAnAbstractName() throws {
    let name = "@exeio-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let receiver = try NotifyReceiver(name)
    try NotifySocket(name).send("READY=1")
    #expect(try receiver.receive() == "READY=1")
  }

  @Test(arguments: ["relative/path", "vsock:2:1234", "/", "@", ""])
  func anotherFormIsRefusedByName(name: String) {
    #expect(throws: NotifySocket.Failure.form(name)) { try NotifySocket(name) }
    #expect("\(NotifySocket.Failure.form(name))".contains("'\(name)'"))
  }

  @Test func aNameMayFillTheAddressAndNoMore() throws {
    // A path ends in a NUL, an abstract name begins with one in the place of its @.
    for (first, room) in [("/", 106), ("@", 107)] {
      _ = try NotifySocket(first + String(repeating: "x", count: room))
      let long = first + String(repeating: "x", count: room + 1)
      #expect(throws: NotifySocket.Failure.form(long)) { try NotifySocket(long) }
    }
  }

  @Test func aReceiverThatDoesNotReadIsNotWaitedFor() throws {
    let receiver = try NotifyReceiver(directory.file("notify"))
    let socket = try NotifySocket(receiver.name)
    var sent = 0
    #expect {
      for _ in 0..<1_000_000 {
        try socket.send("\(sent)")
        sent += 1
      }
    } throws: {
      ($0 as? UVError)?.code == .wouldBlock
    }
    for number in 0..<sent { #expect(try receiver.receive() == "\(number)") }
    try socket.send("again")
    #expect(try receiver.receive() == "again")
  }

  @Test func aReceiverThatIsGoneIsAnErrorAndOneThatCameBackIsFound() throws {
    let path = directory.file("notify")
    let socket = try NotifySocket(path)
    #expect(throws: UVError(code: -ENOENT, operation: "tell", subject: path)) {
      try socket.send("READY=1")
    }
    for _ in 0..<2 {
      let receiver = try NotifyReceiver(path)
      try socket.send("READY=1")
      #expect(try receiver.receive() == "READY=1")
    }
  }
}
