/// The options of `exeio serve`, each once: how it is spelled, its variable and its line of help.
enum OptionName: String, CaseIterable {
  case host
  case port
  case apiKey = "api-key"
  case apiKeyFile = "api-key-file"
  case socket
  case configDirectory = "config-dir"
  case dataDirectory = "data-dir"
  case logDirectory = "log-dir"
  case maxConnections = "max-connections"
  case logLevel = "log-level"
  case cgroup
  case trustedProxy = "trusted-proxy"
  case allowedHost = "allowed-host"
  case corsOrigin = "cors-origin"

  /// The one-letter form, where there is one.
  var letter: Character? {
    switch self {
    case .host: "H"
    case .port: "P"
    case .apiKey: "k"
    case .apiKeyFile, .socket, .configDirectory, .dataDirectory, .logDirectory, .maxConnections,
      .logLevel, .cgroup, .trustedProxy, .allowedHost, .corsOrigin:
      nil
    }
  }

  /// What stands for the value in the help.
  var placeholder: String {
    switch self {
    case .host: "HOST"
    case .port: "PORT"
    case .apiKey: "KEY"
    case .apiKeyFile: "FILE"
    case .socket: "PATH"
    case .configDirectory, .dataDirectory, .logDirectory: "DIR"
    case .maxConnections: "N"
    case .logLevel: "LEVEL"
    case .cgroup: "WHERE"
    case .trustedProxy, .allowedHost, .corsOrigin: "LIST"
    }
  }

  /// The environment variables that stand in for the option, the first one that is set winning.
  /// Those that do not begin with `EXEIO_` are systemd's (`systemd.exec(5)`, RuntimeDirectory= and
  /// its like).
  var variables: [String] {
    switch self {
    case .host: ["EXEIO_HOST"]
    case .port: ["EXEIO_PORT"]
    case .apiKey: ["EXEIO_API_KEY"]
    case .apiKeyFile: ["EXEIO_API_KEY_FILE"]
    case .socket: ["EXEIO_SOCKET"]
    case .configDirectory: ["EXEIO_CONFIG_DIR", "CONFIGURATION_DIRECTORY"]
    case .dataDirectory: ["EXEIO_DATA_DIR", "STATE_DIRECTORY"]
    case .logDirectory: ["EXEIO_LOG_DIR", "LOGS_DIRECTORY"]
    case .maxConnections: ["EXEIO_MAX_CONNECTIONS"]
    case .logLevel: ["EXEIO_LOG_LEVEL"]
    case .cgroup: ["EXEIO_CGROUP"]
    case .trustedProxy: ["EXEIO_TRUSTED_PROXY"]
    case .allowedHost: ["EXEIO_ALLOWED_HOST"]
    case .corsOrigin: ["EXEIO_CORS_ORIGIN"]
    }
  }

  var help: String {
    switch self {
    case .host: "address or name to listen on (default: 127.0.0.1)"
    case .port: "port to listen on; 0 picks a free one (default: 8080)"
    case .apiKey: "key that clients must send; visible in the process list, prefer a file"
    case .apiKeyFile: "file whose first line is the key"
    case .socket: "also listen on a Unix socket there"
    case .configDirectory: "holds processes.json and api-key (default: ~/.config/exeio)"
    case .dataDirectory: "holds the lock and the run state (default: ~/.local/share/exeio)"
    case .logDirectory: "holds the logs (default: DATA-DIR/logs)"
    case .maxConnections: "connections served at once (default: 1024)"
    case .logLevel: "error, warning, info or debug: what exeio.log holds (default: info)"
    case .cgroup: "auto, own, none or a delegated directory of cgroup v2 (default: auto)"
    case .trustedProxy: "whose X-Forwarded-For counts: addresses, networks, 'unix' (default: none)"
    case .allowedHost: "names that browsers may use, beside localhost and --host: a.org, .b.org, *"
    case .corsOrigin: "pages that may use the API: https://dash.example.org, or * (default: none)"
    }
  }
}
