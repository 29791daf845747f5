"""A Valkey of our own in one folder: the broker and the cache."""

import signal
import socket
import subprocess
from pathlib import Path

from branchcrm.embedded.binaries import valkey_server
from branchcrm.embedded.processes import CannotStart, free_port, start, wait_for

START_SECONDS = 20


class Valkey:
    """The server in `folder`; what is queued survives a restart (append-only file)."""

    def __init__(self, folder: Path, password: str) -> None:
        self.program, self.folder, self.password = valkey_server(), folder, password

    def start(self) -> None:
        """Start the server. Raises CannotStart with the end of its log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.port = free_port()
        log = self.folder.with_suffix(".log")
        settings = self.folder / "valkey.conf"  # not on the command line, where others could read the password
        settings.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            'save ""\nappendonly yes\ndaemonize no\nloglevel warning\n',
            encoding="utf-8",
        )
        settings.chmod(0o600)
        with log.open("ab") as output:
            self.process = start(
                [self.program, settings],
                death_signal=signal.SIGTERM,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd=self.folder,
            )
        if not wait_for(self._answers, seconds=START_SECONDS, alive=lambda: self.process.poll() is None):
            text = log.read_text(encoding="utf-8", errors="replace")
            raise CannotStart(f"Valkey did not start:\n{text[-2000:]}")

    @property
    def url(self) -> str:
        """Return the address with the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire:
                wire.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = wire.recv(64)
                return b"+OK" in answer
        except OSError:
            return False
