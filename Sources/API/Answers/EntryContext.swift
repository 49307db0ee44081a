/// What an entry of `/list` shows beside what the supervisor knows of its process.
package struct EntryContext: Hashable, Sendable {
  /// Where the logs are: `log_file` is `<logDirectory>/<id>.log`.
  package var logDirectory: String
  /// The supervisor's own, for definitions that have none.
  package var workingDirectory: String
  /// What the processes use, by id; of one that is not in here it is not known.
  package var usage: [String: ProcessUsage]

  package init(
    logDirectory: String, workingDirectory: String, usage: [String: ProcessUsage] = [:]
  ) {
    self.logDirectory = logDirectory
    self.workingDirectory = workingDirectory
    self.usage = usage
  }

  /// The directory and a slash as they stand in a JSON string, without its quotes.
  var logPrefix: String {
    var writer = JSONWriter()
    writer.append(contentOf: logDirectory + "/")
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
