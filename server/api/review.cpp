#include "server/api/review.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "server/api/followers.hpp"
#include "server/api/material_json.hpp"
#include "server/api/material_patch.hpp"
#include "server/api/work_news.hpp"

namespace khochung::api {
namespace {

using access::Step;
using boost::json::array;
using boost::json::object;

constexpr std::array<std::string_view, 5> said_at_publication{"visibility", "unit", "embargo_until",
                                                              "press_recipients", "sensitivity"};

/// Whether the step fits where the material stands; who may take it is another question.
bool is_at(Step step, State state) {
  switch (step) {
    case Step::submit: return state == State::draft;
    case Step::comment: return state < State::published;
    case Step::approve: return state == State::submitted;
    case Step::give_back: return state == State::submitted || state == State::approved;
    case Step::publish: return state == State::approved;
  }
  return false;
}

array steps_json(const Material& material, const UnitTree& tree, const access::Viewer& viewer) {
  array steps;
  for (const auto step :
       {Step::submit, Step::comment, Step::approve, Step::give_back, Step::publish}) {
    auto tried = material;
    const access::StepAsked asked{step, "?", std::nullopt, {}};
    if (is_at(step, material.state) && access::take_step(tried, asked, viewer, tree, now()))
      steps.emplace_back(to_text(step));
  }
  return steps;
}

/// The key of the reason that the revision's record gives.
std::string_view reason_key(Step step) {
  switch (step) {
    case Step::submit: return "review_submitted";
    case Step::comment: return "review_commented";
    case Step::approve: return "review_approved";
    case Step::give_back: return "review_returned";
    case Step::publish: return "review_published";
  }
  return "edited";
}

void keep_readable(const access::Viewer& viewer, const UnitTree& tree,
                   std::vector<storage::CatalogueEntry>& entries) {
  std::erase_if(entries, [&](const storage::CatalogueEntry& entry) {
    const auto standing = access::Standing::of(entry.material, tree);
    return !standing || !access::may(viewer, access::Action::read, *standing, tree, now());
  });
}

/// "1764000000000.<id>": a place in the list of what waits. Errors: bad_input.
Result<storage::Catalogue::ReviewPlace> place_from(const std::string& text) {
  if (text.empty()) return storage::Catalogue::ReviewPlace{};
  std::int64_t since = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, since);
  if (error != std::errc() || rest == end || *rest != '.')
    return fail(ErrorCode::bad_input, "after: no place of a list");
  const auto id = KHOCHUNG_TRY(MaterialId::parse(std::string(rest + 1, end)));
  return storage::Catalogue::ReviewPlace{Instant(std::chrono::milliseconds(since)), id.text()};
}

}  // namespace

object review_json(const Material& material, const UnitTree& tree, const access::Viewer& viewer,
                   Language language) {
  object json{{"steps", steps_json(material, tree, viewer)}};
  if (!material.review) return json;
  const auto& review = *material.review;
  auto heard = review;
  // How to reach a contributor is told to those who decide.
  if (!access::may_take(Step::approve, viewer, material, tree, now()))
    std::erase_if(heard.remarks, [](const Remark& remark) { return remark.step == "call"; });
  const auto said = to_json(heard);
  for (const auto* name : {"approvals", "remarks", "since", "submitted_by"})
    json[name] = said.at(name);
  const Unit* to = tree.find(review.to);
  json["to"] = to != nullptr ? boost::json::value(unit_json(*to, tree, language)) : nullptr;
  const auto awaits = access::awaited_for(material, tree);
  json["awaits"] = awaits ? boost::json::value(access::to_text(*awaits)) : nullptr;
  json["due"] = review.due.empty() ? boost::json::value(nullptr) : boost::json::value(review.due);
  json["is_overdue"] =
      !review.due.empty() && material.state != State::draft && review.due < to_text(day_of(now()));
  const auto missing = access::missing_of(material, tree);
  array lacks;
  if (missing.check) lacks.emplace_back("check");
  if (missing.second_person) lacks.emplace_back("second_person");
  if (missing.spokesperson) lacks.emplace_back("spokesperson");
  json["missing"] = std::move(lacks);
  return json;
}

