#include "indexer/pipeline/catalogue_rebuild.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "indexer/pipeline/handling.hpp"
#include "indexer/pipeline/page_map.hpp"
#include "indexer/pipeline/quick_reader.hpp"
#include "schemas/record.hpp"
#include "schemas/unit.hpp"

namespace khochung::pipeline {
namespace {

constexpr int slices = 256;
constexpr std::size_t materials_a_commit = 500;
constexpr std::string_view upkeep_name = "rebuild";

/// Scanned pages whose texts are not there yet: the job that would have read them is gone.
bool awaits_ocr(const Digest& sha256, const storage::DerivativeStore& derivatives) {
  const auto outline = derivatives.outline(sha256);
  if (!outline || outline->is_ocr) return false;
  const auto texts = derivatives.page_texts(sha256);
  return !texts || std::ranges::any_of(*texts, &std::string::empty);
}

/// Whether the first record that can be read may be the first there is.
bool begins_history(const Record& first, const std::vector<storage::RecordStore::Found>& all) {
  const auto newest = storage::RecordStore::read(all.back());
  return may_begin_history(first, newest ? *newest : first);
}

}  // namespace

std::vector<storage::Job> jobs_for_missing(const Material& material,
                                           const storage::DerivativeStore& derivatives) {
  if (material.sensitivity == Sensitivity::quarantined || is_taken_out(material.state)) return {};
  std::set<Task> tasks;
  for (const auto& file : material.files) {
    const auto has = [&](std::string_view name) {
      return derivatives.rendition(file.sha256, name).has_value();
    };
    const auto handling = handling_of(file.media_type);
    const bool is_drawn = handling == Handling::picture || handling == Handling::pdf;
    const bool is_laid_out = handling == Handling::office || handling == Handling::old_office;
    if (handling == Handling::opaque || handling == Handling::archive) continue;
    if (!derivatives.outline(file.sha256) || (is_drawn && awaits_ocr(file.sha256, derivatives)))
      tasks.insert(Task::read);
    if (is_laid_out && !has("layout.pdf")) tasks.insert(Task::layout);
    if (is_drawn && !has("thumbnail.jpg")) tasks.insert(Task::pictures);
  }
  std::vector<storage::Job> jobs;
  for (const auto task : tasks) {
    jobs.push_back(
        {0, lane_of(task), std::string(to_text(task)), material.id, 0, task == Task::read});
  }
  return jobs;
}

std::vector<storage::BatchItem> receipt_lines(const Material& material, bool is_being_read) {
  std::vector<storage::BatchItem> lines;
  if (!material.batch.is_set()) return lines;
  for (const auto& file : material.files) {
    storage::BatchItem line;
    line.batch = material.batch;
    line.path = file.name;
    line.sha256 = file.sha256;
    line.size_bytes = file.size_bytes;
    line.material = material.id;
    line.state = is_being_read ? storage::ItemState::reading : storage::ItemState::done;
    if (material.sensitivity == Sensitivity::quarantined) {
      line.state = storage::ItemState::quarantined;
      line.reason = "quarantined";
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

namespace {

/// Calls at the same time share a commit.
constexpr std::size_t commits_shared_by = 32;
constexpr int materials_at_once = 1'000;

Result<void> add_jobs(storage::Catalogue& catalogue, const std::vector<storage::Job>& jobs) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  Result<void> outcome;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(commits_shared_by, jobs.size()); ++i) {
    threads.emplace_back([&] {
      for (auto at = next++; at < jobs.size(); at = next++) {
        const auto added = catalogue.add_job(jobs[at]);
        const std::scoped_lock lock(mutex);
        if (!added) outcome = added;
      }
    });
  }
  threads.clear();
  return outcome;
}

}  // namespace

Result<std::int64_t> queue_missing_derivatives(storage::Catalogue& catalogue,
                                               const storage::DerivativeStore& derivatives) {
  std::int64_t to_read = 0;
  std::optional<MaterialId> after;
  while (true) {
    const auto entries = KHOCHUNG_TRY(catalogue.materials_after(after, materials_at_once));
    if (entries.empty()) return to_read;
    std::vector<storage::Job> jobs;
    for (const auto& entry : entries) {
      const auto missing = jobs_for_missing(entry.material, derivatives);
      if (!missing.empty()) ++to_read;
      jobs.insert(jobs.end(), missing.begin(), missing.end());
    }
    KHOCHUNG_CHECK(add_jobs(catalogue, jobs));
    after = entries.back().material.id;
  }
}

/// What one slice gave, on its way into the catalogue.
struct CatalogueRebuild::Slice {
  std::vector<storage::Catalogue::NewMaterial> materials;
  std::vector<storage::Batch> batches;
  std::vector<Unit> units;
  std::vector<MaterialId> archives;
  RebuildProgress counts;
  std::vector<MaterialFile> earlier_files;  ///< of the history in hand
};

Result<RebuildProgress> CatalogueRebuild::run(
    unsigned threads, const std::stop_token& stop,
    const std::function<void(const RebuildProgress&)>& report) {
  report_ = report;
  KHOCHUNG_CHECK(load_done());
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back([&] { work(stop); });
    work(stop);
  }
  if (error_) return fail(*error_);
  if (stop.stop_requested()) return fail(ErrorCode::unavailable, "the rebuild was stopped");
  KHOCHUNG_CHECK(unpack_again());
  KHOCHUNG_CHECK(catalogue_.set_upkeep(upkeep_name, ""));
  return progress_;
}

Result<bool> CatalogueRebuild::is_under_way(const storage::Catalogue& catalogue) {
  return !KHOCHUNG_TRY(catalogue.upkeep(upkeep_name)).empty();
}

Result<void> CatalogueRebuild::begin() {
  if (KHOCHUNG_TRY(is_under_way(catalogue_))) return {};
  return catalogue_.start_over(upkeep_name, std::string(slices, '0'));
}

/// One character a slice.
Result<void> CatalogueRebuild::load_done() {
  const auto done = KHOCHUNG_TRY(catalogue_.upkeep(upkeep_name));
  for (std::size_t i = 0; i < std::min(done.size(), is_done_.size()); ++i)
    is_done_[i] = done[i] == '1';
  progress_.slices_done = static_cast<int>(std::ranges::count(is_done_, true));
  return {};
}

void CatalogueRebuild::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const int number = next_slice_++;
    if (number >= slices) return;
    if (is_done_.at(static_cast<std::size_t>(number))) continue;
    const auto done = rebuild_slice(static_cast<std::uint8_t>(number));
    if (done) continue;
    const std::scoped_lock lock(mutex_);
    if (!error_) error_ = done.error();
    next_slice_ = slices;
  }
}

