import Logs
import Supervision
import UV

/// Hands the local time of the machine to the supervisor: at the start, and every hour.
final class LocalTimeReader {
  private let context: DaemonContext
  private let timer: Timer
  private var isClosed = false
  private static let interval: Duration = .seconds(3600)
  /// How far ahead changes of it are looked for, in seconds: about ten years.
  private static let horizon: Int64 = 3653 * 86_400

  typealias Reading = Result<TimeZoneOffsets, UVError>

  init(_ context: DaemonContext) throws(UVError) {
    self.context = context
    timer = try Timer(on: context.loop)
    timer.unref()
  }

  /// Reads it at once, as the other files of the start; later on the pool, since the file of the
  /// zone may have changed, and be on a disk that hangs.
  func start() {
    note(Self.read(span))
    timer.start(after: Self.interval, repeating: Self.interval) { [unowned self] in
      PoolWork.run(on: context.loop, .ownFiles(directory: "/etc")) { [span] in
        Self.read(span)
      } then: { [self] in
        note($0)
      }
    }
  }

  /// What is to be read now. It begins with the day before, so that a change that has just been is
  /// known.
  var span: ClosedRange<Int64> {
    let today = context.clock.sinceEpoch().components.seconds / 86_400 * 86_400
    return today - 86_400...today + Self.horizon
  }

  /// Reads the local time of the machine, in seconds since 1970 UTC; waits for the disk.
  static func read(_ span: ClosedRange<Int64>) -> Reading {
    do throws(UVError) {
      return .success(TimeZoneOffsets(try LocalTime.transitions(in: span)))
    } catch {
      return .failure(error)
    }
  }

  /// Hands what was read to the supervisor.
  func note(_ reading: Reading) {
    guard !isClosed else { return }
    switch reading {
    case .success(let offsets): context.send(.zoneRead(offsets))
    case .failure(let error):
      context.log.error("The local time cannot be read, schedules go on as before: \(error)")
    }
  }

  func close() {
    isClosed = true
    timer.close()
  }
}
