"""An observer of the line between a reader and the site, who counts encrypted bytes and reads none of them."""

import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import closing

# Requests for each connection; nginx closes one after a thousand.
REQUESTS = 500
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, SETTINGS, WINDOW_UPDATE = 1, 4, 8
END_STREAM, ACK = 0x1, 0x1
END_STREAM_AND_HEADERS = 0x5
ENOUGH = (1 << 31) - 1  # bytes that the server may send without being asked again
INDEX_OF_SERVER, INDEX_OF_DATE = 54, 33  # in the static table of HPACK (RFC 7541, appendix A)


class Line:
    """A TLS connection; `received` is the number of encrypted bytes that have come from the server."""

    def __init__(self, port: int, protocol: str) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols([protocol])
        self.received = 0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.waiting(self.tls.do_handshake)
        assert self.tls.selected_alpn_protocol() == protocol
        self.text = b""

    def waiting(self, act):
        """Return the result of `act`, after receiving what it needs."""
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                self.flush()
                found = self.socket.recv(1 << 20)
                assert found, "The server closed the connection."
                self.received += len(found)
                self.incoming.write(found)
            finally:
                self.flush()

    def flush(self) -> None:
        if self.outgoing.pending:
            self.socket.sendall(self.outgoing.read())

    def send(self, text: bytes) -> None:
        self.tls.write(text)
        self.flush()

    def take(self, length: int) -> bytes:
        while len(self.text) < length:
            self.text += self.waiting(lambda: self.tls.read(1 << 20))
        taken, self.text = self.text[:length], self.text[length:]
        return taken

    def close(self) -> None:
        self.socket.close()


class Http1(Line):
    def __init__(self, port: int) -> None:
        super().__init__(port, "http/1.1")

    def request(self, path: str, encoding: str) -> tuple[int, int]:
        """Return the status of the answer, and the number of encrypted bytes."""
        before = self.received
        self.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {encoding}\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.take(1)
        lines = head.decode().lower().split("\r\n")
        [length] = [line.partition(":")[2] for line in lines if line.startswith("content-length:")]
        self.take(int(length))
        return int(lines[0].split()[1]), self.received - before


class Http2(Line):
    def __init__(self, port: int) -> None:
        super().__init__(port, "h2")
        self.stream = -1
        window = b"\0\x04" + ENOUGH.to_bytes(4)
        self.send(PREFACE + frame(SETTINGS, 0, 0, window))
        self.send(frame(WINDOW_UPDATE, 0, 0, (ENOUGH - 65_535).to_bytes(4)))

    def request(self, path: str, encoding: str) -> tuple[int, int]:
        """Return the status of the answer, and the number of encrypted bytes, without those of the time.

        The time is compressed to one or two bytes more or less, and the observer knows it.
        """
        before = self.received
        self.stream += 2
        fields = {
            ":method": "GET", ":scheme": "https", ":authority": "localhost", ":path": path,
            "accept-encoding": encoding,
        }  # fmt: skip
        block = b"".join(b"\0" + literal(name) + literal(value) for name, value in fields.items())
        self.send(frame(HEADERS, END_STREAM_AND_HEADERS, self.stream, block))
        status = date = 0
        while True:
            head = self.take(9)
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:])
            payload = self.take(int.from_bytes(head[:3]))
            if kind == SETTINGS and not flags & ACK:
                self.send(frame(SETTINGS, ACK, 0, b""))
            if kind == HEADERS and stream == self.stream:
                status, date = 200 if payload[0] == 0x88 else 404, length_of_date(payload)
            if stream == self.stream and flags & END_STREAM and kind in {0, HEADERS}:
                return status, self.received - before - date


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def literal(text: str) -> bytes:
    """Return a text of less than 127 bytes as HPACK has it, without compression."""
    assert len(text) < 127
    return bytes([len(text)]) + text.encode()


def length_of_date(block: bytes) -> int:
    """Return the length of the value of `Date`: nginx sends it after the status and its own name."""
    place = 1 if block[0] & 0x80 else 2 + (block[1] & 0x7F)
    assert block[place] == 0x40 | INDEX_OF_SERVER
    place += 2 + (block[place + 1] & 0x7F)
    assert block[place] == 0x40 | INDEX_OF_DATE
    return block[place + 1] & 0x7F


def observed(
    port: int, protocol: type[Http1 | Http2], encoding: str, paths: Iterable[str]
) -> Iterator[tuple[str, int]]:
    """Yield each path with the number of encrypted bytes of its answer."""
    wanted = list(paths)
    for start in range(0, len(wanted), REQUESTS):
        with closing(protocol(port)) as line:
            line.request("/", encoding)  # what belongs to the connection comes with its first answer
            for path in wanted[start : start + REQUESTS]:
                status, received = line.request(path, encoding)
                assert status == 200, path
                yield path, received
