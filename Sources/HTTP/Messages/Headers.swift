import Basics

/// The header fields of a message, in order. Names are compared without regard to case.
///
/// All names and values lie in one byte buffer, as they came; a `String` is made only of what is
/// asked for, since most requests carry many fields of which a handler reads one or two.
package struct Headers: Sendable {
  /// Where one field's name and value lie in `bytes`.
  struct Field {
    var name: Range<Int>
    var value: Range<Int>
  }

  var bytes: [UInt8]
  var fields: [Field]

  /// No fields.
  package init() {
    self.bytes = []
    self.fields = []
  }

  /// Fields that a parser has found, and checked, in `bytes`.
  init(bytes: [UInt8], fields: [Field]) {
    self.bytes = bytes
    self.fields = fields
  }

  /// The given names and values, in that order.
  package init(_ pairs: [(String, String)]) {
    self.init()
    for (name, value) in pairs { add(name, value) }
  }

  /// The value of the first field of that name, nil when there is none.
  package subscript(name: String) -> String? {
    guard let field = fields.first(where: { matches($0, name) }) else { return nil }
    return String(decoding: bytes[field.value], as: UTF8.self)
  }

  /// Whether there is a field of that name, its value perhaps empty.
  package func contains(_ name: String) -> Bool {
    fields.contains { matches($0, name) }
  }

  /// The values of all fields of that name, in order.
  package func values(_ name: String) -> [String] {
    fields.filter { matches($0, name) }.map { String(decoding: bytes[$0.value], as: UTF8.self) }
  }

  /// Adds a field after the others. The name must be a token (RFC 9110, 5.6.2); a control
  /// character in the value becomes a blank, so that no value can end its line and begin another.
  package mutating func add(_ name: String, _ value: String) {
    precondition(
      !name.isEmpty && name.utf8.allSatisfy(\.isTokenCharacter), "'\(name)' is no field name")
    let nameStart = bytes.count
    bytes.append(contentsOf: name.utf8)
    let nameEnd = bytes.count
    let valueRange = bytes.appendFieldValue(value)
    fields.append(Field(name: nameStart..<nameEnd, value: valueRange))
  }

  /// Gives the first field of that name this value and removes the others; adds it when there is
  /// none. Rules for name and value as in `add`.
  package mutating func set(_ name: String, _ value: String) {
    guard let first = fields.firstIndex(where: { matches($0, name) }) else {
      add(name, value)
      return
    }
    fields[first].value = bytes.appendFieldValue(value)
    for index in fields.indices.reversed() where index > first && matches(fields[index], name) {
      fields.remove(at: index)
    }
  }

  private func matches(_ field: Field, _ name: String) -> Bool {
    let candidate = name.utf8
    guard field.name.count == candidate.count else { return false }
    var position = field.name.lowerBound
    for byte in candidate {
      if bytes[position].lowercased != byte.lowercased { return false }
      position += 1
    }
    return true
  }
}

extension [UInt8] {
  /// Appends the text with a blank for each control character, so that it stays one field value;
  /// returns where it lies.
  @discardableResult mutating func appendFieldValue(_ text: String) -> Range<Int> {
    let start = count
    append(contentsOf: text.utf8)
    for index in start..<count where !self[index].isFieldValueCharacter {
      self[index] = .space
    }
    return start..<count
  }
}
