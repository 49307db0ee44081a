/// What `keys.json` holds: an array of keys, each of which is right or wrong by itself.
struct SavedKeys {
  /// Those that are right.
  let records: [KeyRecord]
  /// What is wrong with the others.
  private(set) var mistakes: [FieldError] = []

  init(_ value: JSONValue) throws(FieldError) {
    guard case .array(let array) = value else {
      throw FieldError("must be an array of keys, not \(value.kind)", at: .root)
    }
    var records: [KeyRecord] = []
    var indices: [String: Int] = [:]
    for (index, value) in array.enumerated() {
      do throws(FieldError) {
        let record = try Self.record(value, at: index)
        if let first = indices.updateValue(index, forKey: record.name) {
          let mistake = FieldError(
            "\"name\" is the same as that of [\(first)], but must be unique",
            at: JSONPath.root.member(KeyRecord.Field.name.rawValue))
          throw mistake.within(element: index, title: "[\(index)] (name \"\(record.name)\")")
        }
        records.append(record)
      } catch {
        mistakes.append(error)
      }
    }
    self.records = records
  }

  /// One of them.
  private static func record(_ value: JSONValue, at index: Int) throws(FieldError) -> KeyRecord {
    do throws(FieldError) {
      return try KeyRecord(try FieldReader(value, expected: "a key"))
    } catch {
      throw error.within(element: index, title: "[\(index)]")
    }
  }
}
