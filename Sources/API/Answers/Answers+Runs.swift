import Basics
package import HTTP
package import Supervision

extension Answers {
  /// The last runs of a process, in this order.
  package static func runs(_ runs: [RunRecord], of id: String) -> Response {
    var writer = JSONWriter(capacity: 64 + id.utf8.count + 192 * runs.count)
    writer.beginObject()
    writer.name("success")
    writer.boolean(true)
    writer.name("id")
    writer.string(id)
    writer.name("runs")
    writer.beginArray()
    for run in runs { writer.run(run) }
    writer.endArray()
    writer.endObject()
    return response(.ok, &writer)
  }
}

extension JSONWriter {
  /// One run; what is not known, or not yet, is null.
  fileprivate mutating func run(_ run: RunRecord) {
    beginObject()
    name("number")
    integer(run.number)
    name("start")
    time(run.start)
    name("end")
    optional(run.end) { $0.time($1) }
    name("exit")
    optional(run.status) { $0.exit($1) }
    name("duration_seconds")
    seconds(max(.zero, run.duration), decimals: 3)
    name("reason")
    optional(run.reason) { $0.string($1) }
    endObject()
  }

  private mutating func exit(_ status: ExitStatus) {
    beginObject()
    switch status {
    case .code(let code):
      name("code")
      integer(Int(code))
    case .signal(let signal):
      name("signal")
      string(signal.name)
    }
    endObject()
  }
}
