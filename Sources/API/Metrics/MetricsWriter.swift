/// Writes metrics in the text format of Prometheus, version 0.0.4, or as OpenMetrics: families of
/// samples, each family in one piece with its HELP and TYPE in front. The samples are the same in
/// both.
struct MetricsWriter: ByteWriter {
  /// What the values of a family are.
  enum Kind: String {
    /// Only ever grows, until the counting starts again.
    case counter
    case gauge
    /// Cumulative counts by upper bound.
    case histogram
    /// Always 1, with something in the labels. Only OpenMetrics tells it from a gauge.
    case info
  }

  /// The value of a sample.
  enum Value {
    case integer(Int)
    case seconds(Duration)

    static func flag(_ isSet: Bool) -> Value { .integer(isSet ? 1 : 0) }
  }

  private(set) var bytes: [UInt8] = []
  private let format: MetricsFormat
  /// The name of the present family.
  private var name = ""

  /// - Parameter capacity: How many bytes it will probably be.
  init(_ format: MetricsFormat, capacity: Int = 0) {
    self.format = format
    bytes.reserveCapacity(capacity)
  }

  /// Begins a family: what its samples are called, and what they mean.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    // In OpenMetrics, a family has not the suffix that its samples have.
    let (described, word) =
      switch (format, kind) {
      case (.text, .info): (name[...], Kind.gauge.rawValue)
      case (.openMetrics, .info): (name.dropLast("_info".count), kind.rawValue)
      case (.openMetrics, .counter): (name.dropLast("_total".count), kind.rawValue)
      default: (name[...], kind.rawValue)
      }
    append("# HELP ")
    append(described)
    append(byte: UInt8(ascii: " "))
    bytes.append(escaping: help, quotes: format == .openMetrics)
    append("\n# TYPE ")
    append(described)
    append(byte: UInt8(ascii: " "))
    append(word)
    append(byte: UInt8(ascii: "\n"))
  }

  /// Ends the last family. Nothing comes after it.
  mutating func finish() {
    if format == .openMetrics { append("# EOF\n") }
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

  /// The samples of a histogram: a bucket for each bound, `le`, with all that did not exceed it;
  /// sum and count.
  mutating func sample(_ labels: MetricLabels?, _ histogram: Histogram) {
    var count = 0
    for (index, bucket) in histogram.counts.enumerated() {
      count += bucket
      begin("_bucket", labels, isOpen: true)
      if labels != nil { append(byte: UInt8(ascii: ",")) }
      append("le=\"")
      append(bound: index < histogram.bounds.count ? histogram.bounds[index] : nil)
      append("\"}")
      end(.integer(count))
    }
    begin("_sum", labels)
    end(.seconds(histogram.sum))
    begin("_count", labels)
    end(.integer(count))
  }

  private mutating func begin(_ suffix: String, _ labels: MetricLabels?, isOpen: Bool = false) {
    append(name)
    append(suffix)
    guard labels != nil || isOpen else { return }
    append(byte: UInt8(ascii: "{"))
    if let labels { bytes.append(contentsOf: labels.bytes) }
    if !isOpen { append(byte: UInt8(ascii: "}")) }
  }

  /// As a number that is no integer in any version of the format, or the series of a bucket would
  /// change its name with the version.
  private mutating func append(bound: Duration?) {
    guard let bound else { return append("+Inf") }
    append(seconds: bound, decimals: 9)
    if bound.components.attoseconds == 0 { append(".0") }
  }

  mutating func append(byte: UInt8) {
    bytes.append(byte)
  }

  private mutating func append(_ text: some StringProtocol) {
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
