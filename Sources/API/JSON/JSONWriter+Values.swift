extension JSONWriter {
  mutating func value(_ value: JSONValue) {
    switch value {
    case .null: null()
    case .boolean(let value): boolean(value)
    case .number(let number): raw(number.json)
    case .string(let text): string(text)
    case .array(let elements):
      beginArray()
      for element in elements { self.value(element) }
      endArray()
    case .object(let members):
      beginObject()
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        name(key)
        self.value(value)
      }
      endObject()
    }
  }

  /// A value that is JSON already.
  mutating func raw(_ json: String) {
    separate()
    append(json)
  }

  /// A value that is JSON already.
  mutating func raw(_ json: [UInt8]) {
    separate()
    append(json)
  }
}
