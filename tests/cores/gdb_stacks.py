"""Runs inside gdb: prints the calls of every thread as JSON.

A line a thread: {"thread_id": ..., "calls": [[address, name], ...]}. Calls that gdb knows to be
inlined or made last have no frame and are left out. The name is null where gdb has it
from debug information, which has other names than symbols (__GI_abort for abort).
"""

import json

import gdb  # pylint: disable=import-error

MAX_CALLS = 300


def calls_of_thread():
    """Address and name of the selected thread's calls, the innermost first."""
    calls = []
    frame = gdb.newest_frame()
    while frame is not None and len(calls) < MAX_CALLS:
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            name = frame.name() if frame.function() is None else None
            calls.append([frame.pc(), name])
        try:
            frame = frame.older()
        except gdb.error:
            break
    return calls


for thread in gdb.selected_inferior().threads():
    thread.switch()
    print(json.dumps({'thread_id': thread.ptid[1], 'calls': calls_of_thread()}))
