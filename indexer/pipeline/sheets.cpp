#include "indexer/pipeline/sheets.hpp"

#include <tuple>
#include <utility>

#include "indexer/pipeline/intake.hpp"
#include "indexer/pipeline/page_map.hpp"
#include "indexer/pipeline/proposals.hpp"

namespace khochung::pipeline {

namespace {

/// Sheets are for the same eyes and uses, and equally far: what is put together is as one of them.
bool are_alike(const Material& one, const Material& other) {
  const auto terms = [](const Material& sheet) {
    return std::tie(sheet.state, sheet.unit, sheet.visibility, sheet.sensitivity,
                    sheet.embargo_until, sheet.press_recipients, sheet.licence_until, sheet.consent,
                    sheet.consent_until);
  };
  return !one.kit && !other.kit && terms(one) == terms(other);
}

}  // namespace

Result<Material> Sheets::merge(const std::vector<MaterialId>& ids, const Change& change) {
  if (ids.size() < 2) return fail(ErrorCode::bad_input, "choose at least two sheets");
  Material whole = KHOCHUNG_TRY(catalogue_.material(ids.front())).material;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i] == ids.front()) return fail(ErrorCode::bad_input, "a sheet was chosen twice");
    const auto sheet = KHOCHUNG_TRY(catalogue_.material(ids[i])).material;
    if (!are_alike(whole, sheet))
      return fail(ErrorCode::conflict, "sheets that are not for the same eyes and uses");
    for (auto file : sheet.files) {
      file.name = unique_name(file.name, whole.files);
      whole.files.push_back(std::move(file));
    }
  }
  Consequences consequences;
  consequences.page_count = count_pages(whole, derivatives_).pages;
  const auto put_together = [&](Material& newest) -> Result<void> {
    newest.files = whole.files;
    return {};
  };
  auto merged = KHOCHUNG_TRY(materials_.revise(ids.front(), whole.revision, change, put_together,
                                               std::move(consequences)));
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const auto withdraw = [&](Material& sheet) -> Result<void> {
      sheet.state = State::withdrawn;
      sheet.notice = "Đã gộp vào tư liệu " + ids.front().text();
      return {};
    };
    KHOCHUNG_CHECK(materials_.revise(ids[i], std::nullopt, change, withdraw));
  }
  return merged;
}

Result<std::vector<Material>> Sheets::split(MaterialId id, const Change& change) {
  const auto whole = KHOCHUNG_TRY(catalogue_.material(id)).material;
  if (whole.files.size() < 2)
    return fail(ErrorCode::bad_input, "a single file cannot be taken apart");
  std::vector<Material> sheets;
  for (std::size_t i = 1; i < whole.files.size(); ++i) {
    Material sheet = whole;
    sheet.id = MaterialId();
    sheet.files = {whole.files[i]};
    sheet.title = title_from_name(sheet);
    sheet.group.clear();
    // Approvals were given to the whole.
    sheet.review.reset();
    if (sheet.state == State::approved) sheet.state = State::submitted;
    Consequences consequences;
    consequences.page_count = count_pages(sheet, derivatives_).pages;
    sheets.push_back(
        KHOCHUNG_TRY(materials_.create(std::move(sheet), change, std::move(consequences))));
  }
  Material first = whole;
  first.files.resize(1);
  Consequences consequences;
  consequences.page_count = count_pages(first, derivatives_).pages;
  const auto keep_first = [&](Material& newest) -> Result<void> {
    newest.files.resize(1);
    return {};
  };
  KHOCHUNG_CHECK(
      materials_.revise(id, whole.revision, change, keep_first, std::move(consequences)));
  return sheets;
}

}  // namespace khochung::pipeline
