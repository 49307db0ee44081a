/// The body of `POST /scale/{id}`.
struct ScaleRecord {
  let instances: Int

  /// Reads the body of a request for a process.
  init(_ body: JSONValue, id: String) throws(FieldError) {
    let name = DefinitionField.instances.rawValue
    let fields = try FieldReader(body, expected: "the body")
    try fields.refuseUnknown(known: [name])
    guard let instances = try fields.whole(name, Instances.range) else {
      throw FieldError(
        "\"\(name)\" is missing: the number of copies, "
          + "from \(Instances.range.lowerBound) to \(Instances.range.upperBound)",
        at: fields.path(of: name))
    }
    try Instances.check(instances, of: id, path: fields.path(of: name))
    self.instances = instances
  }
}
