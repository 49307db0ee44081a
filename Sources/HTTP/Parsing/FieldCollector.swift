/// Gathers the header fields that http-parser reports in pieces.
struct FieldCollector {
  private var bytes: [UInt8] = []
  private var fields: [Headers.Field] = []
  private var isInName = false

  /// What came so far.
  var headers: Headers { Headers(bytes: bytes, fields: fields) }

  /// A name or a piece of one; after a value it begins the next field.
  mutating func appendName(_ piece: UnsafeRawBufferPointer) {
    if !isInName {
      isInName = true
      fields.append(Headers.Field(name: bytes.count..<bytes.count, value: 0..<0))
    }
    bytes.append(contentsOf: piece)
    let start = fields[fields.count - 1].name.lowerBound
    fields[fields.count - 1].name = start..<bytes.count
    fields[fields.count - 1].value = bytes.count..<bytes.count
  }

  /// A value or a piece of one; empty for a field that has none.
  mutating func appendValue(_ piece: UnsafeRawBufferPointer) {
    guard !fields.isEmpty else { return }
    isInName = false
    bytes.append(contentsOf: piece)
    let start = fields[fields.count - 1].value.lowerBound
    fields[fields.count - 1].value = start..<bytes.count
  }
}
