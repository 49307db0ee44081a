/// One element of an `Accept` field: `text/plain;version=0.0.4;q=0.5`.
struct MediaRange {
  let type: String
  let quality: Double
  private let version: Substring?

  /// All that can be read in the values of the `Accept` fields of a request.
  static func all(in fields: [String]) -> [MediaRange] {
    fields.flatMap { $0.split(separator: ",") }.compactMap(MediaRange.init)
  }

  /// Nil if its quality is none.
  private init?(_ text: Substring) {
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
