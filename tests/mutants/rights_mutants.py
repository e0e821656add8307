"""The guards of rights and accounts are broken one by one, and the suites must notice each time.

A copy of the tree and of its release build is changed, built and tried; the tree itself is never touched. The build names
its sources by their place, so the copy stands at that place in a mount namespace of its own: this needs root, or a
kernel that lets everybody have namespaces.

Usage: scripts/dev mutants [--only PATTERN] [--list]
Exit code: 0 when every mutant was caught; 1 when one survived, was not built, or no longer fits the source."""
import argparse
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEAKS = ("leaks_test.py", "leak_doors_test.py", "non_interference_test.py")
INFERENCE = LEAKS[::-1]
PROVIDER, MAIL, PEOPLE, ATTACKS, KITS = (("oidc_test.py",), ("account_mail_test.py",), ("people_test.py", "account_mail_test.py"),
                                         ("attacks_test.py",), ("kit_builder_test.py", "kits_test.py"))
RIGHTS, POLICY, READABLE = "indexer/search/rights.cpp", "schemas/access/policy.cpp", "server/api/readable.cpp"
ID_TOKEN, DOORKEEPER = "server/access/id_token.cpp", "server/access/doorkeeper.cpp"


@dataclasses.dataclass
class Mutant:
    """`before` stands once in `file` and becomes `after`."""
    name: str
    file: str
    before: str
    after: str
    suites: tuple[str, ...] = LEAKS  # any of which may notice; tried in this order


