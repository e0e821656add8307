#include "server/pages/share_site.hpp"

#include <boost/json.hpp>
#include <charconv>

#include "server/api/material_json.hpp"
#include "server/api/use_rights.hpp"
#include "server/delivery/qr_code.hpp"
#include "server/delivery/shares.hpp"
#include "server/http/cookies.hpp"
#include "server/http/encoding.hpp"
#include "server/http/form.hpp"
#include "server/http/problem.hpp"
#include "server/pages/open_page.hpp"
#include "server/pages/share_page.hpp"
#include "server/pages/texts.hpp"

namespace khochung::pages {
namespace {

using api::Services;
using boost::json::array;
using boost::json::object;
using boost::json::value;
using delivery::Shared;
using http::Method;
using http::Request;
using http::Response;
using storage::ShareUse;

constexpr std::string_view key_cookie = "share_key";
constexpr std::string_view usual_days = "14";

/// What every handler beneath /s/ gets: the visitor's account, if there is one, plays no part.
struct Opening {
  const Services& services;
  const Site& site;
  const Request& request;
  Language language;
};

PageContext strangers_context(const Opening& opening) {
  return context_of(opening.request, opening.site, {}, opening.language);
}

// -- what a holder sees

std::string encoded_path(const std::string& path) {
  std::string encoded;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    if (begin > 0) encoded += '/';
    encoded += http::percent_encode(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return encoded;
}

array kit_files_json(const Kit& kit, const std::string& folder) {
  array files;
  for (const auto& file : kit.files) {
    files.push_back(object{{"name", file.path},
                           {"role", "original"},
                           {"size_bytes", file.size_bytes},
                           {"media_type", file.media_type},
                           {"url", folder + "/files/" + encoded_path(file.path)}});
  }
  return files;
}

Result<void> add_kit(object& json, const Kit& kit, const std::string& folder) {
  const auto layout = KHOCHUNG_TRY(kits::layout_of(kit));
  const auto content = to_json(kit.shown());
  for (const auto* name : {"release", "quotes", "contact"}) json[name] = content.at(name);
  json["files"] = kit_files_json(kit, folder);
  json["zip"] = object{{"url", folder + "/kit.zip"},
                       {"size_bytes", layout.size_bytes()},
                       {"files", kit.files.size()}};
  return {};
}

/// The material as an anonymous viewer would get it, its files beneath the link's own address.
Result<value> shared_json(const Opening& opening, const Shared& shared) {
  const auto folder = delivery::share_path(shared.token);
  const auto& [entry, standing, tree] = shared.readable;
  auto json =
      api::material_json(*entry, *tree, opening.services.derivatives, access::Viewer::anonymous());
  if (const Unit* unit = tree->find(entry->material.unit))
    json["unit"] = api::unit_json(*unit, *tree, opening.language);
  for (auto& file : json["files"].as_array()) {
    const std::string name(file.at("name").as_string());
    file.as_object()["url"] = folder + "/files/" + http::percent_encode(name);
  }
  if (shared.kit) KHOCHUNG_CHECK(add_kit(json, *shared.kit->kit, folder));
  return value(std::move(json));
}

Result<bool> is_unlocked(const Opening& opening, const Shared& shared) {
  if (!shared.share.has_password) return true;
  return opening.services.accounts.shares().is_open_with(shared.token,
                                                         http::cookie(opening.request, key_cookie));
}

Result<Response> password_form(const Opening& opening, int status, std::string_view error) {
  return page(status, share_password_page(strangers_context(opening), opening.request.path, error));
}

/// Turning pages belongs to one opening; the first look is one of its own.
Result<void> note_opening(const Opening& opening, const Shared& shared) {
  if (opening.request.method != Method::get) return {};
  const ShareUse use{ShareUse::Kind::opening, "page", access::network_of(opening.request.client),
                     !opening.request.query_value("page").empty()};
  return delivery::note_use(opening.services, opening.request, shared, use);
}

Result<Response> open(const Opening& opening) {
  const auto shared =
      KHOCHUNG_TRY(delivery::shared_by(opening.services, opening.request.parameter("token")));
  if (shared.share.is_used_up()) return fail(ErrorCode::not_found, "the share is used up");
  if (!KHOCHUNG_TRY(is_unlocked(opening, shared))) return password_form(opening, 200, "");
  const auto json = KHOCHUNG_TRY(shared_json(opening, shared));
  const auto& terms = shared.share.terms;
  ShareView view{delivery::share_path(shared.token),
                 terms.recipient,
                 to_rfc3339(terms.expires_at),
                 std::nullopt,
                 {}};
  if (terms.download_limit) view.downloads_left = *terms.download_limit - shared.share.downloaded;
  view.material.now = now();
  view.material.page = page_number(opening.request.query_value("page"));
  if (api::use_refusal(shared.readable, access::Viewer::anonymous()).empty())
    open_page(opening.services.derivatives, shared.readable.entry->material, view.material);
  KHOCHUNG_CHECK(note_opening(opening, shared));
  return page(200, share_page(strangers_context(opening), json, view));
}

Result<Response> unlock(const Opening& opening) {
  const auto& request = opening.request;
  const auto& token = request.parameter("token");
  const auto shared = KHOCHUNG_TRY(delivery::shared_by(opening.services, token));
  if (shared.share.is_used_up()) return fail(ErrorCode::not_found, "the share is used up");
  const auto path = delivery::share_path(shared.token);
  if (!shared.share.has_password) return Response::redirect(path);
  const auto form = KHOCHUNG_TRY(http::form_values(request));
  const auto key = opening.services.accounts.shares().unlock(token, form_value(form, "password"),
                                                             access::network_of(request.client));
  if (!key) {
    const bool is_wrong = key.error().reason == "wrong_password";
    const auto said = is_wrong ? text(opening.language, "share.password.wrong")
                               : sentence_for(key.error(), opening.language);
    return password_form(opening, http::status_of(key.error()), said);
  }
  auto response = Response::redirect(path);
  const http::Cookie cookie{std::string(key_cookie), *key, storage::ShareStore::key_lives,
                            request.is_over_tls, path};
  response.fields.add("Set-Cookie", http::to_field(cookie));
  return response;
}

/// What is taken by a link: the password is asked for by its page.
template <typename Give>
Result<Response> take(const Opening& opening, Give give) {
  const auto& token = opening.request.parameter("token");
  const auto shared = KHOCHUNG_TRY(delivery::shared_by(opening.services, token));
  if (!KHOCHUNG_TRY(is_unlocked(opening, shared)))
    return Response::redirect(delivery::share_path(shared.token));
  return give(shared);
}

Result<Response> take_file(const Opening& opening) {
  return take(opening, [&](const Shared& shared) {
    return delivery::shared_file(opening.services, opening.request, shared,
                                 opening.request.parameter("name"));
  });
}

Result<Response> take_kit(const Opening& opening) {
  return take(opening, [&](const Shared& shared) {
    return delivery::shared_kit(opening.services, opening.request, shared);
  });
}

Result<Response> take_picture(const Opening& opening) {
  return take(opening, [&](const Shared& shared) {
    return delivery::shared_picture(opening.services, opening.request, shared);
  });
}

using ShareHandler = Result<Response> (*)(const Opening&);

// -- where links are made

object shares_json(const std::vector<storage::Share>& shares) {
  array list;
  for (const auto& share : shares) list.push_back(delivery::share_json(share, now()));
  return {{"shares", std::move(list)}};
}

Result<SharesView> view_of(const Visit& visit, const api::Readable& readable) {
  const auto& material = readable.entry->material;
  SharesView view;
  view.id = material.id.text();
  view.title = material.title;
  view.shares = shares_json(KHOCHUNG_TRY(visit.services.accounts.shares().shares_of(material.id)));
  view.may_share = delivery::may_share(visit.identity.viewer, readable);
  view.needs_recipient = !access::may(access::Viewer::anonymous(), access::Action::read,
                                      readable.standing, *readable.tree, now());
  view.is_revoked = visit.request.query_value("done") == "revoked";
  view.days = usual_days;
  return view;
}

Result<api::Readable> shareable(const Visit& visit) {
  return delivery::shareable(visit.services, visit.request.parameter("id"), visit.identity.viewer);
}

Response shares_answer(const Visit& visit, int status, const SharesView& view) {
  auto response = page(status, shares_page(context_of(visit), view));
  response.fields.set("Cache-Control", "private, no-store");
  return response;
}

Result<Response> shares(const Visit& visit) {
  const auto readable = KHOCHUNG_TRY(shareable(visit));
  return shares_answer(visit, 200, KHOCHUNG_TRY(view_of(visit, readable)));
}

std::optional<std::int64_t> number_from(const std::string& text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || stopped != end) return std::nullopt;
  return number;
}

Result<delivery::ShareWish> wish_of(const Form& form) {
  const auto bad_number = [] { return fail(ErrorCode::bad_input, "no whole number"); };
  delivery::ShareWish wish;
  wish.recipient = form_value(form, "recipient");
  wish.password = form_value(form, "password");
  const auto days = number_from(form_value(form, "days"));
  if (!days) return bad_number();
  if (*days < 1 || *days > storage::ShareStore::longest_life.count())
    return fail(ErrorCode::bad_input, "share_expiry", "no such number of days");
  wish.expires_at = now() + std::chrono::days(*days);
  const auto limit = form_value(form, "limit");
  wish.download_limit = number_from(limit);
  if (!limit.empty() && !wish.download_limit) return bad_number();
  return wish;
}

Result<MadeShare> made_by(const Visit& visit, const Form& form) {
  const auto wish = KHOCHUNG_TRY(wish_of(form));
  const auto made = KHOCHUNG_TRY(delivery::make_share(
      visit.services, visit.request, visit.identity.viewer, visit.request.parameter("id"), wish));
  const auto url = api::origin_of(visit.request, visit.site) + delivery::share_path(made.token);
  return MadeShare{url, wish.recipient, to_rfc3339(wish.expires_at),
                   KHOCHUNG_TRY(delivery::qr_code(url))};
}

Result<Response> make(const Visit& visit) {
  const auto form = KHOCHUNG_TRY(form_for_change(visit));
  const auto readable = KHOCHUNG_TRY(shareable(visit));
  const auto made = made_by(visit, form);
  auto view = KHOCHUNG_TRY(view_of(visit, readable));
  if (made) {
    view.made = *made;
    return shares_answer(visit, 201, view);
  }
  const auto& error = made.error();
  if (error.code != ErrorCode::bad_input && error.code != ErrorCode::conflict) return fail(error);
  view.recipient = form_value(form, "recipient");
  view.days = form_value(form, "days");
  view.limit = form_value(form, "limit");
  view.error = error.reason.empty() ? text(visit.language, "shares.bad_number")
                                    : sentence_for(error, visit.language);
  return shares_answer(visit, http::status_of(error), view);
}

Result<Response> revoke(const Visit& visit) {
  KHOCHUNG_CHECK(form_for_change(visit));
  KHOCHUNG_CHECK(delivery::revoke_share(visit.services, visit.request, visit.identity.viewer,
                                        visit.request.parameter("share")));
  return Response::redirect("/m/" + visit.request.parameter("id") + "/shares?done=revoked");
}

}  // namespace

void add_share_pages(http::Router& router, const Services& services, const Site& site) {
  using http::BodyKind;
  const auto add = [&](Method method, const char* rest, ShareHandler handler,
                       http::Load load = http::Load::by_method) {
    const auto answer = [&services, &site, handler](const Request& request) -> Result<Response> {
      const auto language = api::language_of(request);
      return discreetly(request, site, handler({services, site, request, language}));
    };
    const auto body = method == Method::get ? BodyKind::none : BodyKind::small;
    router.add({method, std::string("/s/{token}") + rest, body, answer, {}, 0, {}, load});
  };
  add(Method::get, "", open);
  add(Method::post, "", unlock);
  add(Method::get, "/files/{name...}", take_file);
  add(Method::get, "/kit.zip", take_kit, http::Load::bulk);
  add(Method::get, "/pages/{n}/image", take_picture, http::Load::picture);
  add_page(router, services, site, {Method::get, "/m/{id}/shares", shares});
  add_page(router, services, site, {Method::post, "/m/{id}/shares", make});
  add_page(router, services, site, {Method::post, "/m/{id}/shares/{share}/revoke", revoke});
}

}  // namespace khochung::pages
