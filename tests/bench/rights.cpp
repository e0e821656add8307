// What rights cost a search: the same questions asked with a person's rights and with none, in
// turn, over materials of every visibility, state and embargo that belong to units of a whole
// union.
//     bench_rights [MATERIALS [UNITS [FOLDER]]]
// FOLDER: where the index is kept, or stands since an earlier run.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "indexer/index/rebuild.hpp"
#include "indexer/search/searcher.hpp"

namespace {

namespace fs = std::filesystem;
using namespace khochung;
using Clock = std::chrono::steady_clock;

constexpr UnitNumber provinces = 83;
constexpr UnitNumber upper_units = 2'000;
constexpr std::size_t words_a_material = 120;

/// The Confederation, 83 federations, 2,000 units beneath them and the grassroots beneath those.
UnitTree union_of(UnitNumber count) {
  std::vector<Unit> units;
  for (UnitNumber number = 1; number <= count; ++number) {
    Unit unit;
    unit.id = UnitId::make();
    unit.number = number;
    unit.code = "u" + std::to_string(number);
    unit.name_vi = unit.code;
    if (number > 1 + provinces + upper_units) {
      unit.parent = units[1 + provinces + number % upper_units].id;
    } else if (number > 1 + provinces) {
      unit.parent = units[1 + number % provinces].id;
    } else if (number > 1) {
      unit.parent = units[0].id;
    }
    units.push_back(std::move(unit));
  }
  return UnitTree::make(std::move(units)).value();
}

/// Syllables made up of Vietnamese sounds; the first ones are used most, as in any language.
class Words {
 public:
  Words() {
    for (const auto* begin : {"c", "ng", "tr", "l", "đ", "th", "nh", "b", "v", "h", "m", "s"}) {
      for (const auto* end : {"ông", "oàn", "ao", "iên", "ạch", "ươi", "ất", "ô", "ính", "ai", "ệ",
                              "ục", "ân", "ưởng", "ày", "ên"})
        syllables_.push_back(std::string(begin) + end);
    }
  }
  std::string some(std::size_t count, std::mt19937& random) const {
    std::string text;
    std::uniform_real_distribution<double> share(0, 1);
    for (std::size_t i = 0; i < count; ++i) {
      const auto rank = share(random) * share(random) * static_cast<double>(syllables_.size());
      text += syllables_[static_cast<std::size_t>(rank)];
      text += ' ';
    }
    return text;
  }

