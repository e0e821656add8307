#include "indexer/kits/kits.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>
#include <utility>

#include "indexer/index/media_kind.hpp"
#include "indexer/workers/readers.hpp"
#include "schemas/canonical_json.hpp"
#include "schemas/rights.hpp"
#include "storage/blobs/content_hasher.hpp"
#include "storage/packages/package_names.hpp"

namespace khochung::kits {
namespace {

/// Folders that say what is in them.
std::string folder_of(std::string_view media_type) {
  const auto kind = index::media_kind(media_type);
  if (kind == "picture") return "Ảnh";
  if (kind == "film") return "Phim";
  if (kind == "sound") return "Âm thanh";
  return "Tài liệu";
}

std::string extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == name.npos || name.size() - dot > 12 ? std::string() : std::string(name.substr(dot));
}

/// A kit is for no more eyes than each thing in it. Empty: the item is as open as the kit.
std::string_view closed_because(const access::Standing& item, const access::Standing& kit) {
  if (is_taken_out(item.state) || item.sensitivity == Sensitivity::quarantined) return "gone";
  if (item.state != State::published) return "unpublished";
  const auto inner = access::effective_visibility(item);
  const auto outer = access::effective_visibility(kit);
  if (inner > outer) return "for_fewer";
  // From the branch downwards it depends on whose branch.
  if (outer >= Visibility::branch && inner >= Visibility::branch && item.owner != kit.owner)
    return "for_fewer";
  const bool is_out = !item.embargo_until ||
                      (kit.embargo_until && *item.embargo_until <= *kit.embargo_until) ||
                      *item.embargo_until <= now();
  return is_out ? "" : "embargoed";
}

const MaterialFile* find_file(const Material& material, const Digest& sha256) {
  const auto found = std::ranges::find(material.files, sha256, &MaterialFile::sha256);
  return found == material.files.end() ? nullptr : &*found;
}

tl::unexpected<Error> closed(const MaterialId& id) {
  return fail(ErrorCode::conflict, "kit_item_closed",
              "the kit would show " + id.text() + " to more people than may see it");
}

std::string or_else(const std::string& own, const std::string& otherwise) {
  return own.empty() ? otherwise : own;
}

std::string sums_text(const std::vector<KitFile>& files) {
  std::string text;
  for (const auto& file : files) text += file.sha256.hex() + "  " + file.path + "\n";
  return text;
}

}  // namespace

Result<Material> Kits::publish(MaterialId id, int expected, const pipeline::Change& change,
                               const std::string& note,
                               const std::function<Result<void>(const Material&)>& may_publish) {
  const auto material = KHOCHUNG_TRY(rooms_.catalogue.material(id)).material;
  KHOCHUNG_CHECK(may_publish(material));
  if (material.revision != expected)
    return fail(ErrorCode::precondition_failed,
                "the newest revision is " + std::to_string(material.revision));
  const auto edition = KHOCHUNG_TRY(next_edition(material, change.by, note));
  auto files = KHOCHUNG_TRY(files_of(edition));
  // Photographs take their time; what was put together must still be there when the record says so.
  const auto comes_in = rooms_.intake.come_in();
  for (const auto& file : files) KHOCHUNG_CHECK(check_at_hand(file.sha256));
  return rooms_.materials.revise(id, expected, change, [&](Material& kit) -> Result<void> {
    KHOCHUNG_CHECK(may_publish(kit));
    KHOCHUNG_TRY(places_of(kit));
    kit.state = State::published;
    kit.kit->versions.push_back(edition.version);
    kit.kit->published = kit.kit->draft;
    kit.kit->files = std::move(files);
    return layout_of(*kit.kit).map([](const auto&) {});
  });
}

