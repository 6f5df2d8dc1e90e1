"""What comes from npm: Node binaries, and the packages that programs require."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from .cache import Failure, alone, built_in_place, cache, say


def node_binary(release):
    """The path of the release's node, fetched on first use."""
    home = cache() / 'node' / f'v{release.version}'
    with alone(f'node-{release.version}'):
        if not home.exists():
            fetch_node(release, home)
    return home / 'bin' / 'node'


def fetch_node(release, home):
    """Unpacks the npm package that carries a release's binary."""
    spec = f'{release.package}@{release.version}'
    say(f'fetching {spec}')
    with built_in_place(home) as scratch, tempfile.TemporaryDirectory() as download:
        npm('pack', spec, folder=download)
        archive, = Path(download).glob('*.tgz')
        subprocess.run(['tar', '-xzf', archive, '-C', scratch, '--strip-components=1'], check=True)


def stripped_binary(release):
    """A copy of the release's node without its symbol table."""
    original = node_binary(release)
    home = cache() / 'node' / f'v{release.version}-stripped'
    with alone(f'node-{release.version}-stripped'):
        if not home.exists():
            if not shutil.which('strip'):
                raise Failure('--stripped needs strip, which is part of binutils')
            with built_in_place(home) as scratch:
                (scratch / 'bin').mkdir()
                subprocess.run(['strip', '-s', '-o', scratch / 'bin' / 'node', original], check=True)
    return home / 'bin' / 'node'


def installed(packages):
    """A folder that NODE_PATH can name, with these npm packages in it."""
    home = cache() / 'modules' / '+'.join(packages).replace('/', '_')
    with alone(f'modules-{home.name}'):
        if not home.exists():
            say(f'installing {" ".join(packages)}')
            with built_in_place(home) as scratch:
                npm('install', '--ignore-scripts', '--no-audit', '--no-fund',
                    '--prefix', '.', *packages, folder=scratch)
    return home / 'node_modules'


def npm(*arguments, folder):
    """Runs npm in a folder."""
    done = subprocess.run(['npm', *arguments, '--silent'], cwd=folder, stdout=subprocess.DEVNULL,
                          check=False)
    if done.returncode != 0:
        raise Failure(f'npm {" ".join(arguments)} did not work; is the package registry reachable?')
