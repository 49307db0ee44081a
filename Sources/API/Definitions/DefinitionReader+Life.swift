import Basics
import Supervision

/// When it runs, how it ends and what is kept of it.
extension DefinitionReader {
  /// The policy of `restart_policy`, or of `auto_restart`, which is short for two of the three.
  func restartPolicy() throws(FieldError) -> RestartPolicy {
    let automatic = try fields.boolean(DefinitionField.autoRestart.rawValue)
    let name = DefinitionField.restartPolicy.rawValue
    guard let policy = try fields.choice(name, RestartPolicy.self) else {
      return automatic == true ? .always : .never
    }
    if let automatic, automatic != (policy != .never) {
      throw FieldError(
        "\"auto_restart\" is \(automatic), which contradicts \"restart_policy\" \"\(policy.rawValue)\": "
          + "give one of the two, or \"auto_restart\": \(!automatic)",
        at: path(.autoRestart))
    }
    return policy
  }

  func stopTimeout() throws(FieldError) -> Duration? {
    try seconds(.stopTimeout, .zero ... .seconds(86_400), bounds: "0 to 86400 (a day)")
  }

  func restartDelays() throws(FieldError) -> [Duration]? {
    let name = DefinitionField.restartDelays.rawValue
    return try fields.allSeconds(
      name, count: 1...32, .milliseconds(100) ... .seconds(86_400), bounds: "0.1 to 86400 (a day)")
  }

  func restartReset() throws(FieldError) -> Duration? {
    try seconds(
      .restartReset, .milliseconds(100) ... .seconds(31_536_000), bounds: "0.1 to 31536000 (a year)"
    )
  }

  func startTimeout() throws(FieldError) -> Duration? {
    try seconds(
      .startTimeout, .milliseconds(100) ... .seconds(86_400), bounds: "0.1 to 86400 (a day)")
  }

  func hookTimeout() throws(FieldError) -> Duration? {
    try seconds(
      .hookTimeout, .milliseconds(100) ... .seconds(86_400), bounds: "0.1 to 86400 (a day)")
  }

  func successExitCodes() throws(FieldError) -> [Int32]? {
    let name = DefinitionField.successExitCodes.rawValue
    let expected = "an array of 1 to 256 whole numbers from 0 to 255"
    let each = "a whole number from 0 to 255"
    let numbers = try fields.numbers(name, count: 1...256, expected: expected, each: each)
    guard let numbers else { return nil }
    var codes: [Int32] = []
    for (index, number) in numbers.enumerated() {
      guard let code = number.whole, (0...255).contains(code) else {
        throw FieldError.badValue(
          path(.successExitCodes).element(index), number.text, allowed: each)
      }
      codes.append(Int32(code))
    }
    return codes
  }

  func stopSignal() throws(FieldError) -> Signal? {
    try fields.signal(DefinitionField.stopSignal.rawValue)
  }

  func logMaxBytes() throws(FieldError) -> Int? {
    let field = DefinitionField.logMaxBytes
    guard let value = try bytes(field, 0...1 << 50) else { return nil }
    guard value == 0 || value >= 1024 else {
      let written = try fields.numberOrString(field.rawValue, expected: "")?.text
      throw FieldError.badValue(
        path(field), written ?? "\(value)",
        allowed: "0 (no rotation) or from 1024 to \(1 << 50), or a size from \"1K\" to \"1024T\"")
    }
    return value
  }
}
