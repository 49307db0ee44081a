import API
import Supervision
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    ("100M", 104_857_600), ("1K", 1024), ("1k", 1024), ("2G", 2 << 30), ("1024T", 1 << 50),
    ("1KiB", 1024), ("1 MiB", 1 << 20), ("3gib", 3 << 30), ("1TiB", 1 << 40), ("512B", 512),
    ("1.5G", 3 << 29), ("0.5K", 512), ("0M", 0), ("007K", 7 * 1024),
    ("9007199254740993B", 9_007_199_254_740_993),
    ("9223372036854775807B", Int.max),
  ])
  func sizesArePowersOf1024(text: String, bytes: Int) {
    #expect(Quantity.bytes(text) == bytes)
  }

  @Test(arguments: [
    "", "M", "100", "100MB", "100kb", "-1M", "+1M", "1e3M", ".5M", "1.M", "1M ", " 1M", "1MM",
    "1M1K",
    "1X", "infinity", "9223372036854775808B", "9007199254740992K", "99999999999999999999T", "0.3K",
    "1.0000000001M", "١M", "1٫5M",
  ])
  func whatIsNoSizeIsNone(text: String) {
    #expect(Quantity.bytes(text) == nil)
  }

  @Test(arguments: [
    ("5m", Duration.seconds(300)), ("5min", .seconds(300)), ("1h30m", .seconds(5400)),
    ("1h 30m", .seconds(5400)), ("250ms", .milliseconds(250)), ("1.5s", .milliseconds(1500)),
    ("0.1s", .milliseconds(100)), ("2d", .seconds(172_800)), ("1w", .seconds(604_800)),
    ("1w2d3h4m5s6ms", .seconds(788_645) + .milliseconds(6)), ("0s", .zero), ("90 s", .seconds(90)),
    ("0.333333333s", .nanoseconds(333_333_333)),
  ])
  func durationsAreSumsOfUnits(text: String, duration: Duration) {
    #expect(Quantity.duration(text) == duration)
  }

  @Test(arguments: [
    "", "s", "5", "5 ", "5x", "5M", "5S", "-5s", "+5s", "1e3s", "5m5m", "5min5m", "5s1h", "1h30",
    "5m ", " 5m", "5m,1s", "1.s", ".5s", "infinity", "99999999999999999999s", "9223372036855s",
    "15251w", "1d9223372036s", "1us",
  ])
  func whatIsNoDurationIsNone(text: String) {
    #expect(Quantity.duration(text) == nil)
  }

  @Test(arguments: [
    (1 << 20, "1M"), (1 << 50, "1024T"), (0, "0B"), (1536 << 10, "1536K"), (1000, "1000B"),
  ])
  func bytesAreWrittenInTheLongestUnit(bytes: Int, text: String) {
    #expect(Quantity.text(bytes: bytes) == text)
    #expect(Quantity.bytes(text) == bytes)
  }

  /// Every field that takes bytes or seconds, with a text and the number that it stands for.
  private static let fields = [
    (#""memory_max_bytes": "100M""#, #""memory_max_bytes": 104857600"#),
    (#""restart_above_memory_bytes": "1.5G""#, #""restart_above_memory_bytes": 1610612736"#),
    (#""max_memory_bytes": "1M""#, #""max_memory_bytes": 1048576"#),
    (#""log_max_bytes": "50MiB""#, #""log_max_bytes": 52428800"#),
    (#""log_max_bytes": "0B""#, #""log_max_bytes": 0"#),
    (
      #""limits": {"core_bytes": "1G", "address_space_bytes": "2G", "cpu_seconds": "1h"}"#,
      #""limits": {"core_bytes": 1073741824, "address_space_bytes": 2147483648, "cpu_seconds": 3600}"#
    ),
    (#""stop_timeout_seconds": "1m30s""#, #""stop_timeout_seconds": 90"#),
    (#""periodic": true, "period_seconds": "1d""#, #""periodic": true, "period_seconds": 86400"#),
    (
      #""schedule": "@daily", "run_timeout_seconds": "2h""#,
      #""schedule": "@daily", "run_timeout_seconds": 7200"#
    ),
    (#""restart_delay_seconds": ["100ms", 1, "5s"]"#, #""restart_delay_seconds": [0.1, 1, 5]"#),
    (#""restart_reset_seconds": "5m""#, #""restart_reset_seconds": 300"#),
    (#""watchdog_seconds": "30s""#, #""watchdog_seconds": 30"#),
    (#""start_timeout_seconds": "500ms""#, #""start_timeout_seconds": 0.5"#),
    (#""hook_timeout_seconds": "1m""#, #""hook_timeout_seconds": 60"#),
    (
      #""ready": "notify", "ready_timeout_seconds": "2m""#,
      #""ready": "notify", "ready_timeout_seconds": 120"#
    ),
    (
      #""health_check": {"tcp": "a:1", "interval_seconds": "1m", "timeout_seconds": "500ms", "start_period_seconds": "1m"}"#,
      #""health_check": {"tcp": "a:1", "interval_seconds": 60, "timeout_seconds": 0.5, "start_period_seconds": 60}"#
    ),
  ]

  @Test(arguments: fields)
  func everyFieldTakesThem(text: String, number: String) throws {
    func definition(_ fields: String) throws -> ProcessDefinition {
      try Reception.add(#"{"id": "a", "command": "b", \#(fields)}"#)
    }
    let read = try definition(text)
    #expect(read == (try definition(number)))
    // They are written back as numbers.
    let file = String(decoding: ProcessesFile.render([read]), as: UTF8.self)
    for unit in ["M\"", "G\"", "s\"", "m\"", "h\"", "d\""] {
      #expect(!file.split(separator: ":").contains { $0.contains(unit) && $0.contains("\"1") })
    }
  }

  @Test(arguments: [
    (#""memory_max_bytes": "100MB""#, #": "MB" is not a unit: B, K, M, G and T are"#),
    (#""log_max_bytes": "100000""#, ": a unit is missing: B, K, M, G and T are"),
    (#""memory_max_bytes": "64M ""#, ": there is a space at the end"),
    (#""stop_timeout_seconds": "5""#, ": a unit is missing: w, d, h, m, s and ms are"),
    (#""stop_timeout_seconds": "5M""#, #": "M" is not a unit: w, d, h, m, s and ms are"#),
    (#""restart_delay_seconds": ["1h 3H"]"#, #": "H" is not a unit: w, d, h, m, s and ms are"#),
    (#""limits": {"cpu_seconds": "1m "}"#, ": there is a space at the end"),
  ])
  func aRefusalSaysWhatIsWrongWithTheUnit(field: String, words: String) throws {
    let message = try Reception.refusal(of: #"{"id": "a", "command": "b", \#(field)}"#)
    #expect(message.contains(words), "\(message)")
  }

  @Test func noFieldOfBytesOrSecondsIsLeftOut() throws {
    let own = try Reception.refusal(of: #"{"id": "a", "command": "b", "qqqqqqqq": 1}"#)
    let limits = try Reception.refusal(
      of: #"{"id": "a", "command": "b", "limits": {"qqqqqqqq": 1}}"#)
    let names = "\(own), \(limits)".replacing(":", with: ",").split(separator: ", ")
      .filter { $0.hasSuffix("_bytes") || $0.hasSuffix("_seconds") }
    #expect(names.count == 15)
    for name in names {
      let isTried = Self.fields.contains {
        $0.0.contains("\"\(name)\": \"") || $0.0.contains("\"\(name)\": [\"")
      }
      #expect(isTried, "\(name)")
    }
  }

  @Test(arguments: [
    (
      #""stop_timeout_seconds": "2d""#,
      #""stop_timeout_seconds" is "2d", but must be a number of seconds from 0 to 86400 (a day), or a duration from "0s" to "1d""#
    ),
    (
      #""restart_delay_seconds": [1, "50ms"]"#,
      #""restart_delay_seconds[1]" is "50ms", but must be a number of seconds from 0.1 to 86400 (a day), or a duration from "100ms" to "1d""#
    ),
    (
      #""log_max_bytes": "1000B""#,
      #""log_max_bytes" is "1000B", but must be 0 (no rotation) or from 1024 to 1125899906842624, or a size from "1K" to "1024T""#
    ),
    (
      #""limits": {"cpu_seconds": "1.5s"}"#,
      #""limits.cpu_seconds" is "1.5s", but must be a whole number from 1 to 31536000, or a duration from "1s" to "365d""#
    ),
    (
      #""memory_max_bytes": "100MB""#,
      #""memory_max_bytes" is "100MB", but must be a whole number from"#
    ),
    (
      #""limits": {"open_files": "1K"}"#,
      #""limits.open_files" must be a whole number from 4"#
    ),
  ])
  func aRefusalShowsWhatWasWrittenAndTheRangeInBothForms(field: String, expected: String) throws {
    let message = try Reception.refusal(of: #"{"id": "a", "command": "b", \#(field)}"#)
    #expect(message.hasPrefix(expected), "\(message)")
  }
}
