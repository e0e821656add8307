"""The HTTP contract as a table: who asks for what, and which status and shape come back."""
import gzip
import hashlib
import json
import pathlib
import re
import shutil
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import CORPUS, ROOT, Archive, multipart  # noqa: E402
from shape import Text, fault_of  # noqa: E402
from shapes import (ANY, MATERIAL, PAGE_TEXT, PROBLEM, RECEIPT, SEARCH, SESSION, SUGGEST, UNITS)  # noqa: E402

UNKNOWN = "01940000-0000-7000-8000-000000000000"
PASSWORD = "một mật khẩu thật dài"
NOTICE = "Thông báo về người phát ngôn\n\nNgười phát ngôn của công đoàn cơ sở là chủ tịch.\n".encode()
ARCHIVE_ONLY = "Kế hoạch nội bộ\n\nNgười phát ngôn nêu lịch làm việc.\n".encode()

# viewer, method, path, status, shape (None: a page or bytes)
# viewers: nobody; lan, archivist of the root unit, by cookie; token, the same by bearer token
OF_THE_OWNER = ("/api/v1/audit/files", "/api/v1/audit/files/checkpoints.jsonl", "/api/v1/backups",
                "/api/v1/blobs/" + "0" * 64, "/api/v1/records", "/api/v1/records/x",
                "/api/v1/snapshots/accounts.sqlite", "/api/v1/snapshots/audit-key.pem")
