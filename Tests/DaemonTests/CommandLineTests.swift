import API
import Supervision
import Testing

@testable import ExeioDaemon

/// Arguments and environment become a configuration, or one line that says what is wrong.
struct CommandLineTests {
  private static let home = ["HOME": "/home/u"]

  private func configuration(
    _ arguments: [String] = [], _ environment: [String: String] = home
  ) throws -> Configuration {
    guard
      case .serve(let settings) = try CommandLineReader.read(
        arguments, environment: environment, version: "1")
    else { throw UsageError("printed") }
    return try Configuration(settings, environment: environment)
  }

  private func refusal(
    _ arguments: [String], _ environment: [String: String] = home
  ) -> String? {
    do {
      _ = try configuration(arguments, environment)
      return nil
    } catch {
      return (error as? UsageError)?.message
    }
  }

  @Test func variablesThatMeanNothingAreNamed() throws {
    var environment = Self.home
    environment["EXEIO_PROT"] = "1"
    environment["EXEIO_WHATEVER_ELSE"] = "1"
    environment["exeio_port"] = "1"
    for name in ["ID", "RUN", "INSTANCE", "EXIT_CODE", "EXIT_SIGNAL", "PORT"] {
      environment["EXEIO_\(name)"] = "1"
    }
    #expect(
      try configuration([], environment).warnings == [
        "unknown variable EXEIO_PROT: did you mean EXEIO_PORT?",
        "unknown variable EXEIO_WHATEVER_ELSE: exeio --help lists those that there are",
      ])
  }

  @Test(arguments: ["config-dir", "data-dir", "log-dir", "api-key-file", "socket"])
  func whatOnlyAShellExpandsIsRefusedInPaths(option: String) throws {
    #expect(
      refusal(["--\(option)", "~/x"])
        == "--\(option) '~/x': '~' is not expanded: write out the home directory")
    #expect(
      refusal(["--\(option)", "$HOME/x"])
        == "--\(option) '$HOME/x': '$HOME' is not expanded: write out its value")
    #expect(refusal(["--\(option)", "./~/x"]) == nil)
  }

  @Test func theDefaultsAreThoseOfTheContract() throws {
    let made = try configuration()
    #expect(made.host == "127.0.0.1")
    #expect(made.port == 8080)
    #expect(made.socketPath == nil)
    #expect(made.configDirectory == "/home/u/.config/exeio")
    #expect(made.dataDirectory == "/home/u/.local/share/exeio")
    #expect(made.logDirectory == "/home/u/.local/share/exeio/logs")
    #expect(made.maxConnections == 1024)
    #expect(made.cgroup == .auto)
    #expect(made.key == .kept(path: "/home/u/.config/exeio/api-key", credential: nil))
  }

  @Test func cgroupsAreFoundNamedOrLeftAlone() throws {
    #expect(try configuration(["--cgroup", "auto"]).cgroup == .auto)
    #expect(try configuration(["--cgroup=none"]).cgroup == .none)
    #expect(try configuration(["--cgroup", "own"]).cgroup == .own)
    #expect(try configuration(["--cgroup", "/sys/x"]).cgroup == .directory("/sys/x"))
    var environment = Self.home
    environment["EXEIO_CGROUP"] = "relative"
    #expect(
      refusal([], environment)
        == "EXEIO_CGROUP 'relative' is not auto, own, none or the absolute path of a directory")
  }

  @Test(arguments: [
    ["--port", "1"], ["--port=1"], ["-P", "1"], ["-P1"], ["serve", "--port", "1"],
  ])
  func anOptionIsTakenInEachSpelling(arguments: [String]) throws {
    #expect(try configuration(arguments).port == 1)
  }

  @Test func anOptionWinsOverTheEnvironmentAndThatOverTheDefault() throws {
    var environment = Self.home
    environment["EXEIO_PORT"] = "2"
    #expect(try configuration([], environment).port == 2)
    #expect(try configuration(["-P", "3"], environment).port == 3)
    environment["EXEIO_PORT"] = ""
    #expect(try configuration([], environment).port == 8080)
  }

  @Test func systemdsDirectoriesAreTakenWhereNothingElseIsGiven() throws {
    var environment = [
      "CONFIGURATION_DIRECTORY": "/etc/exeio:/etc/other", "STATE_DIRECTORY": "/var/lib/exeio",
      "LOGS_DIRECTORY": "/var/log/exeio",
    ]
    let made = try configuration([], environment)
    #expect(made.configDirectory == "/etc/exeio")
    #expect(made.dataDirectory == "/var/lib/exeio")
    #expect(made.logDirectory == "/var/log/exeio")
    environment["EXEIO_DATA_DIR"] = "/data"
    #expect(try configuration([], environment).dataDirectory == "/data")
  }

  @Test func theLogLevelIsOneOfFourNames() throws {
    #expect(try configuration().logLevel == .info)
    #expect(try configuration(["--log-level", "debug"]).logLevel == .debug)
    #expect(
      refusal(["--log-level", "chatty"])
        == "--log-level 'chatty' is not a level: one of error, warning, info, debug")
  }

  @Test func proxiesHostsAndOriginsAreLists() throws {
    #expect(try configuration().trustedProxies == TrustedProxies())
    #expect(try configuration().allowedHosts == AllowedHosts())
    #expect(try configuration().crossOrigins == CrossOrigins())
    var environment = Self.home
    environment["EXEIO_TRUSTED_PROXY"] = "unix, 192.0.2.0/24"
    environment["EXEIO_ALLOWED_HOST"] = "a.org,.b.org"
    environment["EXEIO_CORS_ORIGIN"] = "https://dash.example.org"
    let made = try configuration(["--allowed-host", "*"], environment)
    #expect(try made.trustedProxies == TrustedProxies("unix,192.0.2.0/24"))
    #expect(try made.allowedHosts == AllowedHosts("*"))
    #expect(try made.crossOrigins == CrossOrigins("https://dash.example.org"))
  }

  @Test func aListNamesTheElementThatCannotBeTaken() {
    #expect(
      refusal(["--trusted-proxy", "127.0.0.1,10.0.0.0/33"])
        == "--trusted-proxy '10.0.0.0/33' needs a prefix length from 0 to 32")
    #expect(
      refusal([], ["HOME": "/h", "EXEIO_TRUSTED_PROXY": "nginx"])
        == "EXEIO_TRUSTED_PROXY 'nginx' is no address, network or 'unix'")
    #expect(
      refusal(["--allowed-host", "a.org,https://b.org"])?.hasPrefix(
        "--allowed-host 'https://b.org' is no name") == true)
    #expect(
      refusal(["--cors-origin", "https://a.org/"])?.hasPrefix(
        "--cors-origin 'https://a.org/' is no origin") == true)
  }

  @Test func xdgDirectoriesAreTakenIfTheyAreAbsolute() throws {
    var environment = Self.home
    environment["XDG_CONFIG_HOME"] = "/xdg/config"
    environment["XDG_DATA_HOME"] = "relative"
    let made = try configuration([], environment)
    #expect(made.configDirectory == "/xdg/config/exeio")
    #expect(made.dataDirectory == "/home/u/.local/share/exeio")
  }

  @Test func theKeyComesFromTheNearestSource() throws {
    var environment = Self.home
    environment["CREDENTIALS_DIRECTORY"] = "/run/credentials/exeio"
    #expect(
      try configuration([], environment).key
        == .kept(
          path: "/home/u/.config/exeio/api-key", credential: "/run/credentials/exeio/api-key"))
    environment["EXEIO_API_KEY_FILE"] = "/file"
    #expect(try configuration([], environment).key == .file("/file"))
    #expect(
      try configuration(["-k", "secret"], environment).key == .value("secret", origin: "--api-key"))
    environment["EXEIO_API_KEY_FILE"] = nil
    environment["EXEIO_API_KEY"] = "secret"
    #expect(
      try configuration([], environment).key == .value("secret", origin: "EXEIO_API_KEY"))
    #expect(try configuration(["--api-key-file", "/f"], environment).key == .file("/f"))
  }

  @Test(arguments: [
    (["--port", "65536"], "--port '65536'"), (["--port", "x"], "0 to 65535"),
    (["--port"], "--port needs a value"), (["--port", "1", "-P", "2"], "given twice"),
    (["--nonsense"], "unknown option '--nonsense'"), (["-x"], "unknown option '-x'"),
    (["list"], "unknown command 'list'"), (["serve", "more"], "unexpected argument 'more'"),
    (["--api-key", ""], "--api-key is empty"), (["--api-key", "a b"], "HTTP cannot carry"),
    (["--api-key", "a", "--api-key-file", "b"], "choose one"), (["--host", ""], "--host is empty"),
    (["--max-connections", "0"], "1 to 1000000"), (["--config-dir", ""], "--config-dir is empty"),
    (["--socket", String(repeating: "x", count: 108)], "1 to 107 bytes"),
  ])
  func whatCannotBeTakenIsNamed(arguments: [String], words: String) {
    let message = refusal(arguments)
    #expect(message?.contains(words) == true, "\(message ?? "taken")")
    #expect(message?.contains("\n") == false)
  }

  @Test func anEmptyKeyInTheEnvironmentDoesNotPassInSilence() {
    #expect(refusal([], ["HOME": "/h", "EXEIO_API_KEY": ""]) == "EXEIO_API_KEY is empty")
  }

  @Test func withoutAHomeTheDirectoriesMustBeGiven() throws {
    #expect(refusal([], [:])?.contains("--config-dir") == true)
    #expect(refusal([], [:])?.hasSuffix("HOME is not set") == true)
    #expect(refusal([], ["HOME": "home/u"])?.hasSuffix("HOME is not an absolute path") == true)
    let made = try configuration(["--config-dir", "c", "--data-dir", "d"], [:])
    #expect(made.logDirectory == "d/logs")
    #expect(made.processesFile == "c/processes.json")
  }

  @Test func helpNamesEveryOptionAndItsVariables() throws {
    guard
      case .print(let text) = try CommandLineReader.read(
        ["--port", "x", "--help"], environment: [:], version: "1")
    else {
      Issue.record("no help")
      return
    }
    let words =
      OptionName.allCases.map { "--\($0.rawValue)" }
      + ["EXEIO_HOST", "EXEIO_ALLOWED_HOST", "EXEIO_LOG_DIR", "LOGS_DIRECTORY"]
    #expect(words.count > 12)
    for word in words { #expect(text.contains(word), "\(word)") }
    #expect(
      try CommandLineReader.read(["-V"], environment: [:], version: "9.8") == .print("exeio 9.8\n"))
  }
}
