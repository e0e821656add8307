"""A real S3 server for tests: OpenStack Swift with its s3api, on free ports of the loopback address.

Proxy, account, container and object server are Swift's own WSGI applications; they share this one process, so
that nothing is left when it ends. It says one line of JSON once it answers (endpoints, region, keys), and ends with
its standard input: nobody has to remember it. Everything it writes lies in FOLDER. It needs no root, no configuration in /etc and
no other service.

A line {"bucket": …, "keys": […]} on its input makes a list longer; it says "done".

Usage: python3 -B swift_s3.py FOLDER
"""

import glob
import json
import logging
import os
import ssl
import subprocess
import sys
from time import time as now

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common import storage_policy, utils  # noqa: E402
from swift.common.http_protocol import SwiftHttpProtocol  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402
from swift.container.backend import ContainerBroker  # noqa: E402

# Of tempauth, whose users are "account:user"; the colon is part of the access key.
ACCESS_KEY = "kho:chung"
SECRET_KEY = "a/secret+with=signs"
REGION = "vn-test-1"

COMMON = """[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_level = WARNING
conn_timeout = 30
node_timeout = 60
container_update_timeout = 60
"""

PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats s3api tempauth copy slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
error_suppression_limit = 1000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = {region}
[filter:tempauth]
use = egg:swift#tempauth
user_{user} = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
"""

STORAGE = """
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{application}
"""


class LogFile(logging.FileHandler):
    """Takes the place of syslog."""

    folder = ""

    def __init__(self, **_):
        super().__init__(os.path.join(self.folder, "swift.log"))

    def createLock(self):
        self.lock = utils.PipeMutex()


class Protocol(SwiftHttpProtocol):
    """A client that does not trust the certificate breaks off: no news."""

    def handle(self):
        try:
            super().handle()
        except ssl.SSLError:
            pass


class Cache:
    """Takes the place of memcached, for this one process."""

    def __init__(self):
        self.entries = {}

    def get(self, key, **_):
        value, ends = self.entries.get(key, (None, 0))
        return value if not ends or ends > now() else None

    def set(self, key, value, time=0, **_):  # noqa: A002, the name is the interface's
        self.entries[key] = (value, now() + time if time else 0)

    def delete(self, key, **_):
        self.entries.pop(key, None)


def with_cache(application):
    cache = Cache()

    def answer(environment, start_response):
        environment["swift.cache"] = cache
        return application(environment, start_response)

    return answer


def takes_attributes(folder):
    """Whether Swift's object server can keep its metadata beside the files."""
    name = os.path.join(folder, "attribute")
    with open(name, "wb"):
        pass
    try:
        os.setxattr(name, "user.swift.metadata", b"x" * 2000)
        return True
    except OSError:
        return False
    finally:
        os.unlink(name)


def build_ring(folder, name, port):
    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": port,
                     "replication_ip": "127.0.0.1", "replication_port": port, "device": "disk", "meta": ""})
    builder.rebalance(seed="1")
    builder.get_ring().save(os.path.join(folder, name + ".ring.gz"))


def serve(folder, name, text, *sockets):
    path = os.path.join(folder, name + ".conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(COMMON.format(folder=folder) + text)
    application = with_cache(loadapp(path, global_conf={"log_name": name}))
    for socket in sockets:
        # S3 clients know the header as "ETag": names must stay as they are written.
        eventlet.spawn(wsgi.server, socket, application, utils.NullLogger(), protocol=Protocol,
                       socket_timeout=60, capitalize_response_headers=False)


def listen_with_tls(folder):
    """A second door to the proxy, with a certificate for 127.0.0.1 that signs itself."""
    certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "1", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
               "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    socket = eventlet.listen(("127.0.0.1", 0), backlog=256)
    return eventlet.wrap_ssl(socket, certfile=certificate, keyfile=key, server_side=True), certificate


def enter(folder, objects):
    """Makes the container's list name objects, without the objects: a thousand of them in no time."""
    for path in glob.glob(folder + "/devices/disk/containers/*/*/*/*.db"):
        broker = ContainerBroker(path)
        if broker.get_info()["container"] == objects["bucket"]:
            for key in objects["keys"]:
                broker.put_object(key, utils.Timestamp.now().internal, 1, "text/plain", "0" * 32)


def main():
    folder = os.path.abspath(sys.argv[1])
    os.makedirs(os.path.join(folder, "devices", "disk"))
    LogFile.folder = folder
    utils.ThreadSafeSysLogHandler = LogFile
    with open(os.path.join(folder, "swift.conf"), "w", encoding="utf-8") as file:
        file.write("[swift-hash]\nswift_hash_path_suffix = test\n")
    utils.set_swift_dir(folder)
    storage_policy.reload_storage_policies()
    utils.disable_fallocate()

    tls_socket, certificate = listen_with_tls(folder)
    sockets = {kind: eventlet.listen(("127.0.0.1", 0), backlog=256)
               for kind in ("account", "container", "object", "proxy")}
    for kind in ("account", "container", "object"):
        build_ring(folder, kind, sockets[kind].getsockname()[1])
    object_server = "object" if takes_attributes(folder) else "mem_object"
    for kind, application in (("account", "account"), ("container", "container"), ("object", object_server)):
        serve(folder, kind, STORAGE.format(kind=kind, application=application), sockets[kind])
    serve(folder, "proxy", PROXY.format(region=REGION, user=ACCESS_KEY.replace(":", "_"), secret=SECRET_KEY),
          sockets["proxy"], tls_socket)
    print(json.dumps({"endpoint": "http://127.0.0.1:%d" % sockets["proxy"].getsockname()[1],
                      "tls_endpoint": "https://127.0.0.1:%d" % tls_socket.getsockname()[1],
                      "certificate": certificate, "region": REGION,
                      "access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "objects": object_server}), flush=True)
    for line in iter(lambda: eventlet.tpool.execute(sys.stdin.readline), ""):
        enter(folder, json.loads(line))
        print("done", flush=True)


main()
