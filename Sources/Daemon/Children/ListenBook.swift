import Supervision
import UV

/// The sockets that are handed over to the runs of processes: bound at the first start, and kept from one run
/// to the next, so that nobody who connects in between is refused. Copies of a process share them.
final class ListenBook {
  /// By the id of the process that was asked for, in the order of its definition.
  private var sockets: [String: [BoundSocket]] = [:]

  /// The sockets for a run: those that are there already, and new ones for what is not. Others that the process
  /// had are closed: those of another address, or whose file is another user's.
  /// - Parameter owner: whose the files of Unix sockets are.
  /// Throws what could not be bound; what was bound for this call is closed again then.
  func sockets(
    for definition: ProcessDefinition, owner: Identity
  ) throws(StartRefusal) -> [BoundSocket] {
    let addresses = definition.execution.listen
    let service = definition.serviceID
    var kept = Dictionary(uniqueKeysWithValues: (sockets[service] ?? []).map { ($0.address, $0) })
    var (all, made): ([BoundSocket], [BoundSocket]) = ([], [])
    // First, since an address that is wanted may overlap with one that is not.
    for (address, socket) in kept {
      let leavesIPv4 = Self.isTakenByIPv4(address, addresses)
      if addresses.contains(address), socket.serves(leavesIPv4: leavesIPv4, owner: owner) {
        continue
      }
      socket.close()
      kept[address] = nil
    }
    do throws(UVError) {
      for address in addresses {
        if let socket = kept[address] {
          all.append(socket)
        } else {
          let socket = try BoundSocket(
            address, leavesIPv4: Self.isTakenByIPv4(address, addresses), owner: owner)
          made.append(socket)
          all.append(socket)
        }
      }
    } catch {
      for socket in made { socket.close() }
      sockets[service] = kept.isEmpty ? nil : addresses.compactMap { kept[$0] }
      let address = error.subject.map { " '\($0)'" } ?? ""
      throw StartRefusal(
        error.operation == "listen on" ? "listen\(address): \(error.reason)" : "listen: \(error)")
    }
    sockets[service] = all.isEmpty ? nil : all
    return all
  }

  /// Whether an IPv4 address of the same port is there too: `[::]:80` would take that as well.
  private static func isTakenByIPv4(_ address: String, _ all: [String]) -> Bool {
    guard let port = address.split(separator: ":").last, address.hasPrefix("[") else {
      return false
    }
    return all.contains { !$0.hasPrefix("/") && !$0.hasPrefix("[") && $0.hasSuffix(":\(port)") }
  }

  /// Closes those of a process.
  func close(_ service: String) {
    for socket in sockets.removeValue(forKey: service) ?? [] { socket.close() }
  }

  /// Closes all.
  func closeAll() {
    for service in sockets.keys { close(service) }
  }
}
