#include "server/delivery/work_feed_routes.hpp"

#include <ranges>

#include "schemas/base64.hpp"
#include "server/api/readable.hpp"
#include "server/api/work_news.hpp"
#include "server/delivery/atom.hpp"
#include "server/delivery/text_answer.hpp"
#include "server/http/problem.hpp"

namespace khochung::delivery {
namespace {

using api::Services;
using http::Request;
using http::Response;

constexpr std::string_view basic = "Basic ";

/// The request as if the token that is its password were a bearer's. Only here: what a browser
/// sends by itself must change nothing. Source: RFC 7617.
Request with_token_as_bearer(const Request& request) {
  auto asked = request;
  const auto authorization = request.fields.get("authorization");
  if (!authorization.starts_with(basic)) return asked;
  const auto given = from_base64(authorization.substr(basic.size()));
  const std::string text = given ? std::string(given->begin(), given->end()) : std::string();
  const auto colon = text.find(':');
  asked.fields.set("Authorization",
                   "Bearer " + (colon == text.npos ? std::string() : text.substr(colon + 1)));
  return asked;
}

/// Feed readers ask their person when they are told how.
Response ask_for_token(const Request& request, const Error& error) {
  auto response = http::problem(request, error);
  response.fields.set("WWW-Authenticate", "Basic realm=\"Kho Chung\", charset=\"UTF-8\"");
  return response;
}

AtomEntry entry_of(const api::WorkLine& line, const std::string& origin, Language language) {
  const bool in_english = language == Language::english;
  AtomEntry entry;
  // What comes back waits anew.
  entry.id = named_urn("work " + line.id.text() + " " + to_rfc3339(line.since));
  entry.title = line.title;
  entry.updated = line.since;
  entry.author = in_english && !line.unit_en.empty() ? line.unit_en : line.unit_vi;
  entry.summary = in_english ? "Waits for your word" : "Chờ ý kiến của anh chị";
  if (!line.due.empty()) entry.summary += (in_english ? "; due " : "; hạn ") + line.due;
  entry.links.push_back({"alternate", origin + "/m/" + line.id.text() + "/review", "text/html"});
  return entry;
}

Result<Response> work_feed(const Services& services, const api::Site& site,
                           const Request& request) {
  const auto identity = services.doorkeeper.identify(with_token_as_bearer(request));
  if (!identity && identity.error().code == ErrorCode::unauthenticated)
    return ask_for_token(request, identity.error());
  const auto& viewer = KHOCHUNG_TRY(identity).viewer;
  if (viewer.kind == access::AccountKind::anonymous)
    return ask_for_token(request, {ErrorCode::unauthenticated, "nobody is signed in"});
  const auto language = api::language_of(request);
  const auto origin = api::origin_of(request, site);
  AtomFeed feed;
  feed.id = named_urn("work of " + viewer.name);
  feed.title = (language == Language::english ? "Waits for you – " : "Chờ anh chị – ") + site.name;
  feed.author = site.name;
  feed.language = language == Language::english ? "en" : "vi";
  feed.links.push_back({"self", origin + "/review.atom", "application/atom+xml"});
  feed.links.push_back({"alternate", origin + "/review", "text/html"});
  const auto work = KHOCHUNG_TRY(api::work_of(services, viewer));
  for (const auto& line : std::views::reverse(work))
    feed.entries.push_back(entry_of(line, origin, language));
  return text_answer(request, {"application/atom+xml; charset=utf-8", to_xml(feed)});
}

}  // namespace

void add_work_feed_routes(http::Router& router, const Services& services, const api::Site& site) {
  const auto answer = [&services, &site](const Request& request) {
    return work_feed(services, site, request);
  };
  router.add({http::Method::get, "/review.atom", http::BodyKind::none, answer, {}, 0});
}

}  // namespace khochung::delivery
