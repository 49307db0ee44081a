import API
import ExeioDaemon
import Supervision
import TestSupport
import Testing
import UV

/// What the processes use, with a clock and readings of the tests' own.
@Suite struct UsageSamplesTests {
  /// Stands in for the system.
  private final class Machine {
    var now: Duration = .seconds(1000)
    /// How long a look takes.
    var cost: Duration = .zero
    /// By leader.
    var readings: [Int32: ResourceUsage] = [:]
    private(set) var lookCount = 0

    /// Reads what is to be read.
    func refresh(_ samples: inout UsageSamples) {
      let began = now
      guard let runs = samples.begin() else { return }
      lookCount += 1
      now += cost
      samples.note(runs.map { readings[$0.subject.leader] }, of: runs, since: began)
    }

    func set(_ leader: Int32, cpu: Duration, memory: Int? = 4096, kills: Int? = nil) {
      readings[leader] = ResourceUsage(memoryBytes: memory, cpuTime: cpu, oomKills: kills)
    }

    var samples: UsageSamples { UsageSamples(clock: { self.now }) }
  }

  private func run(_ process: String, _ serial: UInt64) -> RunID {
    RunID(process: process, serial: serial)
  }

  @Test func whereNothingRunsNobodyLooks() {
    let machine = Machine()
    var samples = machine.samples
    machine.refresh(&samples)
    #expect(machine.lookCount == 0)
    #expect(samples.usages.isEmpty)
  }

