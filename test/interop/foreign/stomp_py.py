"""stomp.py against a broker: /usr/bin/python3 stomp_py.py VERSION HOST PORT LOGIN PASSCODE.

Prints one line per check: "ok NAME" or "failed NAME: WHY". What is checked is the same in every
program of this folder.
"""

import queue
import sys
import time
import uuid

import stomp

TIMEOUT_SECONDS = 5
HEART_BEAT_MS = 500
VERSION, HOST, PORT, LOGIN, PASSCODE = sys.argv[1:6]
CONNECTIONS = {
    "1.0": stomp.Connection10,
    "1.1": stomp.Connection11,
    "1.2": stomp.Connection12,
}


class Inbox(stomp.ConnectionListener):
    """Keeps what arrives, for the main thread to take."""

    def __init__(self):
        self.connected = queue.Queue()
        self.messages = queue.Queue()
        self.receipts = queue.Queue()
        self.errors = []
        self.beats = 0

    def on_connected(self, frame):
        self.connected.put(frame)

    def on_message(self, frame):
        self.messages.put(frame)

    def on_receipt(self, frame):
        self.receipts.put(frame.headers["receipt-id"])

    def on_heartbeat(self):
        self.beats += 1

    def on_heartbeat_timeout(self):
        self.errors.append("heart-beat lost")

    def on_error(self, frame):
        self.errors.append(frame.headers.get("message") or frame.body)


class Session:
    def __init__(self):
        self.inbox = Inbox()
        # Without decoding, since a binary body is not text; bodies then arrive as bytes.
        beats = (HEART_BEAT_MS, HEART_BEAT_MS)
        options = {} if VERSION == "1.0" else {"vhost": "/", "heartbeats": beats}
        self.connection = CONNECTIONS[VERSION]([(HOST, int(PORT))], auto_decode=False, **options)
        self.connection.set_listener("inbox", self.inbox)
        self.destination = "/queue/stomp.py-" + uuid.uuid4().hex
        self.asked = 0
        self.seen = set()

    def receipt(self):
        self.asked += 1
        return "receipt-%d" % self.asked

    def confirmed(self, *receipts):
        """Waits until all these receipts have come."""
        while not self.seen.issuperset(receipts):
            self.seen.add(self.take(self.inbox.receipts, "RECEIPT"))

    def send(self, body, **options):
        receipt = self.receipt()
        self.connection.send(self.destination, body, receipt=receipt, **options)
        return receipt

    def message(self):
        """The next MESSAGE, acknowledged and the acknowledgement confirmed."""
        frame = self.take(self.inbox.messages, "MESSAGE")
        receipt = self.receipt()
        if VERSION == "1.0":
            self.connection.ack(frame.headers["message-id"], receipt=receipt)
        elif VERSION == "1.1":
            self.connection.ack(
                frame.headers["message-id"], frame.headers["subscription"], receipt=receipt
            )
        else:
            self.connection.ack(frame.headers["ack"], receipt=receipt)
        self.confirmed(receipt)
        return frame

    def take(self, source, what):
        try:
            return source.get(timeout=TIMEOUT_SECONDS)
        except queue.Empty:
            raise AssertionError("no %s within %d s, errors: %s" % (what, TIMEOUT_SECONDS, self.inbox.errors))


def connect(session):
    session.connection.connect(LOGIN, PASSCODE, wait=False)
    frame = session.take(session.inbox.connected, "CONNECTED")
    equal(frame.headers.get("version", "1.0"), VERSION)


def subscribe(session):
    receipt = session.receipt()
    # client-individual is younger than 1.0.
    mode = "client" if VERSION == "1.0" else "client-individual"
    session.connection.subscribe(session.destination, id="1", ack=mode, receipt=receipt)
    session.confirmed(receipt)


def idle(session):
    """Three intervals without a frame; both ends would drop the other without heart-beats."""
    before = session.inbox.beats
    time.sleep(3.5 * HEART_BEAT_MS / 1000)
    if session.inbox.beats < before + 2:
        raise AssertionError("%d heart-beats" % (session.inbox.beats - before))
    session.confirmed(session.send("still there"))
    equal(session.message().body, b"still there")


def text(session):
    session.confirmed(session.send("Grüße, 世界 🚀", content_type="text/plain"))
    equal(session.message().body.decode(), "Grüße, 世界 🚀")


def headers(session):
    # stomp.py undoes escapes in 1.0 too, which has none: what looks like one is for the others.
    # It never escapes names: no name has a colon here.
    sent = {"colon": "a:b::c", "backslash": "a\\z\\", "umlaut": "ä→🚀"}
    if VERSION != "1.0":
        sent.update({"line-feed": "one\ntwo\n", "path": "C:\\new\\core"})
    if VERSION == "1.2":
        sent["carriage-return"] = "one\r\ntwo\r"
    session.confirmed(session.send("", headers=sent))
    received = session.message().headers
    equal({name: received.get(name) for name in sent}, sent)


def binary(session):
    body = bytes(range(256)) * 4 + b"\x00\x00\n\x00"
    session.confirmed(session.send(body, content_type="application/octet-stream"))
    equal(session.message().body, body)


def commit(session):
    begun, committed = session.receipt(), session.receipt()
    session.connection.begin("t1", receipt=begun)
    first = session.send("first", transaction="t1")
    second = session.send("second", transaction="t1")
    session.confirmed(begun, first, second)
    # What is outside the transaction overtakes it.
    session.confirmed(session.send("outside"))
    equal(session.message().body, b"outside")
    session.connection.commit("t1", receipt=committed)
    session.confirmed(committed)
    equal([session.message().body, session.message().body], [b"first", b"second"])


def abort(session):
    aborted = session.receipt()
    session.connection.begin("t2")
    session.confirmed(session.send("aborted", transaction="t2"))
    session.connection.abort("t2", receipt=aborted)
    session.confirmed(aborted)
    session.confirmed(session.send("after"))
    equal(session.message().body, b"after")


def disconnect(session):
    receipt = session.receipt()
    session.connection.disconnect(receipt=receipt)
    session.confirmed(receipt)
    equal(session.inbox.errors, [])


def equal(actual, expected):
    if actual != expected:
        raise AssertionError("%r instead of %r" % (actual, expected))


def main():
    session = Session()
    failures = 0
    checks = [connect, subscribe, idle, text, headers, binary, commit, abort, disconnect]
    if VERSION == "1.0":
        checks.remove(idle)
    for check in checks:
        try:
            check(session)
            print("ok", check.__name__, flush=True)
        except Exception as error:
            print("failed %s: %r" % (check.__name__, error), flush=True)
            failures += 1
            break
    sys.exit(1 if failures else 0)


main()
