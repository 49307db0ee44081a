import Basics

/// The labels of a sample, as they stand between its braces. Those that many samples have are made
/// once: a process has fifty samples, and there may be thousands of processes.
struct MetricLabels {
  private(set) var bytes: [UInt8] = []

  /// One label.
  init(_ name: String, _ text: String) {
    add(name, text)
  }

  /// Adds a label, whose name no other one has. The text may hold anything.
  mutating func add(_ name: String, _ text: String) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
    bytes.append(label: name, text)
  }

  /// These, and one more.
  func adding(_ name: String, _ text: String) -> MetricLabels {
    var labels = self
    labels.add(name, text)
    return labels
  }
}

extension MetricLabels {
  /// Adds what an operator has attached to a process: `label_team` for `team`. A name of a label
  /// has fewer characters than that: each other one becomes `_`, and where two names become one,
  /// the later one gets a number.
  mutating func add(labelsOf process: [String: String]) {
    var taken: Set<String> = []
    for (key, value) in process.sorted(by: { $0.key < $1.key }) {
      let plain = "label_" + String(key.unicodeScalars.map(Self.allowed))
      var name = plain
      var number = 1
      while !taken.insert(name).inserted {
        number += 1
        name = "\(plain)_\(number)"
      }
      add(name, value)
    }
  }

  private static func allowed(_ scalar: Unicode.Scalar) -> Character {
    guard let byte = UInt8(exactly: scalar.value), byte.isLetter || byte.isDigit else { return "_" }
    return Character(scalar)
  }
}

extension [UInt8] {
  /// Adds a label: `status="running"`.
  mutating func append(label name: String, _ text: String) {
    append(contentsOf: name.utf8)
    append(UInt8(ascii: "="))
    append(UInt8(ascii: "\""))
    append(escaping: text, quotes: true)
    append(UInt8(ascii: "\""))
  }

  /// Adds the text of a HELP, or of a label where quotes are escaped as well. Most texts hold
  /// nothing that needs an escape and are copied whole.
  mutating func append(escaping text: String, quotes: Bool) {
    func needsEscape(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\n")
        || (quotes && byte == UInt8(ascii: "\""))
    }
    guard text.utf8.contains(where: needsEscape) else {
      return append(contentsOf: text.utf8)
    }
    for byte in text.utf8 {
      guard needsEscape(byte) else {
        append(byte)
        continue
      }
      append(UInt8(ascii: "\\"))
      append(byte == UInt8(ascii: "\n") ? UInt8(ascii: "n") : byte)
    }
  }
}
