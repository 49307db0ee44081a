import UV

/// The owners of what is executed: runs, hooks and probes, and what an earlier supervisor left
/// running.
struct ProcessOwners {
  let outputScheduler: OutputScheduler
  let processWatch: ProcessWatch
  let usageSampler: UsageSampler
  let cgroups: RunCgroups
  let runs: RunController
  let helpers: HelperCommands
  let hooks: HookRunner
  let probes: Probes
  let spawner: Spawner
  let recovery: Recovery

  /// Makes them; nothing is executed yet.
  init(
    _ context: DaemonContext, _ logs: ProcessLogs, _ heapTrimmer: HeapTrimmer,
    _ setup: CgroupSetup, _ journal: RunStateJournal, notifyDirectory: String
  ) throws(UVError) {
    outputScheduler = try OutputScheduler(on: context.loop)
    processWatch = try ProcessWatch(context)
    usageSampler = UsageSampler(processWatch.scanner, clock: context.clock.monotonic)
    cgroups = RunCgroups(context, setup)
    runs = RunController(
      context,
      RunController.Parts(
        journal: journal, cgroups: cgroups, orphanTracker: processWatch.orphanTracker,
        scopeWatch: processWatch.scopeWatch, usageSampler: usageSampler, heapTrimmer: heapTrimmer),
      logs)
    let inherited = Inherited()
    helpers = HelperCommands(
      context,
      HelperCommands.Parts(
        inherited: inherited, journal: journal, reader: outputScheduler,
        orphanTracker: processWatch.orphanTracker, scopeWatch: processWatch.scopeWatch))
    hooks = HookRunner(context, helpers, logs)
    probes = Probes(context, helpers)
    spawner = try Spawner(
      context,
      Spawner.Parts(
        inherited: inherited, journal: journal, cgroups: cgroups, reader: outputScheduler,
        notifyDirectory: notifyDirectory),
      logs, hooks, runs)
    recovery = Recovery(context, journal, cgroups, spawner)
  }
}
