import Supervision
import Testing

struct NotificationTests {
  private func read(_ text: String) -> Notification {
    Notification(message: Array(text.utf8)) ?? said { $0.status = "not taken" }
  }

  private func said(_ change: (inout Notification) -> Void) -> Notification {
    var notification = Notification()
    change(&notification)
    return notification
  }

  @Test func eachLineIsRead() {
    #expect(read("READY=1") == said { $0.isReady = true })
    #expect(read("STOPPING=1\n") == said { $0.isStopping = true })
    #expect(read("WATCHDOG=1") == said { $0.isAlive = true })
    #expect(read("WATCHDOG=trigger") == said { $0.hasFailed = true })
    #expect(read("STATUS=a=b ü") == said { $0.status = "a=b ü" })
    #expect(
      read("MAINPID=1\nREADY=1\nSTATUS=up\n\nFDSTORE=1")
        == said {
          $0.isReady = true
          $0.status = "up"
        })
  }

  @Test(arguments: [
    "", "\n\n", "READY", "READY=0", "READY=1 ", " READY=1", "ready=1", "MAINPID=1", "BARRIER=1",
    "WATCHDOG=2", "\u{0}",
  ])
  func whatMeansNothingIsPassedOver(text: String) {
    #expect(read(text).isEmpty)
  }

  @Test func aStatusIsBoundedAndNoCharacterIsCut() {
    let long = read("STATUS=" + String(repeating: "ü", count: 3000)).status
    #expect(long == String(repeating: "ü", count: Notification.longestStatus / 2))
    #expect(read("STATUS=").status == "")
    #expect(Notification(message: Array("STATUS=a".utf8) + [0xFF])?.status == "a\u{FFFD}")
  }

  @Test(arguments: ["READY=1\0", "READY=1\n\0", "STATUS=up\nREADY=1\0"])
  func theNULThatEndsAStringOfCMayBeThere(text: String) {
    #expect(Notification(message: Array(text.utf8))?.isReady == true)
  }

  @Test(arguments: ["READY=1\0\0", "READY=1\0STATUS=a", "\0READY=1", "READY=1\n\0STATUS=a\0"])
  func aNULAnywhereElseIsNotTaken(text: String) {
    #expect(Notification(message: Array(text.utf8)) == nil)
  }

  @Test func laterMessagesAddToEarlierOnes() {
    var all = read("READY=1\nSTATUS=one")
    all.merge(read("WATCHDOG=1"))
    #expect(all.isReady && all.isAlive && all.status == "one")
    all.merge(read("STATUS=two\nSTOPPING=1"))
    #expect(all.isReady && all.isStopping && all.status == "two")
  }
}
