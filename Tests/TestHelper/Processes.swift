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

/// Takes the right away to read the page that its last variable begins on, its own included. A long
/// variable before that one keeps it off the pages of the stack that are in use.
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

/// `hold-memory FILE`: maps a file into its memory, writes to that, and with SIGUSR1 maps something
/// else over it. The file is written back first, with the memory of the process locked: as long as
/// its file system does not answer, nothing can be read of that.
func holdMemory(_ words: [String]) -> Never {
  guard words.count == 1 else { fail("not one file") }
  // By this name other tests know that nothing can be read of it.
  let name = check(open("/proc/self/comm", O_WRONLY), "open comm")
  check(Int32(write(name, "holds-memory", 12)), "write comm")
  close(name)
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGUSR1)
  guard pthread_sigmask(SIG_BLOCK, &signals, nil) == 0 else { fail("pthread_sigmask") }
  let size = Int(sysconf(Int32(_SC_PAGESIZE)))
  let file = open(words[0], O_RDWR)
  guard file >= 0,
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
  else { fail("\(words[0]): \(String(cString: strerror(errno)))") }
  memory.storeBytes(of: 1, as: UInt8.self)
  say("ready \(getpid())")
  var signal: Int32 = 0
  guard sigwait(&signals, &signal) == 0 else { fail("sigwait") }
  mmap(memory, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
  say("mapped")
  while true { pause() }
}
