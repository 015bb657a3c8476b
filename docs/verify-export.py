#!/usr/bin/env python3
"""Verifies a journal export (conntrack-api journal export, GET /api/v1/changes/export) independently of the service's code.

usage: verify-export.py [SEQUENCE:HASH] < export.ndjson     SEQUENCE:HASH is an anchor: a head stored earlier; exit code 1 if the chain is broken
"""
import hashlib
import json
import sys

anchor = sys.argv[1] if len(sys.argv) > 1 else None
anchored = anchor is None
sequence, head = 0, "0" * 64
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
print(f"{sequence} records, unbroken, head {sequence}:{head}")
