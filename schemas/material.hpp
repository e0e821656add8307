#pragma once

#include <array>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/digest.hpp"
#include "schemas/identifier.hpp"
#include "schemas/instant.hpp"
#include "schemas/kit.hpp"
#include "schemas/result.hpp"
#include "schemas/review.hpp"

namespace khochung {

/// Who may see a published material. Each one after another is narrower.
enum class Visibility { public_, press, union_, branch, unit, private_ };

/// Where a material is on its way. Withdrawn and deleted ones answer 410 with title and reason; of
/// deleted ones the bytes go, too, once nothing keeps them (see Deletion).
enum class State { draft, submitted, approved, published, withdrawn, deleted };

/// Whether it was taken out of the archive's offer: found by nobody, shown as a notice only.
constexpr bool is_taken_out(State state) {
  return state == State::withdrawn || state == State::deleted;
}

/// Công khai · nội bộ · hạn chế; `quarantined` carries a state-secret mark and is shown to nobody.
enum class Sensitivity { open, internal, restricted, quarantined };

/// One file that a material was given.
struct MaterialFile {
  /// Unique within the material; NFC; safe to show and to save under.
  std::string name;
  /// "original"; derived ones ("thumbnail", "searchable_pdf", …) are not recorded.
  std::string role = "original";
  Digest sha256;
  std::uint64_t size_bytes = 0;
  std::string media_type;

  bool operator==(const MaterialFile&) const = default;
};

/// The tombstone of a material; the reason is its notice.
struct Deletion {
  Instant at{};
  std::string by;  ///< account name
  /// The disposal list on which it stands, where its kind has a retention class.
  std::optional<Uuid> disposal;

  bool operator==(const Deletion&) const = default;
};

/// That what a material held was erased for the sake of personal data: asked for by one person,
/// approved by another. Until it is approved nothing is erased; from then on the material is a
/// skeleton and this is all that is known of what it was.
struct Erasure {
  std::string ground;  ///< the rule or request it stands on; names no person
  MaterialId minutes;  ///< the material that holds the minutes
  std::string asked_by;
  Instant asked_at{};
  std::string approved_by;  ///< empty: not yet
  std::optional<Instant> approved_at;
  std::vector<Digest> revisions;    ///< seals of the revisions that were erased, from the first on
  std::vector<MaterialFile> files;  ///< all that they named, without names

  [[nodiscard]] bool is_approved() const { return approved_at.has_value(); }
  bool operator==(const Erasure&) const = default;
};

/// A material as its newest record says it: what it is, whose it is, who may see it, which bytes it
/// has. Nothing in it is derived (no page count, no text).
struct Material {
  MaterialId id;
  int revision = 1;

  std::string title;
  std::string description;
  std::string date;      ///< EDTF
  std::string kind;      ///< a kind of schemas/vocabularies/kinds.json ("quyet_dinh", "poster", …)
  std::string language;  ///< BCP 47 ("vi", "en")
  std::string number;    ///< số, ký hiệu ("01/CTr-TLĐ")
  std::string issuer;    ///< cơ quan ban hành, as the document says it
  std::string signer;
  std::string theme;  ///< of these four the ids of concepts, as joined_concepts gives them
  std::string audience;
  std::string channel;
  std::string format;
  std::string credit;
  std::string terms;
  std::string licence_until;  ///< the last day of its licence ("2027-12-31"); empty: without end
  /// Of the persons pictured: one of schemas/rights.hpp; empty: nobody has said.
  std::string consent;
  std::string consent_until;  ///< the last day of their consent; empty: until it is withdrawn
  std::string retention;      ///< its own term (schemas/retention.hpp); empty: that of its kind
  std::string group;          ///< equal groups of one batch are sheets of one document
  std::string notice;         ///< why it was withdrawn or deleted
  std::string hold;  ///< why its bytes must stay whatever happens; empty: nothing holds them
  std::optional<Deletion> deletion;  ///< exactly in state deleted
  std::optional<Erasure> erasure;
  /// The disposals and erased materials whose paper trail it is part of: it stays as long as they.
  std::vector<Uuid> evidence_of;

  UnitId unit;  ///< the owner
  Visibility visibility = Visibility::unit;
  State state = State::draft;
  Sensitivity sensitivity = Sensitivity::open;
  std::optional<Instant> embargo_until;
  std::vector<std::string> press_recipients;  ///< accounts that may see it under embargo
  std::string creator;                        ///< account name
  std::optional<MaterialId> part_of;
  BatchId batch;
  Instant created_at{};
  /// Since when it is published; absent before that, and in records of older versions.
  std::optional<Instant> published_at;
  std::vector<MaterialFile> files;
  std::optional<Kit> kit;  ///< exactly for a press kit, which has no files
  /// How far it is with those who must agree; nothing before it is submitted and once it is out.
  std::optional<Review> review;

