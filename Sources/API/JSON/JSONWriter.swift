/// Writes JSON as bytes, value after value; sees to commas and, where it is pretty, to lines.
///
/// A tenth of what `JSONEncoder` takes, which counts where a list of a thousand processes is asked
/// for twice a second.
struct JSONWriter: ByteWriter {
  private(set) var bytes: [UInt8] = []
  private let isPretty: Bool
  private var depth = 0
  /// Whether a value stands before the next one, in the same array or object.
  private var isAfterValue = false
  /// Whether a name and its colon stand before the next value.
  private var isAfterName = false

  /// - Parameters:
  ///   - isPretty: Whether every element begins a line, two spaces deeper than what it is in.
  ///   - capacity: How many bytes it will probably be.
  init(isPretty: Bool = false, capacity: Int = 0) {
    self.isPretty = isPretty
    bytes.reserveCapacity(capacity)
  }

  /// Adds a newline, so that a terminal's next prompt begins a line.
  mutating func endDocument() { bytes.append(UInt8(ascii: "\n")) }

  mutating func beginObject() { begin(UInt8(ascii: "{")) }

  mutating func endObject() { end(UInt8(ascii: "}")) }

  mutating func beginArray() { begin(UInt8(ascii: "[")) }

  mutating func endArray() { end(UInt8(ascii: "]")) }

  /// The name of the next value.
  mutating func name(_ text: String) {
    separate()
    append(escaping: text)
    append(isPretty ? ": " : ":")
    isAfterName = true
  }

  mutating func string(_ text: String) {
    separate()
    append(escaping: text)
  }

  /// A string of bytes that should be UTF-8; what is not becomes U+FFFD.
  mutating func string(_ text: ArraySlice<UInt8>) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    append(contentOf: text)
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func boolean(_ value: Bool) {
    separate()
    append(value ? "true" : "false")
  }

  mutating func null() {
    separate()
    append("null")
  }

  mutating func integer(_ value: Int) {
    separate()
    append(decimal: value)
  }

  mutating func strings(_ values: [String]) {
    beginArray()
    for value in values { string(value) }
    endArray()
  }

  /// The value as `write` writes it, `null` where there is none.
  mutating func optional<Value>(_ value: Value?, _ write: (inout JSONWriter, Value) -> Void) {
    if let value { write(&self, value) } else { null() }
  }

  /// What has to stand before a value or name, and that one stands there now.
  mutating func separate() {
    if isAfterName {
      isAfterName = false
      return
    }
    if isAfterValue { bytes.append(UInt8(ascii: ",")) }
    isAfterValue = true
    if depth > 0 { breakLine() }
  }

  /// Adds JSON as it is.
  mutating func append(_ json: String) {
    bytes.append(contentsOf: json.utf8)
  }

  mutating func append(byte: UInt8) {
    bytes.append(byte)
  }

  mutating func append(_ json: some Collection<UInt8>) {
    bytes.append(contentsOf: json)
  }

  /// Writes two digits over what stands there.
  mutating func set(twoDigits value: Int, at index: Int) {
    bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10)
    bytes[index + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
  }

  private mutating func begin(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    depth += 1
    isAfterValue = false
  }

  private mutating func end(_ bracket: UInt8) {
    depth -= 1
    if isAfterValue { breakLine() }
    bytes.append(bracket)
    isAfterValue = true
  }

  private mutating func breakLine() {
    guard isPretty else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }
}
