#include "indexer/pipeline/intake.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "indexer/text/vietnamese.hpp"
#include "schemas/access/review.hpp"
#include "schemas/utf8.hpp"

namespace khochung::pipeline {
namespace {

using storage::ItemState;

constexpr std::size_t longest_name_bytes = 255;
constexpr std::size_t longest_kept_name_bytes = 200;

storage::BatchItem receipt_line(const Submission& submission, const Material& material,
                                std::size_t file) {
  storage::BatchItem line;
  line.batch = submission.batch;
  line.path = submission.part_path_prefix + submission.files[file].path;
  line.sha256 = material.files[file].sha256;
  line.size_bytes = material.files[file].size_bytes;
  return line;
}

/// Who contributes through a call.
bool is_nobody(const access::Viewer& viewer) {
  return viewer.kind == access::AccountKind::union_person && viewer.name.empty();
}

std::vector<Digest> digests_of(const Material& material) {
  std::vector<Digest> digests;
  for (const auto& file : material.files) digests.push_back(file.sha256);
  return digests;
}

/// What the files still need, each task once for the whole material.
std::vector<storage::Job> jobs_of(const std::vector<QuickReading>& readings) {
  std::vector<storage::Job> jobs;
  for (const auto& reading : readings) {
    for (const auto& [task, is_awaited] : reading.todo) {
      const auto same = std::ranges::find(jobs, to_text(task), &storage::Job::task);
      if (same == jobs.end()) {
        jobs.push_back({0, lane_of(task), std::string(to_text(task)), {}, 0, is_awaited});
      } else {
        same->is_awaited = same->is_awaited || is_awaited;
      }
    }
  }
  return jobs;
}

}  // namespace

std::string unique_name(const std::string& name, const std::vector<MaterialFile>& others) {
  const auto is_taken = [&](const std::string& candidate) {
    return std::ranges::any_of(others,
                               [&](const MaterialFile& file) { return file.name == candidate; });
  };
  const std::filesystem::path path(name);
  std::string candidate = name;
  for (int copy = 2; is_taken(candidate); ++copy) {
    candidate =
        path.stem().string() + " (" + std::to_string(copy) + ")" + path.extension().string();
  }
  return candidate;
}

Result<std::string> safe_name(std::string_view path) {
  const auto bad = [] {
    return fail(ErrorCode::bad_input, "bad_name", "a file name that cannot be used");
  };
  const auto slash = path.find_last_of("/\\");
  const auto name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (name.empty() || name == "." || name == ".." || name.size() > longest_name_bytes ||
      !is_utf8(name) || name.find('\0') != std::string_view::npos) {
    return bad();
  }
  std::string clean = text::normalise(name);
  std::erase_if(clean, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (clean.empty()) return bad();
  const std::filesystem::path parts(clean);
  const auto extension = parts.extension().string();
  if (clean.size() <= longest_kept_name_bytes || extension.size() > 20)
    return std::string(first_bytes(clean, longest_kept_name_bytes));
  return std::string(
             first_bytes(parts.stem().string(), longest_kept_name_bytes - extension.size())) +
         extension;
}

Result<Accepted> Intake::take(Submission submission) {
  auto accepted = take_checked(submission);
  if (!accepted) note_refusal(submission, accepted.error());
  return accepted;
}

void Intake::note_refusal(const Submission& submission, const Error& error) {
  for (const auto& file : submission.files) {
    storage::BatchItem line;
    line.batch = submission.batch;
    line.path = submission.part_path_prefix + file.path;
    line.state = ItemState::failed;
    line.reason = error.reason.empty() ? face_of(error.code).name : error.reason;
    // The refusal itself is what the sender hears; a receipt that cannot be written must not hide
    // it.
    if (!catalogue_.put_batch_item(line)) return;
  }
}

Result<Material> Intake::describe(const Submission& submission, const UnitTree& tree) {
  Material material;
  KHOCHUNG_CHECK(set_field(material, "state", submission.default_state));
  const Unit* owner = tree.root();
  for (const auto& [name, value] : submission.fields) {
    if (name == "unit") {
      owner = tree.find(value);
      if (owner == nullptr)
        return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + value);
    } else {
      KHOCHUNG_CHECK(set_field(material, name, text::normalise(value)));
    }
  }
  // An archive that is being imported has no unit before the first has come.
  if (owner == nullptr) return fail(ErrorCode::bad_input, "unknown_unit", "there is no unit yet");
  KHOCHUNG_CHECK(vocabularies_.check(Material(), material));
  material.unit = owner->id;
  material.creator = submission.viewer.name;
  material.part_of = submission.part_of;
  material.batch = submission.batch;
  const auto standing = KHOCHUNG_TRY(access::Standing::of(material, tree));
  const auto needed =
      material.state >= State::approved ? access::Action::publish : access::Action::create;
  if (!access::may(submission.viewer, needed, standing, tree, now())) {
    return fail(ErrorCode::forbidden,
                "may not " + std::string(to_text(material.state)) + " at " + owner->code);
  }
  KHOCHUNG_CHECK(access::check_release(Material(), material, submission.viewer, tree));
  return material;
}

Result<UnitId> Intake::check(const Submission& submission) {
  return KHOCHUNG_TRY(describe(submission, *units_.tree())).unit;
}

Result<std::optional<Accepted>> Intake::find_known(const Submission& submission,
                                                   const Material& material, const UnitTree& tree) {
  const auto known = KHOCHUNG_TRY(same_files(material));
  if (!known) return std::nullopt;
  const auto entry = KHOCHUNG_TRY(catalogue_.material(*known));
  const auto standing = KHOCHUNG_TRY(access::Standing::of(entry.material, tree));
  // To a person who may not read the other one, these bytes are new.
  if (!access::may(submission.viewer, access::Action::read, standing, tree, now()))
    return std::nullopt;
  const bool is_own_part = submission.part_of && entry.material.part_of == submission.part_of;
  return Accepted{entry.material, is_own_part ? ItemState::done : ItemState::duplicate};
}

/// The material of the same unit that holds the same originals in the same order; of a single file,
/// any that holds it.
Result<std::optional<MaterialId>> Intake::same_files(const Material& material) const {
  const auto& first = material.files.front().sha256;
  if (material.files.size() == 1) return catalogue_.find_duplicate(first, material.unit);
  const auto digests = digests_of(material);
  const auto holders = KHOCHUNG_TRY(catalogue_.with_blob(first));
  for (const auto& entry : KHOCHUNG_TRY(catalogue_.materials(holders))) {
    const auto& other = entry.material;
    if (other.unit == material.unit && other.state != State::deleted &&
        digests_of(other) == digests)
      return other.id;
  }
  return std::nullopt;
}

Result<std::vector<std::optional<MaterialId>>> Intake::recognise(
    BatchId batch, const std::vector<Announced>& files, const storage::IsFresh& is_fresh) {
  const auto tree = units_.tree();
  std::vector<std::optional<MaterialId>> known;
  std::vector<storage::BatchItem> lines;
  for (const auto& file : files) {
    const Unit* owner = file.unit.empty() ? tree->root() : tree->find(file.unit);
    if (owner == nullptr)
      return fail(ErrorCode::bad_input, "unknown_unit", "no such unit: " + file.unit);
    known.push_back(KHOCHUNG_TRY(catalogue_.find_duplicate(file.sha256, owner->id)));
    if (known.back() && !is_fresh(file.sha256)) known.back().reset();
    if (!known.back()) continue;
    storage::BatchItem line;
    line.batch = batch;
    line.path = file.path;
    line.sha256 = file.sha256;
    line.material = known.back();
    line.state = ItemState::duplicate;
    lines.push_back(std::move(line));
  }
  KHOCHUNG_CHECK(catalogue_.add_batch_items(lines));
  return known;
}

Result<void> Intake::inspect_files(Submission& submission, Draft& draft) {
  if (submission.files.empty()) return fail(ErrorCode::bad_input, "empty_file", "no file was sent");
  for (auto& file : submission.files) {
    const auto name = KHOCHUNG_TRY(safe_name(file.path));
    const auto bytes = KHOCHUNG_TRY(file.bytes->preview());
    if (bytes.size_bytes() == 0)
      return fail(ErrorCode::bad_input, "empty_file", "0 bytes: " + file.path);
    draft.readings.push_back(KHOCHUNG_TRY(reader_.read(bytes, name)));
    // A small archive may hold ten thousand files: nobody in particular is given that much.
    const auto& todo = draft.readings.back().todo;
    if (is_nobody(submission.viewer) && std::ranges::count(todo, Task::unpack, &Todo::task) > 0)
      return fail(ErrorCode::unsupported, "an archive from nobody: " + file.path);
    MaterialFile kept;
    kept.name = unique_name(name, draft.material.files);
    kept.size_bytes = bytes.size_bytes();
    kept.media_type = draft.readings.back().media_type;
    draft.material.files.push_back(std::move(kept));
  }
  return {};
}

Result<void> Intake::keep_bytes(Submission& submission, Draft& draft) {
  for (std::size_t i = 0; i < submission.files.size(); ++i) {
    const auto info = KHOCHUNG_TRY(submission.files[i].bytes->finish());
    draft.material.files[i].sha256 = info.sha256;
    // Bytes that were there before were not read again now.
    if (info.was_known) continue;
    draft.fixity.push_back({info.sha256, info.size_bytes, info.crc32, now()});
  }
  return {};
}

Result<Accepted> Intake::take_checked(Submission& submission) {
  const auto tree = units_.tree();
  Draft draft{KHOCHUNG_TRY(describe(submission, *tree)), {}, {}};
  KHOCHUNG_CHECK(inspect_files(submission, draft));
  const std::shared_lock comes_in(coming_in_);
  KHOCHUNG_CHECK(keep_bytes(submission, draft));

  const auto slot = draft.material.files.front().sha256.bytes().front() % same_bytes_.size();
  const std::lock_guard one_after_another(same_bytes_.at(slot));
  if (auto known = KHOCHUNG_TRY(find_known(submission, draft.material, *tree))) {
    for (std::size_t i = 0; i < draft.material.files.size(); ++i) {
      auto line = receipt_line(submission, draft.material, i);
      line.material = known->material.id;
      line.state = known->state;
      KHOCHUNG_CHECK(catalogue_.put_batch_item(line));
    }
    return *std::move(known);
  }
  return keep(submission, std::move(draft));
}

Result<Accepted> Intake::keep(const Submission& submission, Draft draft) {
  auto& material = draft.material;
  fill_in(material, draft.readings.front().proposals);
  // What the file says it is may need more than what its sender said.
  if (!access::check_release(Material(), material, submission.viewer, *units_.tree()))
    material.state = State::submitted;

  Accepted accepted;
  Consequences consequences;
  consequences.fixity = std::move(draft.fixity);
  if (std::ranges::any_of(draft.readings, &QuickReading::carries_secret_mark)) {
    material.sensitivity = Sensitivity::quarantined;
    accepted.state = ItemState::quarantined;
  } else {
    consequences.jobs = jobs_of(draft.readings);
    consequences.page_count = KHOCHUNG_TRY(keep_readings(material, draft.readings));
  }
  for (std::size_t i = 0; i < material.files.size(); ++i) {
    auto line = receipt_line(submission, material, i);
    line.state = accepted.state;
    line.pages = static_cast<int>(draft.readings[i].reading.pages.size());
    if (accepted.state == ItemState::quarantined) line.reason = "quarantined";
    consequences.items.push_back(std::move(line));
  }
  const Change change{submission.viewer.name, submission.from, reason_of("taken_in")};
  accepted.material =
      KHOCHUNG_TRY(materials_.create(std::move(material), change, std::move(consequences)));
  return accepted;
}

Result<int> Intake::keep_readings(const Material& material,
                                  const std::vector<QuickReading>& readings) {
  int pages = 0;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (readings[i].reading.pages.empty()) continue;
    KHOCHUNG_CHECK(derivatives_.put_reading(material.files[i].sha256, readings[i].reading));
    pages += static_cast<int>(readings[i].reading.pages.size());
  }
  return pages;
}

}  // namespace khochung::pipeline
