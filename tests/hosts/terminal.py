"""Drives a program on a pseudo-terminal, as a person would."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

SECONDS = 60
LINES, COLUMNS = 50, 200
# What a terminal obeys and a person does not see.
CONTROL = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r|\x07')


class Silence(Exception):
    """What was expected did not come."""


class Terminal:
    """A program whose standard input, output and error are a terminal."""

    def __init__(self, line, environment=None):
        self.seen = ''
        self.read_until = 0
        self.status = None
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            try:
                # LLDB takes a terminal without a size for none.
                size = struct.pack('HHHH', LINES, COLUMNS, 0, 0)
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
                os.environ.update({'TERM': 'xterm', **(environment or {})})
                os.execvp(line[0], line)
            finally:
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.file)

    def send(self, text):
        """Types the text; end it with a line end to run it."""
        os.write(self.file, text.encode())

    def press_ctrl_c(self):
        """What the terminal makes of it, a signal or a byte, is its business."""
        self.send('\x03')

    def expect(self, pattern, seconds=SECONDS):
        """What came since the last call, up to and with the pattern."""
        deadline = time.monotonic() + seconds
        while True:
            text = self.seen[self.read_until:]
            found = re.search(pattern, text)
            if found:
                self.read_until += found.end()
                return text[:found.end()]
            if not self._read_more(deadline):
                raise Silence(f'no {pattern!r} in {CONTROL.sub("", text)[-2000:]!r}')

    def expect_end(self, seconds=SECONDS):
        """What came since the last call; the program ends by itself."""
        deadline = time.monotonic() + seconds
        while self._read_more(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.seen[self.read_until:]

    def _read_more(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.file], [], [], left)[0]:
            raise Silence(f'nothing more after {CONTROL.sub("", self.seen)[-2000:]!r}')
        try:
            data = os.read(self.file, 65536)
        except OSError:  # Linux says EIO when the last writer is gone
            return False
        self.seen += data.decode(errors='replace')
        return bool(data)


def plain(text):
    """The text as a person sees it."""
    return CONTROL.sub('', text)
