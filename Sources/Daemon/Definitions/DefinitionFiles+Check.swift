import API
import Supervision
import UV

/// What `--check` finds, which goes on after a mistake: a start and a reload stop at the first.
extension DefinitionFiles {
  /// The files as far as they are right, judged together.
  struct Judgment {
    /// Of each id the first that is right, also of files that a start leaves out.
    var definitions: [ConfiguredDefinition] = []
    /// The ids of processes in which something is wrong: others may wait for them.
    var wrongIDs: [String] = []
    /// Everything that is wrong with the files, a line each.
    var mistakes: [String] = []
  }

  /// Judges what the survey could not use as well: of each file, everything that is wrong in it.
  func judge(_ survey: Survey) -> Judgment {
    var judgment = Judgment()
    var ids = DefinedIDs()
    judge(
      processesFile, survey.refusals.map(\.description), into: &judgment, &ids,
      mistakes: ProcessesFile.mistakes, right: ProcessesFile.right)
    // A directory that cannot be read is one of the refusals.
    for file in (try? fragmentPaths()) ?? [] {
      judge(
        file, survey.leftOut.filter { $0.file == file }.map(\.message), into: &judgment, &ids,
        mistakes: FragmentFile.mistakes, right: FragmentFile.right)
    }
    for configured in judgment.definitions {
      if let reason = ids.clash(of: configured.definition, in: file(of: configured)) {
        judgment.add([reason])
      }
    }
    return judgment
  }

  private func judge(
    _ file: String, _ messages: [String], into judgment: inout Judgment,
    _ ids: inout DefinedIDs, mistakes: ([UInt8], String) -> [String],
    right: ([UInt8], String) -> RightDefinitions
  ) {
    let bytes: [UInt8]
    do throws(UVError) {
      let contents = try Files.readRegular(file, limit: Self.limit)
      guard contents.status.isRegular else { return judgment.add(messages) }
      bytes = contents.bytes
    } catch {
      return judgment.add(messages)
    }
    let all = mistakes(bytes, file)
    // The message of what is wrong in the contents is one of them, with advice.
    judgment.add(messages.filter { !all.contains(where: $0.hasPrefix) } + all)
    let contents = right(bytes, file)
    for definition in contents.definitions {
      if let reason = ids.add(definition.id, in: file) {
        judgment.add([reason])
        continue
      }
      judgment.definitions.append(
        ConfiguredDefinition(definition, fragment: file == processesFile ? nil : file))
    }
    for id in contents.wrongIDs {
      if let reason = ids.add(id, in: file) {
        judgment.add([reason])
      } else {
        judgment.wrongIDs.append(id)
      }
    }
  }
}

extension DefinitionFiles.Judgment {
  /// Adds those that are not among them: two ways may lead to one.
  fileprivate mutating func add(_ more: [String]) {
    for mistake in more where !mistakes.contains(mistake) { mistakes.append(mistake) }
  }
}
