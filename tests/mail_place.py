"""A real SMTP server (aiosmtpd) for suites that read the archive's mail, and that can be away, refuse or hang."""
import asyncio
import email
import email.policy
import logging
import ssl
import subprocess
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from archive import free_port

LONGEST_WAIT = 60
# What tests do to it on purpose is no news.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class MailPlace:
    """Takes mail on a port of its own. `answers`: what it says to the command of that name; `hangs_in`: the command at
    which it says nothing until it is let go."""

    def __init__(self, folder=None, user=None, password=None):
        self.answers, self.hangs_in = {}, set()
        self.asked, self.let_go = threading.Event(), threading.Event()
        self.arrived, self.changed = [], threading.Condition()
        self.sign_ins = []
        # With port 0 the controller would not find itself.
        self.port, self.user, self.password = free_port(), user, password
        self.authority = None
        self.context = self.with_certificate(folder) if folder else None
        self.controller = None

    def with_certificate(self, folder):
        """A certificate for 127.0.0.1 that only whoever has `authority` trusts."""
        key, self.authority = folder / "smtp-key.pem", folder / "smtp-cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", self.authority,
                        "-subj", "/CN=mail.example.vn", "-days", "2", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority, key)
        return context

    def open(self):
        options = {"enable_SMTPUTF8": False}
        if self.context:
            options |= {"tls_context": self.context, "require_starttls": True}
        if self.user:
            options |= {"authenticator": self.sign_in, "auth_required": True}
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self.controller.start()
        return self

    def close(self):
        self.let_go.set()
        if self.controller:
            self.controller.stop()
            self.controller = None

    def hang_in(self, command):
        self.asked.clear()
        self.let_go.clear()
        self.hangs_in.add(command)

    def behave(self):
        self.answers.clear()
        self.hangs_in.clear()
        self.let_go.set()

    def sign_in(self, server, session, envelope, mechanism, data):
        name, password = data.login.decode(), data.password.decode()
        self.sign_ins.append((mechanism, name, password, session.ssl is not None))
        return AuthResult(success=(name, password) == (self.user, self.password))

    async def said_to(self, command):
        if command in self.hangs_in:
            self.asked.set()
            while not self.let_go.is_set():
                await asyncio.sleep(0.05)
        return self.answers.get(command)

    async def handle_MAIL(self, server, session, envelope, address, options):
        if said := await self.said_to("MAIL"):
            return said
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if said := await self.said_to("RCPT") or self.answers.get(address):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if said := await self.said_to("DATA"):
            return said
        end = self.answers.get("END") or "250 taken"
        with self.changed:
            mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
            mail.raw, mail.envelope = envelope.original_content, (envelope.mail_from, envelope.rcpt_tos)
            self.arrived.append(mail)
            self.changed.notify_all()
        return end

    def wait_for(self, count):
        """The mails that came, once there are so many."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.arrived) >= count, LONGEST_WAIT):
                raise AssertionError(f"{len(self.arrived)} of {count} mails came")
            return list(self.arrived)

    def take(self, count=1):
        """Waits for mails and takes them out; of one that one."""
        mails = self.wait_for(count)
        with self.changed:
            del self.arrived[:]
        return mails[0] if count == 1 else mails


def until(what, seconds=LONGEST_WAIT):
    """Asks until it is so."""
    end = time.monotonic() + seconds
    while not (found := what()):
        if time.monotonic() > end:
            raise AssertionError("it did not come to that")
        time.sleep(0.1)
    return found
