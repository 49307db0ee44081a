import ExeioDaemon
import Supervision
import Testing
import UV

/// What a child finds in its environment.
struct ChildEnvironmentTests {
  private let facts: Variables = ["EXEIO_RUN": "t.1"]

  @Test func theSupervisorsOwnIsHandedOnButForWhatIsMeantForItAlone() {
    let inherited: Variables = [
      "PATH": "/bin", "LANG": "C", "EXEIO_API_KEY": "secret", "NOTIFY_SOCKET": "/run/x",
      "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "LISTEN_PID": "1", "LISTEN_FDS": "1",
      "LISTEN_FDNAMES": "a", "CREDENTIALS_DIRECTORY": "/run/c",
    ]
    let made = ChildEnvironment.make(
      inherited: inherited, directory: nil, asked: ["LANG": "de", "A": "b=c"], facts: facts)
    #expect(ChildEnvironment.list(made) == ["A=b=c", "EXEIO_RUN=t.1", "LANG=de", "PATH=/bin"])
  }

  @Test(arguments: [
    "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "FDSTORE", "LISTEN_PID", "LISTEN_PIDFDID",
    "LISTEN_FDS", "LISTEN_FDNAMES", "JOURNAL_STREAM", "INVOCATION_ID", "MAINPID", "MANAGERPID",
    "SYSTEMD_EXEC_PID", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY", "STATE_DIRECTORY",
    "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY", "EXEIO_INSTANCE",
  ])
  func whatTheServiceManagerTellsTheDaemonStaysWithItUnlessADefinitionHasIt(name: String) {
    let none = ChildEnvironment.make(
      inherited: [SystemString(name): "1"], directory: nil, asked: [:], facts: facts)
    #expect(none == facts)
    let own = ChildEnvironment.make(
      inherited: [SystemString(name): "1"], directory: nil, asked: [SystemString(name): "2"],
      facts: facts)
    #expect(own[SystemString(name)] == "2")
  }

  @Test func whatIsSoOfTheRunCannotBeTakenByADefinition() {
    let made = ChildEnvironment.make(
      inherited: ["EXEIO_RUN": "outer"], directory: nil, asked: ["EXEIO_RUN": "mine"], facts: facts)
    #expect(made == facts)
  }

  @Test func bytesThatAreNotUTF8AreHandedOnAsTheyAre() {
    let (name, value) = (SystemString(bytes: [78, 0xE9]), SystemString(bytes: [0xE9, 0xFF]))
    let made = ChildEnvironment.make(
      inherited: [name: value], directory: nil, asked: [:], facts: [:])
    #expect(ChildEnvironment.list(made).map(\.bytes) == [[78, 0xE9, 61, 0xE9, 0xFF]])
  }

  @Test func thePWDIsTheWorkingDirectoryUnlessADefinitionHasAnother() {
    let inherited: Variables = ["PWD": "/", "OLDPWD": "/root", "A": "1"]
    func made(_ directory: SystemString?, _ asked: Variables) -> Variables {
      ChildEnvironment.make(inherited: inherited, directory: directory, asked: asked, facts: [:])
    }
    #expect(made("/srv", [:]) == ["PWD": "/srv", "A": "1"])
    #expect(made(nil, [:]) == ["A": "1"])
    #expect(
      made("/srv", ["PWD": "/x", "OLDPWD": "/y"]) == ["PWD": "/x", "OLDPWD": "/y", "A": "1"])
  }

  @Test func aRunIsToldWhichProcessItIsAndWhichCopy() {
    let definition = ProcessDefinition(id: "web", command: "true")
    let mark = RunMark(
      place: "t", daemon: ProcessTable.Member(pid: 7, startTime: 5), number: 1, isHelper: false)
    #expect(
      ChildEnvironment.facts(of: definition, mark: mark)
        == ["EXEIO_ID": "web", "EXEIO_RUN": "t.7.5.1"])
    #expect(
      ChildEnvironment.facts(of: definition.copy(2), mark: mark)
        == ["EXEIO_ID": "web.2", "EXEIO_INSTANCE": "2", "EXEIO_RUN": "t.7.5.1"])
  }
}
