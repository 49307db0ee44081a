import Basics
import Supervision

/// As whom it runs, and within which limits of the system.
extension DefinitionReader {
  /// The highest number of a user or group; the one above it means "nobody" to chown(2) and the
  /// like.
  private static let highestNumber = 4_294_967_294

  /// A name, or a number, which may also be given as a string.
  func account(_ field: DefinitionField) throws(FieldError) -> String? {
    let allowed = "the name of a \(field.rawValue) or a number from 0 to \(Self.highestNumber)"
    switch try fields.numberOrString(field.rawValue, expected: allowed) {
    case nil:
      return nil
    case .number(let number):
      guard let value = number.whole, (0...Self.highestNumber).contains(value) else {
        throw FieldError.badValue(path(field), number.text, allowed: allowed)
      }
      return "\(value)"
    case .string(let text):
      guard isAccount(text) else {
        throw FieldError.badValue(path(field), quoted(text), allowed: allowed)
      }
      return text
    }
  }

  /// What passwd(5) and group(5) can hold; who has which name is looked up where it starts.
  private func isAccount(_ text: String) -> Bool {
    let bytes = text.utf8
    guard (1...256).contains(bytes.count) else { return false }
    if bytes.allSatisfy(\.isDigit) {
      return Int(text).map { $0 <= Self.highestNumber } ?? false
    }
    return bytes.first != UInt8(ascii: "-")
      && bytes.allSatisfy { byte in
        byte > UInt8(ascii: " ") && byte != 0x7F && byte != UInt8(ascii: ":")
          && byte != UInt8(ascii: "/") && byte != UInt8(ascii: ",")
      }
  }

  func umask() throws(FieldError) -> Int? {
    let name = DefinitionField.umask.rawValue
    let allowed = "1 to 4 octal digits in a string, \"0\" to \"0777\""
    switch try fields.numberOrString(name, expected: allowed) {
    case nil:
      return nil
    case .number(let number):
      // 22 would be taken for octal by some and for decimal by others.
      throw FieldError.badValue(path(.umask), "the number \(number.text)", allowed: allowed)
    case .string(let text):
      let isOctal = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
      guard isOctal, (1...4).contains(text.utf8.count), let mask = Int(text, radix: 8),
        mask <= 0o777
      else { throw FieldError.badValue(path(.umask), quoted(text), allowed: allowed) }
      return mask
    }
  }

  func limits() throws(FieldError) -> ResourceLimits {
    var limits = ResourceLimits()
    guard let fields = try fields.object(DefinitionField.limits.rawValue) else { return limits }
    try refuseUnknown(in: fields, known: ResourceLimits.Resource.allCases.map(\.rawValue))
    for field in ResourceLimits.Resource.allCases {
      limits[field] = try attempt {
        switch field {
        case .openFiles, .processes: try fields.whole(field.rawValue, field.range)
        case .coreBytes, .addressSpaceBytes: try fields.bytes(field.rawValue, field.range)
        case .cpuSeconds: try fields.wholeSeconds(field.rawValue, field.range)
        }
      }
    }
    return limits
  }
}
