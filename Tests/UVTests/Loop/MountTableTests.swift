import Testing

@testable import UV

struct MountTableTests {
  private let table = MountTable(
    mountInfo: """
      22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      25 22 0:22 / /var/log rw shared:9 - fuse.sshfs host:/ rw
      26 25 0:23 / /var/log/deep rw - tmpfs tmpfs rw
      27 22 0:24 / /mnt/a\\040b rw - nfs4 server:/x rw

      """)

  @Test(arguments: [
    ("/", "/"), ("/var", "/"), ("/var/log", "/var/log"), ("/var/log/exeio", "/var/log"),
    ("/var/logs", "/"), ("/var/log/deep/er", "/var/log/deep"), ("/mnt/a b/c", "/mnt/a b"),
    ("/var/log/", "/var/log"),
  ])
  func aPathHasTheMountPointAboveIt(path: String, point: String) {
    #expect(table.point(above: path) == point)
  }

  @Test func whereNothingIsKnownAllIsBelowTheRoot() {
    #expect(MountTable(mountInfo: "nonsense").point(above: "/a/b") == "/")
    #expect(MountTable.current().point(above: "/proc/1/fd") == "/proc")
  }
}
