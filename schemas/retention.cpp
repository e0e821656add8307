#include "schemas/retention.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <set>

#include "schemas/json_reader.hpp"
#include "schemas/vocabularies/kinds.hpp"

namespace khochung {
namespace {

constexpr std::string_view permanent = "permanent";
constexpr std::string_view proposal =
    "Luật Lưu trữ 33/2024/QH15; mức đề xuất, đơn vị đối chiếu bảng thời hạn của mình trước khi "
    "dùng";

struct Proposed {
  int years;  ///< 0: permanently
  std::string_view kinds;
};
constexpr std::array proposed{
    Proposed{0,
             "dieu_le chien_luoc nghi_quyet quyet_dinh chi_thi ket_luan quy_che quy_dinh luat "
             "nghi_dinh thong_tu chuong_trinh ke_hoach de_an du_an bao_cao bien_ban anh"},
    Proposed{20, "hop_dong to_trinh huong_dan thong_bao ban_ghi_nho ban_thoa_thuan phuong_an"},
    Proposed{10, "cong_van cong_dien giay_uy_quyen"},
    Proposed{5, "giay_moi giay_gioi_thieu giay_nghi_phep phieu_gui phieu_chuyen phieu_bao"},
};

const RetentionClass* class_of(const Material& material, const RetentionTable& table) {
  const auto found = std::ranges::find(table.classes, material.kind, &RetentionClass::kind);
  return material.kind.empty() || found == table.classes.end() ? nullptr : &*found;
}

/// The last year that an EDTF date names; 0 when it names none.
int last_year_of(std::string_view edtf) {
  const auto slash = edtf.find('/');
  return first_year_of(slash == std::string_view::npos ? edtf : edtf.substr(slash + 1));
}

}  // namespace

Result<RetentionTerm> retention_term_from(std::string_view text) {
  if (text == permanent) return RetentionTerm{};
  int years = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), years);
  if (error == std::errc() && end == text.data() + text.size() && years >= 1 &&
      years <= longest_retention_years)
    return RetentionTerm{years};
  return fail(ErrorCode::bad_input,
              "retention: permanent, or 1 to 100 years: " + std::string(text));
}

std::string to_text(const RetentionTerm& term) {
  return term.years ? std::to_string(*term.years) : std::string(permanent);
}

RetentionTable proposed_retention() {
  RetentionTable table;
  for (const auto& kind : material_kinds) {
    const auto names_it = [&](const Proposed& row) {
      return (" " + std::string(row.kinds) + " ").find(" " + std::string(kind.key) + " ") !=
             std::string::npos;
    };
    const auto* row = std::ranges::find_if(proposed, names_it);
    if (row == proposed.end()) continue;
    RetentionTerm term;
    if (row->years > 0) term.years = row->years;
    table.classes.push_back({std::string(kind.key), term, std::string(proposal)});
  }
  return table;
}

Uuid retention_table_id() {
  return *Uuid::parse("00000000-0000-7000-8000-000000000001");
}

boost::json::value to_json(const RetentionTable& table) {
  boost::json::array classes;
  for (const auto& one : table.classes) {
    classes.push_back(
        boost::json::object{{"kind", one.kind}, {"term", to_text(one.term)}, {"basis", one.basis}});
  }
  return boost::json::object{{"name", "retention"}, {"classes", std::move(classes)}};
}

Result<RetentionTable> retention_table_from_json(const boost::json::value& value) {
  const auto* classes = JsonReader(value).find("classes");
  if (classes == nullptr || !classes->is_array())
    return fail(ErrorCode::bad_input, "a retention table has a list of classes");
  RetentionTable table;
  std::set<std::string> kinds;
  for (const auto& one : classes->get_array()) {
    const JsonReader read(one);
    auto kind = read.string("kind");
    if (find_kind(kind) == nullptr) return fail(ErrorCode::bad_input, "no such kind: " + kind);
    if (!kinds.insert(kind).second) return fail(ErrorCode::bad_input, "stands twice: " + kind);
    const auto term = KHOCHUNG_TRY(retention_term_from(read.string("term")));
    table.classes.push_back({std::move(kind), term, read.string("basis")});
  }
  return table;
}

std::optional<RetentionTerm> term_of(const Material& material, const RetentionTable& table) {
  // A term that cannot be read keeps it for ever rather than not at all.
  if (!material.retention.empty())
    return retention_term_from(material.retention).value_or(RetentionTerm{});
  const auto* its_class = class_of(material, table);
  return its_class == nullptr ? std::nullopt : std::optional(its_class->term);
}

std::string basis_of(const Material& material, const RetentionTable& table) {
  const auto* its_class = material.retention.empty() ? class_of(material, table) : nullptr;
  return its_class == nullptr ? std::string() : its_class->basis;
}

std::optional<std::chrono::year_month_day> due_on(const Material& material,
                                                  const RetentionTable& table) {
  const auto term = term_of(material, table);
  const int year = last_year_of(material.date);
  if (!term || !term->years || year == 0) return std::nullopt;
  return std::chrono::year(year + *term->years + 1) / std::chrono::January / 1;
}

std::string retention_key(const Material& material) {
  return material.retention.empty() ? material.kind : "=" + material.retention;
}

int filing_year(std::string_view date) {
  int year = 0;
  const auto* end = date.data() + std::min<std::size_t>(date.size(), 4);
  const auto parsed = std::from_chars(date.data(), end, year);
  return parsed.ec == std::errc() && parsed.ptr == date.data() + 4 ? year : 0;
}

bool is_due(const Material& material, const RetentionTable& table,
            std::chrono::year_month_day today) {
  const auto due = due_on(material, table);
  return due && *due <= today;
}

}  // namespace khochung
