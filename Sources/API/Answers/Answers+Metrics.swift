package import HTTP

extension Answers {
  /// All metrics, in the format that the client would rather have.
  package static func metrics(
    _ processes: [ProcessMetrics], _ daemon: DaemonMetrics, _ format: MetricsFormat
  ) -> Response {
    // A process has about 50 samples, many of them of its status and its exits.
    let processBytes = processes.reduce(0) { $0 + 50 * (48 + $1.labels.bytes.count) }
    var writer = MetricsWriter(format, capacity: 32_768 + processBytes)
    writer.daemon(daemon)
    writer.processes(processes)
    writer.finish()
    var headers = Answers.headers
    headers.set("Content-Type", format.contentType)
    headers.add("Vary", "Accept")
    return Response(.ok, headers: headers, body: writer.bytes)
  }
}
