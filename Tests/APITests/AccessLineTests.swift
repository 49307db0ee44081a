import API
import HTTP
import Testing

/// What one line of the access log shows, and what it never shows.
struct AccessLineTests {
  private func line(
    method: String? = "GET", target: String?, status: Status? = .ok, bodyBytes: Int = 5321,
    time: Duration = .microseconds(449), key: String? = nil
  ) -> String {
    AccessLine(
      client: "127.0.0.1", method: method, target: target, status: status, bodyBytes: bodyBytes,
      time: time, key: key
    ).text
  }

  @Test func aLineHasEverythingOnce() {
    #expect(
      line(target: "/list", key: "deploy") == #"127.0.0.1 "GET /list" 200 5321 0.4ms key=deploy"#)
  }

  @Test func whatIsNotKnownIsADash() {
    #expect(
      line(method: nil, target: nil, status: .badRequest, bodyBytes: 80)
        == #"127.0.0.1 "-" 400 80 0.4ms key=-"#)
    #expect(
      line(method: "GET", target: nil, status: .uriTooLong, bodyBytes: 80)
        == #"127.0.0.1 "GET" 414 80 0.4ms key=-"#)
    #expect(
      line(method: nil, target: nil, status: nil, bodyBytes: 0)
        == #"127.0.0.1 "-" - 0 0.4ms key=-"#)
  }

  /// A client may leave out a name of a header and have the key in the path.
  @Test func aKeyInThePathIsNotShown() {
    let digits = String(repeating: "0123456789abcdef", count: 4)
    for key in ["exeio_\(digits)", "exeio_ci-runner_\(digits)"] {
      for (target, shown) in [
        ("/\(key)", "/***"), ("/stop/\(key)", "/stop/***"), ("/a/\(key)/b?c", "/a/***/b"),
        (
          "/\(String(repeating: "x", count: 200))/\(key)",
          "/\(String(repeating: "x", count: 200))/***"
        ),
      ] {
        #expect(line(target: target) == "127.0.0.1 \"GET \(shown)\" 200 5321 0.4ms key=-")
      }
    }
    #expect(line(target: "/stop/exeio_web").contains("/stop/exeio_web"))
  }

  @Test(arguments: [
    ("/list?key=secret", "/list"), ("/list?", "/list"), ("/list%3Fkey=secret", "/list"),
    ("/list%3fkey=%3F", "/list"), ("?key=secret", ""), ("/logs/a%20b", "/logs/a%20b"),
    ("/a\"b\\c", #"/a\"b\\c"#), ("/\u{1B}[31m\u{85}", "/U+001B[31mU+0085"),
    ("/\u{202E}txt", "/U+202Etxt"), ("/ümlaut", "/ümlaut"), ("*", "*"),
  ])
  func aPathIsShownWithoutItsQueryAndCannotEndItsQuotes(_ target: String, shown: String) {
    #expect(line(target: target) == "127.0.0.1 \"GET \(shown)\" 200 5321 0.4ms key=-")
  }

  @Test func aLongPathIsCut() {
    let fits = "/" + String(repeating: "a", count: 255)
    #expect(line(target: fits).contains("GET \(fits)\""))
    #expect(line(target: fits + "b").contains("GET \(fits)…\""))
    #expect(line(target: fits + "?key=secret").contains("GET \(fits)\""))
  }

  @Test(arguments: [
    (Duration.zero, "0.0ms"), (.microseconds(99), "0.0ms"), (.microseconds(100), "0.1ms"),
    (.milliseconds(12), "12.0ms"), (.seconds(75), "75000.0ms"), (.milliseconds(-1), "0.0ms"),
  ])
  func theTimeIsInTenthsOfAMillisecond(_ time: Duration, shown: String) {
    #expect(line(target: "/", time: time).contains(" \(shown) "))
  }
}
