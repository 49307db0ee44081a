package import HTTP

extension Answers {
  /// All metrics, in the text format of Prometheus.
  package static func metrics(
    _ processes: [ProcessMetrics], _ daemon: DaemonMetrics
  ) -> Response {
    // A process has about 25 samples, most of them of its status.
    var writer = MetricsWriter(
      capacity: 8192 + processes.reduce(0) { $0 + 25 * (56 + $1.id.utf8.count) })
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