MUTANTS = (
    Mutant("search: an embargo counts for nothing", RIGHTS,
           "if (!clause.embargo_must_be_over) way.under_embargo = standings;", "way.under_embargo = standings;"),
    Mutant("search: one's own is everybody's", RIGHTS,
           "if (!clause.creator.empty()) way.terms.push_back(index::creator_term(clause.creator));", ""),
    Mutant("search: each journalist is a named recipient", RIGHTS,
           "if (!clause.press_recipient.empty())\n    way.terms.push_back(index::recipient_term(clause.press_recipient));", ""),
    Mutant("search: the owner is not looked at", RIGHTS,
           "static_cast<unsigned>(!way.owners || way.owners->contains(owner))", "1U"),
    Mutant("search: what one commit knew tells of the next", "indexer/search/searcher.cpp",
           "    rights.reset();\n", ""),
    Mutant("search: what is `branch` is for everybody of the union", POLICY,
           "{{Visibility::branch}, shown, chain_above(tree, grant.unit), true, {}, {}}",
           "{{Visibility::branch}, shown, nullptr, true, {}, {}}"),
    Mutant("search: drafts count as published", POLICY,
           "const std::vector<State> shown{State::published, State::withdrawn, State::deleted};",
           "const std::vector<State> shown{State::published, State::withdrawn, State::deleted, State::draft};"),
    Mutant("an embargo hides nothing", POLICY, "return standing.embargo_until && now < *standing.embargo_until;", "return false;"),
    Mutant("each journalist is a named recipient", POLICY,
           "return viewer.kind == AccountKind::press && !viewer.name.empty() &&\n"
           "         std::ranges::count(standing.press_recipients, viewer.name) > 0;",
           "return viewer.kind == AccountKind::press && !viewer.name.empty() && !standing.press_recipients.empty();"),
    Mutant("internal is as open as it says it is", POLICY,
           "case Sensitivity::internal: return std::max(standing.visibility, Visibility::union_);",
           "case Sensitivity::internal: return standing.visibility;"),
    Mutant("below published is read as published", POLICY, "return may_read_unpublished(viewer, standing, role);",
           "return visibility_admits(viewer, standing, tree);"),
    Mutant("a role holds everywhere", POLICY, "if (tree.is_within(unit, grant.unit) && (!highest ||", "if ((!highest ||"),
    Mutant("press is for everybody", POLICY,
           "case Visibility::press: return viewer.kind != AccountKind::anonymous;", "case Visibility::press: return true;"),
    Mutant("a file is given without asking", "server/api/material_routes.cpp",
           'auto readable = KHOCHUNG_TRY(find_readable(services, request.parameter("id"), identity.viewer));\n'
           "  KHOCHUNG_CHECK(demand_use",
           'auto readable = KHOCHUNG_TRY(find_readable(services, request.parameter("id"), access::Viewer::local_administrator()));\n'
           "  KHOCHUNG_CHECK(demand_use"),
    Mutant("bytes are named by their digest to everybody", "server/api/material_routes.cpp",
           "const auto found = find_readable(services, id.text(), viewer);",
           "const auto found = find_readable(services, id.text(), access::Viewer::local_administrator());"),
    Mutant("hidden is 403, not 404", READABLE,
           "*tree, now()))\n    return hidden(material.id.text());",
           '*tree, now()))\n    return fail(ErrorCode::forbidden, "hidden: " + material.id.text());'),
    Mutant("a receipt is everybody's", READABLE, "if (!is_theirs) return hidden();", ""),
    Mutant("an upload is everybody's", "server/api/upload_routes.cpp",
           'if (upload.creator != viewer.name) return fail(ErrorCode::not_found, "another\'s upload");', ""),
    Mutant("a link is known to everybody", "server/delivery/shares.cpp",
           "if (!readable || !may(viewer, access::Action::publish, *readable)) return no_share();", ""),
    Mutant("a selection takes what is named", "server/delivery/selection.cpp",
           "auto readable = KHOCHUNG_TRY(api::find_readable(services, id, viewer));",
           "auto readable = KHOCHUNG_TRY(api::find_readable(services, id, access::Viewer::local_administrator()));"),
    Mutant("a sitemap lists everything", "server/delivery/sitemap.cpp",
           "if (!is_for_everybody(material, tree, now)) continue;", ""),
    Mutant("embargoed titles are suggested", "indexer/search/suggest.cpp",
           "if (is_under_embargo(document, now)) {", "if (limit == 0 && is_under_embargo(document, now)) {"),
    Mutant("titles of all that is published are suggested", "indexer/index/compose.cpp",
           "return access::effective_visibility(standing) == Visibility::public_ &&\n         standing.state",
           "return standing.state"),
    Mutant("a press kit shows what was closed since", "server/delivery/kit_json.cpp",
           "const auto found = api::find_readable(services, item.material.text(), viewer);",
           "const auto found = api::find_readable(services, item.material.text(), access::Viewer::local_administrator());"),
    Mutant("a press kit is shown with its draft", "server/api/material_json.cpp", 'json.erase("kit");', ""),
    Mutant("words are counted in everything", "indexer/search/statistics.cpp", "return known_[term] = count(term);",
           "return known_[term] = database_.get_termfreq(term);", INFERENCE),
    Mutant("lengths are those of everything", "indexer/search/statistics.cpp",
           "if (lengths > 0) average_length_ = lengths / measured;", "average_length_ = database_.get_avlength();", INFERENCE),
    Mutant("what is embargoed takes turns of suggestions", "indexer/search/suggest.cpp",
           "if (++passed_over > most_passed_over) return first;\n        continue;", "--tries;\n        ++looked_at;\n        continue;", INFERENCE),
    Mutant("the pairs of words that the index has decide", "indexer/search/lookup.cpp", "if (answer_.total > 0) return;\n  }",
           "return;\n  }", INFERENCE),
    Mutant("everybody is told how much there is", "server/api/upkeep_routes.cpp",
           "if (!is_caretaker(services, identity.viewer))", "if (false && is_caretaker(services, identity.viewer))", INFERENCE),
    Mutant("another site is told what the viewer may see", "server/delivery/embed_routes.cpp",
           "api::find_readable(services, id, access::Viewer::anonymous())",
           "api::find_readable(services, id, access::Viewer::local_administrator())"),

    Mutant("a provider's word: anybody may have issued it", ID_TOKEN,
           'if (claim_text(claims, "iss") != terms.issuer) return bad("the ID token is of another issuer");', "", PROVIDER),
    Mutant("a provider's word: it may be for anybody", ID_TOKEN,
           'if (!is_audience(claims, terms.client_id)) return bad("the ID token is for somebody else");', "", PROVIDER),
    Mutant("a provider's word: it has no end", ID_TOKEN, "if (!ends || !(*ends > at - clock_skew))", "if (!ends)", PROVIDER),
    Mutant("a provider's word: it may be of another sign-in", ID_TOKEN,
           'if (!equal_secrets(claim_text(claims, "nonce"), terms.nonce))\n    return bad("the ID token is of another sign-in");',
           "", PROVIDER),
    Mutant("a provider's word: the access token may be another's", ID_TOKEN,
           'return bad("the access token is not the one of the ID token");', "return {};", PROVIDER),
    Mutant("a provider's word: nobody need have signed it", "server/access/identity_provider.cpp",
           "KHOCHUNG_CHECK(\n      with_key->keys.verify(token.kind, token.key_id, token.signed_text, token.signature));",
           "static_cast<void>(with_key);", PROVIDER),
    Mutant("a provider's answer: any browser may bring it", "server/access/identity_provider.cpp",
           'if (!equal_secrets(request.query_value("state"), digest_for("state", kept.secret)))\n'
           '    return start_again("the state is of another browser or sign-in");', "", PROVIDER),
    Mutant("a provider's claims: any value gives the right", "server/access/claim_grants.cpp",
           "return std::ranges::find(values, rule.value) != values.end();", "return true;", PROVIDER),
    Mutant("a provider's rights never end", "server/api/provider_sign_in.cpp", "now() + settings.rights_last",
           "now() + 1000 * settings.rights_last", PROVIDER),
    Mutant("whoever lost every right at the provider comes in", "storage/accounts/identity_store.cpp",
           "if (row->is_origin && entrance.account.grants.empty()) {",
           "if (false && row->is_origin && entrance.account.grants.empty()) {", PROVIDER),
    Mutant("another's identity can be linked", "storage/accounts/identity_store.cpp",
           'if (row && row->account != account.id)\n'
           '      return fail(ErrorCode::conflict, "identity_taken", "another account has this identity");', "", PROVIDER),

    Mutant("anybody decides about the press", "server/api/accreditations.cpp",
           'return fail(ErrorCode::forbidden, "does not decide about the press");', "return {};", MAIL),
    Mutant("a journalist's mailbox need not answer", "storage/accounts/accreditation_store.cpp",
           "account = ?, ends_at = ?, is_reminded = 0 WHERE id = ? AND state = 'asked'\"",
           "account = ?, ends_at = ?, is_reminded = 0 WHERE id = ?\"", MAIL),
    Mutant("another's account can be given to a journalist", "storage/accounts/accreditation_store.cpp",
           "if (row && !KHOCHUNG_TRY(is_theirs(connection, *row, one.wish)))",
           "if (false && row && !KHOCHUNG_TRY(is_theirs(connection, *row, one.wish)))", MAIL),
    Mutant("an address counts before its mailbox answers", "storage/accounts/address_store.cpp",
           "    KHOCHUNG_CHECK(end_address_wish(connection, row.id));\n    KHOCHUNG_TRY(connection.change(\n"
           '        "INSERT INTO address_wish',
           "    KHOCHUNG_CHECK(end_address_wish(connection, row.id));\n"
           "    KHOCHUNG_CHECK(put_address(connection, row.id, {row.account.name, address, language, true}, at));\n"
           '    KHOCHUNG_TRY(connection.change(\n        "INSERT INTO address_wish', MAIL),
    Mutant("a link that confirms an address opens again", "storage/accounts/address_store.cpp",
           "KHOCHUNG_CHECK(end_address_wish(connection, account));\n        return wish;", "return wish;", MAIL),
    Mutant("a forgotten password takes the second step away", "storage/accounts/invitation_store.cpp",
           "if (one.kind == InvitationKind::reset) KHOCHUNG_CHECK(forget_second_step(connection, row.id));",
           "KHOCHUNG_CHECK(forget_second_step(connection, row.id));", MAIL),
    Mutant("a new password leaves old sessions", "storage/accounts/invitation_store.cpp",
           "KHOCHUNG_CHECK(take_keys_away(connection, row.id));\n  // Whoever reads", "// Whoever reads", MAIL),
    Mutant("a reset leaves the mail address", "storage/accounts/invitation_store.cpp",
           "KHOCHUNG_CHECK(forget_address(connection, row.id, row.account.name));", "", MAIL),
    Mutant("anybody reads what people ask about themselves", "server/pages/privacy_site.cpp",
           'if (!answers(visit)) return fail(ErrorCode::forbidden, "does not administer the top unit");\n  auto open',
           "auto open", MAIL),
    Mutant("anybody answers what people ask about themselves", "server/pages/privacy_site.cpp",
           'if (!answers(visit)) return fail(ErrorCode::forbidden, "does not administer the top unit");\n  auto& kept',
           "auto& kept", MAIL),

    Mutant("anybody invites", "server/api/invitations.cpp",
           "KHOCHUNG_CHECK(expect_administrator(viewer, {unit->number}, *tree));", "", PEOPLE),
    Mutant("anybody resets an account", "server/api/invitations.cpp",
           "const auto units = KHOCHUNG_TRY(units_for(services, reset, *tree));\n"
           "  KHOCHUNG_CHECK(expect_administrator(viewer, units, *tree));", "", PEOPLE),
    Mutant("anybody erases an account", "server/api/invitations.cpp",
           "const auto units = KHOCHUNG_TRY(or_root(units_of(account, *tree), *tree));\n"
           "    KHOCHUNG_CHECK(expect_administrator(viewer, units, *tree));", "", PEOPLE),
    Mutant("a link outlives its maker's rights", "server/api/invitations.cpp",
           'return fail(ErrorCode::not_found, "its maker could not make it again");', "return invitation;", PEOPLE),
    Mutant("a role has no end", DOORKEEPER, "if (grant.ends_at && *grant.ends_at <= now()) continue;", "", PEOPLE),
    Mutant("a token that may only read changes", DOORKEEPER,
           "if (holder.scope == storage::TokenScope::read && may_change(request.method))",
           "if (false && holder.scope == storage::TokenScope::read && may_change(request.method))", PEOPLE),
    Mutant("passwords can be tried without end", "storage/accounts/sign_in_throttle.cpp",
           "if (!is_new && at < tries.blocked_until) {", "if (false && !is_new && at < tries.blocked_until) {", PEOPLE),

    Mutant("a form needs no token of its session", DOORKEEPER,
           "if (comes_from_another_site(request) || !equal_secrets(token, identity.csrf_token)) {",
           "if (comes_from_another_site(request)) {", ATTACKS),
    Mutant("another site signs people in", DOORKEEPER,
           'if (comes_from_another_site(request))\n    return fail(ErrorCode::forbidden, "csrf", "a form that another site sent");',
           "", ATTACKS),
    Mutant("a sign-in leads to another site", "server/pages/sign_in_site.cpp", '!next.starts_with("//") && ', "", ATTACKS),
    Mutant("links name whatever host was asked", "server/api/site.cpp", "if (!site.origin.empty())",
           "if (!site.origin.empty() && !request.fields.has(\"host\"))", ATTACKS),

    Mutant("anybody edits a press kit", "server/pages/kit_builder_site.cpp",
           "if (!access::may(visit.identity.viewer, access::Action::edit, standing, tree, now()))",
           "if (false && !access::may(visit.identity.viewer, access::Action::edit, standing, tree, now()))", KITS),
    Mutant("a press kit is published by whoever edits it", "server/delivery/kit_changes.cpp",
           "if (!access::may(viewer, access::Action::publish, standing, tree, now()))",
           "if (false && !access::may(viewer, access::Action::publish, standing, tree, now()))", KITS),
    Mutant("the preview of a press kit shows what its editor may see", "server/delivery/kit_json.cpp",
           "kit_json(services, published, {access::AccountKind::press, {}, {}})",
           "kit_json(services, published, access::Viewer::local_administrator())", KITS),
)


