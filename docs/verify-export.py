#!/usr/bin/env python3
"""Verifies a journal export (conntrack-api journal export, GET /api/v1/changes/export) independently of the service's code.

usage: verify-export.py [SEQUENCE:HASH] < export.ndjson     SEQUENCE:HASH is an anchor: a head stored earlier; exit code 1 if the chain is broken

Archives (conntrack-api journal archive) have the same format, and a later file continues the one before. Verify them together, oldest first:
cat archive-1.ndjson archive-2.ndjson export.ndjson | verify-export.py
With --after SEQUENCE:HASH as the first argument, the first record must continue this head instead: `archivedThrough.head` of GET /api/v1/changes.
"""
import hashlib
import json
import sys

arguments = sys.argv[1:]
start, head = 0, "0" * 64
if arguments[:1] == ["--after"]:
    start, head = int(arguments[1].split(":")[0]), arguments[1].split(":")[1]
    arguments = arguments[2:]
anchor = arguments[0] if arguments else None
anchored = anchor is None
sequence = start
for line in sys.stdin.buffer:
    record = json.loads(line)
    parts = [record[name] for name in ("sequence", "kind", "changeId", "recordedAt", "previousHash", "content")]
    text = "\n".join(str(part) for part in ["conntrack-api record 1", *parts])
    digest = hashlib.sha256(text.encode()).hexdigest()
    sequence += 1
    if (record["sequence"], record["previousHash"], record["hash"]) != (sequence, head, digest):
        sys.exit(f"BROKEN at record {sequence}")
    head = digest
    anchored = anchored or f"{sequence}:{head}" == anchor
if not anchored:
    sys.exit(f"BROKEN: the anchor {anchor} is not in the chain")
print(f"{sequence - start} records, unbroken, head {sequence}:{head}")
