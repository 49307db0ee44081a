import API
import Basics
import Supervision
import Testing

@Suite struct QueryTests {
  private func logs(_ query: String) throws -> LogsQuery {
    var reception = Reception()
    guard case .logs("web", let result) = reception.ask("GET", "/logs/web\(query)") else {
      throw Unexpected()
    }
    return result
  }

  private func list(_ query: String) throws -> ListFilter {
    var reception = Reception()
    guard case .list(let result) = reception.ask("GET", "/list\(query)") else { throw Unexpected() }
    return result
  }

  @Test func withoutAQueryItIsTheNewestFiftyLines() throws {
    let query = try logs("")
    #expect(query == LogsQuery())
    #expect(query.page == 1)
    #expect(query.pageSize == 50)
    #expect(query.stream == nil)
    #expect(query.text == nil)
    #expect(query.ascending == false)
  }

  @Test func everyParameterIsRead() throws {
    let query = try logs("?page=3&page_size=20&stream=stderr&q=a%20b+c%26&order=asc")
    #expect(query.page == 3)
    #expect(query.pageSize == 20)
    #expect(query.stream == .stderr)
    #expect(query.text == "a b c&")
    #expect(query.ascending)
    #expect(try logs("?order=desc&q=&stream=system&page=007").page == 7)
    #expect(try logs("?q=").text == nil)
    #expect(
      try logs("?before=7f3a91c2-48211").before == LogCursor(epoch: 0x7f3a_91c2, number: 48_211))
    #expect(try logs("?after=0").after == LogCursor(epoch: nil, number: 0))
    #expect(try logs("?page_size=10000").pageSize == 10_000)
    #expect(try logs("?stream=stdout").stream == .stdout)
  }

  @Test func theLargestPageIsPastTheEndOfEveryLog() throws {
    let query = try logs("?page=100000000000000&page_size=10000")
    #expect(query.page == 100_000_000_000_000)
    let (_, overflow) = query.page.multipliedReportingOverflow(by: query.pageSize)
    #expect(!overflow)
  }

  @Test(arguments: [
    "100000000000001", "9223372036854775807", "9223372036854775808", "99999999999999999999", "1e99",
    "1e2", "-1", "%2B1", "+1", "1.0", "0x10", "%201", "0",
  ])
  func aPageBeyondAllNumbersIsRefusedAndNotChanged(page: String) throws {
    var reception = Reception()
    for name in ["page", "page_size"] {
      let answer = try reception.ask("GET", "/logs/web?\(name)=\(page)").answer
      #expect(answer.status == 400)
      #expect(try answer.message.hasPrefix("query parameter \"\(name)\" is \""))
      #expect(try answer.message.contains("but must be a whole number from 1 to 1"))
    }
  }

  @Test(arguments: [
    (
      "/logs/web?page=0",
      #"query parameter "page" is "0", but must be a whole number from 1 to 100000000000000"#
    ),
    (
      "/logs/web?page=-1",
      #"query parameter "page" is "-1", but must be a whole number from 1 to 100000000000000"#
    ),
    (
      "/logs/web?page=",
      #"query parameter "page" is "", but must be a whole number from 1 to 100000000000000"#
    ),
    (
      "/logs/web?page=1.5",
      #"query parameter "page" is "1.5", but must be a whole number from 1 to 100000000000000"#
    ),
    (
      "/logs/web?page=+1",
      #"query parameter "page" is " 1", but must be a whole number from 1 to 100000000000000"#
    ),
    (
      "/logs/web?page=%D9%A1",
      #"query parameter "page" is "١", but must be a whole number from 1 to 100000000000000"#
    ),
    (
      "/logs/web?page_size=0",
      #"query parameter "page_size" is "0", but must be a whole number from 1 to 10000"#
    ),
    (
      "/logs/web?page_size=10001",
      #"query parameter "page_size" is "10001", but must be a whole number from 1 to 10000"#
    ),
    (
      "/logs/web?page_size=99999999999999999999",
      #"""
      query parameter "page_size" is "99999999999999999999", but must be a whole number from 1 \#
      to 10000
      """#
    ),
    (
      "/logs/web?stream=STDOUT",
      #"query parameter "stream" is "STDOUT", but must be one of stdout, stderr, system"#
    ),
    (
      "/logs/web?order=up", #"query parameter "order" is "up", but must be one of asc, desc"#
    ),
    (
      "/logs/web?pages=1",
      #"unknown query parameter "pages": GET /logs/{id} knows page, page_size, stream, q, order, before, after"#
    ),
    ("/logs/web?page=1&page=2", #"query parameter "page" is given twice"#),
    (
      "/list?status=Running",
      #"""
      query parameter "status" is "Running", but must be one of starting, running, stopping, \#
      stopped, manually_stopped, waiting, backoff, failed
      """#
    ),
    ("/list?label=x", #"query parameter "label" is "x", but must be key:value"#),
    ("/list?label=:x", #"query parameter "label" is ":x", but must be key:value"#),
    (
      "/logs/web?before=7f3a91c-1",
      #"query parameter "before" is "7f3a91c-1", but must be a cursor of this log, such as "#
        + "7f3a91c2-48211, or the number of a line"
    ),
    (
      "/logs/web?after=",
      #"query parameter "after" is "", but must be a cursor of this log, such as "#
        + "7f3a91c2-48211, or the number of a line"
    ),
    ("/list?page=1", #"unknown query parameter "page": GET /list knows status, label, id"#),
    ("/status/web?x=1", #"unknown query parameter "x": GET /status/{id} takes none"#),
    (
      "/remove/web?delete_log=1",
      #"query parameter "delete_log" is "1", but must be true or false"#
    ),
    ("/stop/web?force=true", #"unknown query parameter "force": POST /stop/{id} takes none"#),
    ("/update/web?merge=1", #"query parameter "merge" is "1", but must be true or false"#),
    ("/add?id=x", #"unknown query parameter "id": POST /add knows force"#),
    ("/shutdown?now", #"unknown query parameter "now": POST /shutdown takes none"#),
  ])
  func aBadQueryIsNamedWithWhatIsAllowed(target: String, expected: String) throws {
    var reception = Reception()
    let isGet = ["/logs", "/list", "/status"].contains { target.hasPrefix($0) }
    let answer = try reception.ask(isGet ? "GET" : "POST", target).answer
    #expect(answer.status == 400)
    #expect(try answer.message == expected)
  }

  @Test func aFilterShowsWhatMatches() throws {
    let definition = ProcessDefinition(id: "a", command: "b")
    let entries = ProcessStatus.allCases.map { ProcessEntry(definition, status: $0) }
    #expect(entries.filter(try list("").matches) == entries)
    for status in ProcessStatus.allCases {
      let shown = entries.filter(try list("?status=\(status.rawValue)").matches)
      #expect(shown.map(\.status) == [status])
    }
  }

  @Test func theListCanBeFilteredByLabelAndID() throws {
    var web = ProcessDefinition(id: "web", command: "c")
    web.instances = 2
    web.labels = ["team": "web", "url": "http://a:80", "empty": ""]
    let entries = [
      ProcessEntry(web.copy(0), status: .running), ProcessEntry(web.copy(1), status: .failed),
      ProcessEntry(ProcessDefinition(id: "web.x", command: "c"), status: .running),
    ]
    func shown(_ query: String) throws -> [String] {
      entries.filter(try list(query).matches).map(\.definition.id)
    }
    #expect(try shown("?label=team:web") == ["web.0", "web.1"])
    #expect(try shown("?label=url:http://a:80") == ["web.0", "web.1"])
    #expect(try shown("?label=empty:") == ["web.0", "web.1"])
    #expect(try shown("?label=team:") == [])
    #expect(try shown("?label=other:web") == [])
    #expect(try shown("?status=running&label=team:web") == ["web.0"])
    #expect(try shown("?id=web") == ["web.0", "web.1"])
    #expect(try shown("?id=web.1") == ["web.1"])
    #expect(try shown("?id=web.x") == ["web.x"])
    #expect(try shown("?id=we") == [])
  }
}