def copy_tree(place):
    """The tree with the parts of its release build that the program needs, times kept, so that ninja finds it fresh."""
    for part in sorted(ROOT.iterdir()):
        if part.name in ("build", ".git"):
            continue
        target = place / part.name
        if part.is_dir():
            shutil.copytree(part, target, symlinks=True)
        else:
            shutil.copy2(part, target)
    skipped = shutil.ignore_patterns("tests", "bench", "Testing", "*.log")
    shutil.copytree(ROOT / "build/release", place / "build/release", symlinks=True, ignore=skipped)
    for part in ("tests", "bench"):  # ninja reads what stands in there, and builds none of it
        (place / "build/release" / part).mkdir(exist_ok=True)


def link_quickly(place):
    """Links the copy's program without optimising all of it again, which takes minutes a mutant; its objects allow both."""
    ninja = place / "build/release/build.ninja"
    text = ninja.read_text(encoding="utf-8")
    start = text.index("\nbuild khochung:")
    end = text.index("\n\n", start)
    block = text[start:end].replace("-flto=auto -ffat-lto-objects", "-fno-lto")
    ninja.write_text(text[:start] + block + text[end:], encoding="utf-8")


def run_at_root(place, command, log):
    """Runs `command` where `place` stands at the tree's own place."""
    namespace = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    script = 'mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"'
    environment = {**os.environ, "KHOCHUNG_BUILD_DIR": str(ROOT / "build/release"), "KHOCHUNG_SOURCE_DIR": str(ROOT)}
    return subprocess.run([*namespace, "sh", "-c", script, "sh", str(place), str(ROOT), *command],
                          stdout=log, stderr=subprocess.STDOUT, env=environment, check=False).returncode == 0


