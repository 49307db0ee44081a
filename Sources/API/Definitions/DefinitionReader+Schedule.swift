import Supervision

/// When it runs, where it does not run all the time.
extension DefinitionReader {
  func period(isNeeded: Bool) throws(FieldError) -> Duration? {
    let period = try seconds(
      .period, .milliseconds(100) ... .seconds(31_536_000), bounds: "0.1 to 31536000 (a year)")
    guard period != nil || !isNeeded else {
      throw FieldError(
        "\"period_seconds\" is missing: \"periodic\": true needs a number of seconds "
          + "from 0.1 to 31536000",
        at: path(.period))
    }
    return period
  }

  func schedule(besidePeriodic isPeriodic: Bool) throws(FieldError) -> CronSchedule? {
    let field = DefinitionField.schedule
    guard let text = try string(field, length: 1...1024) else { return nil }
    guard !isPeriodic else {
      throw FieldError(
        "\"schedule\" \(quoted(text)) contradicts \"periodic\": true: give one of the two",
        at: path(field))
    }
    do {
      return try CronSchedule(text)
    } catch {
      throw FieldError(
        "\"\(field.rawValue)\" is \(quoted(text)): \(printable(error.message))", at: path(field))
    }
  }

  func overlap() throws(FieldError) -> Overlap {
    let overlap = try fields.choice(DefinitionField.overlap.rawValue, Overlap.self) ?? .skip
    guard overlap == .skip || fields.has(DefinitionField.schedule.rawValue) else {
      throw FieldError(
        "\"overlap\" is \"\(overlap.rawValue)\", but \"schedule\" is missing: without one, no run is due "
          + "while another goes on",
        at: path(.overlap))
    }
    return overlap
  }

  func runTimeout(isPeriodic: Bool) throws(FieldError) -> Duration? {
    let timeout = try seconds(
      .runTimeout, .milliseconds(100) ... .seconds(31_536_000), bounds: "0.1 to 31536000 (a year)")
    guard timeout == nil || isPeriodic || fields.has(DefinitionField.schedule.rawValue) else {
      throw FieldError(
        "\"run_timeout_seconds\" needs \"schedule\" or \"periodic\": true: "
          + "the run of any other process has no end that it could be late for",
        at: path(.runTimeout))
    }
    return timeout
  }
}
