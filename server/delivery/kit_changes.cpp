#include "server/delivery/kit_changes.hpp"

#include <boost/json.hpp>

#include "schemas/access/review.hpp"
#include "server/api/followers.hpp"
#include "server/api/material_patch.hpp"

namespace khochung::delivery {
namespace {

using api::Services;
using boost::json::object;

Result<void> check_bounds(const KitContent& content) {
  const auto is_long = [](const std::string& text) {
    return text.size() > Kit::longest_text_bytes;
  };
  bool is_large = content.items.size() > Kit::most_items ||
                  content.quotes.size() > Kit::most_quotes || is_long(content.release) ||
                  is_long(content.contact);
  for (const auto& quote : content.quotes) is_large = is_large || is_long(quote.text);
  for (const auto& item : content.items) is_large = is_large || is_long(item.caption);
  if (is_large) return fail(ErrorCode::too_large, "more than a press kit can hold");
  return {};
}

/// Takes the members of a kit out of `body` into the draft; the rest is the material's.
Result<void> take_content(object& body, KitContent& draft) {
  auto changed = to_json(draft);
  for (const auto* name : {"release", "quotes", "contact", "items"}) {
    const auto* given = body.if_contains(name);
    if (given == nullptr) continue;
    if (given->kind() != changed.at(name).kind())
      return fail(ErrorCode::bad_input, std::string(name) + ": of another type");
    changed[name] = *given;
    body.erase(name);
  }
  draft = KHOCHUNG_TRY(kit_content_from_json(changed));
  return check_bounds(draft);
}

pipeline::Change change_for(pipeline::Change change, std::string_view key) {
  change.why = pipeline::reason_of(key);
  return change;
}

}  // namespace

Result<Material> begin_kit(const Services& services, const access::Viewer& viewer,
                           const pipeline::Change& change, object body) {
  const auto tree = services.units.tree();
  const auto* root = tree->root();
  if (root == nullptr) return fail(ErrorCode::bad_input, "unknown_unit", "there is no unit yet");
  Material material;
  material.kit.emplace();
  KHOCHUNG_CHECK(take_content(body, material.kit->draft));
  material.unit = root->id;
  material.kind = kit_kind;
  material.language = "vi";
  material.visibility = Visibility::press;
  material.creator = viewer.name;
  KHOCHUNG_CHECK(api::change_by_patch(material, body, {viewer, *tree, &services.vocabularies}));
  if (material.title.empty())
    return fail(ErrorCode::bad_input, "kit_untitled", "a kit needs a title");
  material.kind = kit_kind;
  material.state = State::draft;
  const auto standing = KHOCHUNG_TRY(access::Standing::of(material, *tree));
  if (!access::may(viewer, access::Action::create, standing, *tree, now()))
    return fail(ErrorCode::forbidden, "may not make a kit for this unit");
  auto made =
      KHOCHUNG_TRY(services.materials.create(material, change_for(change, "kit_begun"), {}));
  services.index_bell.ring();
  return made;
}

Result<Material> kit_as_changed(const Material& kit, const object& body, const api::Patching& by) {
  auto material = kit;
  auto rest = body;
  KHOCHUNG_CHECK(take_content(rest, material.kit->draft));
  KHOCHUNG_CHECK(api::change_by_patch(material, rest, by));
  material.kind = kit_kind;
  return material;
}

Result<Material> change_kit(const Services& services, const api::Readable& readable,
                            const api::Deed& deed, const object& body) {
  const auto edit = [&](Material& material) -> Result<void> {
    material = KHOCHUNG_TRY(
        kit_as_changed(material, body, {deed.viewer, *readable.tree, &services.vocabularies}));
    return {};
  };
  auto changed = KHOCHUNG_TRY(services.materials.revise(readable.entry->material.id, deed.expected,
                                                        change_for(deed.change, "edited"), edit));
  services.index_bell.ring();
  api::tell_followers(services, changed);
  return changed;
}

Result<void> check_publication(const Material& kit, const access::Viewer& viewer,
                               const UnitTree& tree) {
  const auto standing = KHOCHUNG_TRY(access::Standing::of(kit, tree));
  if (!access::may(viewer, access::Action::publish, standing, tree, now()))
    return fail(ErrorCode::forbidden, "may not publish " + kit.id.text());
  auto draft = kit;
  auto version = kit;
  draft.state = State::draft;
  version.state = State::published;
  return access::check_release(draft, version, viewer, tree);
}

Result<Material> publish_kit(const Services& services, const api::Readable& readable,
                             const api::Deed& deed, const std::string& note) {
  auto change = note.empty() ? change_for(deed.change, "kit_published") : deed.change;
  if (!note.empty()) change.why = note;
  auto published = KHOCHUNG_TRY(services.kits.publish(
      readable.entry->material.id, deed.expected, change, note, [&](const Material& material) {
        return check_publication(material, deed.viewer, *readable.tree);
      }));
  services.index_bell.ring();
  api::tell_followers(services, published);
  return published;
}

}  // namespace khochung::delivery
