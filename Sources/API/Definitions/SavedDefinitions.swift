import Supervision

/// What `processes.json` holds: an array of definitions, each of which is right or wrong by itself.
struct SavedDefinitions: Decodable {
  /// Those that are right.
  private(set) var definitions: [ProcessDefinition] = []
  /// What is wrong with the others, one for each.
  private(set) var mistakes: [FieldError] = []

  init(from decoder: any Decoder) throws {
    var array: any UnkeyedDecodingContainer
    do {
      array = try decoder.unkeyedContainer()
    } catch is DecodingError {
      let kind = try JSONKind(from: decoder)
      throw FieldError("must be an array of processes, not \(kind.description)")
    }
    var indices: [String: Int] = [:]
    while !array.isAtEnd {
      let index = array.currentIndex
      let element = try array.decode(Element.self)
      let definition: ProcessDefinition
      do throws(FieldError) {
        definition = try element.definition(at: index)
      } catch {
        mistakes.append(error)
        continue
      }
      if let first = indices.updateValue(index, forKey: definition.id) {
        let mistake = FieldError(
          "[\(index)] (id \"\(definition.id)\"): \"id\" is the same as that of [\(first)], "
            + "but must be unique")
        mistakes.append(mistake)
        continue
      }
      definitions.append(definition)
    }
  }

  /// All of them; throws where one is wrong.
  func complete() throws(FieldError) -> [ProcessDefinition] {
    if let mistake = mistakes.first { throw mistake }
    return definitions
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