 private:
  std::vector<std::string> syllables_;
};

/// The page of a material, always the same.
std::string text_of(const Words& words, MaterialId id) {
  std::mt19937 random(static_cast<unsigned>(std::hash<std::string>()("text " + id.text())));
  return words.some(words_a_material, random);
}

class Materials : public index::RebuildSource {
 public:
  Materials(std::size_t count, UnitNumber units) : units_(units) {
    for (std::size_t i = 0; i < count; ++i) ids_.push_back(MaterialId::make());
  }
  Result<std::vector<MaterialId>> next(std::size_t limit) override {
    const auto count = std::min(limit, ids_.size() - at_);
    const auto from = ids_.begin() + static_cast<std::ptrdiff_t>(at_);
    at_ += count;
    return std::vector<MaterialId>(from, from + static_cast<std::ptrdiff_t>(count));
  }
  Result<std::optional<index::IndexDocument>> load(MaterialId id) override {
    std::mt19937 random(static_cast<unsigned>(std::hash<std::string>()(id.text())));
    const auto below = [&](std::size_t n) {
      return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
    };
    index::IndexDocument document;
    document.material.id = id;
    document.material.title = words_.some(8, random);
    document.material.created_at = now();
    auto& standing = document.standing;
    standing.owner = static_cast<UnitNumber>(1 + below(units_));
    standing.visibility = static_cast<Visibility>(below(6));
    standing.state = below(4) > 0 ? State::published : static_cast<State>(below(4));
    if (below(20) == 0)
      standing.embargo_until = now() + std::chrono::hours(below(2) == 0 ? 48 : -48);
    standing.creator = "u" + std::to_string(below(1'000));
    document.material.visibility = standing.visibility;
    document.material.state = standing.state;
    document.material.embargo_until = standing.embargo_until;
    document.page_texts = {text_of(words_, id)};
    return document;
  }

 private:
  UnitNumber units_;
  Words words_;
  std::vector<MaterialId> ids_;
  std::size_t at_ = 0;
};

/// Snippets are part of a search. What was asked for is kept, so that the best of some rounds
/// makes no text.
class Texts : public search::TextSource {
 public:
  Result<search::MaterialTexts> texts(MaterialId id) override {
    const auto [place, is_new] = kept_.try_emplace(id);
    if (is_new) place->second.pages = {text_of(words_, id)};
    return place->second;
  }

 private:
  Words words_;
  std::map<MaterialId, search::MaterialTexts> kept_;
};

double ask(const search::Searcher& searcher, const std::string& query, const access::Viewer& viewer,
           const UnitTree& tree, std::int64_t& found) {
  static Texts texts;
  search::SearchRequest request;
  request.query = query;
  const auto begun = Clock::now();
  request.rights = access::filter_for(viewer, tree, now());
  const auto answer = searcher.search(request, texts).value();
  found += answer.total;
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

}  // namespace

int main(int count, char** arguments) {
  const auto materials = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 100'000UL;
  const auto units = static_cast<UnitNumber>(count > 2 ? std::atoi(arguments[2]) : 130'000);
  const auto tree = union_of(units);
  const auto folder =
      count > 3 ? fs::path(arguments[3]) : fs::temp_directory_path() / "bench-rights";
  if (count <= 3) fs::remove_all(folder);
  Materials source(materials, units);
  if (!fs::exists(folder) && !index::rebuild(folder, source, {})) return 1;
  const search::Searcher searcher(folder);

  using access::AccountKind;
  using access::Role;
  const auto person = [](std::vector<access::Grant> grants) {
    return access::Viewer{AccountKind::union_person, "u7", std::move(grants)};
  };
  const std::vector<std::pair<const char*, access::Viewer>> viewers{
      {"anonymous", access::Viewer::anonymous()},
      {"press", {AccountKind::press, "bao", {}}},
      {"reader of a grassroots union", person({{Role::reader, 90'000 % units + 1}})},
      {"contributor of an upper unit", person({{Role::contributor, 1 + provinces + 5}})},
      {"editor of a federation", person({{Role::editor, 2}})},
      {"archivist of three federations",
       person({{Role::archivist, 2}, {Role::archivist, 3}, {Role::archivist, 4}})},
      {"reader of everything", person({{Role::reader, 1}})},
      {"administrator of everything", person({{Role::administrator, 1}})}};
  std::mt19937 random(281126);  // NOLINT: the same questions in every run
  const Words words;
  std::vector<std::string> queries{""};
  for (int i = 0; i < 150; ++i) queries.push_back(words.some(1 + random() % 4, random));
  const auto everybody = access::Viewer::local_administrator();
  int slow = 0;
  for (const auto& [name, viewer] : viewers) {
    double with = 0, without = 0;
    std::int64_t found = 0, in_all = 0;
    for (const auto& query : queries) {
      // The best of some rounds in turn: what else the machine does only ever adds.
      double best_with = 1e9, best_without = 1e9;
      for (int round = 0; round < 3; ++round) {
        best_with = std::min(best_with, ask(searcher, query, viewer, tree, found));
        best_without = std::min(best_without, ask(searcher, query, everybody, tree, in_all));
      }
      with += best_with;
      without += best_without;
    }
    const auto each = static_cast<double>(queries.size());
    slow += with > 1.2 * without ? 1 : 0;
    std::printf("%-32s %6.2f ms against %6.2f ms: %.2fx (goal 1.2x); sees %.0f of 1,000 hits\n",
                name, with / each, without / each, with / without,
                1'000.0 * static_cast<double>(found) / static_cast<double>(in_all));
  }
  if (count <= 3) fs::remove_all(folder);
  return slow;
}
