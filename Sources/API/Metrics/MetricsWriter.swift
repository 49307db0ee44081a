/// Writes metrics in the text format of Prometheus, version 0.0.4: families of samples, each family
/// in one piece with its HELP and TYPE in front.
struct MetricsWriter: ByteWriter {
  /// What the values of a family are.
  enum Kind: String {
    /// Only ever grows, until the counting starts again.
    case counter
    case gauge
  }

  /// The value of a sample.
  enum Value {
    case integer(Int)
    case seconds(Duration)

    static func flag(_ isSet: Bool) -> Value { .integer(isSet ? 1 : 0) }
  }

  private(set) var bytes: [UInt8] = []
  /// The name of the present family.
  private var name = ""

  /// - Parameter capacity: How many bytes it will probably be.
  init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Begins a family: what its samples are called, and what they mean.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    append("# HELP ")
    append(name)
    append(byte: UInt8(ascii: " "))
    bytes.append(escaping: help, quotes: false)
    append("\n# TYPE ")
    append(name)
    append(byte: UInt8(ascii: " "))
    append(kind.rawValue)
    append(byte: UInt8(ascii: "\n"))
  }

  /// A sample without labels.
  mutating func sample(_ value: Value) {
    append(name)
    end(value)
  }

  /// A sample with labels.
  mutating func sample(_ labels: MetricLabels, _ value: Value) {
    append(name)
    append(byte: UInt8(ascii: "{"))
    bytes.append(contentsOf: labels.bytes)
    append(byte: UInt8(ascii: "}"))
    end(value)
  }

  /// A sample with these labels and one more.
  mutating func sample(
    _ labels: MetricLabels, _ label: String, _ text: String, _ value: Value
  ) {
    append(name)
    append(byte: UInt8(ascii: "{"))
    bytes.append(contentsOf: labels.bytes)
    append(byte: UInt8(ascii: ","))
    bytes.append(label: label, text)
    append(byte: UInt8(ascii: "}"))
    end(value)
  }

  mutating func append(byte: UInt8) {
    bytes.append(byte)
  }

  private mutating func append(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func end(_ value: Value) {
    append(byte: UInt8(ascii: " "))
    switch value {
    case .integer(let number): append(decimal: number)
    case .seconds(let duration): append(seconds: duration, decimals: 9)
    }
    append(byte: UInt8(ascii: "\n"))
  }
}