def build(place, log):
    return run_at_root(place, ["ninja", "-C", "build/release", "khochung"], log)


def what_becomes_of(mutant, place, log):
    """"caught by …", "SURVIVED" or why it could not be tried."""
    file = place / mutant.file
    original = file.read_text(encoding="utf-8")
    if original.count(mutant.before) != 1:
        return f"DOES NOT FIT: its text stands {original.count(mutant.before)} times in {mutant.file}"
    try:
        file.write_text(original.replace(mutant.before, mutant.after), encoding="utf-8")
        if not build(place, log):
            return "NOT BUILT"
        for suite in mutant.suites:
            if not run_at_root(place, [sys.executable, "-B", "tests/contracts/" + suite, "--failfast"], log):
                return "caught by " + suite
        return "SURVIVED"
    finally:
        file.write_text(original, encoding="utf-8")


def fits_here(mutant):
    return (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.before) == 1


def main():
    options = argparse.ArgumentParser(prog="scripts/dev mutants", description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", metavar="PATTERN", default="", help="mutants whose name it matches, as a regular expression")
    options.add_argument("--list", action="store_true", help="says what there is and whether it still fits; builds nothing")
    asked = options.parse_args()
    mutants = [one for one in MUTANTS if re.search(asked.only, one.name)]
    if asked.list:
        for one in mutants:
            print(f"{'fits' if fits_here(one) else 'DOES NOT FIT'}  {one.name}  ({one.file})")
        return 0 if all(map(fits_here, mutants)) else 1
    with tempfile.TemporaryDirectory(prefix="khochung-mutants-") as folder:
        place, outcomes = pathlib.Path(folder) / "tree", []
        place.mkdir()
        log_file = ROOT / "build/mutants.log"
        with open(log_file, "w", encoding="utf-8") as log:
            copy_tree(place)
            link_quickly(place)
            if not build(place, log) or not all(
                    run_at_root(place, [sys.executable, "-B", "tests/contracts/" + suite], log)
                    for suite in sorted({suite for mutant in mutants for suite in mutant.suites})):
                print(f"The tree as it is does not pass; see {log_file}.")
                return 1
            for mutant in mutants:
                log.write(f"\n===== {mutant.name}\n")
                log.flush()
                begun = time.monotonic()
                outcome = what_becomes_of(mutant, place, log)
                outcomes.append(outcome)
                print(f"{mutant.name:60} {outcome} ({time.monotonic() - begun:.0f} s)", flush=True)
    caught = sum(outcome.startswith("caught") for outcome in outcomes)
    print(f"{caught} of {len(outcomes)} mutants were caught.")
    return 0 if caught == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
