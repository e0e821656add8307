"""Clients that mean no good: they hold as many connections as they are told to, and come back when they are cut off.

    villains.py KIND COUNT HOST PORT SECONDS [FROM…]

FROM: addresses of this machine that they come from, in turn. One line of JSON at the end says how many connections were
made, the most that stood at once, and what was answered."""
import collections
import contextlib
import json
import random
import selectors
import socket
import sys
import time

PATIENCE_SECONDS = 3  # between two drips
AT_ONCE = 400  # connections begun in one round, so that the rest do not starve
chance = random.Random(7)


def garbage():
    kind = chance.randrange(4)
    if kind == 0:
        return chance.randbytes(chance.randrange(1, 3000))
    if kind == 1:
        return b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /"
    if kind == 2:
        return b"GET /" + b"%" * chance.randrange(1, 9000) + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    return b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chance.randbytes(60)  # TLS where none is spoken


class Kind:
    """What a connection sends at first, and what then drips."""

    def __init__(self, first, drip=b"", reads=True):
        self.first, self.drip, self.reads = first, drip, reads


KINDS = {
    "silent": Kind(lambda: b""),
    "half-heads": Kind(lambda: b"GET /search?q=cong+doan HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"x"),
    "slow-bodies": Kind(lambda: b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                                b"Content-Length: 4000\r\n\r\n", b"x"),
    "slow-readers": Kind(lambda: b"GET /search?q=cong+doan HTTP/1.1\r\nHost: a\r\n\r\n" * 60, reads=False),
    "garbage": Kind(garbage),
    "searches": Kind(lambda: f"GET /api/v1/search?q=quyet+dinh+{chance.randrange(10 ** 6)} HTTP/1.1\r\nHost: a\r\n"
                             "Connection: close\r\n\r\n".encode()),
}


class Villains:
    def __init__(self, kind, count, address, sources):
        self.kind, self.count, self.address, self.sources = kind, count, address, sources
        self.selector = selectors.DefaultSelector()
        self.standing = {}
        self.made = self.most = self.refused = 0
        self.statuses = collections.Counter()

    def connect(self):
        peer = socket.socket()
        peer.setblocking(False)
        if not self.kind.reads:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        if self.sources:
            peer.bind((self.sources[self.made % len(self.sources)], 0))
        self.made += 1
        peer.connect_ex(self.address)
        self.selector.register(peer, selectors.EVENT_WRITE)
        self.standing[peer] = time.monotonic() + PATIENCE_SECONDS

    def drop(self, peer):
        self.selector.unregister(peer)
        del self.standing[peer]
        peer.close()

    def on_event(self, peer, events):
        try:
            if events & selectors.EVENT_WRITE:
                first = self.kind.first()
                if first:
                    peer.send(first)
                # A slow reader hears of the end when it drips.
                self.selector.modify(peer, selectors.EVENT_READ) if self.kind.reads else self.rest(peer)
                return
            answer = peer.recv(65536)
            if answer.startswith(b"HTTP/1.1 "):
                self.statuses[answer[9:12].decode()] += 1
            if not answer:
                self.drop(peer)
        except BlockingIOError:
            pass
        except OSError:
            self.refused += 1
            self.drop(peer)

    def rest(self, peer):
        self.selector.modify(peer, 0x40000000)  # no event but that the connection is gone

    def drip(self, now):
        for peer, due in list(self.standing.items()):
            if now < due:
                continue
            self.standing[peer] = now + PATIENCE_SECONDS
            try:
                if self.kind.drip:
                    peer.send(self.kind.drip)
            except BlockingIOError:
                pass
            except OSError:
                self.drop(peer)

    def run(self, seconds):
        end = time.monotonic() + seconds
        dripped = 0
        while (now := time.monotonic()) < end:
            for _ in range(min(AT_ONCE, self.count - len(self.standing))):
                with contextlib.suppress(OSError):
                    self.connect()
            for key, events in self.selector.select(0.05):
                if key.fileobj in self.standing:
                    self.on_event(key.fileobj, events)
            if now - dripped > 0.5:
                dripped = now
                self.drip(now)
            self.most = max(self.most, len(self.standing))
            time.sleep(0.005)


def main():
    kind, count, host, port, seconds, *sources = sys.argv[1:]
    villains = Villains(KINDS[kind], int(count), (host, int(port)), sources)
    villains.run(float(seconds))
    print(json.dumps({"kind": kind, "made": villains.made, "most": villains.most, "broken": villains.refused,
                      "answers": villains.statuses}), flush=True)


if __name__ == "__main__":
    main()
