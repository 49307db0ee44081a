/// A request that a connection refuses by itself, as far as it came in.
package struct RefusedRequest {
  /// The status to answer with.
  package var status: Status
  /// What is wrong, in a sentence.
  package var message: String
  /// Nil where the request line ended before, or in it.
  package var method: String?
  /// As it stood in the request line; nil if that ended before, or in it.
  package var target: String?
  /// How long its header or body had been coming in.
  package var age: Duration

  /// A request of which nothing is known, unless more is said.
  package init(
    _ status: Status, _ message: String, method: String? = nil, target: String? = nil,
    age: Duration = .zero
  ) {
    self.status = status
    self.message = message
    self.method = method
    self.target = target
    self.age = age
  }

  init(_ refusal: Refusal, _ head: borrowing HeadScanner, age: Duration) {
    func text(_ range: Range<Int>) -> String? {
      range.isEmpty ? nil : String(decoding: head.bytes[range], as: UTF8.self)
    }
    self.init(
      refusal.status, refusal.message, method: text(head.method), target: text(head.target),
      age: age)
  }
}