READING = [
    ("nobody", "GET", "/healthz", 200, ANY),
    ("nobody", "GET", "/readyz", 200, ANY),
    ("nobody", "GET", "/api/v1/search?q=phat+ngon", 200, SEARCH),
    ("nobody", "GET", "/api/v1/search?q=ng%C6%B0%E1%BB%9Di+ph%C3%A1t+ng%C3%B4n&limit=1&offset=0", 200, SEARCH),
    ("nobody", "GET", "/api/v1/search?q=", 200, SEARCH),
    ("nobody", "GET", "/api/v1/search?q=phat+ngon&unit={root}&kind=thong_bao&year=2024&language=vi"
                      "&media_type=text/plain&sort=newest", 200, SEARCH),
    ("nobody", "GET", "/api/v1/search?q=a&limit=0", 400, PROBLEM),
    ("nobody", "GET", "/api/v1/search?q=a&limit=101", 400, PROBLEM),
    ("nobody", "GET", "/api/v1/search?q=a&limit=ten", 400, PROBLEM),
    ("nobody", "GET", "/api/v1/search?q=a&offset=-1", 400, PROBLEM),
    ("nobody", "GET", "/api/v1/search?q=a&sort=prettiest", 400, PROBLEM),
    ("nobody", "GET", "/api/v1/search?q=a&unit=no-such-unit", 400, PROBLEM),
    ("nobody", "GET", "/api/v1/suggest?q=thong", 200, SUGGEST),
    ("nobody", "GET", "/api/v1/units", 200, UNITS),
    ("nobody", "GET", "/api/v1/units?q=tong+lien+doan", 200, UNITS),
    ("nobody", "GET", "/api/v1/units?parent={root}&limit=1", 200, UNITS),
    ("nobody", "GET", "/api/v1/units?parent=no-such-unit", 400, PROBLEM),
    ("nobody", "GET", "/api/v1/units?limit=0", 400, PROBLEM),
    ("nobody", "GET", "/api/v1/units/{root}", 200, ANY),
    ("nobody", "GET", "/api/v1/units/no-such-unit", 404, PROBLEM),
    ("nobody", "GET", "/api/v1/materials/{public}", 200, MATERIAL),
    ("nobody", "GET", "/api/v1/materials/{unit}", 404, PROBLEM),
    ("lan", "GET", "/api/v1/materials/{unit}", 200, MATERIAL),
    ("token", "GET", "/api/v1/materials/{unit}", 200, MATERIAL),
    ("nobody", "GET", "/api/v1/materials/" + UNKNOWN, 404, PROBLEM),
    ("nobody", "GET", "/api/v1/materials/not-an-id", 404, PROBLEM),
    ("nobody", "GET", "/api/v1/materials/{public}/files/thong-bao.txt", 200, None),
    ("nobody", "GET", "/api/v1/materials/{public}/files/other.txt", 404, PROBLEM),
    ("nobody", "GET", "/api/v1/materials/{unit}/files/noi-bo.txt", 404, PROBLEM),
    ("lan", "GET", "/api/v1/materials/{unit}/files/noi-bo.txt", 200, None),
    ("nobody", "GET", "/api/v1/materials/{public}/pages/1/text", 200, PAGE_TEXT),
    ("nobody", "GET", "/api/v1/materials/{public}/pages/2/text", 404, PROBLEM),
    ("nobody", "GET", "/api/v1/materials/{public}/pages/0/text", 404, PROBLEM),
    ("nobody", "GET", "/api/v1/materials/{unit}/pages/1/text", 404, PROBLEM),
    ("nobody", "GET", "/api/v1/materials/{pdf}/pages/1/text", 200, PAGE_TEXT),
    ("nobody", "GET", "/api/v1/materials/{pdf}/pages/1/image?width=400", 200, None),
    ("nobody", "GET", "/api/v1/materials/{pdf}/pages/99/image?width=400", 404, PROBLEM),
    ("nobody", "GET", "/api/v1/materials/{withdrawn}", 410, {**PROBLEM, "title": str}),
    ("nobody", "GET", "/api/v1/materials/{public}/history", 200, [{"revision": int, "at": str, "why": str}]),
    ("nobody", "GET", "/api/v1/materials/{public}/revisions/1", 403, PROBLEM),
    ("lan", "GET", "/api/v1/materials/{public}/revisions/1", 200, ANY),
    ("lan", "GET", "/api/v1/materials/{public}/revisions/2", 404, PROBLEM),
    ("lan", "GET", "/api/v1/materials/{unit}/history", 200,
     [{"revision": int, "at": str, "why": str, "by": str, "from": str, "sha256": Text("[0-9a-f]{64}")}]),
    ("nobody", "GET", "/api/v1/kits/{public}", 404, PROBLEM),
    ("nobody", "GET", "/kits/{public}.zip", 404, PROBLEM),
    ("nobody", "GET", "/kit/{public}", 404, None),
    ("nobody", "GET", "/selection.zip?ids={public}", 200, None),
    ("nobody", "GET", "/selection.zip?ids={public},{unit}", 404, PROBLEM),
    ("nobody", "GET", "/selection.zip?ids=", 400, PROBLEM),
    ("nobody", "GET", "/selection.zip?ids=x", 404, PROBLEM),
    ("nobody", "GET", "/selection?q=phat+ngon", 200, None),
    ("nobody", "GET", "/api/v1/files/" + hashlib.sha256(NOTICE).hexdigest(), 200,
     {"sha256": str, "materials": [{"id": str, "title": str, "unit": dict}]}),
    ("nobody", "GET", "/api/v1/files/" + hashlib.sha256(ARCHIVE_ONLY).hexdigest(), 200,
     {"sha256": str, "materials": []}),
    ("lan", "GET", "/api/v1/files/" + hashlib.sha256(ARCHIVE_ONLY).hexdigest(), 200, ANY),
    ("nobody", "GET", "/api/v1/files/xyz", 404, PROBLEM),
    ("nobody", "GET", "/api/v1/uploads", 401, PROBLEM),
    ("lan", "GET", "/api/v1/uploads", 200, {"uploads": []}),
    ("lan", "GET", "/api/v1/uploads/" + UNKNOWN, 404, PROBLEM),
    ("nobody", "GET", "/api/v1/batches/{batch}", 404, PROBLEM),
    ("lan", "GET", "/api/v1/batches/{own_batch}", 200, RECEIPT),
    ("nobody", "GET", "/api/v1/audit", 403, PROBLEM),
    ("lan", "GET", "/api/v1/audit", 403, PROBLEM),
    ("lan", "GET", "/api/v1/audit/checkpoint", 403, PROBLEM),
    ("nobody", "GET", "/api/v1/retention", 200, {"revision": int, "classes": [{"kind": str, "term": str, "basis": str}]}),
    ("nobody", "GET", "/api/v1/retention/due", 401, PROBLEM),
    ("lan", "GET", "/api/v1/retention/due", 200, {"materials": list, "next": str}),
    ("nobody", "GET", "/api/v1/disposals", 403, PROBLEM),
    ("lan", "GET", "/api/v1/disposals", 403, PROBLEM),
    ("lan", "GET", "/api/v1/disposals/" + UNKNOWN, 404, PROBLEM),
    ("nobody", "GET", "/api/v1/preservation", 403, PROBLEM),
    ("lan", "GET", "/api/v1/preservation", 403, PROBLEM),
    ("nobody", "GET", "/metrics", 403, None),
    ("lan", "GET", "/metrics", 403, None),
    ("nobody", "GET", "/feed.atom", 200, None),
    ("lan", "GET", "/feed.atom?unit={root}&q=phat+ngon&limit=1&offset=1", 200, None),
    ("nobody", "GET", "/feed.atom?unit=no-such-unit", 400, PROBLEM),
    ("nobody", "GET", "/kits/{public}.atom", 404, PROBLEM),
    ("nobody", "GET", "/sitemap.xml", 200, None),
    ("nobody", "GET", "/sitemap/1.xml", 200, None),
    ("nobody", "GET", "/sitemap/2.xml", 404, PROBLEM),
    ("nobody", "GET", "/robots.txt", 200, None),
    ("nobody", "GET", "/opensearch.xml", 200, None),
    ("nobody", "GET", "/opensearch/suggest?q=thong", 200, None),
    ("nobody", "GET", "/oembed?url=http://elsewhere.example/m/{public}", 404, PROBLEM),
    ("nobody", "GET", "/oembed", 400, PROBLEM),
    ("nobody", "GET", "/oembed?format=yaml", 501, PROBLEM),
    ("nobody", "GET", "/embed/{public}", 200, None),
    ("lan", "GET", "/embed/{unit}", 404, None),
    ("nobody", "GET", "/embed/{withdrawn}", 410, None),
    ("nobody", "GET", "/api/v1/materials/{public}/shares", 401, PROBLEM),
    ("nobody", "GET", "/api/v1/materials/{unit}/shares", 404, PROBLEM),
    ("lan", "GET", "/api/v1/materials/{unit}/shares", 200, {"shares": []}),
    ("nobody", "GET", "/api/v1/shares/" + UNKNOWN, 404, PROBLEM),
    ("lan", "GET", "/api/v1/shares/" + UNKNOWN, 404, PROBLEM),
    ("lan", "GET", "/api/v1/shares/x", 404, PROBLEM),
    ("nobody", "GET", "/s/" + "0" * 64, 404, None),
    ("lan", "GET", "/s/x", 404, None),
    ("nobody", "GET", "/s/" + "0" * 64 + "/files/thong-bao.txt", 404, None),
    ("nobody", "GET", "/s/" + "0" * 64 + "/pages/1/image", 404, None),
    ("nobody", "GET", "/s/" + "0" * 64 + "/kit.zip", 404, None),
    ("nobody", "GET", "/m/{public}/shares", 401, None),
    ("nobody", "GET", "/m/{unit}/shares", 404, None),
    ("lan", "GET", "/m/{unit}/shares", 200, None),
    ("nobody", "GET", "/m/{public}/qr.svg", 200, None),
    ("nobody", "GET", "/m/{unit}/qr.svg", 404, None),
    ("lan", "GET", "/m/{unit}/qr.svg", 404, None),
    ("nobody", "GET", "/m/{withdrawn}/qr.svg", 410, None),
    ("nobody", "GET", "/m/{public}/qr.png", 200, None),
    ("nobody", "GET", "/m/{unit}/qr.png", 404, None),
    ("lan", "GET", "/m/{unit}/qr.png", 404, None),
    ("nobody", "GET", "/m/{withdrawn}/qr.png", 410, None),
    ("nobody", "GET", "/api/v1/invitations", 401, PROBLEM),
    ("lan", "GET", "/api/v1/invitations", 200, {"invitations": []}),
    ("nobody", "GET", "/api/v1/users/lan/tokens", 401, PROBLEM),
    ("lan", "GET", "/api/v1/users/lan/tokens", 200, {"tokens": [{"id": str, "label": str, "scope": str}]}),
    ("lan", "GET", "/api/v1/users/minh/tokens", 403, PROBLEM),
    ("nobody", "GET", "/invitation/" + "0" * 64, 404, None),
    ("nobody", "GET", "/account", 303, None),
    ("lan", "GET", "/account", 200, None),
    ("token", "GET", "/account", 403, None),
    ("nobody", "GET", "/people", 303, None),
    ("lan", "GET", "/people", 403, None),
    ("nobody", "GET", "/kit/{public}/notices", 404, None),
    ("nobody", "GET", "/n/" + "0" * 64, 404, None),
    ("nobody", "GET", "/n/" + "0" * 64 + "/leave", 404, None),
    *((viewer, "GET", path, 403, PROBLEM) for viewer in ("nobody", "lan") for path in OF_THE_OWNER),
    ("nobody", "GET", "/api/v1/no-such-address", 404, PROBLEM),
    ("nobody", "DELETE", "/api/v1/search", 405, PROBLEM),
    ("nobody", "GET", "/", 200, None),
    ("nobody", "GET", "/search?q=phat+ngon", 200, None),
    ("nobody", "GET", "/m/{public}", 200, None),
    ("nobody", "GET", "/m/{unit}", 404, None),
    ("nobody", "GET", "/m/{withdrawn}", 410, None),
    ("nobody", "GET", "/m/{public}/history", 200, None),
    ("nobody", "GET", "/m/{unit}/history", 404, None),
    ("nobody", "GET", "/m/{withdrawn}/history", 410, None),
    ("nobody", "GET", "/m/{public}/history/1", 401, None),
    ("lan", "GET", "/m/{public}/history/1", 200, None),
    ("lan", "GET", "/m/{public}/history/9", 404, None),
    ("nobody", "GET", "/m/{public}/delete", 401, None),
    ("lan", "GET", "/m/{public}/delete", 200, None),
    ("lan", "GET", "/m/{public}/hold", 403, None),
    ("nobody", "GET", "/preservation", 403, None),
    ("lan", "GET", "/preservation", 403, None),
    ("nobody", "GET", "/api/v1/vocabularies", 200, ANY),
    ("nobody", "GET", "/api/v1/vocabularies/themes", 200, ANY),
    ("nobody", "GET", "/api/v1/vocabularies/themes?format=jsonld", 200, None),
    ("nobody", "GET", "/api/v1/vocabularies/themes?format=turtle", 200, None),
    ("nobody", "GET", "/api/v1/search?q=&theme=safety&audience=age&channel=modern&format=poster", 200, ANY),
    ("nobody", "GET", "/api/v1/vocabularies/themes?format=xml", 400, PROBLEM),
    ("nobody", "GET", "/api/v1/vocabularies/no-such", 404, PROBLEM),
    ("nobody", "GET", "/api/v1/bulk-edits", 401, PROBLEM),
    ("lan", "GET", "/api/v1/bulk-edits", 200, ANY),
    ("nobody", "GET", "/api/v1/bulk-edits/no-such", 404, PROBLEM),
    ("nobody", "GET", "/bulk-edit", 303, None),
    ("lan", "GET", "/bulk-edit", 200, None),
    ("lan", "GET", "/bulk-edits/no-such", 404, None),
    ("nobody", "GET", "/vocabularies", 200, None),
    ("nobody", "GET", "/vocabularies/themes", 200, None),
    ("nobody", "GET", "/vocabularies/no-such", 404, None),
    ("nobody", "GET", "/units", 200, None),
    ("nobody", "GET", "/units?unit=no-such-unit", 404, None),
    ("nobody", "GET", "/units/change?unit={root}", 303, None),
    ("lan", "GET", "/units/change?unit={root}", 403, None),
    ("lan", "GET", "/units/change?unit=no-such-unit", 404, None),
    ("nobody", "GET", "/sign-in", 200, None),
    ("lan", "GET", "/upload", 200, None),
    ("lan", "GET", "/batches/{own_batch}", 200, None),
    ("nobody", "GET", "/no-such-page", 404, None),
]

