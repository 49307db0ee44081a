import Testing

@testable import Logs

/// What is known of lost lines, by value.
@Suite struct LossTallyTests {
  @Test func theFirstLossIsToldAndLaterOnesAreAdded() {
    let losses = LossTally()
    #expect(losses.add(1, because: "disk full"))
    #expect(losses.notice == "1 line was lost: disk full")
    #expect(!losses.add(2, because: nil))
    #expect(losses.notice == "3 lines were lost: disk full")
    losses.note("quota")
    #expect(losses.notice == "3 lines were lost: quota")
  }

  @Test func moreMayBeLostWhileTheNoticeIsWritten() {
    let losses = LossTally()
    _ = losses.add(2, because: "a")
    _ = losses.add(3, because: "b")
    #expect(!losses.wereNoted(2))
    #expect(losses.lines == 3)
    #expect(losses.wereNoted(3))
    #expect(losses.add(1, because: "c"), "the next loss is a first one")
  }

  @Test func anEndIsToldOnlyIfSomethingWasMissing() {
    let losses = LossTally()
    #expect(!losses.end())
    _ = losses.add(1, because: "a")
    #expect(losses.end())
    #expect(!losses.end())
  }

  @Test func linesThatAreNotTakenAreNotedTogether() {
    let losses = LossTally()
    #expect(losses.refuse())
    #expect(!losses.refuse())
    #expect(losses.lines == 0, "they are behind what waits")
    losses.addRefused()
    #expect(losses.notice == "2 lines were lost: too much waits to be written")
    #expect(losses.refuse())
  }

  @Test func allThatWasLostIsCountedWhetherItIsNotedOrNot() {
    let losses = LossTally()
    losses.count(2)
    _ = losses.add(2, because: "a")
    _ = losses.wereNoted(2)
    losses.count(3)
    #expect(losses.total == 5 && losses.lines == 0)
  }
}
