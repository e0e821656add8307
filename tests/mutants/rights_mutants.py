"""The guards of rights and accounts are broken one by one, and the suites that watch over each must notice.

A copy of the tree and of its release build is changed, built and tried; the tree itself is never touched. The build names
its sources by their place, so the copy stands at that place in a mount namespace of its own: this needs root, or a
kernel that lets everybody have namespaces.

Usage: scripts/dev mutants [--only PATTERN] [--part I/N] [--list]
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


def likely(part, suite):
    """The part of a suite that is tried before all of it."""
    return f"{suite} {part}", suite


LEAKS = ("leaks_test.py", "leak_doors_test.py", "non_interference_test.py")
INFERENCE = tuple(reversed(LEAKS))
PROTOCOL, ACCOUNTS = likely("Protocol", "oidc_test.py"), likely("Accounts", "oidc_test.py")
ADDRESS, RECOVERY, JOURNALISTS, PRIVACY, ERASING = (
    likely(part, "account_mail_test.py") for part in ("Addresses", "Recovery", "Press", "Privacy", "Erasing"))
FORGED, GUESSING, HOSTS, WAYS_OUT = (
    likely(part, "attacks_test.py") for part in ("ForgedRequests", "Guessing", "FalseHosts", "WaysOut"))
OWN_ACCOUNT, REVIEW, KITS = likely("OwnAccount", "people_test.py"), ("review_test.py",), ("kit_builder_test.py",)
RIGHTS, POLICY, READABLE = "indexer/search/rights.cpp", "schemas/access/policy.cpp", "server/api/readable.cpp"
ID_TOKEN, PROVIDER, IDENTITIES = "server/access/id_token.cpp", "server/access/identity_provider.cpp", "storage/accounts/identity_store.cpp"
ADDRESSES, LINKS = "storage/accounts/address_store.cpp", "storage/accounts/invitation_store.cpp"
PRESS, KIT_BUILDER = "storage/accounts/accreditation_store.cpp", "server/pages/kit_builder_site.cpp"
DOORKEEPER, ROLES = "server/access/doorkeeper.cpp", "server/api/people_routes.cpp"
ACCOUNT_PAGE = "server/pages/account_site.cpp"


@dataclasses.dataclass
class Mutant:
    """`before` stands once in `file` and becomes `after`; one of `suites`, tried in their order, must fail."""
    name: str
    file: str
    before: str
    after: str
    suites: tuple[str, ...] = LEAKS


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
           "{{branch}, shown, chains_above(tree, viewer.grants), true, {}, {}}",
           "{{branch}, shown, nullptr, true, {}, {}}"),
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
    Mutant("the ID token of another issuer is taken", ID_TOKEN,
           'if (claim_text(claims, "iss") != terms.issuer) return bad("the ID token is of another issuer");', "", PROTOCOL),
    Mutant("an ID token for another program is taken", ID_TOKEN,
           'if (!is_audience(claims, terms.client_id)) return bad("the ID token is for somebody else");', "", PROTOCOL),
    Mutant("an ID token is never over", ID_TOKEN,
           'if (!ends || !(*ends > at - clock_skew)) return bad("the ID token is over");', "", PROTOCOL),
    Mutant("the ID token of another sign-in is taken", ID_TOKEN,
           'if (!equal_secrets(claim_text(claims, "nonce"), terms.nonce))\n    return bad("the ID token is of another sign-in");',
           "", PROTOCOL),
    Mutant("whoever signed the ID token is believed", "server/access/web_keys.cpp",
           "if (is_signed(key->key.get(), kind, text, signature)) return {};",
           "if (is_signed(key->key.get(), kind, text, signature) || key != nullptr) return {};", PROTOCOL),
    Mutant("an answer for another browser signs in", PROVIDER,
           'if (!equal_secrets(request.query_value("state"), digest_for("state", kept.secret)))',
           'if (request.query_value("state").empty())', PROTOCOL),
    Mutant("the answer of another provider is taken", PROVIDER,
           "if (issuer.empty() ? known->names_issuer : issuer != settings_.issuer)",
           "if (issuer.empty() && known->names_issuer)", PROTOCOL),
    Mutant("an identity is linked to whoever brings the answer", PROVIDER,
           'if (errand == ProviderErrand::link) secret += "\\n" + std::string(session);', "", ACCOUNTS),
    Mutant("any value of a claim gives the role", "server/access/claim_grants.cpp",
           "return std::ranges::find(values, rule.value) != values.end();", "return !values.empty();", ACCOUNTS),
    Mutant("rights of the provider outlive the last sign-in by a year", "server/api/provider_sign_in.cpp",
           "now() + settings.rights_last)", "now() + settings.rights_last * 12)", ACCOUNTS),
    Mutant("an identity opens a second account", IDENTITIES,
           'if (row && row->account != account.id)\n'
           '      return fail(ErrorCode::conflict, "identity_taken", "another account has this identity");', "", ACCOUNTS),
    Mutant("the provider gives journalists roles", IDENTITIES,
           "if (before.account.kind != access::AccountKind::union_person) wanted.clear();", "", ACCOUNTS),
    Mutant("a right of the provider is delegated after its end", ROLES,
           "(grant.is_from_provider && now() < *grant.ends_at)", "grant.is_from_provider", ACCOUNTS),
    Mutant("what was delegated is delegated further", ROLES,
           "!grant.ends_at || (grant.is_from_provider && now() < *grant.ends_at)", "!grant.ends_at || now() < *grant.ends_at", REVIEW),
    Mutant("the provider's word is a second step", "storage/accounts/sqlite_sign_in.cpp",
           "if (from.had_second_factor) return put_session(folded, from);", "return put_session(folded, from);", ACCOUNTS),
    Mutant("any role decides about the press", "server/api/accreditations.cpp",
           "return role && *role >= access::Role::spokesperson;", "return role.has_value();", JOURNALISTS),
    Mutant("an accreditation waits before its mailbox answered", PRESS,
           "\"WHERE state = 'asked' ORDER BY", "\"WHERE state IN ('asked', 'unconfirmed') ORDER BY", JOURNALISTS),
    Mutant("an accredited account has no end", PRESS,
           'KHOCHUNG_TRY(connection.change("UPDATE account SET ends_at = ? WHERE id = ?",\n'
           "                                 {milliseconds_of(one.ends_at), row->id}));",
           'KHOCHUNG_TRY(connection.change("UPDATE account SET ends_at = NULL WHERE id = ?", {row->id}));', JOURNALISTS),
    Mutant("an accreditation takes another journalist's account", PRESS,
           "return row.account.kind == access::AccountKind::press && known.value_or(0) > 0;",
           "return row.account.kind == access::AccountKind::press && known.has_value();", JOURNALISTS),
    Mutant("looking at a link of a mail is an answer", "server/pages/mail_links.cpp",
           "add(http::Method::get, http::BodyKind::none, link.show);", "add(http::Method::get, http::BodyKind::none, link.act);", ADDRESS),
    Mutant("a link that confirms an address works again", ADDRESSES,
           "KHOCHUNG_CHECK(end_address_wish(connection, account));\n        return wish;", "return wish;", ADDRESS),
    Mutant("an address counts before its mailbox answered", ADDRESSES,
           'KHOCHUNG_CHECK(tell_row(connection, row, account_notice, "address", at));',
           "KHOCHUNG_CHECK(put_address(connection, row.id, {row.account.name, address, language, false}, at));", ADDRESS),
    Mutant("an open browser is enough to change the address", ACCOUNT_PAGE,
           'KHOCHUNG_CHECK(expect_owner(visit, form_value(form, "password")));', "", ADDRESS),
    Mutant("a link for a forgotten password lives for a week", "server/pages/recovery_site.cpp",
           "invitations().recover(account);", "invitations().recover(account, std::chrono::hours(168));", RECOVERY),
    Mutant("whoever reads the mail needs no second step", LINKS,
           "if (one.kind == InvitationKind::reset) KHOCHUNG_CHECK(forget_second_step", "KHOCHUNG_CHECK(forget_second_step", RECOVERY),
    Mutant("an address that waits outlives a new password", LINKS,
           "KHOCHUNG_CHECK(end_address_wish(connection, row.id));", "", RECOVERY),
    Mutant("a forgotten password's page says who is known", "server/pages/recovery_site.cpp",
           'visit.services.postman->ring();\n  return page(202',
           'KHOCHUNG_CHECK(visit.services.accounts.account(name));\n  visit.services.postman->ring();\n  return page(202', RECOVERY),
    Mutant("everybody reads what is asked about personal data", "server/pages/privacy_site.cpp",
           "return tree->root() != nullptr &&\n         api::administers(visit.identity.viewer, {tree->root()->number}, *tree);",
           "return tree->root() != nullptr;", PRIVACY),
    Mutant("an open browser is enough to erase the account", ACCOUNT_PAGE,
           "if (!proven) return complaint(visit, proven.error());\n  const auto erased", "const auto erased", ERASING),
    Mutant("what is kept about a person is given to others", "server/api/personal_data_routes.cpp",
           " || identity.viewer.name != name)", ")", REVIEW),
    Mutant("whoever reads a kit edits it", KIT_BUILDER, "if (may_edit(visit, readable)) return readable;", "return readable;", KITS),
    Mutant("a kit's preview shows more than the press will see", "server/delivery/kit_json.cpp",
           "kit_json(services, published, {access::AccountKind::press, {}, {}})",
           "kit_json(services, published, access::Viewer::local_administrator())", KITS),
    Mutant("of two who edit a kit the later wins", KIT_BUILDER,
           "if (form.revision != subject.kept.revision)\n"
           '    return fail(ErrorCode::precondition_failed, "somebody saved it meanwhile");\n'
           "  if (body.empty()) return subject.kept;\n"
           "  const auto readable = KHOCHUNG_TRY(editable(visit, subject.kept.id.text()));\n"
           "  return delivery::change_kit(visit.services, readable,\n"
           "                              {viewer, form.revision, change_on_the_web(visit)}, body);",
           "if (body.empty()) return subject.kept;\n"
           "  const auto readable = KHOCHUNG_TRY(editable(visit, subject.kept.id.text()));\n"
           "  return delivery::change_kit(visit.services, readable,\n"
           "                              {viewer, subject.kept.revision, change_on_the_web(visit)}, body);", KITS),
    Mutant("whoever saves late sees a revision of before", KIT_BUILDER,
           "if (!access::may(visit.identity.viewer, access::Action::edit, standing, tree, now()))\n"
           '    return fail(ErrorCode::forbidden, "may not see that revision");', "", KITS),
    Mutant("an item of a kit is named to who may not see it", KIT_BUILDER,
           "api::find_readable(visit.services, item.material.text(), visit.identity.viewer);",
           "api::find_readable(visit.services, item.material.text(), access::Viewer::local_administrator());", KITS),
    Mutant("a theme opens what rights close", "indexer/search/lookup.cpp",
           "if (auto rights = shown.query(); !rights.empty())",
           "if (auto rights = shown.query(); !rights.empty() && request.concepts.front().empty())"),
    Mutant("the feed of work tells of what waits for others", "server/api/work_news.cpp",
           "if (can_move(entry.material, viewer, *tree)) work.push_back", "work.push_back", REVIEW),
    Mutant("forms need no token", DOORKEEPER,
           "comes_from_another_site(request) || !equal_secrets(token, identity.csrf_token)", "comes_from_another_site(request)", FORGED),
    Mutant("another site signs a browser in", DOORKEEPER,
           'if (comes_from_another_site(request))\n    return fail(ErrorCode::forbidden, "csrf", "a form that another site sent");', "", FORGED),
    Mutant("a session goes on after signing out", DOORKEEPER,
           "static_cast<void>(accounts_.end_session(token));", "static_cast<void>(token);", FORGED),
    Mutant("a new password leaves other browsers signed in", "storage/accounts/sqlite_accounts.cpp",
           "KHOCHUNG_CHECK(end_address_wish(connection, row.id));\n    return end_all_sessions(connection, row.id);",
           "return end_address_wish(connection, row.id);", OWN_ACCOUNT),
    Mutant("a token that may only read changes things", DOORKEEPER,
           "if (holder.scope == storage::TokenScope::read && may_change(request.method))", "if (may_change(request.method) && false)", OWN_ACCOUNT),
    Mutant("passwords are guessed without a pause", "storage/accounts/sign_in_throttle.cpp",
           "tries.blocked_until = at + delay_after(tries.failures);", "tries.blocked_until = at;", GUESSING),
    Mutant("the request says where links lead", "server/api/site.cpp", "if (!site.origin.empty())",
           "if (!site.origin.empty() && request.is_local_administrator)", HOSTS),
    Mutant("signing in leads to other sites", "server/pages/sign_in_site.cpp",
           'next.starts_with(\'/\') && !next.starts_with("//") && std::ranges::none_of(next, is_strange);',
           "next.starts_with('/') && std::ranges::none_of(next, is_strange);", WAYS_OUT),
    Mutant("the access token may be another's", ID_TOKEN,
           'return bad("the access token is not the one of the ID token");', "return {};", PROTOCOL),
    Mutant("a right that comes back opens sessions of before", IDENTITIES,
           "KHOCHUNG_CHECK(end_all_sessions(connection, row->account));", "", ACCOUNTS),
    Mutant("a reset leaves the mail address", LINKS,
           "KHOCHUNG_CHECK(forget_address(connection, row.id, row.account.name));", "", RECOVERY),
    Mutant("anybody invites", "server/api/invitations.cpp",
           "KHOCHUNG_CHECK(expect_administrator(viewer, {unit->number}, *tree));", "", ("people_test.py",)),
    Mutant("anybody resets an account", "server/api/invitations.cpp",
           "const auto units = KHOCHUNG_TRY(units_for(services, reset, *tree));\n"
           "  KHOCHUNG_CHECK(expect_administrator(viewer, units, *tree));", "", ("people_test.py",)),
    Mutant("anybody erases an account", "server/api/invitations.cpp",
           "const auto units = KHOCHUNG_TRY(or_root(units_of(account, *tree), *tree));\n"
           "    KHOCHUNG_CHECK(expect_administrator(viewer, units, *tree));", "", ("people_test.py", *ERASING)),
    Mutant("a link outlives its maker's rights", "server/api/invitations.cpp",
           'return fail(ErrorCode::not_found, "its maker could not make it again");', "return invitation;", ("people_test.py",)),
    Mutant("a role has no end", DOORKEEPER, "if (grant.ends_at && *grant.ends_at <= now()) continue;", "", REVIEW),
    Mutant("a press kit is published by whoever edits it", "server/delivery/kit_changes.cpp",
           "if (!access::may(viewer, access::Action::publish, standing, tree, now()))",
           "if (false && !access::may(viewer, access::Action::publish, standing, tree, now()))", (*KITS, "kits_test.py")),
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
    """Links the copy's program without optimising all of it again, which takes minutes a mutant, as its objects allow both,
    and without what debuggers read, which is most of what would be written."""
    ninja = place / "build/release/build.ninja"
    text = ninja.read_text(encoding="utf-8")
    start = text.index("\nbuild khochung:")
    end = text.index("\n\n", start)
    block = text[start:end].replace("-flto=auto -ffat-lto-objects", "-fno-lto -Wl,--strip-debug")
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


def passes(suite, place, log):
    return run_at_root(place, [sys.executable, "-B", *("tests/contracts/" + suite).split(), "--failfast"], log)


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
            if not passes(suite, place, log):
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
    options.add_argument("--part", metavar="I/N", default="1/1", help="one of N parts, which run beside each other on as many cores")
    options.add_argument("--list", action="store_true", help="says what there is and whether it still fits; builds nothing")
    asked = options.parse_args()
    part, parts = map(int, asked.part.split("/"))
    mutants = [one for one in MUTANTS if re.search(asked.only, one.name)][part - 1::parts]
    if asked.list:
        for one in mutants:
            print(f"{'fits' if fits_here(one) else 'DOES NOT FIT'}  {one.name}  ({one.file})")
        return 0 if all(map(fits_here, mutants)) else 1
    with tempfile.TemporaryDirectory(prefix="khochung-mutants-") as folder:
        place, outcomes = pathlib.Path(folder) / "tree", []
        place.mkdir()
        log_file = ROOT / f"build/mutants-{part}.log"
        with open(log_file, "w", encoding="utf-8") as log:
            copy_tree(place)
            link_quickly(place)
            suites = dict.fromkeys(suite.split()[0] for one in mutants for suite in one.suites)
            if not build(place, log) or not all(passes(suite, place, log) for suite in suites):
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