# viewer, method, path, fields, body, status: what changes something asks for who is asking
CHANGING = [
    ("nobody", "POST", "/api/v1/session", {}, {"name": "lan", "password": "wrong"}, 401),
    ("nobody", "POST", "/api/v1/session", {}, {"name": "nobody-of-this-name", "password": "wrong"}, 401),
    ("nobody", "POST", "/api/v1/session", {}, "not json", 400),
    ("nobody", "PATCH", "/api/v1/materials/{public}", {}, {"title": "x"}, 401),
    ("lan-no-csrf", "PATCH", "/api/v1/materials/{public}", {}, {"title": "x"}, 403),
    ("lan", "PATCH", "/api/v1/materials/" + UNKNOWN, {}, {"title": "x"}, 404),
    ("lan", "PATCH", "/api/v1/materials/{public}", {"If-Match": '"r99"'}, {"title": "x"}, 412),
    ("lan", "PATCH", "/api/v1/materials/{public}", {}, {"title": "x"}, 428),
    ("lan", "PATCH", "/api/v1/materials/{public}", {"If-Match": "*"}, {"title": "x"}, 428),
    ("lan", "PATCH", "/api/v1/materials/{public}", {"If-Match": '"r1"'}, {"state": "deleted"}, 400),
    ("lan", "PATCH", "/api/v1/materials/{public}", {"If-Match": '"r1"'}, {"hold": "x"}, 403),
    ("nobody", "DELETE", "/api/v1/materials/{public}", {"If-Match": '"r1"'}, {"reason": "x"}, 401),
    ("lan", "DELETE", "/api/v1/materials/{public}", {"If-Match": '"r1"'}, {}, 400),
    ("lan", "DELETE", "/api/v1/materials/{public}", {"If-Match": '"r9"'}, {"reason": "x"}, 412),
    ("lan", "POST", "/api/v1/materials/{public}/revisions/1/restore", {}, {}, 428),
    ("lan", "POST", "/api/v1/materials/{public}/revisions/9/restore", {"If-Match": '"r1"'}, {}, 404),
    ("nobody", "POST", "/api/v1/materials/{public}/revisions/1/restore", {"If-Match": '"r1"'}, {}, 401),
    ("lan", "PATCH", "/api/v1/materials/{public}", {"If-Match": '"r1"'}, {"visibility": "everyone"}, 400),
    ("nobody", "POST", "/api/v1/kits", {}, {"title": "x"}, 401),
    ("lan", "PATCH", "/api/v1/kits/{public}", {"If-Match": '"r1"'}, {"title": "x"}, 404),
    ("lan", "POST", "/api/v1/kits/{public}/versions", {"If-Match": '"r1"'}, {}, 404),
    ("lan", "POST", "/api/v1/uploads", {"Upload-Length": "1"}, "", 412),
    ("nobody", "POST", "/api/v1/uploads", {"Tus-Resumable": "1.0.0", "Upload-Length": "1"}, "", 401),
    ("lan-no-csrf", "POST", "/api/v1/uploads", {"Tus-Resumable": "1.0.0", "Upload-Length": "1"}, "", 403),
    ("lan", "PATCH", "/api/v1/uploads/" + UNKNOWN, {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}, "x", 404),
    ("lan", "DELETE", "/api/v1/uploads/" + UNKNOWN, {"Tus-Resumable": "1.0.0"}, "", 404),
    ("nobody", "POST", "/api/v1/materials/{public}/shares", {}, {"expires_at": "2099-01-01T00:00:00Z"}, 401),
    ("lan-no-csrf", "POST", "/api/v1/materials/{public}/shares", {}, {"expires_at": "2099-01-01T00:00:00Z"}, 403),
    ("lan", "POST", "/api/v1/materials/{public}/shares", {}, {}, 400),
    ("lan", "POST", "/api/v1/materials/{public}/shares", {}, {"expires_at": "2099-01-01T00:00:00Z"}, 400),
    ("lan", "POST", "/api/v1/materials/{withdrawn}/shares", {}, {"expires_at": "2099-01-01T00:00:00Z"}, 409),
    ("lan", "POST", "/api/v1/materials/" + UNKNOWN + "/shares", {}, {"expires_at": "2099-01-01T00:00:00Z"}, 404),
    ("nobody", "DELETE", "/api/v1/shares/" + UNKNOWN, {}, None, 401),
    ("nobody", "POST", "/api/v1/kits/{public}/notices", {}, {"address": "a@example.vn"}, 404),
    ("nobody", "POST", "/api/v1/kits/{unit}/notices", {}, {"address": "a@example.vn"}, 404),
    ("lan-no-csrf", "POST", "/api/v1/kits/{unit}/notices", {}, {"address": "a@example.vn"}, 403),
    ("nobody", "POST", "/api/v1/notices/confirm", {}, {"token": "0" * 64}, 404),
    ("nobody", "POST", "/api/v1/notices/leave", {}, None, 400),
    ("lan-no-csrf", "DELETE", "/api/v1/shares/" + UNKNOWN, {}, None, 403),
    ("lan", "DELETE", "/api/v1/shares/" + UNKNOWN, {}, None, 404),
    ("nobody", "POST", "/api/v1/units", {}, {"code": "x", "name_vi": "x", "parent": "{root}"}, 401),
    ("lan", "POST", "/api/v1/units", {}, {"code": "x", "name_vi": "x", "parent": "{root}"}, 403),
    ("nobody", "POST", "/api/v1/bulk-edits", {}, {"materials": [], "changes": {}}, 401),
    ("lan", "POST", "/api/v1/bulk-edits", {}, {"materials": [], "changes": {"theme": "safety"}}, 400),
    ("nobody", "POST", "/api/v1/bulk-edits/no-such/undo", {}, "", 401),
    ("lan", "POST", "/api/v1/bulk-edits/no-such/undo", {}, "", 404),
    ("nobody", "PUT", "/api/v1/vocabularies/themes", {}, {"concepts": []}, 401),
    ("lan", "PUT", "/api/v1/vocabularies/themes", {}, {"concepts": []}, 403),
    ("nobody", "POST", "/api/v1/unit-import", {}, {"units": []}, 401),
    ("lan", "POST", "/api/v1/unit-import", {}, {"units": [{"code": "x", "name_vi": "x", "parent": "{root}"}]}, 403),
    ("nobody", "POST", "/api/v1/unit-changes", {}, {"action": "close", "day": "2025-07-01", "units": ["{root}"]}, 401),
    ("lan", "POST", "/api/v1/unit-changes", {}, {"action": "close", "day": "2025-07-01", "units": ["{root}"]}, 403),
    ("nobody", "POST", "/api/v1/users", {}, {"name": "x", "password": PASSWORD, "role": "reader"}, 401),
    ("lan", "POST", "/api/v1/users", {}, {"name": "x", "password": PASSWORD, "role": "reader"}, 403),
    ("nobody", "POST", "/api/v1/invitations", {}, {"name": "x", "role": "reader"}, 401),
    ("lan", "POST", "/api/v1/invitations", {}, {"name": "x", "role": "reader"}, 403),
    ("lan-no-csrf", "POST", "/api/v1/invitations", {}, {"name": "x", "role": "reader"}, 403),
    ("nobody", "DELETE", "/api/v1/invitations/" + "0" * 64, {}, None, 401),
    ("lan", "DELETE", "/api/v1/invitations/" + "0" * 64, {}, None, 404),
    ("nobody", "POST", "/api/v1/session/invitation", {}, {"token": "0" * 64, "password": PASSWORD}, 404),
    ("nobody", "POST", "/api/v1/users/lan/reset", {}, None, 401),
    ("lan", "POST", "/api/v1/users/lan/reset", {}, None, 403),
    ("nobody", "POST", "/api/v1/users/lan/tokens", {}, {}, 401),
    ("lan-no-csrf", "POST", "/api/v1/users/lan/tokens", {}, {}, 403),
    ("token", "POST", "/api/v1/users/lan/tokens", {}, {}, 403),
    ("lan", "POST", "/api/v1/users/minh/tokens", {}, {}, 403),
    ("lan", "DELETE", "/api/v1/users/lan/tokens/" + "0" * 64, {}, None, 404),
    ("nobody", "POST", "/api/v1/batches/{own_batch}/known", {}, {"files": []}, 401),
    ("lan", "POST", "/api/v1/batches/{own_batch}/known", {}, {"files": []}, 403),
    ("nobody", "POST", "/api/v1/verify", {}, "", 401),
    ("lan", "POST", "/api/v1/verify", {}, "", 403),
    ("lan", "POST", "/api/v1/rebuild-index", {}, "", 403),
    ("nobody", "POST", "/api/v1/gc", {}, "", 401),
    ("lan", "POST", "/api/v1/gc", {}, "", 403),
    ("nobody", "POST", "/api/v1/export", {}, "", 401),
    ("lan", "POST", "/api/v1/export", {}, "", 403),
    ("lan", "GET", "/api/v1/export/units", {}, "", 403),
    ("lan", "GET", "/api/v1/export/materials", {}, "", 403),
    ("lan", "GET", "/api/v1/export/events", {}, "", 403),
    ("lan", "POST", "/api/v1/import/units", {}, "{}", 403),
    ("lan", "POST", "/api/v1/import/materials", {}, "{}", 403),
    ("lan", "POST", "/api/v1/import/blobs/" + 64 * "0", {}, "x", 403),
    ("nobody", "POST", "/api/v1/backups", {}, {"target": "x"}, 401),
    ("lan", "POST", "/api/v1/backups", {}, {"target": "x"}, 403),
    ("nobody", "POST", "/api/v1/audit/verify", {}, "", 401),
    ("lan", "POST", "/api/v1/audit/verify", {}, "", 403),
    ("lan", "POST", "/api/v1/audit/key", {}, "", 403),
    ("nobody", "PUT", "/api/v1/retention", {"If-Match": '"r0"'}, {"classes": []}, 401),
    ("lan", "PUT", "/api/v1/retention", {"If-Match": '"r0"'}, {"classes": []}, 403),
    ("nobody", "POST", "/api/v1/disposals", {}, {"materials": []}, 401),
    ("lan", "POST", "/api/v1/disposals", {}, {"materials": []}, 400),
    ("lan", "POST", "/api/v1/disposals/" + UNKNOWN + "/steps", {"If-Match": '"r1"'}, {"state": "appraised"}, 404),
    ("nobody", "POST", "/api/v1/materials/{public}/erasure", {"If-Match": '"r1"'}, {"ground": "x"}, 401),
    ("lan", "POST", "/api/v1/materials/{public}/erasure", {"If-Match": '"r1"'}, {"ground": "x"}, 400),
    ("lan", "POST", "/api/v1/materials/{public}/erasure/approve", {"If-Match": '"r1"'}, {}, 403),
]

