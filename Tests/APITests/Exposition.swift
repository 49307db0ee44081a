import Testing

/// The text format of Prometheus, read strictly: what the format's grammar does not have is an
/// error, and so is what it only tolerates. Written from the format's description, apart from what
/// is tested.
struct Exposition {
  struct Sample: Hashable {
    var name: String
    var labels: [String: String]
    var value: Double
  }

  struct Family {
    var type: String
    var help: String
    var samples: [Sample] = []
  }

  private(set) var families: [String: Family] = [:]
  /// In the order in which they came.
  private(set) var names: [String] = []

  struct Malformed: Error, CustomStringConvertible {
    var description: String
  }

  /// - Parameter isOpenMetrics: whether it is OpenMetrics 1.0.0, where families are called without
  ///   the suffix of their samples, quotes of a HELP are escaped, and the end is marked.
  init(_ bytes: [UInt8], isOpenMetrics: Bool = false) throws {
    let text = try #require(String(validating: bytes, as: UTF8.self), "not UTF-8")
    guard text.hasSuffix("\n") else { throw Malformed(description: "the last line has no end") }
    var seen: Set<String> = []
    var help: (name: String, text: String)?
    var rest = text.dropLast()
    if isOpenMetrics {
      guard rest.hasSuffix("\n# EOF") else { throw Malformed(description: "no # EOF") }
      rest = rest.dropLast("\n# EOF".count)
    }
    for line in rest.split(separator: "\n", omittingEmptySubsequences: false) {
      if let match = line.wholeMatch(of: #/# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)/#) {
        guard help == nil else { throw Malformed(description: "HELP without TYPE: \(line)") }
        help = (String(match.1), try Self.unescape(match.2, quotes: isOpenMetrics))
      } else if let match = line.wholeMatch(
        of: #/# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|info)/#)
      {
        let name = String(match.1)
        guard isOpenMetrics || match.2 != "info", let text = help?.text, help?.name == name,
          families[name] == nil
        else {
          throw Malformed(description: "TYPE without HELP, or twice: \(line)")
        }
        families[name] = Family(type: String(match.2), help: text)
        names.append(name)
        help = nil
      } else {
        let sample = try Self.sample(line)
        guard help == nil, let family = names.last, isSample(sample.name, of: family, isOpenMetrics)
        else {
          throw Malformed(description: "a sample outside its family: \(line)")
        }
        guard seen.insert("\(sample.name) \(sample.labels.sorted { $0.key < $1.key })").inserted
        else { throw Malformed(description: "the same sample twice: \(line)") }
        families[family]?.samples.append(sample)
      }
    }
    guard help == nil else { throw Malformed(description: "HELP without TYPE at the end") }
  }

  /// The value of a sample; nil where there is none with these labels.
  func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    let family = Self.suffixes.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) }
    let samples = families[name]?.samples ?? family.flatMap { families[$0]?.samples }
    return samples?.first { $0.name == name && $0.labels == labels }?.value
  }

  private static let suffixes = ["_bucket", "_sum", "_count"]

  /// The samples of a histogram have names of their own.
  private func isSample(_ name: String, of family: String, _ isOpenMetrics: Bool) -> Bool {
    let type = families[family]?.type
    if isOpenMetrics, type == "counter" { return name == family + "_total" }
    if type == "info" { return name == family + "_info" }
    guard type == "histogram" else { return name == family }
    return Self.suffixes.contains { name == family + $0 }
  }

  private static func sample(_ line: Substring) throws -> Sample {
    let malformed = Malformed(description: "no sample: \(line)")
    guard
      let match = line.wholeMatch(
        of: #/([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?s:.*))\})? ([+-]?[0-9]+(?:\.[0-9]+)?)/#),
      let value = Double(match.3)
    else { throw malformed }
    var labels: [String: String] = [:]
    var rest = match.2 ?? ""
    if match.2 != nil, rest.isEmpty { throw malformed }
    while !rest.isEmpty {
      guard
        let label = rest.prefixMatch(
          of: #/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\(?s:.))*)"(,(?=[a-zA-Z_])|$)/#),
        labels.updateValue(try unescape(label.2, quotes: true), forKey: String(label.1)) == nil
      else { throw malformed }
      rest = rest[label.range.upperBound...]
    }
    return Sample(name: String(match.1), labels: labels, value: value)
  }

  /// Only a backslash and a line feed have escapes, and in a label a quote.
  private static func unescape(_ text: Substring, quotes: Bool) throws -> String {
    var result = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      guard character == "\\" else {
        result.append(character)
        continue
      }
      switch rest.popFirst() {
      case "\\": result.append("\\")
      case "n": result.append("\n")
      case "\"" where quotes: result.append("\"")
      default: throw Malformed(description: "an unknown escape in: \(text)")
      }
    }
    return result
  }
}
