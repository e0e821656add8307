"""A bucket of a real S3 server (OpenStack Swift) for suites that run the real program."""
import datetime
import hashlib
import hmac
import json
import pathlib
import subprocess
import tempfile
import urllib.parse
import urllib.request

# Debian's Python is the one that has Swift.
SWIFT = pathlib.Path(__file__).parent / "storage/s3_server/swift_s3.py"


def signed(method, url, region, access_key, secret_key):
    """A request without a body, signed with Signature Version 4."""
    address = urllib.parse.urlsplit(url)
    at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    empty = hashlib.sha256(b"").hexdigest()
    names = "host;x-amz-content-sha256;x-amz-date"
    canonical = (f"{method}\n{address.path}\n\nhost:{address.netloc}\nx-amz-content-sha256:{empty}\n"
                 f"x-amz-date:{at}\n\n{names}\n{empty}")
    scope = f"{at[:8]}/{region}/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + secret_key.encode()
    for step in scope.split("/"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return urllib.request.Request(url, method=method, headers={
        "X-Amz-Content-Sha256": empty, "X-Amz-Date": at,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, "
                         f"Signature={signature}"})


class S3Place:
    """The server, with the bucket "archive"; it ends with stop()."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="khochung-s3-")
        self.process = subprocess.Popen(["/usr/bin/python3", "-B", SWIFT, self.folder.name], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        said = json.loads(self.process.stdout.readline())
        self.endpoint = said["endpoint"]
        self.region = said["region"]
        self.credentials = pathlib.Path(self.folder.name) / "credentials"
        self.credentials.touch(0o600)
        self.credentials.write_text(f"[default]\naws_access_key_id = {said['access_key']}\n"
                                    f"aws_secret_access_key = {said['secret_key']}\n")
        request = signed("PUT", self.endpoint + "/archive", self.region, said["access_key"],
                         said["secret_key"])
        urllib.request.urlopen(request, timeout=60).close()

    def address(self, prefix):
        """What config.toml and the commands take."""
        return (f"s3://archive/{prefix}?endpoint={self.endpoint}&region={self.region}"
                f"&credentials={self.credentials}")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        self.folder.cleanup()