  /// When whoever may see it was told of it: its publication, a kit's newest version, the end of
  /// its embargo, whichever came last; before all that when it was taken in.
  [[nodiscard]] Instant announced_at() const;
  /// Whether something keeps its bytes whatever happens.
  [[nodiscard]] bool is_held() const { return !hold.empty() || !evidence_of.empty(); }
  bool operator==(const Material&) const = default;
};

/// How a field of a Material takes part in the archive.
struct FieldInfo {
  std::string_view name;
  std::string_view label_vi;
  std::string_view label_en;
  std::string Material::* text;  ///< null where the field is not plain text
  bool is_searched;              ///< its words are indexed with the text
};

/// The one table of fields: manifests, forms, PATCH, index and API read it.
inline constexpr std::array<FieldInfo, 24> material_fields{{
    {"title", "Tên tư liệu", "Title", &Material::title, true},
    {"description", "Mô tả", "Description", &Material::description, true},
    {"date", "Ngày", "Date", &Material::date, false},
    {"kind", "Loại", "Kind", &Material::kind, false},
    {"language", "Ngôn ngữ", "Language", &Material::language, false},
    {"number", "Số, ký hiệu", "Number and symbol", &Material::number, true},
    {"issuer", "Cơ quan ban hành", "Issuing body", &Material::issuer, true},
    {"signer", "Người ký", "Signer", &Material::signer, true},
    {"theme", "Chủ đề", "Themes", &Material::theme, false},
    {"audience", "Đối tượng", "Audiences", &Material::audience, false},
    {"channel", "Kênh", "Channels", &Material::channel, false},
    {"format", "Hình thức", "Forms", &Material::format, false},
    {"credit", "Ghi nguồn", "Credit", &Material::credit, true},
    {"terms", "Điều kiện sử dụng", "Terms of use", &Material::terms, false},
    {"licence_until", "Được dùng đến hết ngày", "May be used until", &Material::licence_until,
     false},
    {"consent", "Đồng ý của người trong ảnh", "Consent of those pictured", &Material::consent,
     false},
    {"consent_until", "Đồng ý đến hết ngày", "Consent until", &Material::consent_until, false},
    {"retention", "Thời hạn bảo quản", "Retention", &Material::retention, false},
    {"group", "Nhóm", "Group", &Material::group, false},
    {"unit", "Đơn vị", "Unit", nullptr, false},
    {"visibility", "Ai được xem", "Who may see it", nullptr, false},
    {"state", "Trạng thái", "State", nullptr, false},
    {"sensitivity", "Mức độ nhạy cảm", "Sensitivity", nullptr, false},
    {"embargo_until", "Cấm công bố đến", "Embargoed until", nullptr, false},
}};

/// A field that holds concepts of a vocabulary (schemas/vocabulary.hpp), each by its id.
struct ConceptField {
  std::string_view name;
  std::string_view vocabulary;
  std::string Material::* ids;
};
inline constexpr std::array<ConceptField, 4> concept_fields{{
    {"theme", "themes", &Material::theme},
    {"audience", "audience", &Material::audience},
    {"channel", "channels", &Material::channel},
    {"format", "formats", &Material::format},
}};
/// So many concepts one such field may hold.
inline constexpr std::size_t most_concepts_of_a_field = 20;

/// The row of `name`, or null.
const ConceptField* find_concept_field(std::string_view name);

/// The ids in such a field, in order and each once: "safety;values", blanks around them left out.
std::vector<std::string> concepts_in(std::string_view ids);
/// The other way round.
std::string joined_concepts(const std::vector<std::string>& ids);

/// Every file whose bytes the material needs: its own, or those of the newest version of its kit.
std::vector<MaterialFile> files_kept(const Material& material);

/// The row of `name`, or null.
const FieldInfo* find_field(std::string_view name);

std::string_view to_text(Visibility visibility);
std::string_view to_text(State state);
std::string_view to_text(Sensitivity sensitivity);
Result<Visibility> visibility_from(std::string_view text);
Result<State> state_from(std::string_view text);
Result<Sensitivity> sensitivity_from(std::string_view text);

/// The material as its record keeps it (the unit by its id).
boost::json::value to_json(const Material& material);
/// Errors: bad_input.
Result<Material> material_from_json(const boost::json::value& value);

/// Sets a field from text as a manifest row, a form or a PATCH gives it. `unit` is not set here:
/// only a tree knows units. Errors: bad_input, naming the field.
Result<void> set_field(Material& material, std::string_view name, std::string_view value);

}  // namespace khochung
