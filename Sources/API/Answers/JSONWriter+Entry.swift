import Supervision

extension JSONWriter {
  /// The members of an entry of `/list`, in the order of the contract. Nothing is left out: what is not
  /// known is null.
  mutating func members(of entry: ProcessEntry, _ context: EntryContext) {
    let definition = entry.definition
    name("id")
    string(definition.id)
    name("command")
    string(definition.command)
    name("args")
    strings(definition.arguments)
    name("working_dir")
    string(definition.workingDirectory ?? context.workingDirectory)
    name("status")
    string(entry.status.rawValue)
    name("is_running")
    boolean(entry.pid != nil)
    name("pid")
    optional(entry.pid) { $0.integer(Int($1)) }
    name("log_file")
    string("\(context.logDirectory)/\(definition.id).log")
    name("auto_restart")
    boolean(definition.restartPolicy != .never)
    name("periodic")
    boolean(definition.isPeriodic)
    name("period_seconds")
    optional(definition.period) { $0.seconds($1) }
    name("run_count")
    integer(entry.runCount)
    name("restart_count")
    integer(entry.restartCount)
    name("last_run")
    optional(entry.lastRun) { $0.time($1) }
    name("next_run")
    optional(entry.nextRun) { $0.time($1) }
    name("uptime_seconds")
    optional(entry.uptime) { $0.milliseconds($1) }
    name("last_exit")
    optional(entry.lastExit) { $0.lastExit($1) }
    name("error")
    optional(entry.error) { $0.string($1) }
    member(Self.health)
    name("save_for_next_run")
    boolean(definition.isSaved)
    name("restart_policy")
    string(definition.restartPolicy.rawValue)
    member(Self.laterFields)
  }

  mutating func outcomes(_ outcomes: [Reply.Outcome]) {
    beginArray()
    for outcome in outcomes {
      beginObject()
      name("id")
      string(outcome.id)
      name("success")
      boolean(outcome.success)
      name("message")
      string(outcome.message)
      endObject()
    }
    endArray()
  }

  private mutating func lastExit(_ exit: ProcessEntry.LastExit) {
    beginObject()
    switch exit.status {
    case .code(let code):
      name("code")
      integer(Int(code))
    case .signal(let signal):
      name("signal")
      string(signal.name)
    }
    name("at")
    time(exit.at)
    endObject()
  }

  /// Adds members as they are.
  private mutating func member(_ json: String) {
    separate()
    append(json)
  }

  /// No process is probed or measured yet.
  private static let health =
    #""health":{"status":"none","since":null,"error":null},"memory_bytes":null,"cpu_percent":null"#

  /// What a definition can't ask for yet, at its default.
  private static let laterFields = #""schedule":null,"instances":1,"depends_on":[],"labels":{}"#
}