HOST = b"Host: 127.0.0.1\r\n"
# What comes over the wire, and the status: framing is refused before a body is read, then closed.
FRAMING = [
    ("chunked on HTTP/1.1", b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    ("another transfer coding", b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 400),
    ("transfer coding beside a length", b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nTransfer-Encoding: identity\r\n\r\n{}", 400),
    ("chunked on HTTP/1.0", b"POST /api/v1/session HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("two lengths", b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
    ("a list of lengths", b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Length: 2, 2\r\n\r\n{}", 400),
    ("a length with a sign", b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Length: +2\r\n\r\n{}", 400),
    ("no host", b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    ("two hosts", b"GET /healthz HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    ("an invalid host", b"GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    ("a folded field", b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-Long: a\r\n b\r\n\r\n", 400),
    ("a body on HTTP/1.0 keep-alive", b"POST /api/v1/session HTTP/1.0\r\n" + HOST + b"Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", 400),
    ("a blank before the colon", b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-Name : a\r\n\r\n", 400),
    ("a target that is broken UTF-8", b"GET /m/%ff HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 400),
    ("what is well", b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n", 200),
]


def described():
    """{path: methods} as schemas/openapi.yaml describes them; its layout is ours, two blanks a level."""
    paths, now = {}, None
    text = (ROOT / "schemas/openapi.yaml").read_text(encoding="utf-8")
    for line in text.split("\npaths:\n")[1].split("\ncomponents:\n")[0].splitlines():
        if match := re.fullmatch(r"  (/\S*):", line):
            now = paths.setdefault(match[1], set())
        elif match := re.fullmatch(r"    (get|post|put|patch|delete):", line):
            now.add(match[1].upper())
    return paths


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.archive = archive = Archive()
        cls.addClassCleanup(archive.remove)
        shutil.copy(CORPUS / "thong-bao.pdf", archive.folder / "mau.pdf")

        def ingest(path, *words):
            outcome = archive.run("ingest", path, "--json", *words)
            assert outcome.exit_code == 0, outcome.output + outcome.complaint
            return outcome.json

        public = ingest(archive.file("thong-bao.txt", NOTICE), "--visibility", "public")
        unit = ingest(archive.file("noi-bo.txt", ARCHIVE_ONLY))
        pdf = ingest(archive.folder / "mau.pdf", "--visibility", "public")
        gone = ingest(archive.file("thu-hoi.txt", "Văn bản thu hồi\n"), "--visibility", "public")
        root = archive.run("unit", "list", "--json").json["units"][0]["code"]
        below = {"code": "cdcs-mau", "name_vi": "Công đoàn cơ sở mẫu", "level": "co_so", "parent": root}
        archive.run("unit", "import", archive.file("don-vi.jsonl", json.dumps(below) + "\n"))
        ingest(archive.file("co-so.txt", "Thông báo của cơ sở về người phát ngôn\n"), "--visibility", "public",
               "--unit", "cdcs-mau")
        archive.run("user", "add", "lan", "--unit", root, "--role", "editor", "--password-stdin", given=PASSWORD)
        cls.names = {}
        cls.token = archive.run("user", "token", "lan", "--json").json["token"]
        (archive.data / "config.toml").write_text("[server]\nproxies = [\"127.0.0.1\"]\n")
        archive.serve()
        answer = archive.request("POST", "/api/v1/session", json.dumps({"name": "lan", "password": PASSWORD}),
                                 {"Content-Type": "application/json"})
        assert answer.status == 200, answer.body
        assert fault_of(answer.json, SESSION) is None
        cls.cookie, cls.csrf = answer.fields["set-cookie"].split(";")[0], answer.json["csrf_token"]
        cls.cookie_field = answer.fields["set-cookie"]
        first = {name: one["materials"][0]["id"] for name, one in
                 {"public": public, "unit": unit, "pdf": pdf, "withdrawn": gone}.items()}
        cls.names = {**first, "root": root, "batch": public["batch"]}
        withdrawn = cls.ask("lan", "PATCH", "/api/v1/materials/" + first["withdrawn"],
                            {"If-Match": '"r1"'}, {"state": "withdrawn", "notice": "Đã có bản thay thế"})
        assert withdrawn.status == 200, withdrawn.body
        cls.names["own_batch"] = cls.upload("lan", [("moi.txt", b"Tin m\xe1\xbb\x9bi\n")]).json["batch"]

    @classmethod
    def ask(cls, viewer, method, path, fields=None, body=None):
        fields = dict(fields or {})
        if viewer.startswith("lan"):
            fields["Cookie"] = cls.cookie
            if viewer == "lan" and method not in ("GET", "HEAD"):
                fields["X-CSRF-Token"] = cls.csrf
        elif viewer == "token":
            fields["Authorization"] = "Bearer " + cls.token
        if isinstance(body, dict):
            body = json.dumps(body).replace("{root}", cls.names["root"])
            fields.setdefault("Content-Type", "application/json")
        for name, value in cls.names.items():
            path = path.replace("{" + name + "}", urllib.parse.quote(value))
        return cls.archive.request(method, path, body, fields)

    @classmethod
    def upload(cls, viewer, files, more=None):
        body, media_type = multipart(files, more)
        return cls.ask(viewer, "POST", "/api/v1/materials", {"Content-Type": media_type}, body)

    def test_every_row_of_reading_holds_and_head_gives_the_same_fields(self):
        for viewer, method, path, status, shape in READING:
            with self.subTest(viewer=viewer, request=f"{method} {path}"):
                answer = self.ask(viewer, method, path)
                self.assertEqual(status, answer.status, answer.body[:400])
                if shape is not None:
                    self.assertIsNone(fault_of(answer.json, shape))
                    expected = "application/json" if status < 400 else "application/problem+json"
                    self.assertEqual(expected, answer.fields["content-type"].split(";")[0])
                if method == "GET":
                    head = self.ask(viewer, "HEAD", path)
                    self.assertEqual((status, b""), (head.status, head.body))
                    for name in ("content-type", "etag", "content-disposition"):
                        self.assertEqual(answer.fields.get(name), head.fields.get(name))

    def test_every_row_of_changing_holds(self):
        for viewer, method, path, fields, body, status in CHANGING:
            with self.subTest(viewer=viewer, request=f"{method} {path}", body=body):
                answer = self.ask(viewer, method, path, fields, body)
                self.assertEqual(status, answer.status, answer.body[:400])
                self.assertIsNone(fault_of(answer.json, PROBLEM))

    def test_every_row_of_framing_holds_and_the_server_closes(self):
        for name, text, status in FRAMING:
            with self.subTest(name):
                self.assertEqual(status, self.archive.raw(text))

    def test_the_server_has_exactly_the_methods_that_openapi_describes(self):
        for path in described():
            with self.subTest(path):
                target = re.sub(r"\{\w+\}", "1", path.replace("{id}", UNKNOWN))
                # "/api/v1/units/import" is a unit's address, too, for those who look for one of that code.
                methods = set().union(*(one for form, one in described().items()
                                        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", form), target)))
                answer = self.ask("nobody", "DELETE" if "PUT" in methods else "PUT", target)
                self.assertEqual(405, answer.status)
                self.assertEqual(methods, set(re.findall(r"\w+", answer.fields["allow"])) - {"HEAD", "OPTIONS"})

    def test_every_address_of_these_tables_is_described(self):
        forms = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in described()]
        for row in READING + CHANGING:
            address = row[2].split("?")[0]
            if row[3] == 404 or not address.startswith(("/api/", "/healthz", "/readyz")):
                continue
            self.assertTrue(any(form.fullmatch(address) for form in forms), address)

    def test_an_upload_answers_201_with_its_place_and_the_material(self):
        content = "Tờ tin số 3 của công đoàn cơ sở\n".encode()
        answer = self.upload("lan", [("tờ tin.txt", content)], {"title": "Tờ tin số 3"})
        self.assertEqual(201, answer.status, answer.body)
        self.assertIsNone(fault_of(answer.json, MATERIAL))
        self.assertEqual("/api/v1/materials/" + answer.json["id"], answer.fields["location"])
        self.assertEqual("Tờ tin số 3", answer.json["title"])
        file = answer.json["files"][0]
        self.assertEqual((hashlib.sha256(content).hexdigest(), len(content)), (file["sha256"], file["size_bytes"]))
        self.assertEqual(content, self.ask("lan", "GET", file["url"]).body)

    def test_an_upload_needs_someone_who_may(self):
        self.assertEqual(401, self.upload("nobody", [("a.txt", b"a")]).status)
        self.assertEqual(403, self.upload("lan-no-csrf", [("a.txt", b"a")]).status)

    def test_an_empty_file_is_refused_with_a_sentence(self):
        answer = self.upload("lan", [("rong.txt", b"")])
        self.assertEqual(400, answer.status)
        self.assertIsNone(fault_of(answer.json, PROBLEM))

    def test_a_file_field_that_was_left_empty_is_no_file(self):
        for content in (b"", b"bytes without a name"):
            self.assertEqual(400, self.upload("lan", [("", content)]).status)
        self.assertEqual(200, self.archive.request("GET", "/healthz").status)

    def test_an_uploaded_text_is_found_within_two_seconds_of_its_answer(self):
        answer = self.upload("lan", [("hop.txt", "Biên bản họp zxqvw\n".encode())])
        end = time.monotonic() + 2
        while self.ask("lan", "GET", "/api/v1/search?q=zxqvw").json["total"] == 0:
            self.assertLess(time.monotonic(), end, "not searchable after two seconds")
            time.sleep(0.05)
        self.assertEqual(201, answer.status)

    def test_a_patch_makes_a_new_revision_that_a_second_writer_must_have_seen(self):
        id = self.upload("lan", [("sua.txt", b"S\xe1\xbb\xada\n")]).json["id"]
        path = "/api/v1/materials/" + id
        self.assertEqual('"r1"', self.ask("lan", "GET", path).fields["etag"])
        changed = self.ask("lan", "PATCH", path, {"If-Match": '"r1"'}, {"title": "Tên mới"})
        self.assertEqual((200, "Tên mới", 2), (changed.status, changed.json["title"], changed.json["revision"]))
        self.assertEqual('"r2"', changed.fields["etag"])
        self.assertEqual(412, self.ask("lan", "PATCH", path, {"If-Match": '"r1"'}, {"title": "Khác"}).status)
        self.assertEqual(304, self.ask("lan", "GET", path, {"If-None-Match": '"r2"'}).status)

    def test_a_deleted_material_leaves_a_tombstone_and_comes_back_with_any_revision(self):
        id = self.upload("lan", [("xoa.txt", "Biên bản xyzzyq\n".encode())],
                         {"visibility": "public", "state": "published"}).json["id"]
        path, file = "/api/v1/materials/" + id, f"/api/v1/materials/{id}/files/xoa.txt"
        self.assertEqual(200, self.ask("lan", "PATCH", path, {"If-Match": '"r1"'}, {"title": "Tên sai"}).status)
        gone = self.ask("lan", "DELETE", path, {"If-Match": '"r2"'}, {"reason": "Trùng với bản khác"})
        self.assertEqual((200, "deleted", 3), (gone.status, gone.json["state"], gone.json["revision"]))
        self.assertEqual(409, self.ask("lan", "DELETE", path, {"If-Match": '"r3"'}, {"reason": "x"}).status)
        self.assertEqual(409, self.ask("lan", "PATCH", path, {"If-Match": '"r3"'}, {"title": "x"}).status)
        for address in path, file, "/m/" + id:
            self.assertEqual(410, self.ask("nobody", "GET", address).status, address)
        self.wait_for_total("xyzzyq", 0)
        self.assertEqual(412, self.ask("lan", "POST", path + "/revisions/1/restore", {"If-Match": '"r1"'}, {}).status)
        back = self.ask("lan", "POST", path + "/revisions/1/restore", {"If-Match": '"r3"'}, {})
        self.assertEqual((200, "published", 4), (back.status, back.json["state"], back.json["revision"]))
        self.assertNotEqual("Tên sai", back.json["title"])
        self.assertEqual(200, self.ask("nobody", "GET", file).status)
        self.wait_for_total("xyzzyq", 1)
        history = self.ask("lan", "GET", path + "/history").json
        self.assertEqual([1, 2, 3, 4], [one["revision"] for one in history])
        self.assertEqual("Trùng với bản khác", history[2]["why"])
        self.assertEqual("Tên sai", self.ask("lan", "GET", path + "/revisions/2").json["material"]["title"])

    def send(self, path, **form):
        """A page's form, sent by lan."""
        body = urllib.parse.urlencode({"csrf": self.csrf, **form})
        return self.ask("lan-no-csrf", "POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, body)

    def test_the_pages_delete_and_restore_and_two_people_never_overwrite_each_other(self):
        id = self.upload("lan", [("trang.txt", "Biên bản trên trang\n".encode())],
                         {"visibility": "public", "state": "published"}).json["id"]
        path, page = "/api/v1/materials/" + id, "/m/" + id
        self.assertEqual(403, self.send(page + "/delete", csrf="x", revision=1, reason="x").status)
        self.assertEqual(428, self.send(page + "/delete", reason="x").status)
        self.assertEqual(400, self.send(page + "/delete", revision=1).status)
        self.assertEqual(200, self.ask("lan", "PATCH", path, {"If-Match": '"r1"'}, {"title": "Tên người khác sửa"}).status)
        late = self.send(page + "/delete", revision=1, chosen="by_mistake", reason="hộp số 7")
        self.assertEqual(412, late.status)
        for kept in "hộp số 7", 'value="by_mistake" checked', "Tên người khác sửa", 'name="revision" value="2"':
            self.assertIn(kept, late.body.decode())
        self.assertEqual("published", self.ask("lan", "GET", path).json["state"])

        gone = self.send(page + "/delete", revision=2, chosen="by_mistake", reason="hộp số 7")
        self.assertEqual((303, page + "/history?done=removed"), (gone.status, gone.fields["location"]))
        tombstone = self.ask("nobody", "GET", page)
        self.assertEqual(410, tombstone.status)
        self.assertIn("Nạp nhầm: hộp số 7", tombstone.body.decode())
        self.assertEqual(409, self.send(page + "/delete", revision=3, reason="x").status)
        self.assertEqual(412, self.send(page + "/history/1/restore", revision=1, reason="nhầm").status)
        back = self.send(page + "/history/1/restore", revision=3, reason="Cần lại")
        self.assertEqual((303, page + "/history?done=restored"), (back.status, back.fields["location"]))
        self.assertEqual(200, self.ask("nobody", "GET", page).status)
        history = self.ask("lan", "GET", path + "/history").json
        self.assertEqual(("Cần lại", "web"), (history[3]["why"], history[3]["from"]))
        self.assertEqual(403, self.send(page + "/hold", revision=4, reason="x").status)
        self.assertNotIn("từ trang web", self.ask("nobody", "GET", page + "/history").body.decode())

    def test_bytes_of_what_was_deleted_go_only_when_nothing_keeps_them(self):
        def collect(*words):
            outcome = self.archive.run("gc", "--json", *words)
            self.assertEqual(0, outcome.exit_code, outcome.complaint)
            return outcome.json["removed"]

        id = self.upload("lan", [("huy.txt", "Hết thời hạn lưu\n".encode())]).json["id"]
        path = "/api/v1/materials/" + id
        self.assertEqual(0, collect("--grace-days", "0"))
        self.assertEqual(200, self.ask("lan", "DELETE", path, {"If-Match": '"r1"'}, {"reason": "Hết hạn"}).status)
        self.assertEqual(0, collect())
        self.assertEqual(1, collect("--grace-days", "0", "--dry-run"))
        self.assertEqual(1, collect("--grace-days", "0"))
        self.assertEqual(0, collect("--grace-days", "0"))
        answer = self.ask("lan", "POST", path + "/revisions/1/restore", {"If-Match": '"r2"'}, {})
        self.assertEqual(409, answer.status)
        verdict = self.archive.run("verify", "--json")
        self.assertEqual(0, verdict.exit_code, verdict.output)
        log = self.archive.run("audit", "list", "--limit", "1000", "--json").json["entries"]
        self.assertEqual(["material.create", "material.delete"],
                         [entry["action"] for entry in log if entry["object"] == id])
        self.assertEqual("lan", [entry["by"] for entry in log if entry["object"] == id][1])
        self.assertEqual(1, sum(entry["action"] == "blob.destroy" for entry in log))

    def test_sign_ins_accounts_and_sensitive_readings_stand_in_the_audit_chain(self):
        def noted(action, **wanted):
            entries = self.archive.run("audit", "list", "--limit", "1000", "--json").json["entries"]
            return [entry for entry in entries if entry["action"] == action
                    and all(entry[name] == value for name, value in wanted.items())]

        self.assertEqual(1, len(noted("account.add", object="lan", by="local")))
        self.assertEqual(1, len(noted("account.token", object="lan")))
        begun = len(noted("session.begin", by="lan"))
        self.assertLess(0, begun)
        for name in ("lan", "mật khẩu vào nhầm ô"):
            self.archive.request("POST", "/api/v1/session", json.dumps({"name": name, "password": "sai"}),
                                 {"Content-Type": "application/json"})
        self.assertEqual(begun, len(noted("session.begin", by="lan")))
        self.assertLess(0, len(noted("session.refuse", object="lan", by="")))
        self.assertNotIn("nhầm ô", json.dumps(noted("session.refuse"), ensure_ascii=False))

        id = self.upload("lan", [("noi-bo.txt", "Danh sách nội bộ\n".encode())], {"sensitivity": "internal"}).json["id"]
        path = f"/api/v1/materials/{id}"
        self.assertEqual([], noted("file.read", object=id))
        for part in ("/files/noi-bo.txt", "/pages/1/text", "/files/noi-bo.txt"):
            self.assertEqual(200, self.ask("lan", "GET", path + part).status)
        digest = hashlib.sha256("Danh sách nội bộ\n".encode()).hexdigest()
        self.assertEqual([digest], [entry["detail"]["what"] for entry in noted("file.read", object=id, by="lan")])
        self.ask("lan", "GET", "/api/v1/materials/{public}/files/thong-bao.txt")
        self.assertEqual([], noted("file.read", object=self.names["public"]))

    def wait_for_total(self, words, total):
        end = time.monotonic() + 5
        while self.ask("nobody", "GET", "/api/v1/search?q=" + words).json["total"] != total:
            self.assertLess(time.monotonic(), end, f"not {total} hits after five seconds")
            time.sleep(0.05)

    def test_a_file_answers_ranges_and_conditions(self):
        path = "/api/v1/materials/{public}/files/thong-bao.txt"
        tag = f'"{hashlib.sha256(NOTICE).hexdigest()}"'
        whole = self.ask("nobody", "GET", path)
        self.assertEqual((NOTICE, tag), (whole.body, whole.fields["etag"]))
        rows = [
            ({"Range": "bytes=0-4"}, 206, NOTICE[:5], f"bytes 0-4/{len(NOTICE)}"),
            ({"Range": "bytes=5-"}, 206, NOTICE[5:], f"bytes 5-{len(NOTICE) - 1}/{len(NOTICE)}"),
            ({"Range": "bytes=-3"}, 206, NOTICE[-3:], f"bytes {len(NOTICE) - 3}-{len(NOTICE) - 1}/{len(NOTICE)}"),
            ({"Range": f"bytes={len(NOTICE)}-"}, 416, None, f"bytes */{len(NOTICE)}"),
            ({"Range": "bytes=0-4", "If-Range": tag}, 206, NOTICE[:5], f"bytes 0-4/{len(NOTICE)}"),
            ({"Range": "bytes=0-4", "If-Range": '"other"'}, 200, NOTICE, None),
            ({"Range": "lines=1-2"}, 200, NOTICE, None),
            ({"If-None-Match": tag}, 304, b"", None),
            ({"If-None-Match": '"other"'}, 200, NOTICE, None),
        ]
        for fields, status, body, content_range in rows:
            with self.subTest(fields=fields):
                answer = self.ask("nobody", "GET", path, fields)
                self.assertEqual((status, content_range), (answer.status, answer.fields.get("content-range")))
                if body is not None:
                    self.assertEqual(body, answer.body)

    def test_a_file_that_was_just_read_is_shut_off_with_the_change_that_says_so(self):
        id = self.upload("lan", [("tin.txt", b"Tin c\xc3\xb4ng khai\n")],
                         {"visibility": "public", "state": "published"}).json["id"]
        path, file = "/api/v1/materials/" + id, f"/api/v1/materials/{id}/files/tin.txt"
        for change, status in [({"visibility": "unit"}, 404), ({"visibility": "public"}, 200),
                               ({"state": "withdrawn", "notice": "Sai"}, 410)]:
            for _ in range(3):
                self.ask("nobody", "GET", file)
            tag = self.ask("lan", "GET", path).fields["etag"]
            self.assertEqual(200, self.ask("lan", "PATCH", path, {"If-Match": tag}, change).status)
            self.assertEqual(status, self.ask("nobody", "GET", file).status, change)

    def test_a_vietnamese_name_is_safe_in_content_disposition(self):
        answer = self.upload("lan", [("Biểu mẫu số 1.txt", "Biểu mẫu\n".encode())])
        disposition = self.ask("lan", "GET", answer.json["files"][0]["url"]).fields["content-disposition"]
        self.assertTrue(disposition.isascii())
        encoded = re.search(r"filename\*=UTF-8''([^;]+)", disposition)
        self.assertEqual("Biểu mẫu số 1.txt", urllib.parse.unquote(encoded[1]))

    def test_snippets_are_escaped_html_with_marks_only(self):
        self.upload("lan", [("ma.txt", "<script>alert(1)</script> qwzxj & khác\n".encode())],
                    {"title": "<b>Mã</b>"})
        hits = []
        end = time.monotonic() + 10
        while not hits and time.monotonic() < end:
            hits = self.ask("lan", "GET", "/api/v1/search?q=qwzxj").json["hits"]
        self.assertEqual(1, len(hits))
        self.assertEqual({"<mark>", "</mark>"}, set(re.findall(r"<[^>]*>", hits[0]["snippet"])))

    def test_a_unit_counts_in_the_facet_what_its_filter_then_shows(self):
        path = "/api/v1/search?q=phat+ngon"
        for chosen in ("", "&unit=cdcs-mau"):
            counted = self.ask("nobody", "GET", path + chosen).json["facets"]["unit"]
            self.assertIn("cdcs-mau", [unit["value"] for unit in counted])
            for unit in counted:
                total = self.ask("nobody", "GET", f"{path}&unit={unit['value']}").json["total"]
                self.assertEqual(total, unit["count"], unit)

    def test_a_hit_without_a_picture_tells_how_its_text_begins(self):
        hits = self.ask("nobody", "GET", "/api/v1/search?q=phat+ngon&media_type=text").json["hits"]
        self.assertTrue(hits)
        for hit in hits:
            self.assertTrue(hit["opening"].startswith("Thông báo"), hit)

    def test_pages_come_compressed_unless_they_hold_a_secret(self):
        asked = {"Accept-Encoding": "gzip", "Accept": "text/html"}
        for path in ("/", "/search?q=phat+ngon", "/m/{public}", "/no-such-page"):
            answer = self.ask("nobody", "GET", path, asked)
            self.assertEqual("gzip", answer.fields.get("content-encoding"), path)
            self.assertIn(b"</html>", gzip.decompress(answer.body))
        answer = self.ask("lan", "GET", "/search?q=phat+ngon", asked)
        self.assertNotIn("content-encoding", answer.fields)
        self.assertIn(self.csrf.encode(), answer.body)

    def test_links_for_previews_are_whole_addresses_as_the_world_sees_them(self):
        seen = {"Host": "kho.example.vn", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        page = self.ask("nobody", "GET", "/m/{pdf}", seen).body.decode()
        self.assertIn('<meta property="og:url" content="https://kho.example.vn/m/', page)
        self.assertIn('<meta property="og:image" content="https://kho.example.vn/api/v1/', page)
        page = self.ask("nobody", "GET", "/m/{pdf}", {"Host": "kho.example.vn", "X-Forwarded-Proto": "ftp"})
        self.assertIn('content="http://kho.example.vn/m/', page.body.decode())

    def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites(self):
        self.assertRegex(self.cookie_field, "(?i)httponly")
        self.assertRegex(self.cookie_field, "(?i)samesite=(lax|strict)")

    def test_problems_speak_the_language_that_was_asked_for(self):
        path = "/api/v1/materials/" + UNKNOWN
        vi = self.ask("nobody", "GET", path, {"Accept-Language": "vi"}).json
        en = self.ask("nobody", "GET", path, {"Accept-Language": "en"}).json
        self.assertNotEqual(vi["title"] + vi.get("detail", ""), en["title"] + en.get("detail", ""))

    def test_a_receipt_comes_as_csv_too(self):
        answer = self.ask("lan", "GET", "/api/v1/batches/{own_batch}?format=csv")
        self.assertEqual((200, "text/csv"), (answer.status, answer.fields["content-type"].split(";")[0]))
        self.assertIn("moi.txt", answer.body.decode("utf-8-sig"))


if __name__ == "__main__":
    unittest.main()
