"""One file a command group; no logic. `osler --help` loads neither torch nor a web framework."""
