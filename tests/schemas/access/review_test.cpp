#include "schemas/access/review.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace khochung::access {
namespace {

const Instant noon = instant_from_rfc3339("2026-11-23T12:00:00Z").value();

/// 1 is the Confederation, 2 a federation beneath it, 3 a grassroots union beneath that; 4 is
/// another federation.
struct World {
  std::vector<Unit> units;
  UnitTree tree = UnitTree::make(std::vector<Unit>()).value();

  explicit World(bool has_two_person_rule = false) {
    const std::vector<std::size_t> parents{0, 1, 2, 1};
    for (UnitNumber number = 1; number <= 4; ++number) {
      Unit unit;
      unit.id = UnitId::make();
      unit.number = number;
      unit.code = "u" + std::to_string(number);
      unit.name_vi = "Đơn vị " + std::to_string(number);
      if (number > 1) unit.parent = units.at(parents.at(number - 1) - 1).id;
      unit.has_two_person_rule = number == 2 && has_two_person_rule;
      units.push_back(unit);
    }
    tree = UnitTree::make(units).value();
  }

  [[nodiscard]] UnitId id(UnitNumber number) const { return units.at(number - 1).id; }

  [[nodiscard]] Material draft(std::string_view kind, Visibility visibility) const {
    Material material;
    material.id = MaterialId::make();
    material.title = "Tiêu đề";
    material.kind = kind;
    material.unit = id(3);
    material.visibility = visibility;
    material.creator = "co-so";
    return material;
  }
};

Viewer person(std::string name, Role role, UnitNumber unit) {
  return {AccountKind::union_person, std::move(name), {{role, unit}}};
}

const Viewer contributor = person("co-so", Role::contributor, 3);
const Viewer editor = person("bien-tap", Role::editor, 2);
const Viewer spokesperson = person("phat-ngon", Role::spokesperson, 2);
const Viewer administrator = person("quan-tri", Role::administrator, 1);
const Viewer stranger = person("noi-khac", Role::editor, 4);

Result<void> take(Material& material, Step step, const Viewer& viewer, const World& world,
                  std::string text = {}) {
  return take_step(material, {step, std::move(text), world.id(2), {}}, viewer, world.tree, noon);
}

std::string reason(const Result<void>& result) {
  return result ? std::string() : std::string(result.error().reason);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(review)

BOOST_AUTO_TEST_CASE(a_photograph_is_contributed_checked_and_published) {
  const World world;
  auto material = world.draft("anh", Visibility::public_);
  BOOST_TEST(!awaited_for(material, world.tree).has_value());
  BOOST_TEST(take(material, Step::submit, contributor, world).has_value());
  BOOST_TEST((material.state == State::submitted));
  BOOST_TEST((awaited_for(material, world.tree) == Awaits::check));
  BOOST_TEST(!take(material, Step::approve, contributor, world).has_value());
  BOOST_TEST(!take(material, Step::approve, stranger, world).has_value());
  BOOST_TEST(take(material, Step::approve, editor, world).has_value());
  BOOST_TEST((material.state == State::approved));
  BOOST_TEST((awaited_for(material, world.tree) == Awaits::publication));
  BOOST_TEST(!take(material, Step::publish, contributor, world).has_value());
  BOOST_TEST(take(material, Step::publish, editor, world).has_value());
  BOOST_TEST((material.state == State::published));
  BOOST_TEST(!material.review.has_value());
}

BOOST_AUTO_TEST_CASE(a_statement_needs_the_spokesperson_whoever_else_agrees) {
  const World world;
  auto material = world.draft("thong_cao_bao_chi", Visibility::press);
  BOOST_TEST(take(material, Step::submit, contributor, world).has_value());
  BOOST_TEST(take(material, Step::approve, editor, world).has_value());
  BOOST_TEST((material.state == State::submitted));
  BOOST_TEST((awaited_for(material, world.tree) == Awaits::spokesperson));
  BOOST_TEST(reason(take(material, Step::approve, editor, world)) == "approved_already");
  BOOST_TEST(take(material, Step::approve, administrator, world).has_value());
  BOOST_TEST((awaited_for(material, world.tree) == Awaits::spokesperson));
  BOOST_TEST(reason(take(material, Step::publish, editor, world)) == "review_state");
  BOOST_TEST(take(material, Step::approve, spokesperson, world).has_value());
  BOOST_TEST((material.state == State::approved));
  BOOST_TEST(take(material, Step::publish, editor, world).has_value());
}

BOOST_AUTO_TEST_CASE(what_was_approved_for_few_is_not_published_for_the_press_as_a_statement) {
  const World world;
  auto material = world.draft("thong_cao_bao_chi", Visibility::branch);
  BOOST_TEST(take(material, Step::submit, contributor, world).has_value());
  BOOST_TEST(take(material, Step::approve, editor, world).has_value());
  BOOST_TEST((material.state == State::approved));
  material.visibility = Visibility::press;
  BOOST_TEST(reason(take(material, Step::publish, editor, world)) == "needs_spokesperson");
  BOOST_TEST((material.state == State::approved));
  BOOST_TEST(take(material, Step::publish, spokesperson, world).has_value());
}

BOOST_AUTO_TEST_CASE(under_the_two_person_rule_nobody_agrees_to_what_they_contributed) {
  for (const bool has_rule : {true, false}) {
    const World world(has_rule);
    auto material = world.draft("anh", Visibility::branch);
    material.creator = "bien-tap";
    material.unit = world.id(2);
    BOOST_TEST(take(material, Step::submit, editor, world).has_value());
    const auto own = take(material, Step::approve, editor, world);
    BOOST_TEST(reason(own) == (has_rule ? "needs_second_person" : ""));
    BOOST_TEST(own.has_value() == !has_rule);
  }
}

BOOST_AUTO_TEST_CASE(by_no_other_door_is_published_what_was_not_agreed) {
  const World world(true);
  const auto release = [&](Material before, const Viewer& viewer) {
    auto after = before;
    after.state = State::published;
    return reason(check_release(before, after, viewer, world.tree));
  };
  auto statement = world.draft("thong_cao_bao_chi", Visibility::public_);
  BOOST_TEST(release(statement, editor) == "needs_spokesperson");
  BOOST_TEST(release(statement, administrator) == "needs_spokesperson");
  BOOST_TEST(release(statement, spokesperson) == "");
  BOOST_TEST(release(statement, Viewer::local_administrator()) == "");
  statement.creator = "phat-ngon";
  BOOST_TEST(release(statement, spokesperson) == "needs_second_person");
  auto out = world.draft("thong_cao_bao_chi", Visibility::branch);
  out.state = State::published;
  auto wider = out;
  wider.visibility = Visibility::public_;
  BOOST_TEST(reason(check_release(out, wider, editor, world.tree)) == "needs_spokesperson");
  auto told = wider;
  told.description = "Sửa lỗi chính tả";
  BOOST_TEST(reason(check_release(wider, told, editor, world.tree)) == "");
  auto held = wider;
  held.embargo_until = noon;
  BOOST_TEST(reason(check_release(held, wider, editor, world.tree)) == "needs_spokesperson");
}

BOOST_AUTO_TEST_CASE(an_approval_lapses_when_what_was_approved_is_edited) {
  const World world;
  auto material = world.draft("anh", Visibility::public_);
  BOOST_TEST(take(material, Step::submit, contributor, world).has_value());
  BOOST_TEST(take(material, Step::approve, editor, world).has_value());
  const auto approved = material;
  auto same = approved;
  keep_review_in_step(approved, same, "bien-tap", noon);
  BOOST_TEST((same == approved));
  auto edited = approved;
  edited.title = "Khác";
  keep_review_in_step(approved, edited, "co-so", noon);
  BOOST_TEST((edited.state == State::submitted));
  BOOST_TEST(edited.review->approvals.empty());
}

BOOST_AUTO_TEST_CASE(what_is_given_back_says_why_and_goes_the_way_again) {
  const World world;
  auto material = world.draft("anh", Visibility::public_);
  BOOST_TEST(take(material, Step::submit, contributor, world).has_value());
  BOOST_TEST(reason(take(material, Step::give_back, editor, world)) == "reason_missing");
  BOOST_TEST(take(material, Step::give_back, editor, world, "Ảnh mờ").has_value());
  BOOST_TEST((material.state == State::draft));
  BOOST_TEST((awaited_for(material, world.tree) == Awaits::contributor));
  BOOST_TEST(take(material, Step::submit, contributor, world, "Đã thay ảnh").has_value());
  BOOST_TEST(material.review->remarks.size() == 3U);
  // Whoever sent it may take it back without a reason.
  BOOST_TEST(take(material, Step::give_back, contributor, world).has_value());
}

BOOST_AUTO_TEST_CASE(it_is_submitted_to_its_owner_or_above_and_to_nobody_else) {
  const World world;
  for (UnitNumber to = 1; to <= 4; ++to) {
    auto material = world.draft("anh", Visibility::public_);
    const auto sent =
        take_step(material, {Step::submit, {}, world.id(to), {}}, contributor, world.tree, noon);
    BOOST_TEST(sent.has_value() == (to != 4));
  }
  auto material = world.draft("anh", Visibility::public_);
  const auto late = take_step(material, {Step::submit, {}, std::nullopt, "2026-11-22"}, contributor,
                              world.tree, noon);
  BOOST_TEST(reason(late) == "review_due");
}

BOOST_AUTO_TEST_CASE(a_review_is_read_back_from_its_record) {
  const World world;
  auto material = world.draft("anh", Visibility::public_);
  BOOST_TEST(take(material, Step::submit, contributor, world, "Xin duyệt").has_value());
  BOOST_TEST(take(material, Step::approve, spokesperson, world, "Tốt").has_value());
  BOOST_TEST((material_from_json(to_json(material)).value() == material));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::access
