import Supervision

/// When it runs, how it ends and what is kept of it.
extension DefinitionReader {
  /// The policy of `restart_policy`, or of `auto_restart`, which is short for two of the three.
  func restartPolicy() throws -> RestartPolicy {
    let automatic = try fields.boolean(DefinitionField.autoRestart.rawValue)
    let name = DefinitionField.restartPolicy.rawValue
    guard let policy = try fields.choice(name, RestartPolicy.self) else {
      return automatic == true ? .always : .never
    }
    if let automatic, automatic != (policy != .never) {
      throw FieldError(
        "\"auto_restart\" is \(automatic), which contradicts \"restart_policy\" \"\(policy.rawValue)\": "
          + "give one of the two, or \"auto_restart\": \(!automatic)")
    }
    return policy
  }

  func stopTimeout() throws -> Duration? {
    try seconds(.stopTimeout, .zero ... .seconds(86_400), bounds: "0 to 86400 (a day)")
  }

  func restartDelays() throws -> [Duration]? {
    let name = DefinitionField.restartDelays.rawValue
    let each = "a number of seconds from 0.1 to 86400 (a day)"
    let numbers = try fields.numbers(
      name, count: 1...32, expected: "an array of 1 to 32 numbers of seconds", each: each)
    return try numbers?.enumerated().map { index, number in
      guard let delay = number.seconds, (.milliseconds(100) ... .seconds(86_400)).contains(delay)
      else { throw FieldError.badValue("\(name)[\(index)]", number.text, allowed: each) }
      return delay
    }
  }

  func restartReset() throws -> Duration? {
    try seconds(
      .restartReset, .milliseconds(100) ... .seconds(31_536_000), bounds: "0.1 to 31536000 (a year)"
    )
  }

  func successExitCodes() throws -> [Int32]? {
    let name = DefinitionField.successExitCodes.rawValue
    let expected = "an array of 1 to 256 whole numbers from 0 to 255"
    let each = "a whole number from 0 to 255"
    let numbers = try fields.numbers(name, count: 1...256, expected: expected, each: each)
    return try numbers?.enumerated().map { index, number in
      guard let code = number.whole, (0...255).contains(code) else {
        throw FieldError.badValue("\(name)[\(index)]", number.text, allowed: each)
      }
      return Int32(code)
    }
  }

  func stopSignal() throws -> Signal? {
    let name = DefinitionField.stopSignal.rawValue
    let allowed = "the name of a signal (\"TERM\", \"SIGINT\") or a number from 1 to 64"
    switch try fields.numberOrString(name, expected: allowed) {
    case nil:
      return nil
    case .number(let number):
      if let signal = signal(number.whole) { return signal }
      throw FieldError.badValue(name, number.text, allowed: allowed)
    case .string(let text):
      let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      if let signal = Signal(name: text) ?? (isNumber ? signal(Int(text)) : nil) { return signal }
      throw FieldError.badValue(name, quoted(text), allowed: allowed)
    }
  }

  func logMaxBytes() throws -> Int? {
    let field = DefinitionField.logMaxBytes
    let value = try whole(field, 0...1 << 50)
    if let value, (1..<1024).contains(value) {
      throw FieldError.badValue(
        field.rawValue, "\(value)", allowed: "0 (no rotation) or from 1024 to \(1 << 50)")
    }
    return value
  }

  private func signal(_ number: Int?) -> Signal? {
    guard let number, (1...64).contains(number) else { return nil }
    return Signal(number: Int32(number))
  }
}
