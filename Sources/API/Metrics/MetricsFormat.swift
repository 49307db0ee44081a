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
    for range in MediaRange.all(in: fields) {
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
