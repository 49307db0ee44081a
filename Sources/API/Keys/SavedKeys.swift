/// What `keys.json` holds: an array of keys, each of which is right or wrong by itself.
struct SavedKeys: Decodable {
  /// Those that are right.
  let records: [KeyRecord]
  /// What is wrong with the others.
  private(set) var mistakes: [FieldError] = []

  init(from decoder: any Decoder) throws {
    var array: any UnkeyedDecodingContainer
    do {
      array = try decoder.unkeyedContainer()
    } catch is DecodingError {
      let kind = try JSONKind(from: decoder)
      throw FieldError("must be an array of keys, not \(kind.description)")
    }
    var records: [KeyRecord] = []
    var indices: [String: Int] = [:]
    while !array.isAtEnd {
      let index = array.currentIndex
      let element = try array.decode(Element.self)
      do throws(FieldError) {
        let record = try element.record(at: index)
        if let first = indices.updateValue(index, forKey: record.name) {
          throw FieldError(
            "[\(index)] (name \"\(record.name)\"): \"name\" is the same as that of [\(first)], "
              + "but must be unique")
        }
        records.append(record)
      } catch {
        mistakes.append(error)
      }
    }
    self.records = records
  }

  /// One of them, or what is wrong with it: the array knows its index.
  private struct Element: Decodable {
    private let result: Result<KeyRecord, FieldError>

    init(from decoder: any Decoder) throws {
      do {
        result = .success(try KeyRecord(try FieldReader(decoder, expected: "a key")))
      } catch let error as FieldError {
        result = .failure(error)
      }
    }

    func record(at index: Int) throws(FieldError) -> KeyRecord {
      do {
        return try result.get()
      } catch {
        throw FieldError("[\(index)]: \(error.message)")
      }
    }
  }
}
