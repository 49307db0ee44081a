/// The body of `POST /scale/{id}`.
struct ScaleRecord: Decodable {
  let instances: Int

  init(from decoder: any Decoder) throws {
    let name = DefinitionField.instances.rawValue
    let fields = try FieldReader(decoder, expected: "the body")
    try fields.refuseUnknown(known: [name])
    guard let instances = try fields.whole(name, Instances.range) else {
      throw FieldError(
        "\"\(name)\" is missing: the number of copies, "
          + "from \(Instances.range.lowerBound) to \(Instances.range.upperBound)")
    }
    if let id = decoder.processID { try Instances.check(instances, of: id, path: name) }
    self.instances = instances
  }
}
