import Supervision
import UV

extension ServiceManager {
  /// Finds the way to the service manager that wants to hear of this process; nil if there is none.
  static func connect(
    _ service: ServiceEnvironment, _ context: DaemonContext, _ source: Source
  ) throws(UVError) -> ServiceManager? {
    for complaint in service.complaints { context.log.warning(complaint) }
    guard let name = service.notifySocket else { return nil }
    let socket: NotifySocket
    do throws(NotifySocket.Failure) {
      socket = try NotifySocket(name)
    } catch {
      context.log.warning("\(error): the service manager is told nothing")
      return nil
    }
    let channel = try NotifyChannel(socket, on: context.loop)
    channel.onTrouble = { [log = context.log] in log.warning($0) }
    return try ServiceManager(
      channel, watchdogInterval: service.watchdogInterval, on: context.loop,
      clock: context.clock, source: source)
  }
}
