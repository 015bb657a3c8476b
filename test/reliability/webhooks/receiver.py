"""A receiver of webhooks that verifies each request with the code of docs/webhooks.md.

    python3 receiver.py PORT SECRET LOG DOCS

Appends "<id> <type> <subject>" to LOG, synced to disk, and then responds with 204. A tenth of the requests get 503 before they are stored, and another tenth
are stored and get no response. A request that fails verification is logged as "wrong" with the reason.
"""
import json
import os
import random
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

port, secret, log, docs = sys.argv[1:]
with open(docs, encoding="utf-8") as page:
    exec(re.search(r"^```python\n(.*?)^```$", page.read(), re.S | re.M).group(1))  # defines verify

lines = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def store(line):
    os.write(lines, f"{line}\n".encode())
    os.fsync(lines)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        chance = random.random()
        if chance < 0.1:
            self.send_response(503)
            self.end_headers()
            return
        try:
            verified = verify(secret, self.headers, body)
            event = json.loads(body)
            if event["id"] != verified or event["specversion"] != "1.0":
                raise ValueError("another id in the body")
            store(f"{event['id']} {event['type']} {event['subject']}")
        except Exception as error:  # every kind of failure is a finding
            store(f"wrong {error!r}")
        if chance < 0.2:
            self.close_connection = True
            return
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
