/// Numbers of bytes and of seconds, plain or in a string with a unit.
extension FieldReader {
  /// A whole number of bytes in a range: `1048576` or `"1M"`.
  func bytes(_ name: String, _ range: ClosedRange<Int>) throws(FieldError) -> Int? {
    let allowed =
      "a whole number from \(range.lowerBound) to \(range.upperBound), or a size from "
      + "\"\(Quantity.text(bytes: range.lowerBound))\" to \"\(Quantity.text(bytes: range.upperBound))\""
    return try quantity(name, allowed: allowed, fault: Quantity.faultOfBytes) { value in
      let bytes =
        switch value {
        case .number(let number): number.whole
        case .string(let text): Quantity.bytes(text)
        }
      return bytes.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A whole number of seconds in a range: `90` or `"90s"`.
  func wholeSeconds(_ name: String, _ range: ClosedRange<Int>) throws(FieldError) -> Int? {
    let allowed =
      "a whole number from \(range.lowerBound) to \(range.upperBound), or a duration from "
      + "\"\(Quantity.text(.seconds(range.lowerBound)))\" to \"\(Quantity.text(.seconds(range.upperBound)))\""
    return try quantity(name, allowed: allowed, fault: Quantity.faultOfDuration) { value in
      switch value {
      case .number(let number):
        return number.whole.flatMap { range.contains($0) ? $0 : nil }
      case .string(let text):
        guard let (seconds, attoseconds) = Quantity.duration(text)?.components, attoseconds == 0,
          range.contains(Int(seconds))
        else { return nil }
        return Int(seconds)
      }
    }
  }

  /// A number of seconds in a range, decimals allowed, or a duration: `90`, `0.5` or `"1m30s"`.
  /// `bounds` says the range of the number in words.
  func seconds(
    _ name: String, _ range: ClosedRange<Duration>, bounds: String
  ) throws(FieldError) -> Duration? {
    let allowed = Self.allowedSeconds(range, bounds: bounds)
    return try quantity(name, allowed: allowed, fault: Quantity.faultOfDuration) {
      Self.seconds($0, in: range)
    }
  }

  /// An array of so many durations, each as ``seconds(_:_:bounds:)`` takes it.
  func allSeconds(
    _ name: String, count: ClosedRange<Int>, _ range: ClosedRange<Duration>, bounds: String
  ) throws(FieldError) -> [Duration]? {
    let allowed = Self.allowedSeconds(range, bounds: bounds)
    let values = try numbersOrStrings(
      name, count: count,
      expected:
        "an array of \(count.lowerBound) to \(count.upperBound) numbers of seconds or durations",
      each: allowed)
    guard let values else { return nil }
    var durations: [Duration] = []
    for (index, value) in values.enumerated() {
      guard let duration = Self.seconds(value, in: range) else {
        throw Self.badQuantity(
          path(of: name).element(index), value, allowed: allowed, fault: Quantity.faultOfDuration)
      }
      durations.append(duration)
    }
    return durations
  }

  private static func allowedSeconds(_ range: ClosedRange<Duration>, bounds: String) -> String {
    "a number of seconds from \(bounds), or a duration from "
      + "\"\(Quantity.text(range.lowerBound))\" to \"\(Quantity.text(range.upperBound))\""
  }

  private static func seconds(
    _ value: NumberOrString, in range: ClosedRange<Duration>
  ) -> Duration? {
    let duration =
      switch value {
      case .number(let number): number.seconds
      case .string(let text): Quantity.duration(text)
      }
    return duration.flatMap { range.contains($0) ? $0 : nil }
  }

  /// What `read` makes of a value; a value of which it makes nothing is refused as it was written.
  private func quantity<Value>(
    _ name: String, allowed: String, fault: (String) -> String?,
    _ read: (NumberOrString) -> Value?
  ) throws(FieldError) -> Value? {
    guard let value = try numberOrString(name, expected: allowed) else { return nil }
    if let result = read(value) { return result }
    throw Self.badQuantity(path(of: name), value, allowed: allowed, fault: fault)
  }

  /// Says beside the range what is wrong with a text: a reader of the range alone may take the
  /// number for too large.
  private static func badQuantity(
    _ path: JSONPath, _ value: NumberOrString, allowed: String, fault: (String) -> String?
  ) -> FieldError {
    guard case .string(let text) = value, let fault = fault(text) else {
      return FieldError.badValue(path, value.text, allowed: allowed)
    }
    return FieldError.badValue(path, value.text, allowed: "\(allowed): \(fault)")
  }
}
