import API
import Supervision
import Testing

/// The bodies of the documents that the product was asked for with.
@Suite struct SeedExampleTests {
  @Test(arguments: [
    (
      """
      {
          "id": "web-server",
          "command": "python3",
          "args": ["-m", "http.server", "8000"],
          "working_dir": "/var/www/html",
          "auto_restart": true,
          "save_for_next_run": true
        }
      """, "web-server"
    ),
    (
      """
      {
        "id": "unique-process-id",
        "command": "executable-name",
        "args": ["arg1", "arg2"],
        "working_dir": "/optional/working/directory",
        "auto_restart": true,
        "save_for_next_run": true,
        "periodic": false,
        "period_seconds": 60
      }
      """, "unique-process-id"
    ),
    (
      """
      {
          "id": "test-normal",
          "command": "./test_normal_exit.sh",
          "auto_restart": true
        }
      """, "test-normal"
    ),
    (
      """
      {\n    "id": "test-crash",\n    "command": "./test_crash.sh", \n    "auto_restart": true\n\
        }
      """,
      "test-crash"
    ),
    (
      """
      {
        "id": "my-process",
        "command": "node",
        "args": ["server.js"],
        "working_dir": "/app",
        "auto_restart": true,
        "save_for_next_run": true,
        "periodic": false,
        "period_seconds": null
      }
      """, "my-process"
    ),
    (
      """
      {
          "id": "api-server",
          "command": "npm",
          "args": ["run", "dev"],
          "working_dir": "/projects/api",
          "auto_restart": true,
          "save_for_next_run": true
        }
      """, "api-server"
    ),
    (
      """
      {
          "id": "frontend",
          "command": "npm",
          "args": ["run", "serve"],
          "working_dir": "/projects/frontend",
          "auto_restart": true,
          "save_for_next_run": true
        }
      """, "frontend"
    ),
    (
      """
      {
          "id": "database",
          "command": "docker",
          "args": ["run", "--rm", "-p", "5432:5432", "-e", "POSTGRES_PASSWORD=dev", "postgres:13"],
          "auto_restart": true,
          "save_for_next_run": false
        }
      """, "database"
    ),
    (
      """
      {
          "id": "hourly-backup",
          "command": "/scripts/backup.sh",
          "args": ["--incremental"],
          "working_dir": "/var/backups",
          "periodic": true,
          "period_seconds": 3600,
          "save_for_next_run": true
        }
      """, "hourly-backup"
    ),
    (
      """
      {
          "id": "log-processor",
          "command": "python3",
          "args": ["process_logs.py"],
          "working_dir": "/opt/log-processor",
          "periodic": true,
          "period_seconds": 300,
          "save_for_next_run": true
        }
      """, "log-processor"
    ),
    (
      """
      {
          "id": "consul",
          "command": "consul",
          "args": ["agent", "-dev"],
          "auto_restart": true,
          "save_for_next_run": true
        }
      """, "consul"
    ),
    (
      """
      {
          "id": "user-service",
          "command": "java",
          "args": ["-jar", "user-service.jar"],
          "working_dir": "/services/user",
          "auto_restart": true,
          "save_for_next_run": true
        }
      """, "user-service"
    ),
    (
      """
      {
          "id": "redis-server",
          "command": "redis-server",
          "args": ["--port", "6379"],
          "auto_restart": true,
          "save_for_next_run": true
        }
      """, "redis-server"
    ),
    (
      """
      {
          "id": "database-migration",
          "command": "npm",
          "args": ["run", "migrate"],
          "working_dir": "/app",
          "auto_restart": false,
          "save_for_next_run": false
        }
      """, "database-migration"
    ),
  ])
  func aBodyOfTheDocumentsIsTaken(body: String, id: String) throws {
    let definition = try Reception.add(body)
    #expect(definition.id == id)
    let isAutomatic = body.contains("\"auto_restart\": true")
    #expect(definition.restartPolicy == (isAutomatic ? .always : .never))
    #expect(definition.isSaved == body.contains("\"save_for_next_run\": true"))
    #expect(definition.isPeriodic == body.contains("\"periodic\": true"))
    let saved = ProcessesFile.render([definition])
    var expected = definition
    expected.isSaved = true
    #expect(try ProcessesFile.parse(saved, name: "f").definitions == [expected])
  }

  @Test func theValuesOfTheFirstExampleArrive() throws {
    let definition = try Reception.add(
      """
      {"id": "hourly-backup", "command": "/scripts/backup.sh", "args": ["--incremental"],
       "working_dir": "/var/backups", "periodic": true, "period_seconds": 3600,
       "save_for_next_run": true}
      """)
    #expect(definition.execution.command == "/scripts/backup.sh")
    #expect(definition.execution.arguments == ["--incremental"])
    #expect(definition.execution.workingDirectory == "/var/backups")
    #expect(definition.period == .seconds(3_600))
  }

  @Test(arguments: [
    "/logs/web-server?page=1&page_size=50", "/logs/test-normal",
    "/logs/production-api?page=1&page_size=20",
  ])
  func aLogAddressOfTheDocumentsIsTaken(target: String) throws {
    var reception = Reception()
    guard case .logs = reception.ask("GET", target) else { throw Unexpected() }
  }

  @Test func inputOfTheDocumentsIsTaken() throws {
    var reception = Reception()
    let body = "{\n  \"input\": \"command to send to process stdin\"\n}"
    guard case .input(_, let request) = reception.ask("POST", "/input/x", body) else {
      throw Unexpected()
    }
    #expect(request.bytes == Array("command to send to process stdin\n".utf8))
  }
}
