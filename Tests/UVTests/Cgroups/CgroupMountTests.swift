import Testing
import UV

/// Where cgroup v2 is, as the kernel's tables tell it.
struct CgroupMountTests {
  private let unified =
    "25 30 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
  private let hybrid = """
    31 23 0:28 / /sys/fs/cgroup ro shared:4 - tmpfs tmpfs ro,mode=755
    35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:5 - cgroup cgroup rw,memory
    41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:6 master:2 - cgroup2 cgroup2 rw

    """

  @Test func itIsFoundAloneAndBesideTheOldOne() throws {
    let alone = try #require(CgroupMount(mountInfo: unified))
    #expect(alone.directory == "/sys/fs/cgroup")
    #expect(alone.root == "/")
    #expect(CgroupMount(mountInfo: hybrid)?.directory == "/sys/fs/cgroup/unified")
  }

  @Test(arguments: [
    "", "\n", "nonsense\n", "1 2 3 4 5 6 - cgroup2\n", "31 23 0:28 / /x rw - tmpfs tmpfs rw\n",
    "31 23 0:28 / /sys/fs/cgroup rw - cgroup cgroup rw,memory\n", "31 23 0:28 / /x rw -\n",
  ])
  func whereItIsNotThereIsNone(table: String) {
    #expect(CgroupMount(mountInfo: table)?.directory != "/sys/fs/cgroup")
  }

  @Test func spacesInNamesAreEscaped() {
    let table = #"41 31 0:38 /a\134b /mnt/my\040groups rw - cgroup2 cgroup2 rw"#
    #expect(CgroupMount(mountInfo: table)?.directory == "/mnt/my groups")
    #expect(CgroupMount(mountInfo: table)?.root == #"/a\b"#)
  }

  @Test func theGroupOfAProcessIsTheOneWithoutControllers() {
    #expect(
      CgroupMount.group(in: "4:memory:/old\n0::/system.slice/x.service\n")
        == "/system.slice/x.service")
    #expect(CgroupMount.group(in: "4:memory:/old\n") == nil)
  }

  @Test func aGroupIsADirectoryBelowTheMount() throws {
    let whole = try #require(CgroupMount(mountInfo: unified))
    #expect(whole.directory(of: "/") == "/sys/fs/cgroup")
    #expect(whole.directory(of: "/a/b") == "/sys/fs/cgroup/a/b")
    #expect(whole.directory(of: "/../a") == nil)
    #expect(whole.directory(of: "/a (deleted)") == nil)
    var part = whole
    part.root = "/docker/1"
    #expect(part.directory(of: "/docker/1") == "/sys/fs/cgroup")
    #expect(part.directory(of: "/docker/1/a") == "/sys/fs/cgroup/a")
    #expect(part.directory(of: "/docker/12") == nil)
  }
}