Result<Edition> Kits::next_edition(const Material& material, const std::string& by,
                                   const std::string& note) const {
  if (!material.kit) return fail(ErrorCode::not_found, material.id.text() + " is no press kit");
  const auto& kit = *material.kit;
  if (is_taken_out(material.state)) return fail(ErrorCode::conflict, "it was taken out");
  if (kit.draft.items.empty() && kit.draft.release.empty())
    return fail(ErrorCode::conflict, "kit_empty", "the kit has neither a release nor an item");
  const int number = kit.versions.empty() ? 1 : kit.versions.back().number + 1;
  if (number > 1 && note.empty())
    return fail(ErrorCode::conflict, "kit_note_missing", "what was corrected is not said");
  const auto tree = rooms_.units.tree();
  const auto* unit = tree->find(material.unit);
  auto places = KHOCHUNG_TRY(places_of(material));
  std::vector<PlacedItem> items(places.size());
  const auto make = [&](std::size_t i) -> Result<void> {
    items[i] = std::move(places[i].item);
    items[i].file = KHOCHUNG_TRY(file_for(items[i], places[i].source));
    items[i].file.material = places[i].material;
    return {};
  };
  KHOCHUNG_CHECK(rooms_.places.each(places.size(), make));
  return Edition{material, unit == nullptr ? std::string() : unit->name_vi,
                 KitVersion{number, material.revision + 1, now(), by, note}, std::move(items)};
}

/// Errors: conflict, reason "kit_item_closed".
Result<std::vector<Kits::Place>> Kits::places_of(const Material& kit) const {
  const auto tree = rooms_.units.tree();
  const auto kit_standing = KHOCHUNG_TRY(access::Standing::of(kit, *tree));
  std::map<std::string, storage::NamesOfFolder> folders;
  std::map<std::string, int> numbers;
  std::vector<Place> places;
  for (const auto& item : kit.kit->draft.items) {
    const auto entry = rooms_.catalogue.material(item.material);
    if (!entry && entry.error().code != ErrorCode::not_found) return fail(entry.error());
    const auto* file = entry ? find_file(entry->material, item.file) : nullptr;
    if (file == nullptr) return closed(item.material);
    const auto& material = entry->material;
    const auto standing = KHOCHUNG_TRY(access::Standing::of(material, *tree));
    if (!closed_because(standing, kit_standing).empty()) return closed(item.material);
    if (const auto refusal = rights::refusal(material, day_of(now())); !refusal.empty())
      return fail(ErrorCode::conflict, refusal, item.material.text() + " may not be given out");
    const auto folder = folder_of(file->media_type);
    const auto name = fmt::format("{:02} {}{}", ++numbers[folder],
                                  or_else(material.title, file->name), extension_of(file->name));
    const auto path = folder + "/" + folders[folder].place(name, std::to_string(numbers[folder]));
    places.push_back({{path,
                       or_else(item.caption, material.title),
                       or_else(item.credit, material.credit),
                       or_else(item.terms, material.terms),
                       {}},
                      *file,
                      material.id});
  }
  return places;
}

Result<KitFile> Kits::file_for(const PlacedItem& item, const MaterialFile& file) const {
  if (file.media_type.starts_with("image/")) {
    const auto source = KHOCHUNG_TRY(storage::open_as_file(rooms_.blobs, file.sha256));
    const auto copy = workers::captioned_picture(
        rooms_.workers, *source.descriptor(),
        {item.caption, item.caption, item.credit, or_else(item.terms, item.credit)});
    if (copy) return keep(item.path, *copy, file.media_type);
    // What holds no words goes as it is: they lie beside it all the same.
    if (copy.error().code != ErrorCode::unsupported) return fail(copy.error());
    spdlog::warn("no words were written into {}: {}", file.sha256.hex(), copy.error().message);
  }
  return KitFile{item.path,       file.sha256, file.size_bytes, KHOCHUNG_TRY(crc32_of(file.sha256)),
                 file.media_type, std::nullopt};
}

