import ExeioDaemon
import Supervision
import Testing

/// What a child finds in its environment.
struct ChildEnvironmentTests {
  private let facts = ["EXEIO_RUN": "t.1"]

  @Test func theSupervisorsOwnIsHandedOnButForWhatIsMeantForItAlone() {
    let inherited = [
      "PATH": "/bin", "LANG": "C", "EXEIO_API_KEY": "secret", "NOTIFY_SOCKET": "/run/x",
      "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "LISTEN_PID": "1", "LISTEN_FDS": "1",
      "LISTEN_FDNAMES": "a", "CREDENTIALS_DIRECTORY": "/run/c",
    ]
    let made = ChildEnvironment.make(
      inherited: inherited, asked: ["LANG": "de", "A": "b=c"], facts: facts)
    #expect(ChildEnvironment.list(made) == ["A=b=c", "EXEIO_RUN=t.1", "LANG=de", "PATH=/bin"])
  }

  @Test(arguments: [
    "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "FDSTORE", "LISTEN_PID", "LISTEN_PIDFDID",
    "LISTEN_FDS", "LISTEN_FDNAMES", "JOURNAL_STREAM", "INVOCATION_ID", "MAINPID", "MANAGERPID",
    "SYSTEMD_EXEC_PID", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY", "STATE_DIRECTORY",
    "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY", "EXEIO_INSTANCE",
  ])
  func whatTheServiceManagerTellsTheDaemonStaysWithItUnlessADefinitionHasIt(name: String) {
    let none = ChildEnvironment.make(inherited: [name: "1"], asked: [:], facts: facts)
    #expect(none == facts)
    let own = ChildEnvironment.make(inherited: [name: "1"], asked: [name: "2"], facts: facts)
    #expect(own[name] == "2")
  }

  @Test func whatIsSoOfTheRunCannotBeTakenByADefinition() {
    let made = ChildEnvironment.make(
      inherited: ["EXEIO_RUN": "outer"], asked: ["EXEIO_RUN": "mine"], facts: facts)
    #expect(made == facts)
  }

  @Test func aRunIsToldWhichProcessItIsAndWhichCopy() {
    let definition = ProcessDefinition(id: "web", command: "true")
    let marker = (name: "EXEIO_RUN", value: "t.1")
    #expect(
      ChildEnvironment.facts(of: definition, marker: marker)
        == ["EXEIO_ID": "web", "EXEIO_RUN": "t.1"])
    #expect(
      ChildEnvironment.facts(of: definition.copy(2), marker: marker)
        == ["EXEIO_ID": "web.2", "EXEIO_INSTANCE": "2", "EXEIO_RUN": "t.1"])
  }
}