Result<void> CatalogueRebuild::rebuild_slice(std::uint8_t number) {
  Slice slice;
  Result<void> outcome;
  KHOCHUNG_CHECK(records_.for_each_id_in(number, [&](const std::vector<Found>& revisions) {
    take_history(revisions, slice);
    if (slice.materials.size() >= materials_a_commit) outcome = put(slice);
    return outcome.has_value();
  }));
  KHOCHUNG_CHECK(outcome);
  KHOCHUNG_CHECK(put(slice));
  return note_done(number, std::move(slice));
}

/// Goes along the chain as far as it holds; the newest revision that holds is the one that counts.
void CatalogueRebuild::take_history(const std::vector<Found>& revisions, Slice& slice) const {
  std::optional<Record> newest;
  const Found* newest_file = nullptr;
  slice.earlier_files.clear();
  const auto damaged = [&](const Found& found, const std::string& what) {
    slice.counts.damaged.push_back({found.path.string(), what});
  };
  for (const auto& found : revisions) {
    auto record = storage::RecordStore::read(found);
    if (!record) {
      damaged(found, record.error().message);
      continue;
    }
    ++slice.counts.revisions;
    const bool follows =
        newest ? found.revision == newest->revision + 1 && record->previous == newest_file->seal
               : begins_history(*record, revisions);
    if (!follows) damaged(found, "the chain is broken before it");
    if (newest && newest->kind == RecordKind::material) {
      if (const auto earlier = material_from_json(newest->body)) {
        std::ranges::move(files_kept(*earlier), std::back_inserter(slice.earlier_files));
      }
    }
    newest = *std::move(record);
    newest_file = &found;
  }
  if (!newest) return;
  const auto taken = take_newest(*newest, newest_file->seal, slice);
  if (!taken) damaged(*newest_file, taken.error().message);
}

