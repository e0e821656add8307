#include "indexer/pipeline/vocabularies.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>

namespace khochung::pipeline {
namespace {

constexpr std::chrono::seconds remembered_for{5};

Result<const VocabularyInfo*> known(std::string_view name) {
  const auto* info = find_vocabulary(name);
  if (info == nullptr)
    return fail(ErrorCode::not_found, "no vocabulary " + std::string(name.substr(0, 64)));
  return info;
}

}  // namespace

Result<Vocabularies::Kept> Vocabularies::read(const VocabularyInfo& info) const {
  const auto id = KHOCHUNG_TRY(Uuid::parse(info.record));
  const auto record = KHOCHUNG_TRY(writer_.newest(id));
  if (!record) return Kept{std::make_shared<const Vocabulary>(shipped_vocabulary(info.name)), 0};
  auto vocabulary = KHOCHUNG_TRY(vocabulary_from_json(info.name, record->body));
  return Kept{std::make_shared<const Vocabulary>(std::move(vocabulary)), record->revision};
}

Result<Vocabularies::Kept> Vocabularies::find(std::string_view name) const {
  const auto* info = KHOCHUNG_TRY(known(name));
  const auto moment = std::chrono::steady_clock::now();
  const auto remembered = lately_.with([&](const auto& lately) -> std::optional<Kept> {
    const auto found = lately.find(name);
    if (found == lately.end() || moment - found->second.at > remembered_for) return std::nullopt;
    return found->second.kept;
  });
  if (remembered) return *remembered;
  auto kept = KHOCHUNG_TRY(read(*info));
  lately_.with([&](auto& lately) {
    auto& place = lately[std::string(name)];
    // Who edited it meanwhile knows better.
    if (place.kept.revision <= kept.revision) place = {kept, moment};
  });
  return kept;
}

Result<Vocabularies::Kept> Vocabularies::set(const Vocabulary& vocabulary, int expected,
                                             const Change& change) {
  const auto* info = KHOCHUNG_TRY(known(vocabulary.name));
  const auto before = KHOCHUNG_TRY(read(*info));
  if (before.revision != expected)
    return fail(ErrorCode::precondition_failed,
                "the newest revision is " + std::to_string(before.revision));
  KHOCHUNG_CHECK(may_follow(*before.vocabulary, vocabulary));
  const auto id = KHOCHUNG_TRY(Uuid::parse(info->record));
  const auto record = KHOCHUNG_TRY(writer_.put(RecordKind::vocabulary, id, expected, change,
                                               to_json(vocabulary), "vocabulary.revise"));
  const Kept kept{std::make_shared<const Vocabulary>(vocabulary), record.revision};
  lately_.with(
      [&](auto& lately) { lately[vocabulary.name] = {kept, std::chrono::steady_clock::now()}; });
  return kept;
}

Result<void> Vocabularies::check(const Material& before, const Material& after) const {
  for (const auto& field : concept_fields) {
    if (after.*field.ids == before.*field.ids) continue;
    const auto known = KHOCHUNG_TRY(find(field.vocabulary)).vocabulary;
    const auto had = concepts_in(before.*field.ids);
    for (const auto& id : concepts_in(after.*field.ids)) {
      if (known->find(id) == nullptr && std::ranges::find(had, id) == had.end())
        return fail(ErrorCode::bad_input, "unknown_concept",
                    std::string(field.name) + ": no such concept: " + id);
    }
  }
  return {};
}

std::string Vocabularies::label(std::string_view name, const std::string& id,
                                Language language) const {
  const auto kept = find(name);
  const Vocabulary shipped = kept ? Vocabulary() : shipped_vocabulary(name);
  const auto* found = (kept ? *kept->vocabulary : shipped).find(id);
  return found == nullptr ? id : found->label.in(language);
}

}  // namespace khochung::pipeline
