import Supervision

/// What `processes.json` holds: an array of definitions.
struct SavedDefinitions: Decodable {
  let definitions: [ProcessDefinition]

  init(from decoder: any Decoder) throws {
    var array: any UnkeyedDecodingContainer
    do {
      array = try decoder.unkeyedContainer()
    } catch is DecodingError {
      let kind = try JSONKind(from: decoder)
      throw FieldError("must be an array of processes, not \(kind.description)")
    }
    var definitions: [ProcessDefinition] = []
    var indices: [String: Int] = [:]
    while !array.isAtEnd {
      let index = array.currentIndex
      let definition = try array.decode(Element.self).definition(at: index)
      if let first = indices.updateValue(index, forKey: definition.id) {
        throw FieldError(
          "[\(index)] (id \"\(definition.id)\"): \"id\" is the same as that of [\(first)], "
            + "but must be unique")
      }
      definitions.append(definition)
    }
    self.definitions = definitions
  }

  /// One of them, or what is wrong with it: the array knows its index.
  private struct Element: Decodable {
    private let result: Result<ProcessDefinition, FieldError>
    /// What the object gives as its id, whatever the rest of it is.
    private let id: String?

    /// Once each process had its log file written down here; it follows from the id.
    private static let ignored = ["log_file"]

    init(from decoder: any Decoder) throws {
      var id: String?
      do {
        let fields = try FieldReader(decoder, expected: "a process")
        id = try fields.string(DefinitionField.id.rawValue)
        result = .success(
          try DefinitionReader(fields: fields).definition(ignoring: Self.ignored))
      } catch let error as FieldError {
        result = .failure(error)
      }
      self.id = id
    }

    func definition(at index: Int) throws(FieldError) -> ProcessDefinition {
      do {
        return try result.get()
      } catch {
        throw FieldError("[\(index)]\(id.map { " (id \(quoted($0)))" } ?? ""): \(error.message)")
      }
    }
  }
}
