import Supervision

/// What `processes.json` holds: an array of definitions, each of which is right or wrong by itself.
struct SavedDefinitions: DefinitionContents {
  /// Those that are right.
  private(set) var definitions: [ProcessDefinition] = []
  /// Everything that is wrong with the others.
  private(set) var mistakes: [FieldError] = []
  /// The ids that the others give.
  private(set) var wrongIDs: [String] = []
  /// What is said of old names that are used.
  private(set) var warnings: [String] = []

  /// The only process of a file without an array.
  init(only value: JSONValue) {
    let element = Element(value)
    if let definition = element.definition {
      definitions = [definition]
    } else if let id = element.id {
      wrongIDs = [id]
    }
    mistakes = element.mistakes
    warnings = element.warnings
  }

  init(_ value: JSONValue) throws(FieldError) {
    guard case .array(let array) = value else {
      throw FieldError("must be an array of processes, not \(value.kind)", at: .root)
    }
    var indices: [String: Int] = [:]
    for (index, value) in array.enumerated() {
      let element = Element(value)
      mistakes += element.mistakes(at: index)
      if let id = element.id, let first = indices.updateValue(index, forKey: id) {
        let mistake = FieldError(
          "\"id\" is the same as that of [\(first)], but must be unique",
          at: JSONPath.root.member(DefinitionField.id.rawValue))
        mistakes.append(mistake.within(element: index, title: element.title(at: index)))
        continue
      }
      guard let definition = element.definition else {
        if let id = element.id { wrongIDs.append(id) }
        continue
      }
      definitions.append(definition)
      warnings += element.warnings.map { "\(element.title(at: index)): \($0)" }
    }
  }

  var saved: SavedDefinitions { self }

  /// One of them, or what is wrong with it: the array knows its index.
  private struct Element {
    /// Nil where something is wrong.
    private(set) var definition: ProcessDefinition?
    private(set) var mistakes: [FieldError] = []
    private(set) var warnings: [String] = []
    /// What the object gives as its id, whatever the rest of it is.
    private(set) var id: String?

    /// Once each process had its log file written down here; it follows from the id.
    private static let ignored = ["log_file"]

    init(_ value: JSONValue) {
      do throws(FieldError) {
        let fields = try FieldReader(value, expected: "a process")
        let reader = DefinitionReader(fields: fields)
        do throws(FieldError) {
          definition = try reader.definition(ignoring: Self.ignored)
          warnings = reader.warnings()
        } catch {
          mistakes = reader.mistakes(ignoring: Self.ignored)
        }
        id = try fields.string(DefinitionField.id.rawValue)
      } catch {
        // No object, or an id that is no string and has been noted.
        if mistakes.isEmpty { mistakes = [error] }
      }
    }

    func mistakes(at index: Int) -> [FieldError] {
      mistakes.map { $0.within(element: index, title: title(at: index)) }
    }

    /// What messages call it: `[2] (id "web")`.
    func title(at index: Int) -> String { "[\(index)]\(id.map { " (id \(quoted($0)))" } ?? "")" }
  }
}
