import Logs
import Supervision
import UV

extension Daemon {
  /// How often it is looked whether the local time of the machine has become another one.
  private static let localTimeInterval: Duration = .seconds(3600)
  /// How far ahead changes of it are looked for, in seconds: about ten years.
  private static let localTimeHorizon: Int64 = 3653 * 86_400

  /// Hands the local time of the machine to the supervisor, now and every hour. At the start it is read at once, as the
  /// other files; later on the pool, since the file of the zone may have changed, and be on a disk that hangs.
  func followLocalTime() {
    note(localTime: Self.localTime(in: Self.localTimeSpan))
    localTimeTimer.unref()
    localTimeTimer.start(after: Self.localTimeInterval, repeating: Self.localTimeInterval) {
      [unowned self] in readLocalTime()
    }
  }

  private func readLocalTime() {
    let span = Self.localTimeSpan
    PoolWork.run(on: loop, .ownFiles(directory: "/etc")) {
      Self.localTime(in: span)
    } then: { [self] in
      if !isFinishing { note(localTime: $0) }
    }
  }

  /// It begins with the day before, so that a change that has just been is known.
  static var localTimeSpan: ClosedRange<Int64> {
    let today = SystemProcess.wallClock.components.seconds / 86_400 * 86_400
    return today - 86_400...today + localTimeHorizon
  }

  /// Reads the local time of the machine.
  static func localTime(in span: ClosedRange<Int64>) -> Result<TimeZoneOffsets, UVError> {
    do throws(UVError) {
      let transitions = try LocalTime.transitions(in: span)
      return .success(
        TimeZoneOffsets(
          transitions.map { TimeZoneOffsets.Transition(at: $0.at, offset: $0.offset) }))
    } catch {
      return .failure(error)
    }
  }

  /// Hands it to the supervisor.
  func note(localTime: Result<TimeZoneOffsets, UVError>) {
    switch localTime {
    case .success(let offsets): send(.zoneRead(offsets))
    case .failure(let error):
      supervisorLog.error("The local time cannot be read, schedules go on as before: \(error)")
    }
  }
}
