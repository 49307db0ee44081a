import UV

/// Keeps `run-state` true: a line appended at each start and end, the whole made anew when most of it is
/// about runs that ended.
final class RunStateJournal {
  private let file: AppendFile
  private let bootID: String
  private var runs: [Int32: RunState.Run] = [:]
  private var lineCount = 0
  /// Called once for each row of failures: the disk refused a line.
  private let onFailure: (UVError) -> Void
  private var hasFailed = false

  /// Starts a journal at `path` with nothing but these runs of an earlier supervisor in it.
  /// Throws where it cannot be written.
  init(
    path: String, bootID: String, keeping old: [RunState.Run],
    onFailure: @escaping (UVError) -> Void
  ) throws(UVError) {
    file = try AppendFile(path: path, mode: 0o600)
    self.bootID = bootID
    self.onFailure = onFailure
    for run in old { runs[run.pid] = run }
    try rewrite()
  }

  func began(_ run: RunState.Run) {
    runs[run.pid] = run
    append(run.line)
  }

  func ended(pid: Int32) {
    guard runs.removeValue(forKey: pid) != nil else { return }
    append(RunState.endLine(pid: pid))
  }

  func close() {
    file.close()
  }

  private func append(_ line: String) {
    do throws(UVError) {
      // After a failure the file may end in half a line: only a whole new one is sure.
      if hasFailed || lineCount > 1000 + 4 * runs.count {
        try rewrite()
      } else {
        try file.append(Array(line.utf8))
        lineCount += 1
      }
      hasFailed = false
    } catch {
      if !hasFailed { onFailure(error) }
      hasFailed = true
    }
  }

  private func rewrite() throws(UVError) {
    var text = RunState.header(bootID: bootID)
    for run in runs.values { text += run.line }
    try file.replaceContents(Array(text.utf8))
    lineCount = runs.count
  }
}
