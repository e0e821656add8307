#include "server/delivery/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "indexer/pipeline/intake.hpp"
#include "schemas/utf8.hpp"
#include "server/api/use_rights.hpp"
#include "storage/packages/csv_cell.hpp"

namespace khochung::delivery {
namespace {

constexpr std::size_t longest_title_bytes = 120;

/// A title as the name of a file or folder.
std::string name_from(std::string title) {
  std::ranges::replace_if(
      title,
      [](char letter) {
        return std::string_view("/\\:*?\"<>|").find(letter) != std::string_view::npos;
      },
      '-');
  auto name = pipeline::safe_name(first_bytes(title, longest_title_bytes)).value_or("tu-lieu");
  while (name.ends_with('.') || name.ends_with(' ')) name.pop_back();
  return name;
}

/// The path of a file: under its material's number and title, in a folder where there are several.
std::string path_of(const Material& material, std::size_t number, const MaterialFile& file) {
  const auto name = fmt::format("{:03} {}", number, name_from(material.title));
  if (material.files.size() > 1) return name + "/" + file.name;
  return name + std::filesystem::path(file.name).extension().string();
}

std::string list_row(const api::Readable& readable, const std::string& path, const Digest& sha256,
                     std::string_view origin) {
  const auto& material = readable.entry->material;
  const auto* unit = readable.tree->find(material.unit);
  std::string row;
  for (const auto& cell : {path, material.title, material.number, material.date,
                           unit == nullptr ? std::string() : unit->name_vi, material.terms,
                           fmt::format("{}/m/{}", origin, material.id.text()), sha256.hex()}) {
    if (!row.empty()) row += ',';
    row += storage::csv_cell(cell);
  }
  return row + "\r\n";
}

}  // namespace

Result<Selection> selection_of(const api::Services& services, std::string_view ids,
                               const access::Viewer& viewer) {
  Selection selection;
  std::string_view refusal;
  while (!ids.empty()) {
    const auto id = ids.substr(0, ids.find(','));
    ids.remove_prefix(std::min(id.size() + 1, ids.size()));
    auto readable = KHOCHUNG_TRY(api::find_readable(services, id, viewer));
    // What may not be given out any more is left out.
    refusal = api::use_refusal(readable, viewer);
    if (!refusal.empty()) continue;
    for (const auto& file : readable.entry->material.files) selection.size_bytes += file.size_bytes;
    selection.materials.push_back(std::move(readable));
    if (selection.materials.size() > most_selected || selection.size_bytes > most_selected_bytes)
      return fail(ErrorCode::bad_input, "selection_size", "too much for one ZIP");
  }
  if (selection.materials.empty() && !refusal.empty())
    return fail(ErrorCode::gone, refusal, "nothing of it may be given out any more");
  if (selection.materials.empty())
    return fail(ErrorCode::bad_input, "selection_size", "no material was chosen");
  return selection;
}

Result<std::shared_ptr<const BlobZip>> zip_of(const api::Services& services,
                                              const Selection& selection, std::string_view origin) {
  std::vector<BlobZip::File> files;
  // Excel takes a table for UTF-8 when it begins so.
  std::string list = "\xEF\xBB\xBFpath,title,number,date,unit,terms,address,sha256\r\n";
  std::string sums;
  Instant newest{};
  std::size_t number = 0;
  for (const auto& readable : selection.materials) {
    const auto& material = readable.entry->material;
    ++number;
    newest = std::max(newest, material.created_at);
    for (const auto& file : material.files) {
      const auto path = path_of(material, number, file);
      const auto crc32 = KHOCHUNG_TRY(services.kits.crc32_of(file.sha256));
      files.push_back({{path, file.size_bytes, crc32}, file.sha256});
      list += list_row(readable, path, file.sha256, origin);
      sums += file.sha256.hex() + "  " + path + "\n";
    }
  }
  files.push_back(BlobZip::text_file("DANH-SACH.csv", std::move(list)));
  files.push_back(BlobZip::text_file("SHA256SUMS", std::move(sums)));
  return BlobZip::of(std::move(files), newest, services.checked_blobs);
}

}  // namespace khochung::delivery
