"""Creates assured TCP flows on loopback, which the kernel does not evict, at a steady rate in its network namespace.

Each flow is three segments: with tcp_loose=1, the kernel takes it for an established connection. Nothing listens there, so
drop the resets. Prints how many flows were sent and how many of them the kernel refused (EPERM) because the table has no room, as JSON.

    establish-flows.py COUNT RATE
"""

import json
import socket
import struct
import sys
import time

CLIENT = "127.77.0.1"
SERVERS = ["127.77.1.1", "127.77.1.2"]
PORT = 7777
FIRST_PORT = 1024
PORTS = 60000
ACK = 0x10


def segment(source, source_port, destination, destination_port, sequence, acknowledged):
    tcp = struct.pack("!HHIIBBHHH", source_port, destination_port, sequence, acknowledged, 5 << 4, ACK, 65535, 0, 0)
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    total = sum(struct.unpack("!10H", tcp)) + sum(struct.unpack("!4H", addresses)) + socket.IPPROTO_TCP + len(tcp)
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0)
    return ip + addresses + tcp


def main():
    count, rate = int(sys.argv[1]), int(sys.argv[2])
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    refused = 0
    start = time.monotonic()
    for flow in range(count):
        due = start + flow / rate
        while time.monotonic() < due:
            time.sleep(0.001)
        server, port = SERVERS[flow // PORTS], FIRST_PORT + flow % PORTS
        try:
            raw.sendto(segment(CLIENT, port, server, PORT, 1, 1), (server, 0))
            raw.sendto(segment(server, PORT, CLIENT, port, 1, 1), (CLIENT, 0))
            raw.sendto(segment(CLIENT, port, server, PORT, 1, 1), (server, 0))
        except PermissionError:
            refused += 1
    print(json.dumps({"sent": count, "refused": refused, "seconds": round(time.monotonic() - start, 1)}))


main()
