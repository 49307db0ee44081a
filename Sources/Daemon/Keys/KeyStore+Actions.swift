import API
import UV

extension KeyStore {
  /// Does what is asked for; results go to standard output, explanations to standard error.
  func run(_ action: KeyCommand.Action) throws(Refusal) {
    switch action {
    case .add(let name, let role): try add(name, role)
    case .remove(let name): try remove(name)
    case .list(let asJSON): try list(asJSON: asJSON)
    }
  }

  private func add(_ name: String, _ role: Role) throws(Refusal) {
    guard name != KeyName.main else {
      throw Refusal("'\(name)' is the name of the main key; choose another")
    }
    let key: String
    let record: KeyRecord
    do throws(UVError) {
      // The key is printed this once: where it cannot be, none is added.
      try StandardStreams.checkOutput()
      key = NamedKey.text(
        name: name, random: try SystemProcess.randomBytes(NamedKey.randomByteCount))
      let setting = KeyHash.setting(
        salt: try SystemProcess.randomBytes(KeyHash.saltByteCount))
      record = KeyRecord(
        name: name, role: role, hash: try Crypt.hash(key, setting: setting),
        created: clock.sinceEpoch())
    } catch {
      throw Refusal("\(error)")
    }
    try change { records throws(Refusal) in
      guard !records.contains(where: { $0.name == name }) else {
        throw Refusal("there is a key '\(name)' in '\(file)'; remove it first")
      }
      records.append(record)
    }
    do throws(UVError) {
      try StandardStreams.writeOutput(allOf: key + "\n")
    } catch {
      throw Refusal("the key is added, but lost: \(error); run exeio key remove \(name)")
    }
    say("Key '\(name)' with the role '\(role.rawValue)' is in '\(file)'. It is printed this once.")
  }

  private func remove(_ name: String) throws(Refusal) {
    guard name != KeyName.main else {
      throw Refusal("'\(name)' is the main key, which is not in '\(file)': change it where it is")
    }
    try change { records throws(Refusal) in
      guard let index = records.firstIndex(where: { $0.name == name }) else {
        throw Refusal(
          "there is no key '\(name)' in '\(file)'; exeio key list shows those there are")
      }
      records.remove(at: index)
    }
    say("Key '\(name)' is removed from '\(file)', and stops working at once.")
  }

  private func list(asJSON: Bool) throws(Refusal) {
    let records = try read(try open())
    if !asJSON { say("Keys in '\(file)', beside the main one: \(records.count)") }
    let text =
      asJSON ? String(decoding: KeysFile.list(records), as: UTF8.self) : Self.table(records)
    do throws(UVError) {
      try StandardStreams.writeOutput(allOf: text)
    } catch {
      throw Refusal("\(error)")
    }
  }

  private func say(_ text: String) { StandardStreams.writeError(text + "\n") }

  private static func table(_ records: [KeyRecord]) -> String {
    let rows =
      [("NAME", "ROLE", "CREATED")] + records.map { ($0.name, $0.role.rawValue, $0.created) }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { row in
      let name = row.0 + String(repeating: " ", count: width + 2 - row.0.count)
      let role = row.1 + String(repeating: " ", count: 9 - row.1.count)
      return "\(name)\(role)\(row.2)\n"
    }.joined()
  }
}
