import Basics

extension FieldReader {
  static let allowedSignals =
    "the name of a signal (\"TERM\", \"SIGINT\") or a number from 1 to 64"

  /// A signal, by its name or its number; a string may hold either.
  func signal(_ name: String) throws(FieldError) -> Signal? {
    switch try numberOrString(name, expected: Self.allowedSignals) {
    case nil:
      return nil
    case .number(let number):
      if let signal = signal(number.whole) { return signal }
      throw FieldError.badValue(path(of: name), number.text, allowed: Self.allowedSignals)
    case .string(let text):
      let isNumber = text.utf8.allSatisfy(\.isDigit)
      if let signal = Signal(name: text) ?? (isNumber ? signal(Int(text)) : nil) { return signal }
      throw FieldError.badValue(path(of: name), quoted(text), allowed: Self.allowedSignals)
    }
  }

  private func signal(_ number: Int?) -> Signal? {
    guard let number, (1...64).contains(number) else { return nil }
    return Signal(number: Int32(number))
  }
}
