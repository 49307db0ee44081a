import Glibc

/// Executes itself in its own place, again and again; what follows is only there to be found by.
func executeItself(_ words: [String]) -> Never {
  var arguments = CommandLine.arguments.map { strdup($0) }
  arguments.append(nil)
  execv("/proc/self/exe", &arguments)
  fail("execv: \(String(cString: strerror(errno)))")
}

/// Ends its first thread; another one goes on.
func endFirstThread(_ words: [String]) -> Never {
  var thread = pthread_t()
  let result = pthread_create(
    &thread, nil,
    { _ in
      say("ready")
      while true { pause() }
    }, nil)
  guard result == 0 else { fail("pthread_create: \(result)") }
  pthread_exit(nil)
}

/// Takes the right away to read the page that its last variable begins on, its own included. A long variable before
/// that one keeps it off the pages of the stack that are in use.
func hideEnvironment(_ words: [String]) -> Never {
  var count = 0
  while environ[count] != nil { count += 1 }
  guard count > 1, let last = environ[count - 1] else { fail("two variables are needed") }
  let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
  let start = UInt(bitPattern: last) & ~(page - 1)
  say("ready")
  guard mprotect(UnsafeMutableRawPointer(bitPattern: start), Int(page), PROT_NONE) == 0 else {
    fail("mprotect: \(errno)")
  }
  while true { pause() }
}
