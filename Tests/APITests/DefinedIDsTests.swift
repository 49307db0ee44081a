import API
import Supervision
import Testing

/// What two files, or two processes, cannot both say.
struct DefinedIDsTests {
  private func definition(_ id: String, instances: Int? = nil) -> ProcessDefinition {
    var definition = ProcessDefinition(id: id, command: "true")
    definition.instances = instances
    return definition
  }

  @Test func anIDIsTheFilesThatDefinesItFirst() {
    var ids = DefinedIDs()
    #expect(ids.add("web", in: "a.json") == nil)
    #expect(ids.add("api", in: "b.json") == nil)
    for file in ["b.json", "c.json"] {
      #expect(
        ids.add("web", in: file)
          == "the process 'web' is defined in 'a.json' and in '\(file)'; take one of them away")
    }
  }

  @Test func aProcessCannotHaveTheNameOfACopy() {
    var ids = DefinedIDs()
    #expect(ids.add("web.1", in: "a.json") == nil)
    #expect(ids.add("web", in: "b.json") == nil)
    #expect(
      ids.clash(of: definition("web", instances: 2), in: "b.json")
        == "the process 'web.1' in 'a.json' has the name of a copy of 'web' in 'b.json'; rename one of them"
    )
    #expect(ids.clash(of: definition("web", instances: 1), in: "b.json") == nil)
    #expect(ids.clash(of: definition("web"), in: "b.json") == nil)
  }

  @Test func anAddressIsBoundForOneProcess() {
    var addresses = ListenAddresses()
    var web = definition("web")
    web.execution.listen = ["127.0.0.1:80", "/run/web"]
    var api = definition("api")
    api.execution.listen = ["/run/api", "/run/web", "127.0.0.1:80"]
    #expect(addresses.add(web).isEmpty)
    // A copy of one definition has the sockets of the others.
    #expect(addresses.add(web).isEmpty)
    #expect(
      addresses.add(api)
        == Array(repeating: #""listen" has an address of process 'web'"#, count: 2))
  }
}
