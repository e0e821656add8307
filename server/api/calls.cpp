#include "server/api/calls.hpp"

#include <spdlog/spdlog.h>
#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "schemas/access/review.hpp"
#include "schemas/utf8.hpp"
#include "server/api/blob_part.hpp"
#include "server/api/material_json.hpp"
#include "server/api/review.hpp"

namespace khochung::api {
namespace {

using boost::json::object;

/// What a call may say of the materials that come of it. Who may see them is decided in review.
constexpr std::array<std::string_view, 11> fields_of_presets{
    "kind", "theme",         "language", "terms",   "credit", "description",
    "date", "licence_until", "audience", "channel", "format"};

constexpr std::size_t longest_said = 200;
constexpr std::size_t longest_note = 1'500;

std::string at_most(const std::string& text, std::size_t bytes) {
  return is_utf8(text) ? std::string(first_bytes(text, bytes)) : std::string();
}

/// A contribution is taken in as by a contributor of the unit who has no name.
access::Viewer nobody_at(UnitNumber unit) {
  return {access::AccountKind::union_person, {}, {{access::Role::contributor, unit}}};
}

Result<void> check_preset(const Services& services,
                          const std::map<std::string, std::string>& preset) {
  Material tried;
  for (const auto& [name, value] : preset) {
    if (std::ranges::count(fields_of_presets, name) == 0)
      return fail(ErrorCode::bad_input, "a call does not set " + name);
    KHOCHUNG_CHECK(set_field(tried, name, value));
  }
  return services.vocabularies.check(Material(), tried);
}

}  // namespace

Result<storage::Call> make_call(const Services& services, const access::Viewer& viewer,
                                const storage::CallTerms& terms) {
  const auto tree = services.units.tree();
  const Unit* unit = tree->find(terms.unit);
  if (unit == nullptr) return fail(ErrorCode::bad_input, "unknown_unit", "no such unit");
  if (!decides_at(viewer, *unit, *tree))
    return fail(ErrorCode::forbidden, "decides nothing at " + unit->code);
  KHOCHUNG_CHECK(check_preset(services, terms.preset));
  return services.accounts.calls().make(terms);
}

Result<void> close_call(const Services& services, const access::Viewer& viewer,
                        storage::CallId id) {
  const auto call = KHOCHUNG_TRY(services.accounts.calls().find(id));
  const auto tree = services.units.tree();
  const Unit* unit = tree->find(call.terms.unit);
  if (unit == nullptr || !decides_at(viewer, *unit, *tree))
    return fail(ErrorCode::forbidden, "decides nothing at the call's unit");
  return services.accounts.calls().close(id);
}

object call_json(const storage::Call& call, const UnitTree& tree, Language language,
                 bool is_for_editors) {
  const auto& terms = call.terms;
  const Unit* unit = tree.find(terms.unit);
  object json{{"id", call.id.text()},
              {"title", terms.title},
              {"text", terms.text},
              {"ends_at", to_rfc3339(terms.ends_at)},
              {"is_listed", terms.is_listed}};
  json["unit"] = unit != nullptr ? boost::json::value(unit_json(*unit, tree, language)) : nullptr;
  if (!is_for_editors) return json;
  object preset;
  for (const auto& [name, value] : terms.preset) preset[name] = value;
  json["preset"] = std::move(preset);
  json["limit"] = terms.limit;
  json["received"] = call.received;
  json["made_at"] = to_rfc3339(call.made_at);
  return json;
}

Result<std::unique_ptr<http::BodySink>> ContributionSink::begin(const Services& services,
                                                                const http::Request& request,
                                                                Answer answer) {
  KHOCHUNG_CHECK(access::refuse_other_sites(request));
  const auto id = storage::CallId::parse(request.parameter("call"));
  if (!id) return fail(ErrorCode::not_found, "call_over", "no such call");
  auto call = KHOCHUNG_TRY(services.accounts.calls().find(*id));
  std::unique_ptr<ContributionSink> sink(
      new ContributionSink(services, request, std::move(call), std::move(answer)));
  auto reader = KHOCHUNG_TRY(
      http::MultipartReader::begin(request.fields.get("content-type"), sink->events()));
  sink->reader_ = std::make_unique<http::MultipartReader>(std::move(reader));
  return sink;
}

http::FormEvents ContributionSink::events() {
  http::FormEvents events;
  events.on_field = [this](const std::string& name, const std::string& value) -> Result<void> {
    if (name == "name") contributor_.name = at_most(value, longest_said);
    if (name == "contact") contributor_.contact = at_most(value, longest_said);
    if (name == "note") contributor_.note = at_most(value, longest_note);
    if (name == "agrees") contributor_.agrees = value == "1";
    if (name == "has_consent") contributor_.has_consent = value == "1";
    return {};
  };
  events.on_file = [this](const std::string&, const std::string& file_name,
                          const std::string&) -> Result<std::unique_ptr<http::PartSink>> {
    // What was not agreed to is not even written.
    if (file_name.empty() || !contributor_.agrees) return std::unique_ptr<http::PartSink>();
    if (files_.size() == most_files) return fail(ErrorCode::too_large, "too many files");
    auto writer = KHOCHUNG_TRY(services_.blobs.begin());
    return std::make_unique<BlobPart>(files_, file_name, std::move(writer));
  };
  return events;
}

Result<void> ContributionSink::write(std::span<const std::byte> bytes) {
  bytes_ += bytes.size();
  if (bytes_ > most_bytes) return fail(ErrorCode::too_large, "the contribution is too large");
  return reader_->write(bytes);
}

Result<http::Response> ContributionSink::finish() {
  KHOCHUNG_CHECK(reader_->finish());
  auto kept = keep();
  if (kept) {
    services_.index_bell.ring();
    services_.jobs.ring();
  }
  return answer_(request_, call_, contributor_, std::move(kept));
}

/// One file that cannot be read stops no other.
Result<std::size_t> ContributionSink::keep() {
  if (!contributor_.agrees) return fail(ErrorCode::bad_input, "call_agreement", "not agreed");
  if (files_.empty()) return fail(ErrorCode::bad_input, "call_no_file", "no file");
  KHOCHUNG_CHECK(services_.accounts.calls().count(call_.id));
  std::size_t kept = 0;
  Error why;
  for (auto& file : files_) {
    const auto taken = take(std::move(file));
    if (!taken) {
      why = taken.error();
      continue;
    }
    ++kept;
    // What the unit has already is left as it is; the sender is told nothing else.
    if (taken->state == storage::ItemState::duplicate) continue;
    if (const auto added = add_message(taken->material); !added)
      spdlog::error("a contribution is here without its message: {}", added.error().message);
  }
  if (kept == 0) return fail(why);
  return kept;
}

Result<pipeline::Accepted> ContributionSink::take(pipeline::SubmittedFile file) const {
  const auto tree = services_.units.tree();
  const Unit* unit = tree->find(call_.terms.unit);
  if (unit == nullptr) return fail(ErrorCode::not_found, "call_over", "its unit is gone");
  pipeline::Submission submission;
  submission.files.push_back(std::move(file));
  submission.fields = call_.terms.preset;
  submission.fields["title"] = call_.terms.title;
  if (!contributor_.name.empty()) submission.fields["credit"] = contributor_.name;
  if (contributor_.has_consent) submission.fields["consent"] = "given";
  submission.fields["unit"] = unit->code;
  submission.fields["visibility"] = "unit";
  submission.fields["state"] = "submitted";
  submission.viewer = nobody_at(unit->number);
  submission.from = "web";
  return services_.intake.take(std::move(submission));
}

Result<void> ContributionSink::add_message(const Material& material) const {
  std::string text = contributor_.name;
  for (const auto& part : {contributor_.contact, contributor_.note}) {
    if (!part.empty()) text += (text.empty() ? "" : "\n") + part;
  }
  if (text.empty()) return {};
  const auto edit = [&](Material& newest) -> Result<void> {
    if (newest.review && newest.review->remarks.size() < Review::most_remarks)
      newest.review->remarks.push_back({{}, now(), "call", text});
    return {};
  };
  KHOCHUNG_CHECK(services_.materials.revise(
      material.id, std::nullopt, {{}, "web", pipeline::reason_of("sent_by_call")}, edit));
  return {};
}

}  // namespace khochung::api
