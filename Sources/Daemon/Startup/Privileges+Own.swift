import API
import Basics
import Supervision
import UV

extension Privileges {
  /// Those of this process. A user or a group whose name cannot be found out goes by its number.
  /// Throws where the system does not say what its limits are.
  static func own() throws(UVError) -> Privileges {
    let (user, group) = (SystemProcess.userID, SystemProcess.groupID)
    // The number says it as well, and a start looks the names up again.
    let userName = try? UV.Account.numbered(user)?.name
    let groupName = try? AccountGroup.name(of: group)
    var limits = ResourceLimits()
    for resource in ResourceLimits.Resource.allCases {
      // Nil where there is no limit, or none that a definition could name.
      limits[resource] = Int(exactly: try resource.hardLimit())
    }
    return Privileges(
      isRoot: SystemProcess.isRoot, user: Account(number: user, name: userName),
      group: Account(number: group, name: groupName), lowestNice: try SystemProcess.lowestNice(),
      hardLimits: limits)
  }
}
