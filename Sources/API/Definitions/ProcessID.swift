import Basics

/// What may name a process. It becomes a part of file names, so nothing else gets that far.
package enum ProcessID {
  /// The name of the supervisor's own log, in paths and in the API; no process may have it.
  package static let reserved = "exeio"

  static let allowed = "1 to 128 of A-Z a-z 0-9 . _ - and not begin with . or -"

  /// Whether the text has the form of an id; the reserved one has it too.
  package static func isValid(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, bytes.count <= 128 else { return false }
    return first != UInt8(ascii: ".") && first != UInt8(ascii: "-") && bytes.allSatisfy(isAllowed)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: byte.isLetter || byte.isDigit
    }
  }
}
