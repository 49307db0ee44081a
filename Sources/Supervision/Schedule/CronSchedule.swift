/// When a scheduled process runs: five fields of crontab(5), or a name such as `@hourly`.
package struct CronSchedule: Hashable, Sendable {
  /// As it was written.
  package let text: String

  /// Why a text is no schedule, in words that name the field and what is allowed.
  package struct Mistake: Error, Hashable, Sendable {
    package let message: String

    package init(_ message: String) {
      self.message = message
    }
  }

  /// Reads a schedule. Throws ``Mistake`` for a text that is none.
  package init(_ text: String) throws(Mistake) {
    self.text = text
  }

  /// The first instant after `moment` at which a run is due, both since 1970 UTC; nil if there is none as
  /// far as the zone is known.
  package func next(after moment: Duration, in zone: TimeZoneOffsets) -> Duration? {
    nil
  }
}
