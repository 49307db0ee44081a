import Basics
import TestSupport
import Testing
import UV

/// Limits as the kernel takes them.
struct CgroupLimitsTests {
  private func lines(_ limits: CgroupLimits) -> [String] {
    limits.files.map { "\($0.name) \($0.value)" }
  }

  @Test func eachLimitHasItsFileAndItsController() {
    let limits = CgroupLimits(memoryMaxBytes: 1 << 20, cpuMaxPercent: 150, tasksMax: 7)
    #expect(
      lines(limits) == [
        "memory.max 1048576", "memory.swap.max 0", "cpu.max 150000 100000", "pids.max 7",
      ])
    #expect(limits.controllers == [.memory, .cpu, .tasks])
    #expect(lines(CgroupLimits(cpuMaxPercent: 1)) == ["cpu.max 1000 100000"])
    #expect(CgroupLimits(tasksMax: 1).controllers == [.tasks])
    #expect(lines(CgroupLimits()).isEmpty && CgroupLimits().controllers.isEmpty)
  }

  /// Only where the machine has all three controllers in cgroup v2.
  @Test(.enabled(if: Self.hasControllers, "needs the controllers memory, cpu and pids"))
  func aGroupHasTheLimitsItWasMadeWith() throws {
    let test = try TestCgroup()
    let tree = try CgroupTree(test.group, patience: .zero)
    defer { tree.close() }
    #expect(tree.controllers == Set(CgroupController.allCases))
    let group = try tree.makeGroup(
      of: "web", CgroupLimits(memoryMaxBytes: 64 << 20, cpuMaxPercent: 50, tasksMax: 20))
    #expect(try group.read("memory.max") == "\(64 << 20)\n")
    #expect(try group.read("cpu.max") == "50000 100000\n")
    #expect(try group.read("pids.max") == "20\n")
    // The next run has limits of its own.
    #expect(try tree.makeGroup(of: "web", CgroupLimits()).read("memory.max") == "max\n")
  }

  private static let hasControllers: Bool = {
    guard TestCgroup.isAvailable else { return false }
    do {
      let offered = try TestCgroup().group.read("cgroup.controllers")
      return CgroupController.allCases.allSatisfy { offered.contains($0.rawValue) }
    } catch {
      return false
    }
  }()
}
