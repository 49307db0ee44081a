import Supervision

extension JSONWriter {
  /// The members of an entry of `/list`, in the order of the contract. Nothing is left out: what is not
  /// known is null.
  ///
  /// This is the one place where speed counts, so names are written in one piece with what is around
  /// them, and ids and the like, which need no escapes, as they are.
  ///
  /// - Parameter logPrefix: `context.logDirectory` and a slash, as they stand in a string.
  mutating func members(
    of entry: ProcessEntry, _ context: EntryContext, logPrefix: ArraySlice<UInt8>
  ) {
    let definition = entry.definition
    separate()
    append(#""id":""#)
    append(definition.id)
    append(#"","command":"#)
    append(escaping: definition.command)
    append(#","args":["#)
    for (index, argument) in definition.arguments.enumerated() {
      if index > 0 { append(byte: UInt8(ascii: ",")) }
      append(escaping: argument)
    }
    append(#"],"working_dir":"#)
    append(escaping: definition.workingDirectory ?? context.workingDirectory)
    append(#","status":""#)
    append(entry.status.rawValue)
    if let pid = entry.pid {
      append(#"","is_running":true,"pid":"#)
      append(decimal: Int(pid))
      append(#","log_file":""#)
    } else {
      append(#"","is_running":false,"pid":null,"log_file":""#)
    }
    append(logPrefix)
    append(definition.id)
    append(
      definition.restartPolicy == .never
        ? #".log","auto_restart":false,"periodic":"# : #".log","auto_restart":true,"periodic":"#)
    append(definition.isPeriodic ? #"true,"period_seconds":"# : #"false,"period_seconds":"#)
    if let period = definition.period { append(seconds: period, decimals: 9) } else { appendNull() }
    append(#","run_count":"#)
    append(decimal: entry.runCount)
    append(#","restart_count":"#)
    append(decimal: entry.restartCount)
    append(times: entry)
    append(lastExit: entry.lastExit)
    if let error = entry.error {
      append(#","error":"#)
      append(escaping: error)
    } else {
      append(#","error":null"#)
    }
    // No process is probed or measured yet.
    append(
      #","health":{"status":"none","since":null,"error":null},"memory_bytes":null,"cpu_percent":null,"#
    )
    append(
      definition.isSaved
        ? #""save_for_next_run":true,"restart_policy":""#
        : #""save_for_next_run":false,"restart_policy":""#)
    append(definition.restartPolicy.rawValue)
    // What a definition can't ask for yet, at its default.
    append(#"","schedule":null,"instances":1,"depends_on":[],"labels":{}"#)
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

  private mutating func append(times entry: ProcessEntry) {
    append(#","last_run":"#)
    if let lastRun = entry.lastRun { append(time: lastRun) } else { appendNull() }
    append(#","next_run":"#)
    if let nextRun = entry.nextRun { append(time: nextRun) } else { appendNull() }
    append(#","uptime_seconds":"#)
    if let uptime = entry.uptime { append(seconds: uptime, decimals: 3) } else { appendNull() }
  }

  private mutating func append(lastExit: ProcessEntry.LastExit?) {
    guard let lastExit else { return append(#","last_exit":null"#) }
    switch lastExit.status {
    case .code(let code):
      append(#","last_exit":{"code":"#)
      append(decimal: Int(code))
    case .signal(let signal):
      append(#","last_exit":{"signal":"#)
      append(escaping: signal.name)
    }
    append(#","at":"#)
    append(time: lastExit.at)
    append(byte: UInt8(ascii: "}"))
  }

  private mutating func appendNull() {
    append("null")
  }
}
