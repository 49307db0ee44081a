import Basics
import HTTP
import Supervision

/// The routes whose body, or whose query, says what is to be done.
extension Router {
  func added(
    by request: Request, _ subject: inout AuditSubject, _ warnings: inout [String]?
  ) throws(BadRequest) -> Routed {
    let record = try RequestBody.read(request.body, of: .add) {
      (body) throws(FieldError) in try DefinitionRecord(body)
    }
    subject.add("'\(record.definition.id)'")
    warnings = record.warnings
    try check(record.definition)
    return .command(.add(record.definition))
  }

  func updated(
    _ id: String, by request: Request, _ query: QueryReader, _ warnings: inout [String]?
  ) throws(BadRequest) -> Routed {
    if try query.boolean("merge") == true {
      let patch = try RequestBody.read(request.body, of: .update) {
        (body) throws(FieldError) in try MergePatch(body, text: request.body)
      }
      return .merge(id: id, patch, isForced: false)
    }
    let record = try RequestBody.read(request.body, of: .update) {
      (body) throws(FieldError) in try DefinitionRecord(body, id: id)
    }
    warnings = record.warnings
    try check(record.definition)
    return .command(.update(record.definition))
  }

  func scaled(
    _ id: String, by request: Request, _ subject: inout AuditSubject
  ) throws(BadRequest) -> Routed {
    let record = try RequestBody.read(request.body, of: .scale) {
      (body) throws(FieldError) in try ScaleRecord(body, id: id)
    }
    subject.add("to \(record.instances)")
    return .command(.scale(id: id, instances: record.instances))
  }

  func signalled(
    _ id: String, by request: Request, _ subject: inout AuditSubject
  ) throws(BadRequest) -> Routed {
    let record = try RequestBody.read(request.body, of: .signal, SignalRecord.init)
    subject.add("'\(record.signal.name)'")
    return .command(.signal(id: id, record.signal, toGroup: record.toGroup))
  }

  func reloaded(
    _ query: QueryReader, _ subject: inout AuditSubject
  ) throws(BadRequest) -> Routed {
    let isDryRun = try query.boolean("dry_run") ?? false
    if isDryRun { subject.add("(dry run)") }
    return .command(.reload(isDryRun: isDryRun))
  }
}
