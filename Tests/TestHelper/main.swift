import Glibc

// What tests start as a process or talk to as a server, where no program of the machine will do.
// Each command is a function of its own file; what it prints goes to the test.

let commands: [String: ([String]) -> Never] = [
  "notify": notify, "notify-flood": notifyFlood, "notify-descriptors": notifyDescriptors,
  "notify-unsent": notifyUnsent, "listen": listenForRequests, "serve": serve,
  "execute-itself": executeItself, "end-first-thread": endFirstThread,
  "hide-environment": hideEnvironment, "hold-memory": holdMemory, "hanging-files": hangingFiles,
]
let words = CommandLine.arguments
guard words.count > 1, let command = commands[words[1]] else {
  fail("usage: exeio-test-helper \(commands.keys.sorted().joined(separator: "|")) …")
}
command(Array(words.dropFirst(2)))
