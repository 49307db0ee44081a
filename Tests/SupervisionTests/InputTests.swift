import Supervision
import Testing

@Suite struct InputTests {
  private func refusal(_ count: Int, closed: Bool = false, waiting: Int = 0) -> String? {
    StandardInput(isClosed: closed, waitingBytes: waiting).refusal(of: count, to: "web")
  }

  @Test func onlyAnOpenInputOfALeaderThatIsAliveIsWrittenTo() {
    #expect(refusal(5) == nil)
    #expect(refusal(5, closed: true) == "the input of process 'web' is closed")
    #expect(refusal(0, closed: true) == "the input of process 'web' is closed")
    #expect(StandardInput.refusal(withoutLeaderOf: "web") == "process 'web' is not running")
  }

  @Test func whatAProcessDoesNotReadIsBounded() {
    let most = 1 << 20
    #expect(refusal(most - 10, waiting: 10) == nil)
    #expect(
      refusal(most - 9, waiting: 10) == "process 'web' does not read its input: 10 bytes wait")
    #expect(refusal(0, waiting: 2 * most) == nil, "it can be closed")
    #expect(refusal(2 * most) == nil, "one request is not torn apart")
  }
}
