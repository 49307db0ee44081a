package import HTTP

extension Answers {
  /// All metrics, in the text format of Prometheus.
  package static func metrics(
    _ processes: [ProcessMetrics], _ daemon: DaemonMetrics
  ) -> Response {
    // A process has about 50 samples, many of them of its status and its exits.
    let processBytes = processes.reduce(0) { $0 + 50 * (48 + $1.labels.bytes.count) }
    var writer = MetricsWriter(capacity: 32_768 + processBytes)
    writer.daemon(daemon)
    writer.processes(processes)
    return Response(.ok, headers: metricsHeaders, body: writer.bytes)
  }

  private static let metricsHeaders: Headers = {
    var headers = Answers.headers
    headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
    return headers
  }()
}
