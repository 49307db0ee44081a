/// The lines that the daemon prints once its port is bound.
enum Banner {
  /// - Parameters:
  ///   - host: as it was given.
  ///   - port: the one that is bound, also where `0` was asked for.
  ///   - showsKey: whether the reader is a terminal; the key goes nowhere else.
  static func text(
    host: String, port: UInt16, key: ResolvedKey, showsKey: Bool, logDirectory: String,
    processesFile: String
  ) -> String {
    """
    Process Supervisor starting on port \(port) at \(host)
    API Key: \(showsKey ? key.key : key.origin)
    NOTE: All endpoints except /info and /health require the 'exeio-api-key' header with the above key
    Logs directory: \(logDirectory)
    Config file: \(processesFile)

    """
  }
}
