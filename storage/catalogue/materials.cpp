#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>

#include "schemas/retention.hpp"
#include "storage/catalogue/tables.hpp"

namespace khochung::storage::tables {
namespace {

// clang-format off
#define KHOCHUNG_MATERIAL_COLUMNS "id, revision, seal, page_count, indexed_mark, row_hash, body"
// clang-format on

/// What the row of a material says besides its body.
struct Row {
  std::string id;
  int revision = 0;
  Digest seal;
  int page_count = 0;
  std::string body;

  [[nodiscard]] Digest hash() const {
    Hasher hasher;
    const auto numbers = id + "\n" + std::to_string(revision) + "\n" + seal.hex() + "\n" +
                         std::to_string(page_count) + "\n";
    hasher.update(std::as_bytes(std::span(numbers)));
    hasher.update(std::as_bytes(std::span(body)));
    return hasher.finish();
  }
};

Result<CatalogueEntry> entry_from(const Rows& rows) {
  const Row row{rows.text(0), rows.small(1), KHOCHUNG_TRY(rows.digest(2)), rows.small(3),
                rows.text(6)};
  if (row.hash() != KHOCHUNG_TRY(rows.digest(5))) {
    return fail(ErrorCode::corrupt, "the catalogue's row of material " + row.id);
  }
  boost::json::error_code error;
  const auto value = boost::json::parse(row.body, error);
  if (error) return fail(ErrorCode::corrupt, "a material in the catalogue is not JSON");
  CatalogueEntry entry;
  entry.material = KHOCHUNG_TRY(material_from_json(value));
  entry.seal = row.seal;
  entry.page_count = row.page_count;
  entry.is_searchable = rows.integer(4) > 0;
  return entry;
}

Result<std::vector<CatalogueEntry>> entries_of(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  std::vector<CatalogueEntry> entries;
  while (KHOCHUNG_TRY(rows.next())) entries.push_back(KHOCHUNG_TRY(entry_from(rows)));
  return entries;
}

Result<Ids> ids_of(Result<Rows> begun) {
  auto rows = KHOCHUNG_TRY(std::move(begun));
  Ids ids;
  while (KHOCHUNG_TRY(rows.next())) ids.push_back(KHOCHUNG_TRY(MaterialId::parse(rows.text(0))));
  return ids;
}

/// A row that is there already.
struct Present {
  std::int64_t arrival = 0;
  int revision = 0;
  int page_count = 0;
};

Result<std::optional<Present>> present(Connection& connection, std::string_view id) {
  auto rows = KHOCHUNG_TRY(
      connection.query("SELECT arrival, revision, page_count FROM material WHERE id = ?", {id}));
  if (!KHOCHUNG_TRY(rows.next())) return std::nullopt;
  return Present{rows.integer(0), rows.small(1), rows.small(2)};
}

Result<void> count_blob(Connection& connection, const Digest& sha256, std::int64_t size_bytes,
                        int sign) {
  if (KHOCHUNG_TRY(connection.number("SELECT 1 FROM holding WHERE sha256 = ? LIMIT 1", {sha256}))) {
    return {};
  }
  KHOCHUNG_TRY(add_to_counter(connection, "blobs", sign));
  KHOCHUNG_TRY(add_to_counter(connection, "bytes", sign * size_bytes));
  return {};
}

Result<void> add_holdings(Connection& connection, const Material& material, std::int64_t arrival) {
  for (const auto& file : files_kept(material))
    KHOCHUNG_CHECK(expect_blob(connection, file, arrival));
  for (const auto& file : material.files) {
    if (file.role != "original") continue;
    const auto size_bytes = static_cast<std::int64_t>(file.size_bytes);
    KHOCHUNG_CHECK(count_blob(connection, file.sha256, size_bytes, 1));
    const auto unit = material.unit.text();
    KHOCHUNG_TRY(connection.change(
        "INSERT INTO holding (sha256, unit, arrival, size_bytes) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        {file.sha256, unit, arrival, size_bytes}));
  }
  return {};
}

Result<void> remove_holdings(Connection& connection, const Material& material,
                             std::int64_t arrival) {
  for (const auto& file : material.files) {
    const auto unit = material.unit.text();
    const auto removed = KHOCHUNG_TRY(
        connection.change("DELETE FROM holding WHERE sha256 = ? AND unit = ? AND arrival = ?",
                          {file.sha256, unit, arrival}));
    if (removed == 0) continue;
    KHOCHUNG_CHECK(
        count_blob(connection, file.sha256, static_cast<std::int64_t>(file.size_bytes), -1));
  }
  return {};
}

SqlValue deleted_at_of(const Material& material) {
  if (!material.deletion) return nullptr;
  return milliseconds_of(material.deletion->at);
}

/// What the row says of a material that is not out yet.
class Way {
 public:
  explicit Way(const Material& material)
      : is_unpublished_(material.state < State::published),
        is_waiting_(material.review && is_unpublished_ && material.state != State::draft),
        creator_(material.creator) {
    if (!is_waiting_) return;
    to_ = material.review->to.text();
    since_ = milliseconds_of(material.review->since);
  }

  [[nodiscard]] SqlValue to() const { return is_waiting_ ? SqlValue(to_) : SqlValue(nullptr); }
  [[nodiscard]] SqlValue since() const {
    return is_waiting_ ? SqlValue(since_) : SqlValue(nullptr);
  }
  [[nodiscard]] SqlValue creator() const {
    return is_unpublished_ ? SqlValue(creator_) : SqlValue(nullptr);
  }

 private:
  bool is_unpublished_;
  bool is_waiting_;
  std::string_view creator_;
  std::string to_;
  std::int64_t since_ = 0;
};

Result<std::int64_t> insert(Connection& connection, const Row& row, const Material& material) {
  const auto mark = KHOCHUNG_TRY(add_to_counter(connection, "mark", 1));
  const auto part_of = material.part_of ? material.part_of->text() : std::string();
  const auto batch = material.batch.text();
  const auto key = retention_key(material);
  const Way way(material);
  const auto arrival = KHOCHUNG_TRY(connection.number(
      "INSERT INTO material (id, revision, seal, page_count, mark, indexed_mark, part_of, batch, "
      "group_name, row_hash, body, kind, year, deleted_at, is_held, "
      "review_to, review_since, unpublished_of) "
      "VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING arrival",
      {row.id, std::int64_t{row.revision}, row.seal, std::int64_t{row.page_count}, mark,
       material.part_of ? SqlValue(std::string_view(part_of)) : SqlValue(nullptr), batch,
       material.group, row.hash(), row.body, key, std::int64_t{filing_year(material.date)},
       deleted_at_of(material), std::int64_t{material.is_held() ? 1 : 0}, way.to(), way.since(),
       way.creator()}));
  KHOCHUNG_TRY(add_to_counter(connection, "materials", 1));
  return arrival.value_or(0);
}

Result<void> update(Connection& connection, const Row& row, const Material& material) {
  const auto mark = KHOCHUNG_TRY(add_to_counter(connection, "mark", 1));
  const auto part_of = material.part_of ? material.part_of->text() : std::string();
  const auto batch = material.batch.text();
  const auto key = retention_key(material);
  const Way way(material);
  KHOCHUNG_TRY(connection.change(
      "UPDATE material SET revision = ?, seal = ?, page_count = ?, mark = ?, part_of = ?, "
      "batch = ?, group_name = ?, row_hash = ?, body = ?, kind = ?, year = ?, deleted_at = ?, "
      "is_held = ?, review_to = ?, review_since = ?, unpublished_of = ? WHERE id = ?",
      {std::int64_t{row.revision}, row.seal, std::int64_t{row.page_count}, mark,
       material.part_of ? SqlValue(std::string_view(part_of)) : SqlValue(nullptr), batch,
       material.group, row.hash(), row.body, key, std::int64_t{filing_year(material.date)},
       deleted_at_of(material), std::int64_t{material.is_held() ? 1 : 0}, way.to(), way.since(),
       way.creator(), row.id}));
  return {};
}

/// Writes row and holdings; a material of which nothing is known begins with any revision, so that
/// a rebuild can put the newest one at once.
Result<void> put_row(Connection& connection, const Catalogue::NewMaterial& entry) {
  const auto& material = entry.material;
  Row row{material.id.text(), material.revision, entry.seal, entry.page_count,
          boost::json::serialize(to_json(material))};
  const auto there = KHOCHUNG_TRY(present(connection, row.id));
  if (!there) {
    const auto arrival = KHOCHUNG_TRY(insert(connection, row, material));
    for (const auto& file : entry.earlier_files)
      KHOCHUNG_CHECK(expect_blob(connection, file, arrival));
    return add_holdings(connection, material, arrival);
  }
  if (row.revision != there->revision + 1) {
    return fail(ErrorCode::conflict, "material " + row.id + " has revision " +
                                         std::to_string(there->revision) + ", so " +
                                         std::to_string(row.revision) + " is not the next");
  }
  if (row.page_count == 0) row.page_count = there->page_count;
  const auto before = KHOCHUNG_TRY(materials(connection, {material.id})).at(0).material;
  KHOCHUNG_CHECK(update(connection, row, material));
  if (before.files == material.files && before.unit == material.unit && before.kit == material.kit)
    return {};
  KHOCHUNG_CHECK(remove_holdings(connection, before, there->arrival));
  return add_holdings(connection, material, there->arrival);
}

Result<void> raise_indexed(Connection& connection, std::int64_t mark) {
  KHOCHUNG_TRY(connection.change(
      "UPDATE counter SET value = ? WHERE name = 'indexed' AND value < ?", {mark, mark}));
  return {};
}

}  // namespace

Result<void> put_material(Connection& connection, const Catalogue::NewMaterial& entry) {
  KHOCHUNG_CHECK(put_row(connection, entry));
  if (!entry.record.empty()) {
    const auto& material = entry.material;
    KHOCHUNG_CHECK(owe_record(connection, material.id.uuid(), material.revision, entry.record));
  }
  for (const auto& job : entry.jobs) KHOCHUNG_CHECK(add_job(connection, job));
  for (const auto& item : entry.items) KHOCHUNG_TRY(put_batch_item(connection, item));
  for (const auto& result : entry.fixity) KHOCHUNG_CHECK(set_fixity(connection, result));
  if (!entry.event.empty()) KHOCHUNG_CHECK(owe_audit(connection, entry.event));
  return {};
}

Result<void> put_if_new(Connection& connection, const Catalogue::NewMaterial& entry) {
  const auto there = KHOCHUNG_TRY(present(connection, entry.material.id.text()));
  return there ? Result<void>{} : put_material(connection, entry);
}

Result<std::vector<std::string>> owed_records(Connection& connection, int limit,
                                              const std::vector<std::pair<Uuid, int>>& forgotten) {
  std::vector<std::string> owed;
  const auto most = static_cast<std::int64_t>(forgotten.size()) + limit;
  auto rows = KHOCHUNG_TRY(connection.query(
      "SELECT id, revision, body FROM owed_record ORDER BY id, revision LIMIT ?", {most}));
  while (std::cmp_less(owed.size(), limit) && KHOCHUNG_TRY(rows.next())) {
    const auto id = KHOCHUNG_TRY(Uuid::parse(rows.text(0)));
    if (std::ranges::count(forgotten, std::pair(id, rows.small(1))) == 0) {
      owed.push_back(rows.text(2));
    }
  }
  return owed;
}

Result<void> owe_record(Connection& connection, const Uuid& id, int revision,
                        std::string_view record) {
  const auto text = id.text();
  KHOCHUNG_TRY(connection.change("INSERT INTO owed_record (id, revision, body) VALUES (?, ?, ?)",
                                 {text, std::int64_t{revision}, record}));
  return {};
}

Result<void> forget_owed_record(Connection& connection, const Uuid& id, int revision) {
  const auto text = id.text();
  KHOCHUNG_TRY(connection.change("DELETE FROM owed_record WHERE id = ? AND revision = ?",
                                 {text, std::int64_t{revision}}));
  return {};
}

Result<std::vector<CatalogueEntry>> materials(Connection& connection, const Ids& ids) {
  if (ids.empty()) return std::vector<CatalogueEntry>{};
  std::vector<std::string> texts;
  for (const auto& id : ids) texts.push_back(id.text());
  // Filled up to a power of two with an id that is there already, so that few statements are kept.
  std::size_t places = 1;
  while (places < texts.size()) places *= 2;
  std::vector<SqlValue> values(places, std::string_view(texts.front()));
  std::ranges::copy(texts, values.begin());
  std::string sql = "SELECT " KHOCHUNG_MATERIAL_COLUMNS " FROM material WHERE id IN (?";
  for (std::size_t i = 1; i < places; ++i) sql += ",?";
  auto found = KHOCHUNG_TRY(entries_of(connection.query(sql + ")", values)));
  std::map<MaterialId, std::size_t> order;
  for (std::size_t i = 0; i < ids.size(); ++i) order.emplace(ids[i], i);
  std::ranges::sort(found, {},
                    [&order](const CatalogueEntry& entry) { return order.at(entry.material.id); });
  return found;
}

Result<std::vector<CatalogueEntry>> materials_after(Connection& connection,
                                                    std::optional<MaterialId> after, int limit) {
  const auto id = after ? after->text() : std::string();
  return entries_of(connection.query("SELECT " KHOCHUNG_MATERIAL_COLUMNS
                                     " FROM material WHERE id > ? ORDER BY id LIMIT ?",
                                     {id, std::int64_t{limit}}));
}

Result<std::int64_t> newest_arrival(Connection& connection) {
  return KHOCHUNG_TRY(connection.number("SELECT max(arrival) FROM material", {})).value_or(0);
}

Result<std::vector<CatalogueEntry>> arrivals(Connection& connection, std::int64_t first,
                                             std::int64_t last) {
  return entries_of(
      connection.query("SELECT " KHOCHUNG_MATERIAL_COLUMNS
                       " FROM material WHERE arrival BETWEEN ? AND ? ORDER BY arrival",
                       {first, last}));
}

Result<std::optional<MaterialId>> find_duplicate(Connection& connection, const Digest& sha256,
                                                 UnitId owner) {
  const auto unit = owner.text();
  auto rows = KHOCHUNG_TRY(
      connection.query("SELECT m.id FROM holding h JOIN material m ON m.arrival = h.arrival "
                       "WHERE h.sha256 = ? AND h.unit = ? AND m.deleted_at IS NULL "
                       "ORDER BY m.id LIMIT 1",
                       {sha256, unit}));
  if (!KHOCHUNG_TRY(rows.next())) return std::nullopt;
  return KHOCHUNG_TRY(MaterialId::parse(rows.text(0)));
}

Result<Ids> with_blob(Connection& connection, const Digest& sha256) {
  return ids_of(
      connection.query("SELECT m.id FROM holding h JOIN material m ON m.arrival = h.arrival "
                       "WHERE h.sha256 = ? ORDER BY m.id",
                       {sha256}));
}

Result<std::vector<CatalogueEntry>> of_key_until(Connection& connection, std::string_view key,
                                                 int year, const Catalogue::DuePlace& after,
                                                 int limit) {
  return entries_of(connection.query(
      "SELECT " KHOCHUNG_MATERIAL_COLUMNS
      " FROM material WHERE kind = ? AND kind <> '' AND year >= 1 AND year <= ? "
      "AND (year, id) > (?, ?) AND deleted_at IS NULL ORDER BY year, id LIMIT ?",
      {key, std::int64_t{year}, std::int64_t{after.year}, after.id, std::int64_t{limit}}));
}

Result<std::vector<CatalogueEntry>> in_review(Connection& connection, UnitId to,
                                              const Catalogue::ReviewPlace& after, int limit) {
  const auto unit = to.text();
  return entries_of(
      connection.query("SELECT " KHOCHUNG_MATERIAL_COLUMNS
                       " FROM material WHERE review_to = ? AND review_to IS NOT NULL "
                       "AND (review_since, id) > (?, ?) ORDER BY review_since, id LIMIT ?",
                       {unit, milliseconds_of(after.since), after.id, std::int64_t{limit}}));
}

Result<std::vector<CatalogueEntry>> unpublished_of(Connection& connection, std::string_view creator,
                                                   const std::optional<MaterialId>& before,
                                                   int limit) {
  // Beyond every id, all of which are lower-case hexadecimal.
  const auto end = before ? before->text() : std::string("g");
  return entries_of(
      connection.query("SELECT " KHOCHUNG_MATERIAL_COLUMNS
                       " FROM material WHERE unpublished_of = ? AND unpublished_of IS NOT NULL "
                       "AND id < ? ORDER BY id DESC LIMIT ?",
                       {creator, end, std::int64_t{limit}}));
}

Result<Ids> parts_of(Connection& connection, MaterialId whole) {
  const auto id = whole.text();
  return ids_of(connection.query("SELECT id FROM material WHERE part_of = ? ORDER BY id", {id}));
}

Result<Ids> group_members(Connection& connection, BatchId batch, std::string_view group) {
  if (group.empty()) return Ids{};
  const auto id = batch.text();
  return ids_of(connection.query(
      "SELECT id FROM material WHERE batch = ? AND group_name = ? AND group_name <> '' "
      "ORDER BY id",
      {id, group}));
}

Result<void> set_page_count(Connection& connection, MaterialId id, int page_count) {
  const auto found = KHOCHUNG_TRY(materials(connection, {id}));
  if (found.empty()) return fail(ErrorCode::not_found, "no material " + id.text());
  const auto& entry = found.front();
  const Row row{id.text(), entry.material.revision, entry.seal, page_count,
                boost::json::serialize(to_json(entry.material))};
  KHOCHUNG_TRY(
      connection.change("UPDATE material SET page_count = ?, row_hash = ?, body = ? WHERE id = ?",
                        {std::int64_t{page_count}, row.hash(), row.body, row.id}));
  if (entry.material.files.size() != 1) return {};
  KHOCHUNG_TRY(connection.change("UPDATE batch_item SET pages = ? WHERE material = ?",
                                 {std::int64_t{page_count}, row.id}));
  return {};
}

Result<void> mark_for_index(Connection& connection, MaterialId id) {
  const auto mark = KHOCHUNG_TRY(add_to_counter(connection, "mark", 1));
  const auto text = id.text();
  const auto changed =
      KHOCHUNG_TRY(connection.change("UPDATE material SET mark = ? WHERE id = ?", {mark, text}));
  if (changed == 0) return fail(ErrorCode::not_found, "no material " + text);
  return {};
}

Result<std::vector<Catalogue::Waiting>> waiting_for_index(Connection& connection, int limit) {
  std::vector<Catalogue::Waiting> waiting;
  auto rows = KHOCHUNG_TRY(
      connection.query("SELECT " KHOCHUNG_MATERIAL_COLUMNS
                       ", mark FROM material WHERE mark > indexed_mark ORDER BY mark LIMIT ?",
                       {std::int64_t{limit}}));
  while (KHOCHUNG_TRY(rows.next())) {
    waiting.push_back({KHOCHUNG_TRY(entry_from(rows)), rows.integer(7)});
  }
  return waiting;
}

Result<Catalogue::Marks> marks(Connection& connection) {
  const auto value = [&](std::string_view name) {
    return connection.number("SELECT value FROM counter WHERE name = ?", {name});
  };
  return Catalogue::Marks{KHOCHUNG_TRY(value("mark")).value_or(0),
                          KHOCHUNG_TRY(value("indexed")).value_or(0)};
}

Result<void> set_indexed_until(Connection& connection, std::int64_t mark) {
  KHOCHUNG_TRY(connection.change(
      "UPDATE material SET indexed_mark = mark WHERE mark > indexed_mark AND mark <= ?", {mark}));
  KHOCHUNG_CHECK(raise_indexed(connection, mark));
  KHOCHUNG_TRY(
      connection.change("UPDATE batch_item SET state = 'done' WHERE state IN ('queued', 'reading') "
                        "AND EXISTS (SELECT 1 FROM material m WHERE m.id = batch_item.material "
                        "AND m.indexed_mark >= m.mark) AND NOT EXISTS (SELECT 1 FROM job "
                        "WHERE job.material = batch_item.material AND job.is_awaited = 1)"));
  return {};
}

Result<void> set_indexed(Connection& connection, MaterialId id, std::int64_t mark) {
  const auto text = id.text();
  KHOCHUNG_TRY(
      connection.change("UPDATE material SET indexed_mark = ? WHERE id = ? AND indexed_mark < ?",
                        {mark, text, mark}));
  KHOCHUNG_CHECK(raise_indexed(connection, mark));
  KHOCHUNG_TRY(connection.change(
      "UPDATE batch_item SET state = 'done' WHERE material = ? "
      "AND state IN ('queued', 'reading') "
      "AND NOT EXISTS (SELECT 1 FROM job WHERE job.material = ? AND job.is_awaited = 1)",
      {text, text}));
  return {};
}

}  // namespace khochung::storage::tables
