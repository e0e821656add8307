#include "server/delivery/shares.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "schemas/access/review.hpp"
#include "server/api/audit_notes.hpp"
#include "server/api/material_files.hpp"
#include "server/api/use_rights.hpp"
#include "server/delivery/kit_zip.hpp"
#include "server/http/file_answer.hpp"

namespace khochung::delivery {
namespace {

using api::Readable;
using api::Services;
using boost::json::object;
using boost::json::value;
using http::Request;
using http::Response;
using storage::Share;
using storage::ShareUse;

tl::unexpected<Error> no_share() {
  return fail(ErrorCode::not_found, "no such share");
}

bool may(const access::Viewer& viewer, access::Action action, const Readable& readable) {
  return access::may(viewer, action, readable.standing, *readable.tree, now());
}

/// Whoever made the link, with what they may now. A disabled account may nothing.
Result<access::Viewer> maker_of(const Services& services, const Share& share) {
  if (share.terms.maker.empty()) return access::Viewer::local_administrator();
  return services.doorkeeper.viewer_named(share.terms.maker);
}

/// The kit with the files of the version that a link names, else of the newest, if its maker may
/// read every part of it and all of it may go out.
Result<Material> kit_version(const Services& services, const Readable& readable,
                             const access::Viewer& maker, std::optional<int> number) {
  const auto& newest = readable.entry->material;
  const auto& versions = newest.kit->versions;
  if (versions.empty())
    return fail(ErrorCode::conflict, "share_kit_unpublished", "no version was published yet");
  auto kit =
      KHOCHUNG_TRY(services.kits.with_version(newest, number.value_or(versions.back().number)));
  std::set<MaterialId> parts;
  for (const auto& file : kit.kit->files) {
    if (file.material) parts.insert(*file.material);
  }
  for (const auto& part : parts) KHOCHUNG_TRY(api::find_readable(services, part.text(), maker));
  KHOCHUNG_CHECK(services.kits.check_deliverable(kit));
  return kit;
}

/// Everything that ends a link looks as if there had never been one.
tl::unexpected<Error> ended(const Error& error) {
  const bool is_trouble = error.code == ErrorCode::unavailable ||
                          error.code == ErrorCode::corrupt || error.code == ErrorCode::internal;
  if (is_trouble) return fail(error);
  return no_share();
}

Result<Shared> opened(const Services& services, const Share& share, std::string_view token) {
  const auto maker = KHOCHUNG_TRY(maker_of(services, share));
  auto readable = KHOCHUNG_TRY(api::find_readable(services, share.terms.material.text(), maker));
  if (!may_share(maker, readable)) return no_share();
  Shared shared{share, std::string(token), std::move(readable), {}};
  if (shared.readable.entry->material.kit) {
    shared.kit =
        KHOCHUNG_TRY(kit_version(services, shared.readable, maker, share.terms.kit_version));
  }
  return shared;
}

ShareUse use_of(const Request& request, ShareUse::Kind kind, std::string what) {
  ShareUse use{kind, std::move(what), access::network_of(request.client), false};
  use.may_continue = kind == ShareUse::Kind::opening || request.fields.has("Range");
  return use;
}

/// A link whose downloads are used up goes on with those that were begun, and gives nothing new.
Result<void> check_left(const Services& services, const Shared& shared, const ShareUse& use) {
  if (!shared.share.is_used_up()) return {};
  const bool goes_on = use.kind == ShareUse::Kind::download && use.may_continue &&
                       KHOCHUNG_TRY(services.accounts.shares().has_begun(shared.share.id, use));
  if (!goes_on) return no_share();
  return {};
}

/// The answer, once its bytes are counted: those of a whole file or of its first range are a
/// download, further ranges go on with it.
Result<Response> counted(const Services& services, const Request& request, const Shared& shared,
                         Response response, ShareUse use) {
  const bool sends_bytes =
      request.method == http::Method::get && (response.status == 200 || response.status == 206);
  if (!sends_bytes) return response;
  if (use.kind == ShareUse::Kind::download) use.may_continue = response.status == 206;
  KHOCHUNG_CHECK(note_use(services, request, shared, use));
  return response;
}

/// What counts when a file goes out: its digest, for its name may name a person.
ShareUse use_of_file(const Request& request, const Material& material, const std::string& name) {
  const auto* found = api::find_original(material, name);
  if (found != nullptr) return use_of(request, ShareUse::Kind::download, found->sha256.hex());
  const bool is_of_the_page = name == "thumbnail.jpg";
  return use_of(request, is_of_the_page ? ShareUse::Kind::opening : ShareUse::Kind::download,
                is_of_the_page ? "page" : name);
}

Result<Response> kit_file(const Services& services, const Request& request, const Shared& shared,
                          const std::string& path) {
  const auto& files = shared.kit->kit->files;
  const auto found = std::ranges::find(files, path, &KitFile::path);
  if (found == files.end()) return fail(ErrorCode::not_found, "no such file in the kit");
  const auto use = use_of(request, ShareUse::Kind::download, found->sha256.hex());
  KHOCHUNG_CHECK(check_left(services, shared, use));
  auto blob = KHOCHUNG_TRY(services.checked_blobs.open(found->sha256, api::extent_of(request)));
  http::FileToSend file;
  file.content = http::whole(std::make_shared<const storage::BlobReader>(std::move(blob)));
  file.validators.etag = http::ETag{found->sha256.hex(), false};
  file.sha256 = found->sha256;
  file.media_type = found->media_type;
  file.name = path.substr(path.rfind('/') + 1);
  return counted(services, request, shared, http::file_answer(request, std::move(file)), use);
}

std::string_view state_of(const Share& share, Instant at) {
  if (share.revoked_at) return "revoked";
  if (share.terms.expires_at <= at) return "expired";
  return share.is_used_up() ? "used_up" : "open";
}

value instant_json(const std::optional<Instant>& instant) {
  return instant ? value(to_rfc3339(*instant)) : value(nullptr);
}

/// Whom a link needs to name: nobody, for what everybody may see.
Result<void> check_recipient(const Readable& readable, const ShareWish& wish) {
  if (!wish.recipient.empty() || may(access::Viewer::anonymous(), access::Action::read, readable))
    return {};
  return fail(ErrorCode::bad_input, "share_recipient", "not open to all, and nobody is named");
}

/// A press release or kit that goes to somebody outside is a statement, whoever else may see it;
/// one that was published as such was agreed to.
bool lacks_the_spokesperson(const access::Viewer& viewer, const Readable& readable) {
  auto material = readable.entry->material;
  if (material.state == State::published && access::is_statement(material)) return false;
  material.state = State::published;
  material.visibility = Visibility::public_;
  material.sensitivity = Sensitivity::open;
  if (!access::is_statement(material)) return false;
  const auto released = access::check_release(Material(), material, viewer, *readable.tree);
  return !released && released.error().reason == "needs_spokesperson";
}

}  // namespace

bool may_share(const access::Viewer& viewer, const Readable& readable) {
  const auto& standing = readable.standing;
  return !lacks_the_spokesperson(viewer, readable) &&
         standing.sensitivity != Sensitivity::quarantined && !is_taken_out(standing.state) &&
         may(viewer, access::Action::read, readable) &&
         may(viewer, access::Action::publish, readable);
}

Result<Readable> shareable(const Services& services, std::string_view id,
                           const access::Viewer& viewer) {
  auto readable = KHOCHUNG_TRY(api::find_readable(services, id, viewer));
  if (may(viewer, access::Action::publish, readable)) return readable;
  const bool is_nobody = viewer.kind == access::AccountKind::anonymous;
  return fail(is_nobody ? ErrorCode::unauthenticated : ErrorCode::forbidden,
              "may not share " + std::string(id));
}

Result<storage::NewShare> make_share(const Services& services, const Request& request,
                                     const access::Viewer& viewer, std::string_view material,
                                     const ShareWish& wish) {
  const auto readable = KHOCHUNG_TRY(shareable(services, material, viewer));
  if (!may_share(viewer, readable))
    return fail(ErrorCode::conflict, "share_taken_out", "taken out or in quarantine");
  KHOCHUNG_CHECK(check_recipient(readable, wish));
  const auto& entry = *readable.entry;
  if (entry.material.kit)
    KHOCHUNG_TRY(kit_version(services, readable, viewer, wish.kit_version));
  else if (wish.kit_version)
    return fail(ErrorCode::bad_input, "only a press kit has versions");
  const bool is_local = viewer.kind == access::AccountKind::local_administrator;
  const storage::ShareTerms terms{entry.material.id, wish.kit_version, is_local ? "" : viewer.name,
                                  wish.recipient,    wish.expires_at,  wish.download_limit};
  auto made = KHOCHUNG_TRY(services.accounts.shares().make(terms, wish.password));
  object detail{{"material", entry.material.id.text()},
                {"expires_at", to_rfc3339(wish.expires_at)}};
  const auto id = made.share.id;
  const auto noted =
      api::note_action(services, request, viewer, "share.make", id.text(), std::move(detail));
  if (noted) return made;
  // A link of which the chain does not tell must not be there.
  KHOCHUNG_CHECK(services.accounts.shares().revoke(id));
  return fail(noted.error());
}

Result<Share> share_for(const Services& services, std::string_view id,
                        const access::Viewer& viewer) {
  const auto share_id = storage::ShareId::parse(id);
  if (!share_id) return no_share();
  auto share = KHOCHUNG_TRY(services.accounts.shares().share(*share_id));
  if (viewer.kind == access::AccountKind::local_administrator) return share;
  if (!viewer.name.empty() && viewer.name == share.terms.maker) return share;
  const auto readable = api::find_readable(services, share.terms.material.text(), viewer);
  if (!readable || !may(viewer, access::Action::publish, *readable)) return no_share();
  return share;
}

Result<void> revoke_share(const Services& services, const Request& request,
                          const access::Viewer& viewer, std::string_view id) {
  const auto share = KHOCHUNG_TRY(share_for(services, id, viewer));
  KHOCHUNG_CHECK(services.accounts.shares().revoke(share.id));
  return api::note_action(services, request, viewer, "share.revoke", share.id.text(),
                          {{"material", share.terms.material.text()}});
}

std::string share_path(std::string_view token) {
  return "/s/" + std::string(token);
}

object share_json(const Share& share, Instant now) {
  const auto& terms = share.terms;
  return {{"id", share.id.text()},
          {"material", terms.material.text()},
          {"kit_version", terms.kit_version ? value(*terms.kit_version) : value(nullptr)},
          {"maker", terms.maker.empty() ? "local" : terms.maker},
          {"recipient", terms.recipient},
          {"made_at", to_rfc3339(share.made_at)},
          {"expires_at", to_rfc3339(terms.expires_at)},
          {"has_password", share.has_password},
          {"download_limit", terms.download_limit ? value(*terms.download_limit) : value(nullptr)},
          {"opened", share.opened},
          {"downloaded", share.downloaded},
          {"used_at", instant_json(share.used_at)},
          {"revoked_at", instant_json(share.revoked_at)},
          {"state", state_of(share, now)}};
}

Result<Shared> shared_by(const Services& services, std::string_view token) {
  const auto share = services.accounts.shares().find(token);
  if (!share) return fail(share.error());
  auto shared = opened(services, *share, token);
  if (!shared) return ended(shared.error());
  return shared;
}

Result<void> note_use(const Services& services, const Request& request, const Shared& shared,
                      const ShareUse& use) {
  const auto& share = shared.share;
  const bool is_new = KHOCHUNG_TRY(services.accounts.shares().count(share.id, use));
  if (!is_new) return {};
  const auto* action = use.kind == ShareUse::Kind::opening ? "share.open" : "share.download";
  return api::note_action(
      services, request, access::Viewer::anonymous(), action, share.id.text(),
      {{"material", share.terms.material.text()}, {"what", use.what}, {"client", request.client}});
}

Result<Response> shared_file(const Services& services, const Request& request, const Shared& shared,
                             const std::string& name) {
  if (shared.kit) return kit_file(services, request, shared, name);
  const auto use = use_of_file(request, shared.readable.entry->material, name);
  KHOCHUNG_CHECK(check_left(services, shared, use));
  KHOCHUNG_CHECK(api::demand_use(shared.readable, access::Viewer::anonymous()));
  auto response = KHOCHUNG_TRY(api::material_file(services, request, shared.readable, name));
  return counted(services, request, shared, std::move(response), use);
}

Result<Response> shared_kit(const Services& services, const Request& request,
                            const Shared& shared) {
  if (!shared.kit) return fail(ErrorCode::not_found, "it is no press kit");
  const auto number = std::to_string(shared.kit->kit->versions.back().number);
  const auto use = use_of(request, ShareUse::Kind::download, "kit v" + number);
  KHOCHUNG_CHECK(check_left(services, shared, use));
  auto file = KHOCHUNG_TRY(kit_zip_file(*shared.kit, services.checked_blobs));
  return counted(services, request, shared, http::file_answer(request, std::move(file)), use);
}

Result<Response> shared_picture(const Services& services, const Request& request,
                                const Shared& shared) {
  const auto use = use_of(request, ShareUse::Kind::opening, "page");
  KHOCHUNG_CHECK(check_left(services, shared, use));
  KHOCHUNG_CHECK(api::demand_use(shared.readable, access::Viewer::anonymous()));
  auto response = KHOCHUNG_TRY(api::page_picture_of(services, request, shared.readable));
  return counted(services, request, shared, std::move(response), use);
}

}  // namespace khochung::delivery