  @Test func theFirstShareIsThatSinceTheStart() {
    let machine = Machine()
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.now += .seconds(4)
    machine.set(10, cpu: .seconds(1), memory: 123)
    machine.refresh(&samples)
    #expect(
      samples.usages == ["a": ProcessUsage(memoryBytes: 123, cpuPercent: 25, cpuTime: .seconds(1))])
  }

  @Test func laterSharesAreThoseSinceTheLookBefore() {
    let machine = Machine()
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.now += .seconds(100)
    machine.set(10, cpu: .seconds(1))
    machine.refresh(&samples)
    machine.now += .seconds(2)
    machine.set(10, cpu: .seconds(4))
    machine.refresh(&samples)
    #expect(samples.usages["a"]?.cpuPercent == 150)
    machine.now += .seconds(10)
    machine.refresh(&samples)
    #expect(samples.usages["a"]?.cpuPercent == 0)
    #expect(samples.usages["a"]?.cpuTime == .seconds(4))
  }

  @Test func aLookIsGoodForASecond() {
    let machine = Machine()
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.set(10, cpu: .zero)
    machine.refresh(&samples)
    machine.now += .milliseconds(999)
    machine.refresh(&samples)
    #expect(machine.lookCount == 1)
    machine.now += .milliseconds(1)
    machine.refresh(&samples)
    #expect(machine.lookCount == 2)
  }

  @Test func aNewRunIsLookedForAtOnceAsLongAsLooksAreCheap() {
    let machine = Machine()
    machine.cost = .milliseconds(5)
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.set(10, cpu: .milliseconds(5))
    machine.refresh(&samples)
    let share = samples.usages["a"]?.cpuPercent
    samples.began(run("b", 2), .init(leader: 20))
    machine.set(20, cpu: .zero, memory: 7)
    machine.now += .milliseconds(94)
    machine.refresh(&samples)
    #expect(machine.lookCount == 1)
    #expect(samples.usages["b"] == nil)
    machine.now += .milliseconds(1)
    machine.set(10, cpu: .milliseconds(15), memory: 9)
    machine.refresh(&samples)
    #expect(machine.lookCount == 2)
    #expect(samples.usages["b"]?.memoryBytes == 7)
    // The other run's memory is taken along; its share would be made of too short a time.
    #expect(samples.usages["a"]?.memoryBytes == 9)
    #expect(samples.usages["a"]?.cpuPercent == share)
    #expect(samples.usages["a"]?.cpuTime == .milliseconds(15))
    machine.refresh(&samples)
    #expect(machine.lookCount == 2)
  }

  @Test func whatEndedRunsUsedIsKept() {
    let machine = Machine()
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.set(10, cpu: .seconds(3))
    machine.refresh(&samples)
    samples.ended(run("a", 1), cpuTime: .milliseconds(3_500))
    #expect(samples.usages == ["a": ProcessUsage(cpuTime: .milliseconds(3_500))])
    samples.began(run("a", 2), .init(leader: 11))
    #expect(samples.usages["a"]?.cpuTime == .milliseconds(3_500))
    machine.now += .seconds(2)
    machine.set(11, cpu: .seconds(1), memory: 1)
    machine.refresh(&samples)
    #expect(
      samples.usages["a"]
        == ProcessUsage(memoryBytes: 1, cpuPercent: 50, cpuTime: .milliseconds(4_500)))
    samples.ended(run("a", 2), cpuTime: .seconds(1))
    #expect(samples.usages["a"]?.cpuTime == .milliseconds(4_500))
  }

  @Test func aRunThatNobodyLookedAtCountsToo() {
    var samples = Machine().samples
    samples.began(run("a", 1), .init(leader: 10))
    samples.ended(run("a", 1), cpuTime: .seconds(2))
    #expect(samples.usages["a"]?.cpuTime == .seconds(2))
  }

  @Test func theTotalNeverGoesDown() {
    let machine = Machine()
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.set(10, cpu: .seconds(5))
    machine.refresh(&samples)
    // A child of the run has ended, and no process of the run has waited for it.
    machine.now += .seconds(1)
    machine.set(10, cpu: .seconds(2))
    machine.refresh(&samples)
    #expect(samples.usages["a"]?.cpuTime == .seconds(5))
    #expect(samples.usages["a"]?.cpuPercent == 0)
    samples.ended(run("a", 1), cpuTime: .seconds(1))
    #expect(samples.usages["a"]?.cpuTime == .seconds(5))
  }

  @Test func aRunThatCannotBeReadKeepsWhatWasKnown() {
    let machine = Machine()
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.set(10, cpu: .seconds(5), memory: 1)
    machine.refresh(&samples)
    machine.now += .seconds(1)
    machine.readings = [:]
    machine.refresh(&samples)
    #expect(samples.usages["a"]?.memoryBytes == 1)
  }

  @Test func killsForWantOfMemoryAddUpOverRuns() throws {
    let machine = Machine()
    let cgroup = try TemporaryDirectory()
    try Files.createNew(
      cgroup.file("cpu.stat"), mode: 0o600, contents: Array("usage_usec 7000000\n".utf8))
    try Files.createNew(
      cgroup.file("memory.events"), mode: 0o600, contents: Array("oom 1\noom_kill 2\n".utf8))
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10, cgroup: cgroup.path))
    machine.set(10, cpu: .seconds(1), kills: 1)
    machine.refresh(&samples)
    #expect(samples.usages["a"]?.oomKills == 1)
    // The cgroup knows of children that no process waited for, and of the kill that ended the run.
    samples.ended(run("a", 1), cpuTime: .seconds(1))
    #expect(samples.usages["a"] == ProcessUsage(cpuTime: .seconds(7), oomKills: 2))
    samples.began(run("a", 2), .init(leader: 11, cgroup: cgroup.path))
    #expect(samples.usages["a"]?.oomKills == 2)
    machine.now += .seconds(1)
    machine.set(11, cpu: .zero, kills: 0)
    machine.refresh(&samples)
    #expect(samples.usages["a"]?.oomKills == 2)
  }

  @Test func detailsAreReadForThoseWhoWantThem() throws {
    let machine = Machine()
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.refresh(&samples)
    // The look that is good enough for others has no details.
    let plain = samples.begin()
    #expect(plain == nil)
    let began = samples.begin(hasDetails: true)
    let runs = try #require(began)
    var reading = ResourceUsage(memoryBytes: 1, cpuTime: .zero, oomKills: nil)
    reading.tasks = 3
    reading.openDescriptors = 12
    samples.note([reading], of: runs, since: machine.now, hasDetails: true)
    let again = samples.begin(hasDetails: true)
    #expect(again == nil)
    #expect(samples.usages["a"]?.tasks == 3)
    #expect(samples.usages["a"]?.openDescriptors == 12)
    machine.now += .seconds(1)
    machine.set(10, cpu: .seconds(1))
    machine.refresh(&samples)
    #expect(samples.usages["a"]?.tasks == 3)
    let later = samples.begin(hasDetails: true)
    #expect(later != nil)
    samples.ended(run("a", 1), cpuTime: .seconds(1))
    #expect(samples.usages["a"]?.tasks == nil)
    #expect(samples.usages["a"]?.openDescriptors == nil)
  }

  @Test func whatRunsHadOfTheDisksAddsUpAndNeverGoesDown() throws {
    let machine = Machine()
    var samples = machine.samples
    func note(_ leader: Int32, _ read: Int?, _ written: Int?) throws {
      machine.now += .seconds(1)
      let began = samples.begin(hasDetails: true)
      let runs = try #require(began)
      var reading = ResourceUsage(memoryBytes: 1, cpuTime: .zero, oomKills: nil)
      (reading.diskReadBytes, reading.diskWrittenBytes) = (read, written)
      samples.note([reading], of: runs, since: machine.now, hasDetails: true)
    }
    func bytes() -> [Int?] {
      [samples.usages["a"]?.diskReadBytes, samples.usages["a"]?.diskWrittenBytes]
    }
    samples.began(run("a", 1), .init(leader: 10))
    try note(10, nil, nil)
    #expect(bytes() == [nil, nil])
    try note(10, 100, 7)
    #expect(bytes() == [100, 7])
    // A process of the run has ended, and another one cannot be looked at.
    try note(10, 40, nil)
    #expect(bytes() == [100, 7])
    samples.ended(run("a", 1), cpuTime: .zero)
    #expect(bytes() == [100, 7])
    samples.began(run("a", 2), .init(leader: 11))
    #expect(bytes() == [100, 7])
    try note(11, 30, 3)
    #expect(bytes() == [130, 10])
  }

  @Test func aRemovedProcessIsForgotten() {
    let machine = Machine()
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.set(10, cpu: .seconds(1))
    machine.refresh(&samples)
    samples.ended(run("a", 1), cpuTime: .seconds(1))
    samples.forget("a")
    #expect(samples.usages.isEmpty)
    samples.began(run("a", 2), .init(leader: 11))
    machine.now += .seconds(1)
    machine.set(11, cpu: .zero)
    machine.refresh(&samples)
    #expect(samples.usages["a"]?.cpuTime == .zero)
  }

  @Test func theEndOfARunThatIsNotThePresentOneIsNothing() {
    var samples = Machine().samples
    samples.began(run("a", 2), .init(leader: 10))
    samples.ended(run("a", 1), cpuTime: .seconds(9))
    #expect(samples.usages.isEmpty)
  }

  @Test func looksThatTakeLongAreFurtherApart() {
    let machine = Machine()
    machine.cost = .milliseconds(100)
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    machine.set(10, cpu: .seconds(1))
    machine.refresh(&samples)
    machine.now += .milliseconds(1800)
    machine.refresh(&samples)
    #expect(machine.lookCount == 1)
    machine.now += .milliseconds(200)
    machine.refresh(&samples)
    #expect(machine.lookCount == 2)
  }

  @Test func aRunThatEndsWhileItIsReadIsNotBroughtBack() throws {
    let machine = Machine()
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    let began = samples.begin()
    let runs = try #require(began)
    samples.ended(run("a", 1), cpuTime: .seconds(1))
    samples.began(run("a", 2), .init(leader: 11))
    let usage = ResourceUsage(memoryBytes: 5, cpuTime: .seconds(9), oomKills: nil)
    samples.note([usage], of: runs, since: machine.now)
    #expect(samples.usages == ["a": ProcessUsage(cpuTime: .seconds(1))])
  }

  @Test func aRunThatBeginsDuringAReadingIsReadSoon() throws {
    let machine = Machine()
    machine.cost = .milliseconds(1)
    var samples = machine.samples
    samples.began(run("a", 1), .init(leader: 10))
    let began = samples.begin()
    let runs = try #require(began)
    samples.began(run("b", 1), .init(leader: 20))
    samples.note([nil], of: runs, since: machine.now)
    machine.set(20, cpu: .zero, memory: 7)
    machine.now += .milliseconds(20)
    machine.refresh(&samples)
    #expect(samples.usages["b"]?.memoryBytes == 7)
  }
}
