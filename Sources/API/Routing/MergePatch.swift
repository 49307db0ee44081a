import Supervision

/// The body of `/update?merge=true`: a JSON merge patch (RFC 7396) of the definition, which changes
/// only the fields that it names. Null gives a field its default.
package struct MergePatch: Hashable, Sendable {
  private var members: [String: JSONValue]
  /// Shares the memory of the request. Its places are looked for only if something is wrong.
  private let text: [UInt8]

  /// The object that the body is.
  ///
  /// - Parameter text: the bytes of the body, with their byte-order mark if they have one.
  init(_ body: JSONValue, text: [UInt8]) throws(FieldError) {
    guard case .object(let members) = body else {
      throw FieldError("the body must be a JSON object, not \(body.kind)", at: .root)
    }
    guard !body.hasVastNumber else {
      throw FieldError("the body has a number beyond all bounds", at: .root)
    }
    self.members = members
    self.text = text
  }

  /// The definition with these changes, read and checked as any other.
  func applied(to definition: ProcessDefinition) throws(BadRequest) -> DefinitionRecord {
    var writer = JSONWriter()
    writer.definition(definition, .all)
    guard case .object(var base) = try RequestBody.read(writer.bytes, of: .update, { $0 }) else {
      preconditionFailure("a definition is written as an object")
    }
    var patch = members
    let warnings = renameOldFields(in: &patch)
    giveWay(in: &base, to: patch)
    var merged = JSONValue.object(base).merged(with: .object(patch))
    // A name that the definition does not have is a mistake, and not one that null would remove.
    if case .object(var result) = merged {
      for name in patch.keys where base[name] == nil { result[name] = result[name] ?? .null }
      merged = .object(result)
    }
    do throws(FieldError) {
      let record = try DefinitionRecord(merged, id: definition.id)
      return DefinitionRecord(definition: record.definition, warnings: warnings)
    } catch {
      throw BadRequest(error, at: place(of: error))
    }
  }

  /// Where in the body a mistake stands; nil for what the saved definition brings.
  private func place(of mistake: FieldError) -> JSONPlace? {
    let text = Array(ByteOrderMark.passedOver(in: text))
    // A field that has an old name in the body was given its new one.
    let oldPaths = DeprecatedField.allCases.compactMap { field -> JSONPath? in
      guard mistake.path.steps.first == .member(field.successor.rawValue) else { return nil }
      return JSONPath(steps: [.member(field.rawValue)] + mistake.path.steps.dropFirst())
    }
    let candidates =
      [mistake] + oldPaths.map { FieldError(mistake.message, at: $0, mistake.part) }
    return JSONPlaceFinder.places(of: candidates, in: text, missing: .nowhere)
      .lazy.compactMap { $0 }.first
  }

  /// Gives the fields that have an old name in the patch their new one. One that has both keeps
  /// both, which are compared as anywhere else.
  private func renameOldFields(in patch: inout [String: JSONValue]) -> [String] {
    var warnings: [String] = []
    for field in DeprecatedField.allCases {
      guard let value = patch[field.rawValue] else { continue }
      warnings.append(field.warning)
      guard value == .null || patch[field.successor.rawValue] == nil else { continue }
      patch[field.rawValue] = nil
      patch[field.successor.rawValue] = patch[field.successor.rawValue] ?? value
    }
    return warnings
  }

  /// Takes away what the patch leaves out and contradicts: a field that is a short form of another
  /// one, and the probe that another probe replaces. The result would be refused otherwise.
  private func giveWay(in base: inout [String: JSONValue], to patch: [String: JSONValue]) {
    let automatic = DefinitionField.autoRestart.rawValue
    let policy = DefinitionField.restartPolicy.rawValue
    switch (patch[automatic], patch[policy]) {
    case (nil, _?): base[automatic] = .null
    case (_?, nil): base[policy] = .null
    case (nil, nil), (_?, _?): break
    }
    let check = DefinitionField.healthCheck.rawValue
    guard case .object(let changes)? = patch[check], case .object(var members)? = base[check],
      DefinitionReader.probes.contains(where: { changes[$0] != nil && changes[$0] != .null })
    else { return }
    for probe in DefinitionReader.probes where changes[probe] == nil { members[probe] = nil }
    base[check] = .object(members)
  }
}
