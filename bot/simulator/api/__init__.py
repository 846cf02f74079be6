"""LINE's HTTP API at its true paths, all hosts of LINE served by one."""
