import API
import Logs
import Supervision
import UV

extension Daemon {
  /// Finds the way to the service manager that wants to hear of this process, if there is one.
  func connectServiceManager(_ service: ServiceEnvironment) throws(UVError) {
    for complaint in service.complaints { supervisorLog.warning(complaint) }
    guard let name = service.notifySocket else { return }
    let socket: NotifySocket
    do throws(NotifySocket.Failure) {
      socket = try NotifySocket(name)
    } catch {
      return supervisorLog.warning("\(error): the service manager is told nothing")
    }
    let channel = try NotifyChannel(socket, on: loop)
    channel.onTrouble = { [supervisorLog] in supervisorLog.warning($0) }
    serviceManager = try ServiceManager(
      channel, watchdogInterval: service.watchdogInterval, on: loop,
      source: ServiceManager.Source(
        status: { [unowned self] in
          StatusText.make(
            origin: address.origin, counts: supervisor.statusCounts,
            problems: problems.list.all.map(\.message))
        },
        longestEnd: { [unowned self] in
          max(
            supervisor.longestEnd(at: now),
            leftovers?.longestEnd(at: SystemProcess.monotonicClock) ?? .zero)
        }))
    problems.onChange = { [unowned self] in serviceManager?.noteChange() }
  }
}
