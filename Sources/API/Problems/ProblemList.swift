/// The problems that there are, the oldest first: one for each code and subject, and a bounded
/// number of them.
package struct ProblemList: Sendable {
  /// The oldest first.
  package private(set) var all: [Problem] = []
  /// The most that are kept; one more says that there are others.
  package static let limit = 100

  package init() {}

  /// How many there are of a code.
  package func count(of code: Problem.Code) -> Int { all.count { $0.code == code } }

  /// Adds a problem, or gives one that is there another message: it goes on since it began.
  /// - Returns: the problem that is new, if one is.
  package mutating func raise(_ problem: Problem) -> Problem? {
    if let index = index(of: problem.code, problem.subject) {
      all[index].message = problem.message
      return nil
    }
    guard all.count < Self.limit else {
      // The one more has no subject, and so is raised once.
      guard index(of: .tooMany, nil) == nil else { return nil }
      let overflow = Problem(
        .tooMany, "there are more than \(Self.limit) problems: see exeio.log for the others",
        since: problem.since)
      all.append(overflow)
      return problem
    }
    all.append(problem)
    return problem
  }

  /// Takes a problem away.
  /// - Returns: the problem, if there was one.
  package mutating func clear(_ code: Problem.Code, _ subject: String?) -> Problem? {
    guard let index = index(of: code, subject) else { return nil }
    let problem = all.remove(at: index)
    if all.count <= Self.limit / 2, let overflow = self.index(of: .tooMany, nil) {
      all.remove(at: overflow)
    }
    return problem
  }

  private func index(of code: Problem.Code, _ subject: String?) -> Int? {
    all.firstIndex { $0.code == code && $0.subject == subject }
  }
}