Result<std::uint32_t> Kits::crc32_of(const Digest& sha256) const {
  const auto known = rooms_.catalogue.fixity(sha256);
  if (known && known->state != storage::FixityResult::State::good)
    return fail(ErrorCode::conflict, "kit_damaged", sha256.hex() + " is damaged or missing");
  if (known && known->crc32) return *known->crc32;
  const auto reader = KHOCHUNG_TRY(rooms_.blobs.open(sha256));
  storage::ContentHasher hasher;
  std::string piece(std::size_t{1} << 20U, '\0');
  for (std::uint64_t at = 0; at < reader.size_bytes();) {
    const auto bytes = std::as_writable_bytes(std::span(piece));
    const auto count = KHOCHUNG_TRY(reader.read(at, bytes));
    if (count == 0) return fail(ErrorCode::corrupt, sha256.hex() + " has been cut short");
    hasher.update(bytes.first(count));
    at += count;
  }
  const auto hash = hasher.finish();
  if (hash.sha256 != sha256)
    return fail(ErrorCode::corrupt, sha256.hex() + " is not what it was named");
  return hash.crc32;
}

Result<KitFile> Kits::keep(std::string path, std::string_view bytes, std::string media_type) const {
  const auto info = KHOCHUNG_TRY(storage::put(rooms_.blobs, std::as_bytes(std::span(bytes))));
  storage::ContentHasher hasher;
  hasher.update(std::as_bytes(std::span(bytes)));
  return KitFile{std::move(path),       info.sha256,           info.size_bytes,
                 hasher.finish().crc32, std::move(media_type), std::nullopt};
}

