import Foundation
import TestSupport
import Testing

/// Schedules by the local time of the machine.
struct ScheduleTests {
  @Test(arguments: [("Asia/Kolkata", "T06:30:00Z"), ("UTC", "T12:00:00Z"), ("XYZ-3", "T09:00:00Z")])
  func theNextRunFollowsTheLocalTime(zone: String, end: String) throws {
    let daemon = try DaemonUnderTest(environment: ["TZ": zone])
    try daemon.add(["id": "noon", "command": "true", "schedule": "0 12 * * *"])
    let entry = try daemon.status("noon")
    #expect(entry["status"] as? String == "waiting")
    let next = try #require(entry["next_run"] as? String)
    #expect(next.hasSuffix(end), "\(next)")
    #expect(entry["run_count"] as? Int == 0)
  }

  @Test func whatIsNoScheduleIsRefusedWithTheField() throws {
    let daemon = try DaemonUnderTest()
    let answer = try daemon.add(["id": "job", "command": "true", "schedule": "0 24 * * *"])
    #expect(answer.status == 400)
    let message = try answer.message
    #expect(message.contains(#"the hour "24" must be a number from 0 to 23"#), "\(message)")
  }
}
