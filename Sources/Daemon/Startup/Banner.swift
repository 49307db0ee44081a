/// The lines that the daemon prints once its port is bound.
enum Banner {
  /// - Parameters:
  ///   - address: where the daemon is reached.
  ///   - showsKey: whether the reader is a terminal; the key goes nowhere else.
  static func text(
    address: ListenAddress, key: ResolvedKey, showsKey: Bool, logDirectory: String,
    processesFile: String
  ) -> String {
    let place =
      if let port = address.port, let host = address.host {
        "on port \(port) at \(host)"
      } else {
        "at \(address.origin)"
      }
    return """
      Process Supervisor starting \(place)
      API Key: \(showsKey ? key.key : key.origin)
      NOTE: All endpoints except /info and /health require the 'exeio-api-key' header with the above key
      Logs directory: \(logDirectory)
      Config file: \(processesFile)

      """
  }
}