Result<void> CatalogueRebuild::take_newest(const Record& newest, const Digest& seal,
                                           Slice& slice) const {
  if (newest.kind != RecordKind::unit && newest.kind != RecordKind::material)
    return catalogue_.put_record({newest.kind, newest.id, newest.revision, {}, {}});
  if (newest.kind == RecordKind::unit) {
    slice.units.push_back(KHOCHUNG_TRY(unit_from_json(newest.body)));
    return {};
  }
  storage::Catalogue::NewMaterial entry;
  entry.material = KHOCHUNG_TRY(material_from_json(newest.body));
  const auto& material = entry.material;
  entry.seal = seal;
  entry.page_count = count_pages(material, derivatives_).pages;
  entry.jobs = jobs_for_missing(material, derivatives_);
  entry.items = receipt_lines(material, !entry.jobs.empty());
  for (auto& line : entry.items) line.pages = entry.items.size() == 1 ? entry.page_count : 0;
  std::swap(entry.earlier_files, slice.earlier_files);
  if (!entry.jobs.empty()) ++slice.counts.to_read;
  if (material.batch.is_set())
    slice.batches.push_back({material.batch, material.creator, material.created_at, true});
  const bool is_archive = std::ranges::any_of(material.files, [](const MaterialFile& file) {
    return handling_of(file.media_type) == Handling::archive;
  });
  if (is_archive && !is_taken_out(material.state)) slice.archives.push_back(material.id);
  slice.materials.push_back(std::move(entry));
  return {};
}

Result<void> CatalogueRebuild::put(Slice& slice) {
  std::vector<storage::Catalogue::NewUnit> units;
  for (const auto& unit : slice.units) units.push_back({unit, 1, {}, {}});
  KHOCHUNG_CHECK(catalogue_.put_units(units));
  slice.counts.units += static_cast<std::int64_t>(std::exchange(slice.units, {}).size());
  for (const auto& batch : std::exchange(slice.batches, {})) {
    const bool is_new = [&] {
      const std::scoped_lock lock(mutex_);
      return batches_.insert(batch.id).second;
    }();
    if (is_new) KHOCHUNG_CHECK(catalogue_.put_batch(batch));
  }
  KHOCHUNG_CHECK(catalogue_.put_materials(slice.materials));
  slice.counts.materials += static_cast<std::int64_t>(std::exchange(slice.materials, {}).size());
  return {};
}

Result<void> CatalogueRebuild::note_done(std::uint8_t number, Slice slice) {
  const std::scoped_lock lock(mutex_);
  is_done_.at(number) = true;
  std::string done;
  for (const bool is_done : is_done_) done += is_done ? '1' : '0';
  KHOCHUNG_CHECK(catalogue_.set_upkeep(upkeep_name, done));
  auto& counts = slice.counts;
  ++progress_.slices_done;
  progress_.units += counts.units;
  progress_.materials += counts.materials;
  progress_.revisions += counts.revisions;
  progress_.to_read += counts.to_read;
  std::ranges::move(counts.damaged, std::back_inserter(progress_.damaged));
  archives_.insert(archives_.end(), slice.archives.begin(), slice.archives.end());
  if (report_) report_(progress_);
  return {};
}

/// Archives without a part: either they hold nothing, or nobody has opened them yet.
Result<void> CatalogueRebuild::unpack_again() {
  for (const auto& id : archives_) {
    if (!KHOCHUNG_TRY(catalogue_.parts_of(id)).empty()) continue;
    KHOCHUNG_CHECK(catalogue_.add_job(
        {0, lane_of(Task::unpack), std::string(to_text(Task::unpack)), id, 0, false}));
  }
  return {};
}

}  // namespace khochung::pipeline
