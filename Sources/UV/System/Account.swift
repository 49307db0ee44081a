import CLinux
import Glibc

/// A user of the machine (passwd(5)). Looking one up may ask a server, and blocks until that
/// answers.
package struct Account: Equatable, Sendable {
  /// The login name.
  package let name: String
  /// Its number.
  package let user: UInt32
  /// The number of its primary group.
  package let group: UInt32
  /// The home directory.
  package let home: SystemString
  /// The login shell; `/bin/sh` where the entry names none.
  package let shell: SystemString

  /// The user of a name (`getpwnam_r(3)`).
  ///
  /// - Returns: nil when there is none.
  package static func named(_ name: String) throws(UVError) -> Account? {
    try NameService.find(name, passwd(), read) { getpwnam_r(name, $0, $1, $2, $3) }
  }

  /// The user of a number (`getpwuid_r(3)`).
  ///
  /// - Returns: nil when there is none.
  package static func numbered(_ number: UInt32) throws(UVError) -> Account? {
    try NameService.find("\(number)", passwd(), read) { getpwuid_r(number, $0, $1, $2, $3) }
  }

  /// The groups that a user is in, another one at the front (`getgrouplist(3)`).
  package func groups(with group: UInt32) throws(UVError) -> [UInt32] {
    var room: Int32 = 64
    while true {
      var (groups, count) = ([gid_t](repeating: 0, count: Int(room)), room)
      if getgrouplist(name, group, &groups, &count) >= 0 { return Array(groups.prefix(Int(count))) }
      // It leaves the number that there are; a process can be in 65536 (NGROUPS_MAX).
      guard count > room, count <= 1 << 16 else {
        throw UVError(code: -ERANGE, operation: "look up the groups of user", subject: name)
      }
      room = count
    }
  }

  private static func read(_ entry: passwd) -> Account {
    let shell = SystemString(entry.pw_shell)
    return Account(
      name: String(systemC: entry.pw_name), user: entry.pw_uid, group: entry.pw_gid,
      home: SystemString(entry.pw_dir), shell: shell.bytes.isEmpty ? "/bin/sh" : shell)
  }
}

/// A group of the machine (group(5)).
package enum AccountGroup {
  /// The number of the group of a name (`getgrnam_r(3)`).
  ///
  /// - Returns: nil when there is none.
  package static func named(_ name: String) throws(UVError) -> UInt32? {
    try NameService.find(name, group(), \.gr_gid) { getgrnam_r(name, $0, $1, $2, $3) }
  }

  /// The name of the group of a number (`getgrgid_r(3)`).
  ///
  /// - Returns: nil when there is none.
  package static func name(of number: UInt32) throws(UVError) -> String? {
    try NameService.find("\(number)", group(), read) { getgrgid_r(number, $0, $1, $2, $3) }
  }

  private static func read(_ entry: group) -> String {
    String(cString: entry.gr_name)
  }
}

/// How the C library looks up users and groups: into a buffer of the caller's.
private enum NameService {
  /// Calls `lookup` with a larger buffer until the entry fits in.
  ///
  /// - Returns: what `read` makes of the entry; nil if there is none.
  static func find<Entry, Value>(
    _ subject: String, _ empty: Entry, _ read: (Entry) -> Value,
    _ lookup: (
      UnsafeMutablePointer<Entry>, UnsafeMutablePointer<CChar>, Int,
      UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>
    ) -> Int32
  ) throws(UVError) -> Value? {
    var size = 4096
    while true {
      var (entry, found) = (empty, UnsafeMutablePointer<Entry>?.none)
      let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
      defer { buffer.deallocate() }
      let result = lookup(&entry, buffer, size, &found)
      switch result {
      case 0: return found == nil ? nil : read(entry)
      // Some sources of names say so where others find nothing (getpwnam(3)).
      case ENOENT, ESRCH: return nil
      case EINTR: continue
      case ERANGE where size < 1 << 24: size *= 4
      default: throw UVError(code: -result, operation: "look up", subject: subject)
      }
    }
  }
}
