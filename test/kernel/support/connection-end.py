"""One end of a connection. Prints `listening`, then `connected`, or the port of the client; then obeys lines on its standard input.

    connection-end.py tcp|udp listen ADDRESS PORT
    connection-end.py tcp|udp connect SOURCE ADDRESS PORT

`send` sends a byte and prints `open`, or the name of the error that the connection had within a second. `received` prints how many bytes arrived.
"""

import errno
import select
import socket
import sys
import time

received = 0


def say(text):
    print(text, flush=True)


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def take(connection, seconds):
    """Reads what arrives, and raises the error of the connection."""
    global received
    end = time.monotonic() + seconds
    while select.select([connection], [], [], max(0, end - time.monotonic()))[0]:
        data = connection.recv(65536)
        if not data:
            raise ConnectionResetError(errno.EPIPE, "closed")
        received += len(data)


def main():
    kind, role, *rest = sys.argv[1:]
    stream = socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
    connection = socket.socket(family(rest[0]), stream)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if role == "listen":
        connection.bind((rest[0], int(rest[1])))
        if kind == "tcp":
            connection.listen()
        listening = connection
        say("listening")
        if kind == "tcp":
            connection, _ = listening.accept()
        else:
            _, peer = connection.recvfrom(1)
            connection.connect(peer)
        say("connected")
    else:
        connection.bind((rest[0], 0))
        connection.connect((rest[1], int(rest[2])))
        if kind == "udp":
            connection.send(b"x")
        say(connection.getsockname()[1])
    for line in sys.stdin:
        try:
            if line == "send\n":
                connection.send(b"x")
                take(connection, 0.3)
                say("open")
            else:
                take(connection, 0.1)
                say(received)
        except OSError as error:
            say(errno.errorcode.get(error.errno, str(error)))


main()