Result<Material> take_step(const Services& services, const Readable& readable, const Deed& deed,
                           const access::StepAsked& asked, const object& published_as) {
  for (const auto& [name, _] : published_as) {
    if (asked.step != Step::publish ||
        std::ranges::count(said_at_publication, std::string_view(name)) == 0)
      return fail(ErrorCode::bad_input, "not said with this step: " + std::string(name));
  }
  const auto& tree = *readable.tree;
  const auto edit = [&](Material& material) -> Result<void> {
    if (!published_as.empty()) {
      if (!access::may_take(asked.step, deed.viewer, material, tree, now()))
        return fail(ErrorCode::forbidden, "may not publish it");
      KHOCHUNG_CHECK(
          change_by_patch(material, published_as, {deed.viewer, tree, &services.vocabularies}));
    }
    return access::take_step(material, asked, deed.viewer, tree, now());
  };
  auto change = deed.change;
  change.why = pipeline::reason_of(reason_key(asked.step));
  const auto expected =
      asked.step == Step::comment ? std::nullopt : std::optional<int>(deed.expected);
  auto changed =
      KHOCHUNG_TRY(services.materials.revise(readable.entry->material.id, expected, change, edit));
  services.index_bell.ring();
  tell_followers(services, changed);
  tell_contributor(services, changed, asked.step, deed.viewer);
  return changed;
}

bool decides_at(const access::Viewer& viewer, const Unit& unit, const UnitTree& tree) {
  if (viewer.kind == access::AccountKind::local_administrator) return true;
  const auto role = access::role_at(viewer, unit.number, tree);
  return role && *role >= access::Role::editor;
}

Result<OnTheirWay> waiting_at(const Services& services, const access::Viewer& viewer,
                              const Unit& unit, const std::string& after, int limit) {
  const auto tree = services.units.tree();
  if (!decides_at(viewer, unit, *tree))
    return fail(ErrorCode::forbidden, "decides nothing at " + unit.code);
  const auto place = KHOCHUNG_TRY(place_from(after));
  OnTheirWay list{KHOCHUNG_TRY(services.catalogue.in_review(unit.id, place, limit)), {}};
  if (list.entries.size() == static_cast<std::size_t>(limit)) {
    const auto& last = list.entries.back().material;
    list.next =
        std::to_string(last.review->since.time_since_epoch().count()) + "." + last.id.text();
  }
  keep_readable(viewer, *tree, list.entries);
  return list;
}

Result<OnTheirWay> contributed_by(const Services& services, const access::Viewer& viewer,
                                  const std::string& before, int limit) {
  std::optional<MaterialId> place;
  if (!before.empty()) place = KHOCHUNG_TRY(MaterialId::parse(before));
  if (viewer.name.empty()) return OnTheirWay{};
  OnTheirWay list{KHOCHUNG_TRY(services.catalogue.unpublished_of(viewer.name, place, limit)), {}};
  if (list.entries.size() == static_cast<std::size_t>(limit))
    list.next = list.entries.back().material.id.text();
  keep_readable(viewer, *services.units.tree(), list.entries);
  return list;
}

std::vector<const Unit*> units_decided_by(const access::Viewer& viewer, const UnitTree& tree) {
  std::vector<const Unit*> units;
  if (viewer.kind == access::AccountKind::local_administrator && tree.root() != nullptr)
    units.push_back(tree.root());
  for (const auto& grant : viewer.grants) {
    const Unit* unit = tree.find(grant.unit);
    if (grant.role >= access::Role::editor && unit != nullptr &&
        std::ranges::count(units, unit) == 0)
      units.push_back(unit);
  }
  return units;
}

}  // namespace khochung::api
