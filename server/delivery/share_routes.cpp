#include "server/delivery/share_routes.hpp"

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/api/route_adder.hpp"
#include "server/delivery/qr_code.hpp"
#include "server/delivery/shares.hpp"
#include "server/delivery/text_answer.hpp"
#include "server/http/content_disposition.hpp"

namespace khochung::delivery {
namespace {

using api::Services;
using api::Site;
using boost::json::object;
using http::Request;
using http::Response;

Response share_answer(int status, const object& json) {
  auto response = Response::json(status, boost::json::serialize(json));
  response.fields.set("Cache-Control", "no-store");
  return response;
}

/// A whole number of the body, or nothing where it has none.
Result<std::optional<std::int64_t>> number_in(const object& body, std::string_view name) {
  const auto* given = body.if_contains(name);
  if (given == nullptr || given->is_null()) return std::nullopt;
  if (!given->is_int64()) return fail(ErrorCode::bad_input, std::string(name) + ": no number");
  return given->get_int64();
}

Result<ShareWish> wish_of(const Request& request) {
  boost::json::error_code error;
  const auto body = boost::json::parse(request.body, error);
  if (error || !body.is_object()) return fail(ErrorCode::bad_input, "the body is a JSON object");
  const JsonReader read(body);
  ShareWish wish;
  wish.recipient = read.string("recipient");
  wish.password = read.string("password");
  const auto expires_at = instant_from_rfc3339(read.string("expires_at"));
  if (!expires_at) return fail(ErrorCode::bad_input, "share_expiry", "expires_at: no instant");
  wish.expires_at = *expires_at;
  wish.download_limit = KHOCHUNG_TRY(number_in(body.get_object(), "download_limit"));
  if (const auto version = KHOCHUNG_TRY(number_in(body.get_object(), "kit_version")))
    wish.kit_version = static_cast<int>(*version);
  return wish;
}

Result<Response> make(const Services& services, const Site& site, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  const auto& material = request.parameter("id");
  KHOCHUNG_TRY(shareable(services, material, viewer));
  const auto wish = KHOCHUNG_TRY(wish_of(request));
  const auto made = KHOCHUNG_TRY(make_share(services, request, viewer, material, wish));
  auto json = share_json(made.share, now());
  json["url"] = api::origin_of(request, site) + share_path(made.token);
  auto response = share_answer(201, json);
  response.fields.set("Location", "/api/v1/shares/" + made.share.id.text());
  return response;
}

Result<Response> list(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  const auto readable = KHOCHUNG_TRY(shareable(services, request.parameter("id"), viewer));
  boost::json::array shares;
  for (const auto& share :
       KHOCHUNG_TRY(services.accounts.shares().shares_of(readable.entry->material.id))) {
    shares.push_back(share_json(share, now()));
  }
  return share_answer(200, {{"shares", std::move(shares)}});
}

Result<Response> show(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify(request)).viewer;
  const auto share = KHOCHUNG_TRY(share_for(services, request.parameter("id"), viewer));
  return share_answer(200, share_json(share, now()));
}

Result<Response> revoke(const Services& services, const Request& request) {
  const auto viewer = KHOCHUNG_TRY(services.doorkeeper.identify_for_change(request)).viewer;
  KHOCHUNG_CHECK(revoke_share(services, request, viewer, request.parameter("id")));
  return Response{204, {}, {}};
}

/// A material that everybody may see, and where.
struct Noticed {
  Material material;
  std::string address;
  std::string unit;
};

Result<Noticed> noticed(const Services& services, const Site& site, const Request& request) {
  const auto readable = KHOCHUNG_TRY(
      api::find_readable(services, request.parameter("id"), access::Viewer::anonymous()));
  const auto& material = readable.entry->material;
  const auto* unit = readable.tree->find(material.unit);
  return Noticed{
      material,
      api::origin_of(request, site) + (material.kit ? "/kit/" : "/m/") + material.id.text(),
      unit == nullptr ? std::string() : unit->name_vi};
}

Response code_answer(const Request& request, const Noticed& noticed, TextToSend code,
                     const std::string& ending) {
  auto response = text_answer(request, std::move(code));
  response.fields.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.fields.set("Content-Disposition",
                      http::content_disposition(http::Disposition::in_page,
                                                "QR " + noticed.material.title + ending));
  return response;
}

Result<Response> drawn_code(const Services& services, const Site& site, const Request& request) {
  const auto of = KHOCHUNG_TRY(noticed(services, site, request));
  auto drawing = KHOCHUNG_TRY(qr_code(of.address, {of.material.title, of.unit}));
  return code_answer(request, of, {"image/svg+xml", std::move(drawing)}, ".svg");
}

Result<Response> painted_code(const Services& services, const Site& site, const Request& request) {
  const auto of = KHOCHUNG_TRY(noticed(services, site, request));
  auto picture = KHOCHUNG_TRY(qr_code_png(of.address));
  return code_answer(request, of, {"image/png", std::move(picture)}, ".png");
}

}  // namespace

void add_share_routes(http::Router& router, const Services& services, const Site& site) {
  using enum http::Method;
  using enum http::BodyKind;
  const api::RouteAdder add(router, services);
  const auto with_site = [&site](auto handler) {
    return [&site, handler](const Services& with, const Request& request) {
      return handler(with, site, request);
    };
  };
  add(post, "/api/v1/materials/{id}/shares", small, with_site(make));
  add(get, "/api/v1/materials/{id}/shares", none, list);
  add(get, "/api/v1/shares/{id}", none, show);
  add(http::Method::delete_, "/api/v1/shares/{id}", none, revoke);
  add(get, "/m/{id}/qr.svg", none, with_site(drawn_code));
  add(get, "/m/{id}/qr.png", none, with_site(painted_code));
}

}  // namespace khochung::delivery
