"""Time and memory of commands, and what was promised of them."""

import mmap
import os
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmark.heaps import Failure

SAMPLING_SECONDS = 0.001


@dataclass
class Times:
    """What some runs of one command took."""

    wall: list = field(default_factory=list)
    user: list = field(default_factory=list)
    system: list = field(default_factory=list)

    @property
    def median(self):
        """Seconds by the clock."""
        return statistics.median(self.wall)

    @property
    def least(self):
        """Seconds by the clock of the fastest run."""
        return min(self.wall)

    @property
    def cpu(self):
        """Seconds of all processors, user and system, in the median run."""
        return statistics.median(u + s for u, s in zip(self.user, self.system))

    @property
    def least_cpu(self):
        """The same, in the run that took least."""
        return min(u + s for u, s in zip(self.user, self.system))

    def report(self):
        """For --json."""
        return {'median_s': self.median, 'min_s': self.least, 'cpu_s': self.cpu,
                'min_cpu_s': self.least_cpu,
                'user_s': statistics.median(self.user), 'system_s': statistics.median(self.system),
                'runs_s': self.wall}


@dataclass
class Goal:
    """A promise and whether it was kept."""

    text: str
    value: float
    most: float
    aim: float = 0

    @property
    def met(self):
        """Only the upper limit counts."""
        return self.value <= self.most

    @property
    def line(self):
        """For people."""
        aim = f', aim {self.aim:g} {"met" if self.value <= self.aim else "missed"}' if self.aim else ''
        return f'{"ok  " if self.met else "MISS"} {self.text}: {self.value:.2f} (at most {self.most:g}{aim})'


def spawn(command):
    """Starts a command whose output is thrown away."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    return os.posix_spawn(command[0], command, os.environ, file_actions=quiet)


def require_success(command, status):
    """A run that failed is no measurement."""
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        raise Failure(f'exit status {code} of: {" ".join(command)}')


def time_once(command, times):
    """Runs a command and adds what it took."""
    command = [str(word) for word in command]
    begin = time.perf_counter()
    _, status, usage = os.wait4(spawn(command), 0)
    times.wall.append(time.perf_counter() - begin)
    times.user.append(usage.ru_utime)
    times.system.append(usage.ru_stime)
    require_success(command, status)


@contextmanager
def recent_memory_taken(size):
    """Holds the memory that processes gave back last.

    On a virtual machine only some of the free memory is at hand; the host has to find the rest when it
    is written to, and that time counts as the guest's. A command that needs more than is at hand then
    looks slower than a smaller one. Where both run in here, neither has any at hand.
    """
    with mmap.mmap(-1, size) as held:
        for page in range(0, size, mmap.PAGESIZE):
            held[page] = 1
        yield


def anonymous_now(status_file):
    """RssAnon of a process in bytes; 0 when it has ended."""
    for line in os.pread(status_file, 4096, 0).splitlines():
        if line.startswith(b'RssAnon:'):
            return int(line.split()[1]) * 1024
    return 0


def peak_memory(command):
    """The largest RssAnon seen, and the largest resident size, of one run, in bytes."""
    command = [str(word) for word in command]
    process = spawn(command)
    status_file = os.open(f'/proc/{process}/status', os.O_RDONLY)
    peak = 0
    try:
        while True:
            peak = max(peak, anonymous_now(status_file))
            ended, status, usage = os.wait4(process, os.WNOHANG)
            if ended:
                require_success(command, status)
                return peak, usage.ru_maxrss * 1024
            time.sleep(SAMPLING_SECONDS)
    finally:
        os.close(status_file)


def table(columns, measurements):
    """The measurements as a Markdown table that can be read as it is."""
    lines = [[title for title, _ in columns]]
    lines += [[text_of(m) for _, text_of in columns] for m in measurements]
    widths = [max(map(len, column)) for column in zip(*lines)]
    rows = ['| ' + ' | '.join(map(str.rjust, line, widths)) + ' |' for line in lines]
    rows.insert(1, '|' + '|'.join('-' * (width + 1) + ':' for width in widths) + '|')
    return '\n'.join(rows)
