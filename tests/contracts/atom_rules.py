"""What RFC 4287 and RFC 5005 ask of a feed, as far as a program can tell: [] for one that keeps to it."""
import re
import urllib.parse
import xml.etree.ElementTree as xml

ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ONCE_A_FEED = ("id", "title", "updated", "subtitle", "generator", "icon", "logo", "rights")
ONCE_AN_ENTRY = ("id", "title", "updated", "published", "summary", "content", "source", "rights")
KNOWN = {*ONCE_A_FEED, *ONCE_AN_ENTRY, "author", "contributor", "category", "link", "entry"}
# RFC 3339 with upper-case T and Z: RFC 4287, 3.3.
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(;.*)?")


def children(element, name):
    return element.findall(ATOM + name)


def text_of(element, name):
    return element.findtext(ATOM + name)


def links(element, rel):
    return [link.attrib for link in children(element, "link") if link.get("rel", "alternate") == rel]


def is_uri(text):
    return bool(text) and bool(urllib.parse.urlsplit(text).scheme) and " " not in text


def faults_of_link(link):
    if not is_uri(link.get("href")):
        yield f"a link without an absolute address: {link.attrib}"
    if "type" in link.attrib and not MEDIA_TYPE.fullmatch(link.get("type")):
        yield f"a link of no media type: {link.attrib}"
    if "length" in link.attrib and not link.get("length").isdigit():
        yield f"a link whose length is no number: {link.attrib}"


def faults_of_common(element, once, what):
    for child in element:
        if child.tag.startswith(ATOM) and child.tag[len(ATOM):] not in KNOWN:
            yield f"{what}: Atom has no {child.tag}"
    for name in once:
        if len(children(element, name)) > 1:
            yield f"{what}: more than one {name}"
    for name in ("id", "title", "updated"):
        if len(children(element, name)) != 1:
            yield f"{what}: {name} must stand there once"
    if not is_uri(text_of(element, "id")):
        yield f"{what}: its id is no URI"
    for name in ("updated", "published"):
        for instant in children(element, name):
            if not INSTANT.fullmatch(instant.text or ""):
                yield f"{what}: {name} is no instant: {instant.text}"
    for person in children(element, "author") + children(element, "contributor"):
        if len(children(person, "name")) != 1 or not (text_of(person, "name") or "").strip():
            yield f"{what}: a person without a name"
        if any(not is_uri(uri.text) for uri in children(person, "uri")):
            yield f"{what}: a person's uri is none"
    for category in children(element, "category"):
        if not category.get("term"):
            yield f"{what}: a category without a term"
    alternates = [(link.get("type"), link.get("hreflang")) for link in links(element, "alternate")]
    if len(alternates) != len(set(alternates)):
        yield f"{what}: two alternates of one type and language"
    for link in children(element, "link"):
        yield from (f"{what}: {fault}" for fault in faults_of_link(link))
    if XML_LANG in element.attrib and not LANGUAGE.fullmatch(element.get(XML_LANG)):
        yield f"{what}: xml:lang is no language"


def faults_of_entry(feed, entry, what):
    yield from faults_of_common(entry, ONCE_AN_ENTRY, what)
    if not children(entry, "author") and not children(feed, "author"):
        yield f"{what}: nobody is its author"
    if not children(entry, "content") and not links(entry, "alternate"):
        yield f"{what}: neither content nor an alternate"
    for name in ("title", "summary", "rights", "content"):
        for construct in children(entry, name):
            if construct.get("type", "text") == "text" and len(construct):
                yield f"{what}: {name} is text and has elements"
    if (text_of(entry, "published") or "") > (text_of(entry, "updated") or ""):
        yield f"{what}: published after it was updated"


def faults_of_feed(document):
    """`document`: the bytes."""
    feed = xml.fromstring(document)
    if feed.tag != ATOM + "feed":
        return [f"the root is {feed.tag}"]
    faults = list(faults_of_common(feed, ONCE_A_FEED, "feed"))
    if len(links(feed, "self")) != 1:
        faults.append("feed: no address of its own")
    for rel in ("first", "last", "next", "previous"):
        if len(links(feed, rel)) > 1:
            faults.append(f"feed: more than one {rel}")
    entries = children(feed, "entry")
    if entries and not children(feed, "author") and any(not children(entry, "author") for entry in entries):
        faults.append("feed: no author")
    for number, entry in enumerate(entries, 1):
        faults += faults_of_entry(feed, entry, f"entry {number}")
    ids = [text_of(entry, "id") for entry in entries]
    if len(ids) != len(set(ids)):
        faults.append("feed: an entry stands there twice")
    newest = max((text_of(entry, "updated") for entry in entries), default=None)
    if newest and text_of(feed, "updated") < newest:
        faults.append("feed: older than its newest entry")
    return faults
