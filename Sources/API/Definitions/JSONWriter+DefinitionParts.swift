import Basics
import Supervision

/// The values of a definition that are made of several.
extension JSONWriter {
  mutating func integers(_ values: [Int32]) {
    beginArray()
    for value in values { integer(Int(value)) }
    endArray()
  }

  mutating func allSeconds(_ values: [Duration]) {
    beginArray()
    for value in values { seconds(value) }
    endArray()
  }

  /// The bits of umask(2), as people write them.
  mutating func octal(_ value: Int) {
    let digits = String(value, radix: 8)
    string(String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits)
  }

  mutating func stringsByName(_ values: [String: String]) {
    beginObject()
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      name(key)
      string(value)
    }
    endObject()
  }

  mutating func limits(_ limits: ResourceLimits) {
    beginObject()
    for field in ResourceLimits.Resource.allCases {
      guard let value = limits[field] else { continue }
      name(field.rawValue)
      integer(value)
    }
    endObject()
  }

  mutating func dependencies(_ dependencies: [Dependency]) {
    beginArray()
    for dependency in dependencies {
      beginObject()
      name("id")
      string(dependency.id.rawValue)
      name("condition")
      string(dependency.condition.rawValue)
      endObject()
    }
    endArray()
  }

  mutating func healthCheck(_ check: HealthCheck) {
    beginObject()
    switch check.probe {
    case .http(let url):
      name("http")
      string(url)
    case .tcp(let address):
      name("tcp")
      string(address)
    case .command(let command):
      name("command")
      strings(command)
    }
    name("interval_seconds")
    seconds(check.interval)
    name("timeout_seconds")
    seconds(check.timeout)
    name("retries")
    integer(check.retries)
    name("start_period_seconds")
    seconds(check.startPeriod)
    name("on_failure")
    string(check.onFailure.rawValue)
    endObject()
  }
}
