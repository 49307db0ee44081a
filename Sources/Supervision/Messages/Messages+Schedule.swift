import Basics

/// What is said of schedules.
extension Messages {
  static func nextRun(_ id: some ProcessName, in delay: Duration, _ schedule: CronSchedule)
    -> String
  {
    "Next run of process '\(id)' in \(whole(delay).text) (schedule: \(schedule.text))"
  }

  static func missed(_ id: some ProcessName, _ late: Duration) -> String {
    "A run of process '\(id)' was due \(whole(late).text) ago and is left out: "
      + "the clock was set, or the machine slept"
  }

  static func leftOut(_ id: some ProcessName, _ pid: Int32) -> String {
    "A run of process '\(id)' is due and left out: the last one still goes on (PID: \(pid))"
  }

  static func queued(_ id: some ProcessName, _ pid: Int32) -> String {
    "A run of process '\(id)' is due: it begins when the last one has ended (PID: \(pid))"
  }

  static func waitsForNextRun(_ id: some ProcessName, _ schedule: CronSchedule) -> String {
    "Process '\(id)' waits for its next run (schedule: \(schedule.text))"
  }

  static func neverDue(_ schedule: CronSchedule) -> String {
    "schedule '\(schedule.text)' has no next time"
  }

  static func neverDue(_ id: some ProcessName, _ schedule: CronSchedule) -> String {
    "Process '\(id)' has no next run: \(neverDue(schedule))"
  }

  static func addedToWait(_ id: some ProcessName, _ schedule: CronSchedule) -> String {
    "Process '\(id)' added; it runs by its schedule: \(schedule.text)"
  }

  static func addedNeverDue(_ id: some ProcessName, _ reason: String) -> String {
    "Process '\(id)' added, but it will not run by itself: \(reason)"
  }
}
