/// What an entry of `/list` shows beside what the supervisor knows of its process.
package struct EntryContext: Hashable, Sendable {
  /// Where the logs are: `log_file` is `<logDirectory>/<id>.log`.
  package var logDirectory: String
  /// The supervisor's own, for definitions that have none.
  package var workingDirectory: String

  package init(logDirectory: String, workingDirectory: String) {
    self.logDirectory = logDirectory
    self.workingDirectory = workingDirectory
  }

  /// The directory and a slash as they stand in a JSON string, without its quotes.
  var logPrefix: String {
    var writer = JSONWriter()
    writer.append(contentOf: logDirectory + "/")
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
