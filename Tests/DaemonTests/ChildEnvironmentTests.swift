import ExeioDaemon
import Testing

/// What a child finds in its environment.
struct ChildEnvironmentTests {
  @Test func theSupervisorsOwnIsHandedOnButForWhatIsMeantForItAlone() {
    let inherited = [
      "PATH": "/bin", "LANG": "C", "EXEIO_API_KEY": "secret", "NOTIFY_SOCKET": "/run/x",
      "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "LISTEN_PID": "1", "LISTEN_FDS": "1",
      "LISTEN_FDNAMES": "a", "CREDENTIALS_DIRECTORY": "/run/c",
    ]
    let made = ChildEnvironment.make(
      inherited: inherited, adding: ["LANG": "de", "A": "b=c"], marker: ("EXEIO_RUN", "t.1"))
    #expect(made == ["A=b=c", "EXEIO_RUN=t.1", "LANG=de", "PATH=/bin"])
  }

  @Test(arguments: [
    "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "FDSTORE", "LISTEN_PID", "LISTEN_PIDFDID",
    "LISTEN_FDS", "LISTEN_FDNAMES", "JOURNAL_STREAM", "INVOCATION_ID", "MAINPID", "MANAGERPID",
    "SYSTEMD_EXEC_PID", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY", "STATE_DIRECTORY",
    "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY",
  ])
  func whatTheServiceManagerTellsTheDaemonStaysWithItUnlessADefinitionHasIt(name: String) {
    let marker = (name: "EXEIO_RUN", value: "t.1")
    let none = ChildEnvironment.make(inherited: [name: "1"], adding: [:], marker: marker)
    #expect(none == ["EXEIO_RUN=t.1"])
    let own = ChildEnvironment.make(inherited: [name: "1"], adding: [name: "2"], marker: marker)
    #expect(own.contains("\(name)=2"))
  }

  @Test func theMarkerCannotBeTakenByADefinition() {
    let made = ChildEnvironment.make(
      inherited: ["EXEIO_RUN": "outer"], adding: ["EXEIO_RUN": "mine"], marker: ("EXEIO_RUN", "t.1")
    )
    #expect(made == ["EXEIO_RUN=t.1"])
  }
}
