/// Finds where in a JSON text the things stand that are wrong.
///
/// The text is scanned a second time for that, which costs nothing where nothing is wrong: values
/// that carried their places would need more memory, in each definition and in each request body.
struct JSONPlaceFinder {
  private var scanner: JSONScanner
  /// By the index of the mistake, in bytes from the beginning of the text.
  private var offsets: [Int?]

  /// Where the value of a member stands that the text does not have.
  enum Missing {
    /// Where the object begins that lacks it.
    case atObject
    /// Nowhere: the value comes from another source than this text.
    case nowhere
  }

  /// The places of all mistakes, found in one walk through the text.
  ///
  /// - Parameter text: the text in which the mistakes were found, so it is JSON.
  static func places(
    of mistakes: [FieldError], in text: [UInt8], missing: Missing = .atObject
  ) -> [JSONPlace?] {
    guard !mistakes.isEmpty else { return [] }
    var wanted = Wanted()
    for (index, mistake) in mistakes.enumerated() {
      wanted.insert(index, mistake.path.steps[...], mistake.part, missing)
    }
    var finder = JSONPlaceFinder(
      scanner: JSONScanner(text), offsets: Array(repeating: nil, count: mistakes.count))
    do throws(JSONSyntaxError) {
      try finder.value(wanted)
    } catch {
      preconditionFailure("a text in which fields were read is not JSON: \(error)")
    }
    return JSONPlace.all(of: finder.offsets, in: text)
  }

  /// The place of one mistake.
  static func place(
    of mistake: FieldError, in text: [UInt8], missing: Missing = .atObject
  ) -> JSONPlace? {
    places(of: [mistake], in: text, missing: missing)[0]
  }

  private mutating func value(_ wanted: Wanted?) throws(JSONSyntaxError) {
    scanner.skipWhiteSpace()
    note(scanner.index, for: wanted?.values)
    switch scanner.peek() {
    case UInt8(ascii: "{"): try members(wanted)
    case UInt8(ascii: "["): try elements(wanted)
    case UInt8(ascii: "\""): _ = try scanner.string()
    default: scanner.skipScalar()
    }
    scanner.skipWhiteSpace()
  }

  private mutating func members(_ wanted: Wanted?) throws(JSONSyntaxError) {
    scanner.index += 1
    scanner.skipWhiteSpace()
    if scanner.skip(UInt8(ascii: "}")) { return }
    repeat {
      scanner.skipWhiteSpace()
      let start = scanner.index
      let name = try scanner.string()
      var inner: Wanted?
      if let wanted, !wanted.members.isEmpty { inner = wanted.members[scanner.text(of: name)] }
      note(start, for: inner?.names)
      scanner.skipWhiteSpace()
      _ = scanner.skip(UInt8(ascii: ":"))
      try value(inner)
    } while scanner.skip(UInt8(ascii: ","))
    _ = scanner.skip(UInt8(ascii: "}"))
  }

  private mutating func elements(_ wanted: Wanted?) throws(JSONSyntaxError) {
    scanner.index += 1
    scanner.skipWhiteSpace()
    if scanner.skip(UInt8(ascii: "]")) { return }
    var index = 0
    repeat {
      try value(wanted?.elements[index])
      index += 1
    } while scanner.skip(UInt8(ascii: ","))
    _ = scanner.skip(UInt8(ascii: "]"))
  }

  private mutating func note(_ offset: Int, for mistakes: [Int]?) {
    for mistake in mistakes ?? [] { offsets[mistake] = offset }
  }
}

/// The mistakes in a value and in what it holds, by their indices.
private struct Wanted {
  /// Those that stand where the name of the value does.
  private(set) var names: [Int] = []
  /// Those that stand where the value begins, unless one of its members or elements is the place.
  private(set) var values: [Int] = []
  private(set) var members: [String: Wanted] = [:]
  private(set) var elements: [Int: Wanted] = [:]

  mutating func insert(
    _ mistake: Int, _ steps: ArraySlice<JSONPath.Step>, _ part: FieldError.Part,
    _ missing: JSONPlaceFinder.Missing
  ) {
    guard let step = steps.first else {
      switch part {
      case .name: names.append(mistake)
      case .value: values.append(mistake)
      }
      return
    }
    if missing == .atObject { values.append(mistake) }
    switch step {
    case .member(let name):
      members[name, default: Wanted()].insert(mistake, steps.dropFirst(), part, missing)
    case .element(let index):
      elements[index, default: Wanted()].insert(mistake, steps.dropFirst(), part, missing)
    }
  }
}
