import ExeioDaemon
import Supervision
import Testing

/// What systemd says in the environment, and what is said to it.
struct ServiceEnvironmentTests {
  private func read(_ environment: [String: String]) throws -> ServiceEnvironment {
    try ServiceEnvironment(environment, pid: 42)
  }

  @Test func withoutAnythingThereIsNothing() throws {
    let made = try read(["NOTIFY_SOCKET": "", "LISTEN_FDS": "1"])
    #expect(made.notifySocket == nil && made.watchdogTimeout == nil)
    #expect(made.handed.isEmpty && made.complaints.isEmpty)
  }

  @Test(
    arguments: [
      (nil, true), ("42", true), ("43", false), ("", false), ("x", false),
    ] as [(String?, Bool)])
  func theWatchdogIsOursUnlessItNamesAnother(pid: String?, isOurs: Bool) throws {
    var environment = ["WATCHDOG_USEC": "30000000"]
    environment["WATCHDOG_PID"] = pid
    #expect(try read(environment).watchdogTimeout == (isOurs ? .seconds(30) : nil))
  }

  @Test func theWatchdogIsFedTwiceInItsTime() throws {
    #expect(try read(["WATCHDOG_USEC": "30000000"]).watchdogInterval == .seconds(15))
    #expect(try read(["WATCHDOG_USEC": "3"]).watchdogInterval == .nanoseconds(1500))
    #expect(try read([:]).watchdogInterval == nil)
  }

  @Test(arguments: ["", "0", "-1", "1s", "1.5", "18446744073709551615"])
  func aWatchdogTimeThatIsNoNumberIsReported(text: String) throws {
    let made = try read(["WATCHDOG_USEC": text])
    #expect(made.watchdogTimeout == nil)
    #expect(made.complaints.count == 1 && made.complaints[0].contains("WATCHDOG_USEC '\(text)'"))
    #expect(try read(["WATCHDOG_USEC": text, "WATCHDOG_PID": "1"]).complaints.isEmpty)
  }

  @Test func socketsAreCountedFromThreeAndHaveTheirNames() throws {
    let environment = ["LISTEN_PID": "42", "LISTEN_FDS": "2"]
    let named = try read(environment.merging(["LISTEN_FDNAMES": "web:admin"]) { $1 })
    #expect(
      named.handed == [.init(descriptor: 3, name: "web"), .init(descriptor: 4, name: "admin")])
    for names in [nil, "", "web", "a:b:c"] {
      var environment = environment
      environment["LISTEN_FDNAMES"] = names
      #expect(
        try read(environment).handed
          == [.init(descriptor: 3, name: "unknown"), .init(descriptor: 4, name: "unknown")])
    }
  }

  @Test(arguments: ["43", "", "x"])
  func socketsForAnotherProcessAreNotOurs(pid: String) throws {
    #expect(try read(["LISTEN_PID": pid, "LISTEN_FDS": "1"]).handed.isEmpty)
    #expect(try read(["LISTEN_PID": pid, "LISTEN_FDS": "x"]).handed.isEmpty)
  }

  @Test(arguments: ["", "0", "-1", "x", "2147483647"])
  func aNumberOfSocketsThatIsNoneStopsTheStart(text: String) {
    #expect {
      _ = try read(["LISTEN_PID": "42", "LISTEN_FDS": text])
    } throws: {
      ($0 as? StartError)?.message.contains("LISTEN_FDS '\(text)'") == true
    }
  }

  @Test(
    arguments: [
      ([:], "no processes"),
      ([.running: 1], "1 process: 1 running"),
      ([.backoff: 1, .running: 2], "3 processes: 2 running, 1 in backoff"),
      (
        [.failed: 1, .manuallyStopped: 2, .stopping: 3, .starting: 4],
        "10 processes: 4 starting, 3 stopping, 2 manually stopped, 1 failed"
      ),
    ] as [([ProcessStatus: Int], String)])
  func theStatusCountsWhatThereIs(counts: [ProcessStatus: Int], words: String) {
    #expect(
      StatusText.make(origin: "127.0.0.1:8080", counts: counts) == "127.0.0.1:8080, \(words)")
  }

  @Test func theStatusTellsOfProblemsAndNamesTheLatest() {
    func text(_ problems: [String]) -> String {
      StatusText.make(origin: "x", counts: [.running: 1], problems: problems)
    }
    #expect(text(["disk\nfull"]) == "x, 1 process: 1 running; 1 problem: disk\\nfull")
    #expect(text(["a", "b"]) == "x, 1 process: 1 running; 2 problems: b")
    #expect(text([String(repeating: "x", count: 5000)]).count < 400)
  }

  @Test func everyStatusHasItsWords() {
    let all = Dictionary(uniqueKeysWithValues: ProcessStatus.allCases.map { ($0, 1) })
    let text = StatusText.make(origin: "x", counts: all)
    #expect(text.filter { $0 == "," }.count == ProcessStatus.allCases.count)
  }
}
