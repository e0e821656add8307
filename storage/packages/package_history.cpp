#include "storage/packages/package_history.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <set>

#include "storage/packages/package_names.hpp"

namespace khochung::storage {
namespace {

/// Canonical JSON of ours has no fractions; whoever writes it relies on that.
bool holds_fraction(const boost::json::value& value) {
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, holds_fraction);
  if (const auto* object = value.if_object()) {
    return std::ranges::any_of(*object,
                               [](const auto& member) { return holds_fraction(member.value()); });
  }
  return value.is_double();
}

template <typename T, typename Read>
Result<std::vector<T>> bodies_of(const PackagedHistory& history, Read read) {
  std::vector<T> found;
  for (const auto& revision : history.revisions) {
    auto body = read(revision.record.body);
    if (!body) {
      return fail(ErrorCode::corrupt, revision.file_name + ": " + body.error().message);
    }
    if (body->id.uuid() != history.id) {
      return fail(ErrorCode::corrupt, revision.file_name + ": its body is of another id");
    }
    found.push_back(std::move(*body));
  }
  return found;
}

}  // namespace

std::string record_file_name(const Uuid& id, int revision, const Digest& seal) {
  std::array<char, 24> number{};
  std::snprintf(number.data(), number.size(), ".r%06d.", revision);
  return id.text() + number.data() + seal.hex() + ".json";
}

std::string package_order(const Uuid& id) {
  const auto text = id.text();
  return text.substr(text.size() - 4) + text;
}

Result<PackagedHistory> history_of(const std::vector<std::string>& records, RecordKind kind) {
  if (records.empty()) return fail(ErrorCode::corrupt, "a thing without a record");
  PackagedHistory history;
  std::optional<Digest> previous;
  for (const auto& bytes : records) {
    PackagedRevision revision;
    auto record = record_from_json(bytes);
    if (!record) return fail(ErrorCode::corrupt, record.error().message);
    revision.record = std::move(*record);
    revision.seal = Digest::of(bytes);
    const bool is_first = history.revisions.empty();
    if (is_first) history.id = revision.record.id;
    revision.file_name = record_file_name(history.id, revision.record.revision, revision.seal);
    const bool follows =
        is_first || (revision.record.previous == previous &&
                     revision.record.revision == history.revisions.back().record.revision + 1);
    if (revision.record.kind != kind || revision.record.id != history.id || !follows) {
      return fail(ErrorCode::corrupt, revision.file_name + ": the chain is broken");
    }
    if (holds_fraction(revision.record.body) || to_canonical_json(revision.record) != bytes) {
      return fail(ErrorCode::corrupt, revision.file_name + ": not the canonical form of a record");
    }
    previous = revision.seal;
    history.revisions.push_back(std::move(revision));
  }
  const auto& first = history.revisions.front();
  if (!may_begin_history(first.record, history.revisions.back().record))
    return fail(ErrorCode::corrupt, first.file_name + ": revisions before it are missing");
  return history;
}

Result<std::vector<Material>> materials_of(const PackagedHistory& history) {
  return bodies_of<Material>(history, material_from_json);
}

Result<std::vector<Unit>> units_of(const PackagedHistory& history) {
  return bodies_of<Unit>(history, unit_from_json);
}

std::vector<PlacedFile> placed_files(const std::vector<Material>& revisions,
                                     const std::vector<PreservationEvent>& events) {
  std::set<Digest> gone;
  for (const auto& event : events) {
    if (event.type == "deletion" && event.file) gone.insert(*event.file);
  }
  std::vector<PlacedFile> placed;
  std::set<Digest> known;
  NamesOfFolder names;
  for (auto number = static_cast<int>(revisions.size()); number >= 1; --number) {
    for (const auto& file : files_kept(revisions[static_cast<std::size_t>(number) - 1])) {
      if (!known.insert(file.sha256).second) continue;
      placed.push_back({names.place(file.name, "r" + std::to_string(number)), file, number,
                        gone.contains(file.sha256)});
    }
  }
  return placed;
}

}  // namespace khochung::storage
