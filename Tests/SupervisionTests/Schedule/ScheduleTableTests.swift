import Foundation
import Supervision
import Testing

/// Schedules against Debian's cron, by the table.
struct ScheduleTableTests {
  struct Row: CustomTestStringConvertible {
    var zone: String
    var schedule: String
    var after: String
    /// `never` where there is none.
    var due: String

    var testDescription: String { "\(schedule) after \(after) in \(zone)" }
  }

  static let rows: [Row] = CronTable.text.split(separator: "\n").map { line in
    let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    return Row(zone: cells[0], schedule: cells[1], after: cells[2], due: cells[3])
  }

  @Test func theTableHasWhatWasAskedFor() {
    #expect(Self.rows.count >= 200)
    #expect(Set(Self.rows.map(\.zone)) == Set(CronZones.names))
  }

  @Test(arguments: rows) func isDueWhenCronWouldRunIt(row: Row) throws {
    let zone = try #require(CronZones.zone(row.zone))
    let due = try CronSchedule(row.schedule).next(after: instant(row.after), in: zone)
    try #expect(due == (row.due == "never" ? nil : instant(row.due)))
  }

  private func instant(_ text: String) throws -> Duration {
    .seconds(Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970))
  }
}
