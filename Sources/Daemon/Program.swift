import UV

/// The program: arguments and environment in, exit code out.
package enum Program {
  package static let version = "2.0.0"

  /// Runs the program to its end.
  /// - Parameter arguments: without the program's name.
  /// - Returns: 0 done, 1 a start that failed, 2 bad usage.
  package static func run(_ arguments: [String]) -> Int32 {
    let environment = SystemProcess.environment
    do throws(UsageError) {
      switch try CommandLineReader.read(arguments, environment: environment, version: version) {
      case .print(let text):
        SystemProcess.writeToStandardOutput(text)
        return 0
      case .serve(let settings):
        let configuration = try Configuration(settings, environment: environment)
        return serve(configuration, environment: environment)
      }
    } catch {
      SystemProcess.writeToStandardError("exeio: \(error.message); see exeio --help\n")
      return 2
    }
  }

  private static func serve(
    _ configuration: Configuration, environment: [String: String]
  ) -> Int32 {
    do throws(StartError) {
      let (daemon, locks) = try Daemon.start(
        configuration, environment: environment, version: version)
      do throws(UVError) {
        try daemon.run()
      } catch {
        throw StartError("the event loop is not empty at the end: \(error)")
      }
      for lock in locks { lock.release() }
      return 0
    } catch {
      SystemProcess.writeToStandardError("exeio: \(error.message)\n")
      return 1
    }
  }
}
