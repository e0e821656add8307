#include "indexer/pipeline/parts_intake.hpp"

#include <algorithm>
#include <utility>

namespace khochung::pipeline {
namespace {

constexpr int deepest = 3;

/// How many archives this material lies in.
Result<int> depth_of(const storage::Catalogue& catalogue, const Material& material) {
  int depth = 0;
  for (auto whole = material.part_of; whole; ++depth)
    whole = KHOCHUNG_TRY(catalogue.material(*whole)).material.part_of;
  return depth;
}

/// The path under which the archive itself stands in its receipt.
Result<std::string> path_in_receipt(const storage::Catalogue& catalogue, const Material& whole) {
  const auto lines = KHOCHUNG_TRY(catalogue.batch_items(whole.batch));
  const auto own =
      std::ranges::find_if(lines, [&](const auto& line) { return line.material == whole.id; });
  return own == lines.end() ? whole.files.front().name : own->path;
}

}  // namespace

Result<PartsIntake> PartsIntake::make(storage::BlobStore& blobs, storage::Catalogue& catalogue,
                                      Intake& intake, const Material& whole) {
  if (KHOCHUNG_TRY(depth_of(catalogue, whole)) >= deepest) {
    return fail(ErrorCode::too_large, "too_many_parts", "archives lie too deep in one another");
  }
  auto prefix = KHOCHUNG_TRY(path_in_receipt(catalogue, whole)) + "!/";
  return PartsIntake(blobs, catalogue, intake, whole, std::move(prefix));
}

Result<void> PartsIntake::begin(std::string name) {
  name_ = std::move(name);
  part_ = KHOCHUNG_TRY(blobs_.begin());
  return {};
}

Result<void> PartsIntake::write(std::span<const std::byte> bytes) {
  return part_->write(bytes);
}

Submission PartsIntake::submission_of_part() {
  Submission submission;
  submission.files.push_back({std::exchange(name_, {}), std::move(part_)});
  submission.fields["unit"] = whole_.unit.text();
  submission.fields["visibility"] = to_text(whole_.visibility);
  submission.fields["state"] = to_text(whole_.state);
  submission.fields["sensitivity"] = to_text(whole_.sensitivity);
  if (whole_.embargo_until) submission.fields["embargo_until"] = to_rfc3339(*whole_.embargo_until);
  submission.fields["credit"] = whole_.credit;
  for (const auto* name : {"terms", "licence_until", "consent", "consent_until"})
    submission.fields[name] = whole_.*(find_field(name)->text);
  submission.batch = whole_.batch;
  submission.part_of = whole_.id;
  submission.part_path_prefix = path_prefix_;
  submission.viewer = access::Viewer::local_administrator();
  submission.viewer.name = whole_.creator;
  submission.from = "worker";
  return submission;
}

Result<void> PartsIntake::end() {
  const auto taken = intake_.take(submission_of_part());
  if (taken) return {};
  // A part that is bad in itself is told in the receipt; what concerns the whole store ends the
  // job.
  const auto code = taken.error().code;
  if (code == ErrorCode::disk_full || face_of(code).retry_can_help) return fail(taken.error());
  return {};
}

Result<void> PartsIntake::pass_over(const std::string& name, std::string_view why) {
  storage::BatchItem line;
  line.batch = whole_.batch;
  line.path = path_prefix_ + name;
  line.state = storage::ItemState::failed;
  line.reason = why == "encrypted" ? "encrypted_archive" : "unsupported";
  return catalogue_.put_batch_item(line).map([](const auto&) {});
}

}  // namespace khochung::pipeline
