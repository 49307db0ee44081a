import Basics

@testable import Supervision

/// Which activity of a process follows which, as the table of states tries it: for
/// docs/architecture.md.
enum Transitions {
  /// Lines of a Markdown table: an activity, events, and the activities that may follow.
  static var table: String {
    var lines = ["| activity | event | next |", "| --- | --- | --- |"]
    for activity in activities {
      // In the order of the events; those that do the same share a line.
      var rows: [(events: [String], next: String)] = []
      for event in TableEvent.allCases {
        let next = (found[activity]?[event] ?? []).sorted { index(of: $0) < index(of: $1) }
        guard !next.isEmpty else { continue }
        let text = next.joined(separator: " or ")
        if let row = rows.firstIndex(where: { $0.next == text }) {
          rows[row].events.append(event.rawValue)
        } else {
          rows.append(([event.rawValue], text))
        }
      }
      for row in rows {
        lines.append(
          "| \(activity) | \(row.events.map { "`\($0)`" }.joined(separator: ", ")) | \(row.next) |")
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Activities that are met and have no place in the table.
  static var unlisted: Set<String> {
    Set(found.keys).union(found.values.flatMap(\.values).joined()).subtracting(activities)
  }

  /// In the order of a life. No state of the tests is `blocked`, which takes another process.
  private static let activities = [
    "idle", "waiting", "preparing", "starting", "running", "stopping", "draining", "hook", "gone",
  ]

  private static func index(of activity: String) -> Int {
    activities.firstIndex(of: activity) ?? activities.count
  }

  /// By activity and event, what follows in one state or another; without what leaves the activity
  /// as it is.
  private static let found: [String: [TableEvent: Set<String>]] = {
    var found: [String: [TableEvent: Set<String>]] = [:]
    func feed(_ event: TableEvent, to world: inout TableWorld) {
      let before = world.activity
      world.feed(event)
      if world.activity != before {
        found[before, default: [:]][event, default: []].insert(world.activity)
      }
    }
    for state in TableState.allCases {
      var world = TableWorld(state.definition)
      for event in state.prefix { feed(event, to: &world) }
      for event in TableEvent.allCases where Table.outcome(state, event) != Table.traps {
        var world = state.make()
        feed(event, to: &world)
      }
    }
    return found
  }()
}

extension ProcessMachine.Activity {
  /// Without the stage of an end.
  var kind: String {
    switch self {
    case .idle: "idle"
    case .waiting: "waiting"
    case .blocked: "blocked"
    case .preparing: "preparing"
    case .starting: "starting"
    case .running: "running"
    case .stopping: "stopping"
    case .draining: "draining"
    case .hook: "hook"
    case .gone: "gone"
    }
  }
}
