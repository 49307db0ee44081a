import Supervision

/// How its health is found out.
extension DefinitionReader {
  static let probes = ["http", "tcp", "command"]

  private static let healthFields =
    probes + [
      "interval_seconds", "timeout_seconds", "retries", "start_period_seconds", "on_failure",
    ]

  func healthCheck() throws(FieldError) -> HealthCheck? {
    let name = DefinitionField.healthCheck.rawValue
    guard let fields = try fields.object(name) else { return nil }
    try refuseUnknown(in: fields, known: Self.healthFields)
    var check = HealthCheck(try attempt { try probe(fields) } ?? .command([]))
    let times = Duration.milliseconds(100) ... .seconds(86_400)
    let bounds = "0.1 to 86400 (a day)"
    try attempt {
      check.interval =
        try fields.seconds("interval_seconds", times, bounds: bounds) ?? check.interval
    }
    try attempt {
      check.timeout = try fields.seconds("timeout_seconds", times, bounds: bounds) ?? check.timeout
    }
    try attempt { check.retries = try fields.whole("retries", 1...1_000) ?? check.retries }
    try attempt {
      check.startPeriod =
        try fields.seconds(
          "start_period_seconds", .zero ... .seconds(86_400), bounds: "0 to 86400 (a day)")
        ?? check.startPeriod
    }
    try attempt {
      check.onFailure =
        try fields.choice("on_failure", HealthCheck.OnFailure.self) ?? check.onFailure
    }
    return check
  }

  /// The one thing that is to be tried.
  private func probe(_ fields: FieldReader) throws(FieldError) -> HealthCheck.Probe {
    let http = try fields.string("http", length: 1...2048)
    let tcp = try fields.string("tcp", length: 1...512)
    let command = try fields.command("command")
    switch (http, tcp, command) {
    case (let url?, nil, nil):
      try check(url: url, path: fields.path(of: "http"))
      return .http(url)
    case (nil, let address?, nil):
      guard ProbeTarget(tcp: address) != nil else {
        throw refusal(
          fields.path(of: "tcp"), address,
          allowed: "host:port, an IPv6 address in brackets, and a port from 1 to 65535",
          AddressAdvice.tcp(address))
      }
      return .tcp(address)
    case (nil, nil, let command?):
      return .command(command)
    case (nil, nil, nil):
      throw FieldError(
        "\"\(path(.healthCheck))\" has none of \"http\", \"tcp\" and \"command\", but needs one",
        at: path(.healthCheck))
    default:
      let given = [
        http.map { _ in "http" }, tcp.map { _ in "tcp" }, command.map { _ in "command" },
      ]
      .compactMap { $0 }.map { "\"\($0)\"" }.joined(separator: " and ")
      throw FieldError(
        "\"\(path(.healthCheck))\" has \(given), but may have only one of them",
        at: path(.healthCheck))
    }
  }

  private func check(url: String, path: JSONPath) throws(FieldError) {
    // What stands in a request line: nothing but what is visible in ASCII, and nothing after a '#'.
    let isSent = url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
    guard !isSent || ProbeTarget(http: url) == nil else { return }
    throw refusal(
      path, url, allowed: "an http:// URL, such as \"http://127.0.0.1:8000/health\"",
      AddressAdvice.url(url))
  }

  private func refusal(
    _ path: JSONPath, _ address: String, allowed: String, _ advice: String?
  ) -> FieldError {
    let isSecret = AddressAdvice.hasPassword(address)
    let shown = isSecret ? "an address with a password" : quoted(address)
    let advice = isSecret ? "leave out the user and the password" : advice
    return FieldError.badValue(path, shown, allowed: allowed + (advice.map { ": \($0)" } ?? ""))
  }
}
