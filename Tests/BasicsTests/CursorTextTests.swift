import Basics
import Testing

struct CursorTextTests {
  @Test(
    arguments: [
      ("7f3a91c2-48211", 0x7f3a_91c2, 48_211), ("00000000-0", 0, 0), ("FFFFFFFF-1", 0xFFFF_FFFF, 1),
      ("0", nil, 0), ("048211", nil, 48_211), ("9007199254740992", nil, 1 << 53),
    ] as [(String, UInt32?, Int)])
  func aCursorOrANumberIsRead(text: String, epoch: UInt32?, number: Int) {
    #expect(LogCursor(text) == LogCursor(epoch: epoch, number: number))
  }

  @Test(arguments: [
    "", "-", "-1", "7f3a91c2-", "7f3a91c-1", "7f3a91c22-1", "7f3a91cg-1", "+7f3a91c-1",
    "7f3a91c2-1-1", "7f3a91c2-+1", "7f3a91c2--1", "+1", " 1", "1 ", "1.0", "9007199254740993",
    "99999999999999999999", "7f3a91c2-9007199254740993", "start",
  ])
  func allElseIsRefused(text: String) {
    #expect(LogCursor(text) == nil)
  }

  @Test func itIsShownAsItIsRead() {
    #expect("\(LogCursor(epoch: 0xab, number: 7))" == "000000ab-7")
    #expect("\(LogCursor(epoch: nil, number: 7))" == "7")
  }
}
