extension Headers: RandomAccessCollection {
  /// The position of the first field.
  package var startIndex: Int { 0 }
  /// How many fields there are.
  package var endIndex: Int { fields.count }

  /// The field at that position, 0 being the first that came or was added.
  package subscript(position: Int) -> (name: String, value: String) {
    let field = fields[position]
    return (
      String(decoding: bytes[field.name], as: UTF8.self),
      String(decoding: bytes[field.value], as: UTF8.self)
    )
  }
}

extension Headers: ExpressibleByDictionaryLiteral {
  /// The given names and values, in that order; rules as in `add`.
  package init(dictionaryLiteral elements: (String, String)...) {
    self.init(elements)
  }
}

extension Headers: Equatable {
  /// The same names, without regard to case, and values in the same order.
  package static func == (left: Headers, right: Headers) -> Bool {
    left.elementsEqual(right) {
      $0.value == $1.value && $0.name.lowercased() == $1.name.lowercased()
    }
  }
}
