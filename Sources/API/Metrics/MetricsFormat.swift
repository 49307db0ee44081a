/// In which format metrics are written.
package enum MetricsFormat: Hashable, Sendable {
  /// The text format of Prometheus, version 0.0.4.
  case text
  /// OpenMetrics, version 1.0.0.
  case openMetrics

  /// The one that a client would rather have, by its `Accept` fields (RFC 9110, 12.5.1). Text, if
  /// it names neither.
  init(accept fields: [String]) {
    var (openMetrics, text, anyText, anything) = (0.0, 0.0, 0.0, 0.0)
    for range in fields.flatMap({ $0.split(separator: ",") }).compactMap(MediaRange.init) {
      switch range.type {
      case "application/openmetrics-text" where range.hasVersion("1.0.0"):
        openMetrics = max(openMetrics, range.quality)
      case "text/plain" where range.hasVersion("0.0.4"): text = max(text, range.quality)
      case "text/*": anyText = max(anyText, range.quality)
      case "*/*": anything = max(anything, range.quality)
      default: break
      }
    }
    let textQuality = [text, anyText, anything].first { $0 > 0 } ?? 0
    self = openMetrics > 0 && openMetrics >= textQuality ? .openMetrics : .text
  }

  /// The value of the `Content-Type` field.
  var contentType: String {
    switch self {
    case .text: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }
}

/// One element of an `Accept` field: `text/plain;version=0.0.4;q=0.5`.
private struct MediaRange {
  let type: String
  let quality: Double
  private let version: Substring?

  /// Nil where its quality is none.
  init?(_ text: Substring) {
    var quality = 1.0
    var version: Substring?
    let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
    for part in parts.dropFirst() {
      guard let equals = part.firstIndex(of: "=") else { continue }
      let value = part[part.index(after: equals)...]
      switch part[..<equals].lowercased() {
      case "q":
        guard let number = Double(value), (0...1).contains(number) else { return nil }
        quality = number
      case "version": version = value.hasPrefix("\"") ? value.dropFirst().dropLast() : value
      default: break
      }
    }
    type = parts[0].lowercased()
    self.quality = quality
    self.version = version
  }

  /// Whether it asks for that version, or for any.
  func hasVersion(_ version: String) -> Bool { self.version.map { $0 == version } ?? true }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
