import UV

/// The program: arguments and environment in, exit code out.
package enum Program {
  package static let version = "2.0.0"

  /// Runs the program to its end, with the arguments and the environment that it was started with.
  /// - Returns: the exit code.
  package static func main() -> Int32 {
    // First of all: whatever is opened before could become standard output.
    StandardStreams.openMissing()
    // Before any file is written: a start and `exeio key` write some.
    SystemProcess.ignoreFileSizeSignal()
    let code = run(SystemProcess.arguments)
    // exit(3) would wait for what hangs on a thread of the pool.
    if WorkerPool.isBusy { SystemProcess.endAtOnce(code) }
    return code
  }

  /// Runs the program to its end.
  /// - Parameter arguments: with the program's name.
  /// - Returns: 0 done, 1 a start or a command that failed, 2 bad usage, or the code of an
  ///   essential process that ended.
  static func run(_ arguments: [String]) -> Int32 {
    let environment = SystemProcess.environment
    // Swift takes the arguments from /proc/self/cmdline. Where that is not mounted there are none,
    // not even the program's name: the daemon does not know what was asked for, and a start with
    // the defaults would be wrong.
    guard !arguments.isEmpty else {
      StartFailure.report("the command line cannot be read; mount /proc", environment: environment)
      return 1
    }
    do throws(UsageError) {
      switch try CommandLineReader.read(
        Array(arguments.dropFirst()), environment: environment, version: version)
      {
      case .print(let text):
        return print(text)
      case .key(let command):
        return try run(command, environment: environment)
      case .check(let settings):
        return StartCheck(try Configuration(settings, environment: environment)).run()
      case .serve(let settings):
        let configuration = try Configuration(settings, environment: environment)
        return serve(configuration, environment: environment)
      }
    } catch {
      StartFailure.report("\(error.message); see \(error.help)", environment: environment)
      return 2
    }
  }

  /// Text that was asked for and cannot be written is an error to tell: a full disk, a reader that
  /// has gone.
  private static func print(_ text: String) -> Int32 {
    SystemProcess.ignoreBrokenPipes()
    do throws(UVError) {
      try StandardStreams.writeOutput(allOf: text)
      return 0
    } catch {
      StandardStreams.writeError("exeio: \(error)\n")
      return 1
    }
  }

  private static func run(
    _ command: KeyCommand, environment: [String: String]
  ) throws(UsageError) -> Int32 {
    // The reader of the key may have gone: that is an error to tell, not an end.
    SystemProcess.ignoreBrokenPipes()
    let store = try KeyStore(command.settings, environment: environment, clock: .system)
    do throws(KeyStore.Refusal) {
      try store.run(command.action)
      return 0
    } catch {
      StandardStreams.writeError("exeio: \(error.message)\n")
      return 1
    }
  }

  private static func serve(
    _ configuration: Configuration, environment: [String: String]
  ) -> Int32 {
    // Also where a start fails: the reader of the reason may have gone.
    SystemProcess.ignoreBrokenPipes()
    do throws(StartError) {
      let (daemon, locks) = try Startup.makeDaemon(
        configuration, environment: environment, version: version)
      let isLetGo: Bool
      do throws(UVError) {
        isLetGo = try daemon.run()
      } catch {
        throw StartError("the event loop is not empty at the end: \(error)")
      }
      guard isLetGo else {
        // exit(3) would wait for the threads of the pool, and close(2) for the file system.
        locks.unlock()
        withExtendedLifetime(daemon) { SystemProcess.endAtOnce(daemon.exitCode) }
      }
      locks.release()
      return daemon.exitCode
    } catch {
      StartFailure.report(
        error.message, errorNumber: error.errorNumber, environment: environment)
      return 1
    }
  }
}
