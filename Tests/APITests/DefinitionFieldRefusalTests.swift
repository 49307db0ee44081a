import API
import Supervision
import Testing

/// What identity, schedules, readiness, health, copies and hooks may not be.
@Suite struct DefinitionFieldRefusalTests {
  private func refusal(_ field: String) throws -> String {
    try Reception.refusal(of: #"{"id": "a", "command": "b", \#(field)}"#)
  }

  @Test(arguments: [
    (#""environment_file": """#, #""environment_file" is "", but must be 1 to 4096 bytes"#),
    (#""environment_file": "-""#, #""environment_file" is "-", but must be the path of a file"#),
    (
      #""user": -1"#,
      #""user" is -1, but must be the name of a user or a number from 0 to 4294967294"#
    ),
    (#""user": 4294967295"#, #""user" is 4294967295, but must be"#),
    (#""user": "4294967295""#, #""user" is "4294967295", but must be"#),
    (#""user": 1.5"#, #""user" is 1.5, but must be"#),
    (#""user": """#, #""user" is "", but must be the name of a user"#),
    (#""user": "a:b""#, #""user" is "a:b", but must be"#),
    (#""user": "a\nb""#, #""user" is "aU+000Ab", but must be"#),
    (
      #""user": true"#,
      #""user" must be the name of a user or a number from 0 to 4294967294, not a"#
    ),
    (#""group": "-g""#, #""group" is "-g", but must be the name of a group or a number"#),
    (#""group": []"#, #""group" must be the name of a group or a number"#),
    (
      #""umask": 22"#,
      #""umask" is the number 22, but must be 1 to 4 octal digits in a string, "0" to "0777""#
    ),
    (#""umask": "8""#, #""umask" is "8", but must be 1 to 4 octal digits"#),
    (#""umask": "1000""#, #""umask" is "1000", but must be 1 to 4 octal digits"#),
    (#""umask": "00022""#, #""umask" is "00022", but must be"#),
    (#""umask": """#, #""umask" is "", but must be"#),
    (#""umask": "+7""#, #""umask" is "+7", but must be"#),
    (#""nice": 20"#, #""nice" is 20, but must be a whole number from -20 to 19"#),
    (#""nice": -21"#, #""nice" is -21, but must be a whole number from -20 to 19"#),
  ])
  func identity(field: String, expected: String) throws {
    let message = try refusal(field)
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test(arguments: [
    (#""limits": 5"#, #""limits" must be an object, not a number"#),
    (
      #""limits": {"open_file": 5}"#,
      #"unknown field "limits.open_file": did you mean "limits.open_files"?"#
    ),
    (
      #""limits": {"stack": 5}"#,
      #"unknown field "limits.stack": the fields are open_files, core_bytes, address_space_bytes, processes, cpu_seconds"#
    ),
    (
      #""limits": {"open_files": 3}"#,
      #""limits.open_files" is 3, but must be a whole number from 4 to 1073741824"#
    ),
    (
      #""limits": {"core_bytes": -1}"#,
      #""limits.core_bytes" is -1, but must be a whole number from 0"#
    ),
    (#""limits": {"address_space_bytes": 1}"#, #""limits.address_space_bytes" is 1, but must be"#),
    (
      #""limits": {"processes": "9"}"#,
      #""limits.processes" must be a whole number from 1 to 4194304, not a string"#
    ),
    (
      #""limits": {"cpu_seconds": 0}"#,
      #""limits.cpu_seconds" is 0, but must be a whole number from 1"#
    ),
  ])
  func limits(field: String, expected: String) throws {
    let message = try refusal(field)
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test(arguments: [
    (
      #""schedule": "* * * * *", "periodic": true, "period_seconds": 5"#,
      #""schedule" "* * * * *" contradicts "periodic": true: give one of the two"#
    ),
    (#""schedule": 5"#, #""schedule" must be a string, not a number"#),
    (#""schedule": """#, #""schedule" is "", but must be 1 to 1024 bytes without NUL"#),
    (
      #""schedule": "* * * *""#,
      #""schedule" is "* * * *": it has 4 fields, but there must be five"#
    ),
    (
      #""schedule": "61 * * * *""#,
      #""schedule" is "61 * * * *": the minute "61" must be a number from 0 to 59"#
    ),
    (
      #""schedule": "\u001b * * * *""#,
      #""schedule" is "U+001B * * * *": the minute "U+001B" must be"#
    ),
    (#""overlap": "both""#, #""overlap" is "both", but must be one of "skip", "queue""#),
    (#""overlap": "queue""#, #""overlap" is "queue", but "schedule" is missing"#),
    (#""run_timeout_seconds": 5"#, #""run_timeout_seconds" needs "schedule" or "periodic": true"#),
    (
      #""run_timeout_seconds": 0, "schedule": "@daily""#,
      #""run_timeout_seconds" is 0, but must be a number of seconds from 0.1 to 31536000 (a year)"#
    ),
    (
      #""restart_delay_seconds": []"#,
      #""restart_delay_seconds" has 0 elements, but must be an array of 1 to 32"#
    ),
    (
      #""restart_delay_seconds": [1, 0]"#,
      #""restart_delay_seconds[1]" is 0, but must be a number of seconds from 0.1 to 86400 (a day)"#
    ),
    (
      #""restart_delay_seconds": 5"#,
      #""restart_delay_seconds" must be an array of 1 to 32 numbers"#
    ),
    (
      #""restart_reset_seconds": 0"#,
      #""restart_reset_seconds" is 0, but must be a number of seconds"#
    ),
  ])
  func times(field: String, expected: String) throws {
    let message = try refusal(field)
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test(arguments: [
    (#""ready": "healthy""#, #""ready" is "healthy", but "health_check" is missing"#),
    (#""ready": "soon""#, #""ready" is "soon", but must be one of "spawned", "notify", "healthy""#),
    (
      #""ready_timeout_seconds": 5"#,
      #""ready_timeout_seconds" needs "ready": "notify" or "healthy""#
    ),
    (
      #""ready": "notify", "ready_timeout_seconds": -1"#,
      #""ready_timeout_seconds" is -1, but must be a number of seconds from 0 (no limit) to 86400 (a day)"#
    ),
    (
      #""watchdog_seconds": 0"#,
      #""watchdog_seconds" is 0, but must be a number of seconds from 0.1"#
    ),
    (#""health_check": "curl""#, #""health_check" must be an object, not a string"#),
    (
      #""health_check": {}"#,
      #""health_check" has none of "http", "tcp" and "command", but needs one"#
    ),
    (
      #""health_check": {"http": "http://a", "tcp": "a:1"}"#,
      #""health_check" has "http" and "tcp", but may have only one of them"#
    ),
    (
      #""health_check": {"tcp": "a:1", "interval": 5}"#,
      #"unknown field "health_check.interval": did you mean "health_check.interval_seconds"?"#
    ),
    (
      #""health_check": {"tcp": "a:1", "interval_seconds": 0}"#,
      #""health_check.interval_seconds" is 0, but must be a number of seconds from 0.1 to 86400 (a day)"#
    ),
    (
      #""health_check": {"tcp": "a:1", "timeout_seconds": "3"}"#,
      #""health_check.timeout_seconds" is "3", but must be a number"#
    ),
    (
      #""health_check": {"tcp": "a:1", "retries": 0}"#,
      #""health_check.retries" is 0, but must be a whole number from 1 to 1000"#
    ),
    (
      #""health_check": {"tcp": "a:1", "on_failure": "stop"}"#,
      #""health_check.on_failure" is "stop", but must be one of "restart", "report""#
    ),
    (#""health_check": {"tcp": "a"}"#, #""health_check.tcp" is "a", but must be host:port"#),
    (#""health_check": {"tcp": "a:0"}"#, #""health_check.tcp" is "a:0", but must be host:port"#),
    (
      #""health_check": {"tcp": "::1:80"}"#,
      #""health_check.tcp" is "::1:80", but must be host:port"#
    ),
    (
      #""health_check": {"tcp": "a:65536"}"#,
      #""health_check.tcp" is "a:65536", but must be host:port"#
    ),
    (
      #""health_check": {"http": "https://a/"}"#,
      #""health_check.http" is "https://a/", but must be an http:// URL, such as "http://127.0.0.1:8000/health": https is not served"#
    ),
    (#""health_check": {"http": "a"}"#, #""health_check.http" is "a", but must be an http:// URL"#),
    (#""health_check": {"http": "http://"}"#, #""health_check.http" is "http://", but must be"#),
    (
      #""health_check": {"http": "http://a b/"}"#,
      #""health_check.http" is "http://a b/", but must be"#
    ),
    (
      #""health_check": {"http": "http://u@a/"}"#,
      #""health_check.http" is "http://u@a/", but must be"#
    ),
    (
      #""health_check": {"http": "http://a:99999/"}"#,
      #""health_check.http" is "http://a:99999/", but"#
    ),
    (
      #""health_check": {"http": "http://a/\u000dX: y"}"#,
      #""health_check.http" is "http://a/U+000DX: y", but"#
    ),
    (
      #""health_check": {"command": []}"#,
      #""health_check.command" has 0 elements, but must be an array of 1"#
    ),
    (
      #""health_check": {"command": [""]}"#,
      #""health_check.command[0]" is "", but must be 1 to 4096 bytes"#
    ),
    (
      #""health_check": {"command": ["a", 5]}"#,
      #""health_check.command[1]" must be a string, not a number"#
    ),
    (
      #""health_check": {"command": "true"}"#,
      #""health_check.command" must be an array of 1 to 1024 strings"#
    ),
  ])
  func health(field: String, expected: String) throws {
    let message = try refusal(field)
    #expect(message.hasPrefix(expected), "\(message)")
  }

  /// What is wrong with an address is said, not only what is allowed.
  @Test(arguments: [
    ("http", "127.0.0.1:8000/x", "the http:// in front is missing"),
    ("http", "https://a/", #"https is not served, try "tcp" or "command""#),
    ("http", "ftp://a/", #""ftp" is another scheme"#),
    (
      "http", "http://a/x#top",
      "it has a fragment ('#' and what follows), which no request sends; leave it out"
    ),
    ("http", "http://a/ü", "it has 'ü'; write it percent-encoded (%C3%BC)"),
    ("http", "http://a/b c", "it has a space; write it percent-encoded (%20)"),
    ("http", "http://bücher/", "the host has 'ü'; write a name as DNS has it (xn--…)"),
    ("http", "http://a/\\t", "it has 'U+0009'; write it percent-encoded (%09)"),
    (
      "http", "http://::1/",
      #"it has several ':'; an IPv6 address stands in brackets ("[::1]:8000")"#
    ),
    ("http", "http://a:http/", #""http" is no port"#),
    ("http", "http://a:/", "the port is missing"),
    ("http", "http:///x", "the host is missing"),
    ("http", "http://[::1/", "the ']' is missing"),
    ("http", "http://[::1]x/", #""x" follows the ']'"#),
    (
      "http", "http://u@a/",
      "it has a user in front of '@', which a health check does not send; try \"command\""
    ),
    ("tcp", "a", "the port is missing"),
    ("tcp", "a:+1", #""+1" is no port"#),
    ("tcp", "::1:80", #"it has several ':'; an IPv6 address stands in brackets ("[::1]:8000")"#),
    ("tcp", "tcp://a:1", #"leave out "tcp://""#),
    ("tcp", "a:1/x", #"leave out "/x""#),
    ("tcp", "/run/a.sock", #"a Unix socket is not served, try "command""#),
    ("tcp", ":80", "the host is missing"),
  ])
  func healthAddresses(probe: String, address: String, advice: String) throws {
    let message = try refusal(#""health_check": {"\#(probe)": "\#(address)"}"#)
    #expect(message.hasSuffix(": \(advice)"), "\(message)")
  }

  @Test func aPasswordInAnAddressIsNotRepeated() throws {
    for field in [
      #"{"http": "http://u:s3cret@a/"}"#, #"{"http": "http://u:s3cret/x@a/"}"#,
      #"{"tcp": "u:s3cret/x@a:1"}"#, #"{"tcp": "u:s3cret@a:1"}"#, #"{"http": "u:s3cret@a/"}"#,
    ] {
      let message = try refusal(#""health_check": \#(field)"#)
      #expect(message.contains("is an address with a password, but must be"), "\(message)")
      #expect(!message.contains("s3cret"), "\(message)")
    }
  }

  @Test(arguments: [
    ("8000", #"a port alone; write "127.0.0.1:8000", or "0.0.0.0:8000" for all addresses"#),
    (":80", "the address is missing; for all of them write 0.0.0.0 or [::]"),
    ("*:80", "the address is missing; for all of them write 0.0.0.0 or [::]"),
    ("localhost:80", "a name may stand for several addresses; write the one that is meant"),
    ("::1:80", #"it has several ':'; an IPv6 address stands in brackets ("[::1]:8000")"#),
    ("127.0.0.1", "the port is missing"),
    ("127.0.0.1:0", #""0" is no port"#),
    ("tcp://127.0.0.1:1", #"leave out "tcp://""#),
    ("unix:/run/a.sock", #"leave out "unix:""#),
    ("run/a.sock", "a path has to begin with '/'"),
    ("~/a.sock", "'~' is not expanded; write the whole path"),
    ("$HOME/a.sock", "variables are not expanded; write the whole path"),
    ("@a", "an abstract socket, which every user may connect to, is not served"),
    ("/run/", "it ends in '/', as a directory does"),
    ("/\(String(repeating: "x", count: 107))", "it has 108 bytes"),
  ])
  func listenAddresses(address: String, advice: String) throws {
    let message = try refusal(#""listen": ["\#(address)"]"#)
    #expect(message.hasSuffix(": \(advice)"), "\(message)")
  }

  @Test(arguments: [
    (
      #""depends_on": "db""#, #""depends_on" must be an array of at most 256 objects with "id" and"#
    ),
    (
      #""depends_on": [5]"#,
      #""depends_on[0]" must be an object with "id" and "condition", or an id, not a number"#
    ),
    (#""depends_on": [{}]"#, #""depends_on[0].id" is missing"#),
    (
      #""depends_on": ["x", {"id": "db", "condition": "up"}]"#,
      #""depends_on[1].condition" is "up", but must be one of "started", "healthy", "completed""#
    ),
    (
      #""depends_on": [{"id": "db", "conditions": "up"}]"#,
      #"unknown field "depends_on[0].conditions": did you mean "depends_on[0].condition"?"#
    ),
    (#""depends_on": ["a/b"]"#, #""depends_on[0]" is "a/b", but must be an id: 1 to 128 of"#),
    (#""depends_on": ["a"]"#, #""depends_on[0]" is "a": a process cannot depend on itself"#),
    (
      #""depends_on": [{"id": "a.1"}], "instances": 2"#,
      #""depends_on[0].id" is "a.1": a process cannot depend on itself"#
    ),
    (
      #""depends_on": ["x", {"id": "x", "condition": "healthy"}]"#,
      #""depends_on[1].id" is "x", the same as that of "depends_on[0]", but must be unique"#
    ),
  ])
  func dependencies(field: String, expected: String) throws {
    let message = try refusal(field)
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test(arguments: [
    (#""instances": 0"#, #""instances" is 0, but must be a whole number from 1 to 1000"#),
    (#""instances": 1001"#, #""instances" is 1001, but must be a whole number from 1 to 1000"#),
    (
      #""restart_above_memory_bytes": 5"#,
      #""restart_above_memory_bytes" is 5, but must be a whole number from 1048576"#
    ),
    (#""listen": ":80""#, #""listen" must be an array of at most 32 addresses, not a string"#),
    (#""listen": [":80"]"#, #""listen[0]" is ":80", but must be an IP address and a port"#),
    (#""listen": ["localhost:80"]"#, #""listen[0]" is "localhost:80", but must be an IP address"#),
    (#""listen": ["127.0.0.1:0"]"#, #""listen[0]" is "127.0.0.1:0", but must be"#),
    (#""listen": ["127.0.0.1"]"#, #""listen[0]" is "127.0.0.1", but must be"#),
    (#""listen": ["run/a.sock"]"#, #""listen[0]" is "run/a.sock", but must be"#),
    (#""listen": ["/run/"]"#, #""listen[0]" is "/run/", but must be"#),
    (#""listen": ["/\u0000"]"#, #""listen[0]" is "/U+0000", but must be"#),
    (
      #""listen": ["[::1]:80", "[0:0::1]:80"]"#,
      #""listen[1]" is "[0:0::1]:80", the same as "listen[0]", but must be unique"#
    ),
    (#""labels": []"#, #""labels" must be an object of strings, not an array"#),
    (#""labels": {"a": 5}"#, #""labels.a" must be a string, not a number"#),
    (
      #""labels": {"a:b": ""}"#,
      #""labels" has the name "a:b", but a name must be 1 to 63 bytes without ':'"#
    ),
    (#""labels": {"": ""}"#, #""labels" has the name "", but a name must be"#),
    (
      #""labels": {"a": "b\n"}"#,
      #""labels.a" is "bU+000A", but must be at most 255 bytes without control"#
    ),
    (
      #""before_start": "x""#,
      #""before_start" must be an array of 1 to 1024 strings: a command and its"#
    ),
    (
      #""after_exit": []"#,
      #""after_exit" has 0 elements, but must be an array of 1 to 1024 strings"#
    ),
    (
      #""after_exit": ["a", "\u0000"]"#,
      #""after_exit[1]" is "U+0000" (1 bytes), but must be a string of at most"#
    ),
    (
      #""hook_timeout_seconds": 0"#,
      #""hook_timeout_seconds" is 0, but must be a number of seconds from 0.1"#
    ),
    (
      #""start_timeout_seconds": 0"#,
      #""start_timeout_seconds" is 0, but must be a number of seconds from 0.1"#
    ),
    (#""essential": 1"#, #""essential" must be true or false, not a number"#),
  ])
  func copiesSocketsHooksAndLabels(field: String, expected: String) throws {
    let message = try refusal(field)
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test func theNameOfTheLastCopyHasToBeAnID() throws {
    let id = String(repeating: "x", count: 126)
    #expect(
      try Reception.add(#"{"id": "\#(id)", "command": "b", "instances": 10}"#).instances == 10)
    let message = try Reception.refusal(
      of: #"{"id": "\#(id)", "command": "b", "instances": 11}"#)
    #expect(message.hasPrefix(#""instances" is 11, but the last copy would be called "xxx"#))
    #expect(message.hasSuffix("which has 129 bytes: a name may have at most 128"))
  }

  @Test func eachCommandHasToFitBesideTheEnvironment() throws {
    let long = Array(repeating: "\"\("x".repeated(131_000))\"", count: 8).joined(separator: ",")
    for field in [
      #""after_exit": ["a", \#(long)]"#, #""health_check": {"command": ["a", \#(long)]}"#,
    ] {
      let environment = #""environment": {"A": "\#("y".repeated(1_000))"}"#
      let message = try refusal("\(field), \(environment)")
      #expect(message.contains(#"and "environment" take 10"#), "\(message)")
    }
  }
}
