#include "schemas/disposal.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "schemas/json_reader.hpp"

namespace khochung {
namespace {

constexpr std::array<std::string_view, 5> state_names{"draft", "appraised", "approved", "executed",
                                                      "cancelled"};

boost::json::array digests_json(const std::vector<Digest>& digests) {
  boost::json::array json;
  for (const auto& digest : digests) json.emplace_back(digest.hex());
  return json;
}

Result<std::vector<Digest>> digests_from(const std::vector<std::string>& texts) {
  std::vector<Digest> digests;
  for (const auto& text : texts) digests.push_back(KHOCHUNG_TRY(Digest::parse(text)));
  return digests;
}

boost::json::value item_json(const DisposalItem& item) {
  return boost::json::object{{"material", item.material.text()},
                             {"files", digests_json(item.files)},
                             {"kind", item.kind},
                             {"date", item.date},
                             {"term", item.term},
                             {"due", item.due},
                             {"basis", item.basis},
                             {"outcome", item.outcome}};
}

Result<DisposalItem> item_from(const boost::json::value& value) {
  const JsonReader read(value);
  return DisposalItem{KHOCHUNG_TRY(MaterialId::parse(read.string("material"))),
                      KHOCHUNG_TRY(digests_from(read.strings("files"))),
                      read.string("kind"),
                      read.string("date"),
                      read.string("term"),
                      read.string("due"),
                      read.string("basis"),
                      read.string("outcome")};
}

boost::json::value step_json(const DisposalStep& step) {
  boost::json::object json{{"state", to_text(step.state)},
                           {"at", to_rfc3339(step.at)},
                           {"by", step.by},
                           {"note", step.note},
                           {"document", nullptr}};
  if (!step.document) return json;
  json["document"] = step.document->text();
  json["document_files"] = digests_json(step.document_files);
  return json;
}

Result<DisposalStep> step_from(const boost::json::value& value) {
  const JsonReader read(value);
  DisposalStep step;
  step.state = KHOCHUNG_TRY(disposal_state_from(read.string("state")));
  step.at = KHOCHUNG_TRY(instant_from_rfc3339(read.string("at")));
  step.by = read.string("by");
  step.note = read.string("note");
  if (const auto document = read.string("document"); !document.empty())
    step.document = KHOCHUNG_TRY(MaterialId::parse(document));
  step.document_files = KHOCHUNG_TRY(digests_from(read.strings("document_files")));
  return step;
}

template <typename One>
Result<std::vector<One>> list_from(const boost::json::value* list,
                                   Result<One> (*read)(const boost::json::value&)) {
  if (list == nullptr || !list->is_array())
    return fail(ErrorCode::bad_input, "a disposal without its lists");
  std::vector<One> all;
  for (const auto& one : list->get_array()) all.push_back(KHOCHUNG_TRY(read(one)));
  return all;
}

}  // namespace

std::string_view to_text(DisposalState state) {
  return state_names.at(static_cast<std::size_t>(state));
}

Result<DisposalState> disposal_state_from(std::string_view text) {
  const auto* found = std::ranges::find(state_names, text);
  if (found == state_names.end())
    return fail(ErrorCode::bad_input, "no state of a disposal: " + std::string(text));
  return static_cast<DisposalState>(found - state_names.begin());
}

std::optional<DisposalState> next_of(DisposalState state) {
  if (state >= DisposalState::executed) return std::nullopt;
  return static_cast<DisposalState>(static_cast<int>(state) + 1);
}

boost::json::value to_json(const Disposal& disposal) {
  boost::json::array items;
  for (const auto& item : disposal.items) items.push_back(item_json(item));
  boost::json::array steps;
  for (const auto& step : disposal.steps) steps.push_back(step_json(step));
  return boost::json::object{{"id", disposal.id.text()},
                             {"state", to_text(disposal.state)},
                             {"items", std::move(items)},
                             {"steps", std::move(steps)}};
}

Result<Disposal> disposal_from_json(const boost::json::value& value) {
  const JsonReader read(value);
  Disposal disposal;
  disposal.id = KHOCHUNG_TRY(Uuid::parse(read.string("id")));
  disposal.state = KHOCHUNG_TRY(disposal_state_from(read.string("state")));
  disposal.items = KHOCHUNG_TRY(list_from(read.find("items"), item_from));
  disposal.steps = KHOCHUNG_TRY(list_from(read.find("steps"), step_from));
  return disposal;
}

Result<void> may_step(const Disposal& disposal, const DisposalStep& step) {
  const auto next = next_of(disposal.state);
  if (!next)
    return fail(ErrorCode::conflict, "it is over: " + std::string(to_text(disposal.state)));
  if (step.state == DisposalState::cancelled) return {};
  if (step.state != *next)
    return fail(ErrorCode::conflict, "the next step is " + std::string(to_text(*next)));
  if (!step.document)
    return fail(ErrorCode::bad_input, "document_missing", "a step stands on a document");
  const auto* appraised = find_step(disposal, DisposalState::appraised);
  if (step.state == DisposalState::approved && appraised != nullptr && appraised->by == step.by)
    return fail(ErrorCode::forbidden, "two_persons", "who appraised does not approve");
  return {};
}

const DisposalStep* find_step(const Disposal& disposal, DisposalState state) {
  const auto found = std::ranges::find(disposal.steps, state, &DisposalStep::state);
  return found == disposal.steps.end() ? nullptr : &*found;
}

bool covers(const Disposal& disposal, MaterialId material) {
  const auto is_it = [&](const DisposalItem& item) {
    return item.material == material && item.outcome == "destroyed";
  };
  return disposal.state == DisposalState::executed && std::ranges::any_of(disposal.items, is_it);
}

}  // namespace khochung
