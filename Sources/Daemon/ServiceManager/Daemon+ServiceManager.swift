import Logs
import Supervision
import UV

extension Daemon {
  /// Finds the way to the service manager that wants to hear of this process, if there is one.
  func connectServiceManager(_ service: ServiceEnvironment) throws(UVError) {
    for complaint in service.complaints { ownLog.warning(complaint) }
    guard let name = service.notifySocket else { return }
    let socket: NotifySocket
    do throws(NotifySocket.Failure) {
      socket = try NotifySocket(name)
    } catch {
      return ownLog.warning("\(error): the service manager is told nothing")
    }
    let channel = try NotifyChannel(socket, on: loop)
    channel.onTrouble = { [ownLog] in ownLog.warning($0) }
    serviceManager = try ServiceManager(
      channel, watchdogTimeout: service.watchdogTimeout, on: loop,
      source: ServiceManager.Source(
        status: { [unowned self] in
          StatusText.make(origin: address.origin, counts: supervisor.statusCounts)
        },
        longestEnd: { [unowned self] in
          max(
            supervisor.longestEnd(at: now),
            leftovers?.longestEnd(at: SystemProcess.monotonicClock) ?? .zero)
        }))
  }

  /// Opens the log files anew, for whoever has renamed them; the service manager hears when that is done.
  func reopenLogs() {
    serviceManager?.reloading()
    let all = [ownLog.log] + logs.values
    for log in all { log.reopen() }
    ownLog.info("Log files reopened (SIGHUP)")
    var open = all.count
    for log in all {
      log.flush { [self] in
        open -= 1
        if open == 0 { serviceManager?.reloaded() }
      }
    }
  }
}
