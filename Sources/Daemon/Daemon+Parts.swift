import API
import HTTP
import Supervision
import UV

extension Router {
  /// The router of a daemon that listens on an address. Throws where the system does not say what
  /// this process may do.
  init(_ state: StartupState, _ address: ListenAddress) throws(UVError) {
    let files = state.files
    self.init(
      keys: KeyRing(main: APIKey(files.key.key), named: files.namedKeys.source),
      info: ServerInfo(version: state.version, url: address.url))
    privileges = try Privileges.own()
    limitControllers = state.cgroups.limitControllers
  }
}

extension Supervisor {
  /// One that has heard of nothing yet.
  init(_ configuration: Configuration, _ cgroups: CgroupSetup) {
    self.init(
      limitControllers: cgroups.limitControllers,
      configDirectory: configuration.configDirectory.readable)
  }
}

extension OpenedJournal {
  /// That of a start.
  init(_ state: StartupState, on loop: Loop) throws(UVError) {
    try self.init(
      state.files.runState, state.predecessors, state.cgroups.tree,
      path: state.configuration.runStateFile, on: loop)
  }
}

extension RequestFilter {
  /// - Parameter addresses: that the server listens on.
  init(_ configuration: Configuration, _ addresses: [String]) {
    var hosts = configuration.allowedHosts
    hosts.addBound(addresses, name: configuration.host)
    self.init(
      proxies: configuration.trustedProxies, hosts: hosts, origins: configuration.crossOrigins,
      localUsers: LocalUsers(own: SystemProcess.userID))
  }
}

extension EntryContext {
  /// What entries show that does not change.
  init(_ configuration: Configuration) {
    self.init(
      logDirectory: configuration.logDirectory.readable,
      workingDirectory: SystemProcess.currentDirectory?.readable ?? "/")
  }
}
