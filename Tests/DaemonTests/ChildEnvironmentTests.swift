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

  @Test func theMarkerCannotBeTakenByADefinition() {
    let made = ChildEnvironment.make(
      inherited: ["EXEIO_RUN": "outer"], adding: ["EXEIO_RUN": "mine"], marker: ("EXEIO_RUN", "t.1")
    )
    #expect(made == ["EXEIO_RUN=t.1"])
  }
}
