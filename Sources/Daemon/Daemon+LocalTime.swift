import Logs
import Supervision
import UV

extension Daemon {
  /// How often it is looked whether the local time of the machine has become another one.
  private static let localTimeInterval: Duration = .seconds(3600)
  /// How far ahead changes of it are looked for, in seconds: about ten years.
  private static let localTimeHorizon: Int64 = 3653 * 86_400

  /// Reads the local time of the machine and hands it to the supervisor, now and every hour.
  func followLocalTime() {
    readLocalTime()
    localTimeTimer.unref()
    localTimeTimer.start(after: Self.localTimeInterval, repeating: Self.localTimeInterval) {
      [unowned self] in readLocalTime()
    }
  }

  /// Reads the local time of the machine, and hands it to the supervisor where it is not what it was.
  ///
  /// It begins with the day before, so that a change that has just been is known.
  func readLocalTime() {
    let today = SystemProcess.wallClock.components.seconds / 86_400 * 86_400
    let transitions: [LocalTime.Transition]
    do throws(UVError) {
      transitions = try LocalTime.transitions(
        in: today - 86_400...today + Self.localTimeHorizon)
    } catch {
      return ownLog.error("The local time cannot be read, schedules go on as before: \(error)")
    }
    send(
      .zoneRead(
        TimeZoneOffsets(
          transitions.map { TimeZoneOffsets.Transition(at: $0.at, offset: $0.offset) })))
  }
}
