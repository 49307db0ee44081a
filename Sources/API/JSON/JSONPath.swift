/// The member names and indices that lead from the whole of a JSON text to one value in it.
struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  /// One level deeper.
  enum Step: Hashable, Sendable {
    case member(String)
    /// From 0.
    case element(Int)
  }

  private(set) var steps: [Step]

  /// The path of the whole text.
  static let root = JSONPath(steps: [])

  init(steps: [Step]) {
    self.steps = steps
  }

  func member(_ name: String) -> JSONPath { JSONPath(steps: steps + [.member(name)]) }

  func element(_ index: Int) -> JSONPath { JSONPath(steps: steps + [.element(index)]) }

  /// The same path in a text that holds the value as an element of an array.
  func within(element index: Int) -> JSONPath { JSONPath(steps: [.element(index)] + steps) }

  /// What messages call the value: `args`, `limits.open_files`, `depends_on[1].id`. Names are
  /// shortened.
  var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .member(let name): text += text.isEmpty ? shortened(name) : ".\(shortened(name))"
      case .element(let index): text += "[\(index)]"
      }
    }
    return text
  }
}
