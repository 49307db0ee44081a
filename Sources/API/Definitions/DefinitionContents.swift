package import Supervision

/// What a file of processes says.
package struct FileDefinitions {
  /// In their order; saved by standing there.
  package let definitions: [ProcessDefinition]
  /// What is said of old names that it uses, a line each.
  package let warnings: [String]
}

/// What a file of processes says as far as it is right, so that what is right can be judged
/// together.
package struct RightDefinitions {
  /// In their order.
  package let definitions: [ProcessDefinition]
  /// The ids of processes in which something is wrong.
  package let wrongIDs: [String]
}

/// What a file of processes holds, in whatever shape that file allows.
protocol DefinitionContents {
  /// Reads the value of the file.
  init(_ value: JSONValue) throws(FieldError)
  var saved: SavedDefinitions { get }
}

extension DefinitionContents {
  private static var whenEmpty: String { "a file without processes holds []" }

  /// What the file says, where nothing is wrong with it. Throws the first thing that is wrong.
  static func read(_ bytes: [UInt8], name: String) throws(JSONFileError) -> FileDefinitions {
    let file = try JSONFile(bytes, name: name, whenEmpty: whenEmpty, Self.init)
    let saved = file.contents.saved
    if let error = file.errors(Array(saved.mistakes.prefix(1))).first { throw error }
    return FileDefinitions(
      definitions: saved.definitions.map(\.saved),
      warnings: saved.warnings.map { "\(name): \($0)" })
  }

  /// What is right in the file; nothing where it cannot be parsed.
  static func right(in bytes: [UInt8], name: String) -> RightDefinitions {
    do throws(JSONFileError) {
      let saved = try JSONFile(bytes, name: name, whenEmpty: whenEmpty, Self.init).contents.saved
      return RightDefinitions(
        definitions: saved.definitions.map(\.saved), wrongIDs: saved.wrongIDs)
    } catch {
      return RightDefinitions(definitions: [], wrongIDs: [])
    }
  }

  /// Everything that is wrong, a line each.
  static func mistakes(in bytes: [UInt8], name: String) -> [String] {
    do throws(JSONFileError) {
      let file = try JSONFile(bytes, name: name, whenEmpty: whenEmpty, Self.init)
      return file.errors(file.contents.saved.mistakes).map(\.description)
    } catch {
      return [error.description]
    }
  }
}