Result<std::vector<KitFile>> Kits::files_of(const Edition& edition) const {
  constexpr auto plain = "text/plain";
  std::vector<KitFile> files;
  const auto add = [&](std::string path, const std::string& bytes,
                       std::string media_type) -> Result<void> {
    files.push_back(KHOCHUNG_TRY(keep(std::move(path), bytes, std::move(media_type))));
    return {};
  };
  KHOCHUNG_CHECK(add("Thông cáo báo chí.txt", release_text(edition), plain));
  const auto document = KHOCHUNG_TRY(release_document(edition));
  KHOCHUNG_CHECK(add("Thông cáo báo chí.docx", document,
                     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"));
  if (!edition.material.terms.empty())
    KHOCHUNG_CHECK(add("Điều kiện sử dụng.txt", terms_text(edition), plain));
  if (!edition.items.empty()) {
    KHOCHUNG_CHECK(add("Chú thích và ghi nguồn.csv", captions_table(edition), "text/csv"));
    KHOCHUNG_CHECK(add("Chú thích và ghi nguồn.html", captions_page(edition), "text/html"));
  }
  for (const auto& item : edition.items) {
    files.push_back(item.file);
    if (item.file.media_type.starts_with("image/"))
      KHOCHUNG_CHECK(add(item.path + ".txt", words_beside(item), plain));
  }
  KHOCHUNG_CHECK(add("SHA256SUMS", sums_text(files), plain));
  const auto list = KHOCHUNG_TRY(signed_list(edition, files));
  KHOCHUNG_CHECK(add("manifest.json", list, "application/json"));
  return files;
}

/// Signed as checkpoints of the audit chain are. Source: schemas/formats.md, "Press kits".
Result<std::string> Kits::signed_list(const Edition& edition,
                                      const std::vector<KitFile>& files) const {
  boost::json::array list;
  for (const auto& file : files) {
    list.push_back(boost::json::object{
        {"path", file.path}, {"sha256", file.sha256.hex()}, {"size_bytes", file.size_bytes}});
  }
  boost::json::object members{
      {"format", "khochung/kit/1"},        {"id", edition.material.id.text()},
      {"version", edition.version.number}, {"at", to_rfc3339(edition.version.at)},
      {"title", edition.material.title},   {"unit", edition.unit},
      {"files", std::move(list)}};
  KHOCHUNG_CHECK(rooms_.audit.sign(members));
  return canonical_json(members);
}

Result<Material> Kits::with_version(const Material& kit, int number) const {
  if (!kit.kit || kit.kit->versions.empty())
    return fail(ErrorCode::not_found, "nothing was published of " + kit.id.text());
  if (number == kit.kit->versions.back().number) return kit;
  const auto version = std::ranges::find(kit.kit->versions, number, &KitVersion::number);
  if (version == kit.kit->versions.end())
    return fail(ErrorCode::not_found, "no version " + std::to_string(number));
  for (const auto& record : KHOCHUNG_TRY(rooms_.materials.history(kit.id))) {
    if (record.revision != version->revision) continue;
    const auto then = KHOCHUNG_TRY(material_from_json(record.body));
    auto earlier = kit;
    earlier.kit = then.kit;
    return earlier;
  }
  return fail(ErrorCode::not_found,
              "the revision of version " + std::to_string(number) + " is gone");
}

Result<std::vector<std::string_view>> Kits::hindrances(const Material& kit) const {
  const auto tree = rooms_.units.tree();
  const auto kit_standing = KHOCHUNG_TRY(access::Standing::of(kit, *tree));
  std::vector<std::string_view> reasons;
  for (const auto& item : kit.kit->draft.items) {
    const auto entry = rooms_.catalogue.material(item.material);
    if (!entry && entry.error().code != ErrorCode::not_found) return fail(entry.error());
    if (!entry || find_file(entry->material, item.file) == nullptr) {
      reasons.emplace_back("gone");
      continue;
    }
    const auto standing = KHOCHUNG_TRY(access::Standing::of(entry->material, *tree));
    const auto closed = closed_because(standing, kit_standing);
    reasons.push_back(closed.empty() ? rights::refusal(entry->material, day_of(now())) : closed);
  }
  return reasons;
}

Result<void> Kits::check_deliverable(const Material& kit) const {
  std::set<MaterialId> closed_ones;
  for (const auto& file : kit.kit->files) {
    if (file.material) closed_ones.insert(*file.material);
    KHOCHUNG_CHECK(check_at_hand(file.sha256));
  }
  const auto tree = rooms_.units.tree();
  const auto kit_standing = KHOCHUNG_TRY(access::Standing::of(kit, *tree));
  const auto entries =
      KHOCHUNG_TRY(rooms_.catalogue.materials({closed_ones.begin(), closed_ones.end()}));
  for (const auto& entry : entries) {
    const auto standing = KHOCHUNG_TRY(access::Standing::of(entry.material, *tree));
    const bool may_be_used = rights::refusal(entry.material, day_of(now())).empty();
    if (may_be_used && closed_because(standing, kit_standing).empty())
      closed_ones.erase(entry.material.id);
  }
  if (closed_ones.empty()) return {};
  return fail(ErrorCode::gone, "kit_item_gone",
              closed_ones.begin()->text() + " is no longer open to whoever may have the kit");
}

/// Damage that is known is mended from a copy, or the kit is not begun.
Result<void> Kits::check_at_hand(const Digest& sha256) const {
  const auto known = rooms_.catalogue.fixity(sha256);
  const bool is_bad = known && known->state != storage::FixityResult::State::good;
  const bool is_there = !rooms_.blobs.is_local() || rooms_.blobs.contains(sha256);
  if (!is_bad && is_there) return {};
  const auto mended = rooms_.checked_blobs.open(sha256, storage::CheckedBlobs::Extent::whole);
  if (mended) return {};
  return fail(ErrorCode::unavailable, "kit_damaged", mended.error().message);
}

Result<storage::ZipLayout> layout_of(const Kit& kit) {
  std::vector<storage::ZipEntry> entries;
  for (const auto& file : kit.files) entries.push_back({file.path, file.size_bytes, file.crc32});
  return storage::ZipLayout::of(std::move(entries), kit.versions.back().at);
}

}  // namespace khochung::kits
