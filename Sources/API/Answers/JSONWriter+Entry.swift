import Basics
import Supervision

extension JSONWriter {
  /// An array of entries, in this order.
  mutating func entries(_ entries: [ProcessEntry], _ context: EntryContext) {
    beginArray()
    let logPrefix = context.logPrefix
    // By index: an iterator would copy each entry, which costs as much as a tenth of writing it.
    for index in entries.indices { entry(entries[index], context, logPrefix: logPrefix) }
    endArray()
  }

  mutating func entry(_ entry: ProcessEntry, _ context: EntryContext, logPrefix: String) {
    beginObject()
    members(of: entry, context, logPrefix: logPrefix)
    endObject()
  }

  /// The members of an entry of `/list`, in the order of the contract. Nothing is left out: what is
  /// not known is null.
  ///
  /// This is the one place where speed counts, so names are written in one piece with what is
  /// around them, and ids and the like, which need no escapes, as they are.
  ///
  /// - Parameter logPrefix: `context.logDirectory` and a slash, as they stand in a string.
  mutating func members(of entry: ProcessEntry, _ context: EntryContext, logPrefix: String) {
    separate()
    append(commandOf: entry.definition, context)
    append(stateOf: entry, logPrefix: logPrefix)
    append(periodOf: entry.definition)
    append(#","run_count":"#)
    append(decimal: entry.runCount)
    append(#","restart_count":"#)
    append(decimal: entry.restartCount)
    append(times: entry)
    append(lastExit: entry.lastExit)
    append(error: entry.error)
    append(health: entry.health)
    append(usage: context.usage[entry.definition.id])
    append(policyOf: entry.definition)
    append(dependencies: entry.definition.dependencies)
    append(labels: entry.definition.labels)
    append(
      entry.isReady ? #","is_ready":true,"status_text":"# : #","is_ready":false,"status_text":"#)
    if let text = entry.statusText { append(escaping: text) } else { append("null") }
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

  /// What is executed; leaves a string open.
  private mutating func append(commandOf definition: ProcessDefinition, _ context: EntryContext) {
    append(#""id":""#)
    append(definition.id)
    append(#"","command":""#)
    append(contentOf: definition.execution.command)
    append(definition.execution.arguments.isEmpty ? #"","args":["# : #"","args":[""#)
    for index in definition.execution.arguments.indices {
      if index > 0 { append(#"",""#) }
      append(contentOf: definition.execution.arguments[index])
    }
    append(definition.execution.arguments.isEmpty ? #"],"working_dir":""# : #""],"working_dir":""#)
    append(contentOf: definition.execution.workingDirectory ?? context.workingDirectory)
  }

  /// What the process is doing, and where its log is; begins and leaves a string open.
  private mutating func append(stateOf entry: ProcessEntry, logPrefix: String) {
    append(#"","status":""#)
    append(entry.status.rawValue)
    if let pid = entry.pid {
      append(#"","is_running":true,"pid":"#)
      append(decimal: Int(pid))
      append(#","log_file":""#)
    } else {
      append(#"","is_running":false,"pid":null,"log_file":""#)
    }
    append(logPrefix)
    append(entry.definition.id)
  }

  /// Whether it is restarted, and how often it runs; begins in a string.
  private mutating func append(periodOf definition: ProcessDefinition) {
    append(
      definition.restartPolicy == .never
        ? #".log","auto_restart":false,"periodic":"# : #".log","auto_restart":true,"periodic":"#)
    append(definition.isPeriodic ? #"true,"period_seconds":"# : #"false,"period_seconds":"#)
    if let period = definition.period {
      append(seconds: period, decimals: 9)
    } else {
      append("null")
    }
  }

  private mutating func append(error: String?) {
    if let error {
      append(#","error":"#)
      append(escaping: error)
    } else {
      append(#","error":null"#)
    }
  }

  /// When it is started again, and how many copies of it there are.
  private mutating func append(policyOf definition: ProcessDefinition) {
    append(
      definition.isSaved
        ? #","save_for_next_run":true,"restart_policy":""#
        : #","save_for_next_run":false,"restart_policy":""#)
    append(definition.restartPolicy.rawValue)
    if let schedule = definition.schedule {
      append(#"","schedule":"#)
      append(escaping: schedule.text)
      append(#","instances":"#)
    } else {
      append(#"","schedule":null,"instances":"#)
    }
    append(decimal: definition.instances ?? 1)
  }

  private mutating func append(times entry: ProcessEntry) {
    if let lastRun = entry.lastRun {
      append(#","last_run":"#)
      append(time: lastRun)
    } else {
      append(#","last_run":null"#)
    }
    if let nextRun = entry.nextRun {
      append(#","next_run":"#)
      append(time: nextRun)
    } else {
      append(#","next_run":null"#)
    }
    if let uptime = entry.uptime {
      append(#","uptime_seconds":"#)
      append(seconds: uptime, decimals: 3)
    } else {
      append(#","uptime_seconds":null"#)
    }
  }

  private mutating func append(usage: ProcessUsage?) {
    if let memory = usage?.memoryBytes {
      append(#","memory_bytes":"#)
      append(decimal: memory)
    } else {
      append(#","memory_bytes":null"#)
    }
    if let percent = usage?.cpuPercent {
      append(#","cpu_percent":"#)
      append(tenths: percent)
    } else {
      append(#","cpu_percent":null"#)
    }
  }

  private mutating func append(health: Health) {
    append(#","health":{"status":""#)
    append(health.status.rawValue)
    if let since = health.since {
      append(#"","since":"#)
      append(time: since)
    } else {
      append(#"","since":null"#)
    }
    if let error = health.error {
      append(#","error":"#)
      append(escaping: error)
      append(byte: UInt8(ascii: "}"))
    } else {
      append(#","error":null}"#)
    }
  }

  private mutating func append(dependencies: [Dependency]) {
    append(#","depends_on":["#)
    for index in dependencies.indices {
      append(index > 0 ? #",{"id":""# : #"{"id":""#)
      append(dependencies[index].id.rawValue)
      append(#"","condition":""#)
      append(dependencies[index].condition.rawValue)
      append(#""}"#)
    }
    append(byte: UInt8(ascii: "]"))
  }

  private mutating func append(labels: [String: String]) {
    guard !labels.isEmpty else { return append(#","labels":{}"#) }
    var separator = #","labels":{"#
    for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
      append(separator)
      append(escaping: key)
      append(byte: UInt8(ascii: ":"))
      append(escaping: value)
      separator = ","
    }
    append(byte: UInt8(ascii: "}"))
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
    if let reason = lastExit.reason {
      append(#","reason":""#)
      append(reason.rawValue)
      append(#"","at":"#)
    } else {
      append(#","at":"#)
    }
    append(time: lastExit.at)
    append(byte: UInt8(ascii: "}"))
  }
}
