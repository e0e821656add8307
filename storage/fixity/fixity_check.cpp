#include "storage/fixity/fixity_check.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <ranges>
#include <utility>

#include "storage/blobs/scrub.hpp"
#include "storage/derivatives/reading_file.hpp"

namespace khochung::storage {
namespace {

using State = FixityResult::State;

/// Results are noted so many at a time.
constexpr std::size_t results_a_commit = 256;

/// Whether one bit of what tells the head's length and sum has turned over.
bool has_flipped_preamble(std::string bytes) {
  for (std::size_t bit = 0; bit < reading_file::preamble_bytes * 8; ++bit) {
    const auto turn = [&] { bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8); };
    turn();
    if (reading_file::decode_head(bytes)) return true;
    turn();
  }
  return false;
}

/// Derivatives are not synced when they are written: a power cut leaves them empty, cut short or
/// with blocks of zeros. That is no rot, and says nothing of the disk.
bool looks_torn(const DerivativeStore::Found& found) {
  constexpr std::size_t block_bytes = 4096;
  std::ifstream stream(found.path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (bytes.size() < reading_file::preamble_bytes) return true;
  for (std::size_t at = 0; at < bytes.size(); at += block_bytes) {
    const auto block = std::string_view(bytes).substr(at, block_bytes);
    if (block.find_first_not_of('\0') == std::string_view::npos) return true;
  }
  if (found.name != "reading") {
    // Without anything like its end: one flipped bit leaves three of these four.
    constexpr std::string_view end_mark = "KCR1";
    const auto end = std::string_view(bytes).substr(bytes.size() - 16, end_mark.size());
    return std::inner_product(end.begin(), end.end(), end_mark.begin(), 0, std::plus<>(),
                              std::equal_to<>()) < 3;
  }
  const auto head_length = reading_file::head_length(bytes);
  if (!head_length) return false;
  const auto head = reading_file::decode_head(bytes);
  if (*head_length > bytes.size()) return !has_flipped_preamble(bytes);
  if (!head || head->pages.empty()) return false;
  const auto& last = head->pages.back();
  return bytes.size() < last.details_at + last.details_bytes;
}

/// Whether what stands before the first of them was erased, and the newest says so.
bool starts_later(const std::vector<RecordStore::Found>& revisions) {
  if (revisions.front().revision == 1) return false;
  const auto first = RecordStore::read(revisions.front());
  const auto newest = RecordStore::read(revisions.back());
  return first && newest && may_begin_history(*first, *newest);
}

}  // namespace

/// One slice on its way.
struct FixityCheck::Run {
  std::uint8_t slice;
  const FixityOptions& options;
  const std::stop_token& stop;
  FixityReport report;
  std::vector<FixityResult> results;

  [[nodiscard]] bool reads() const { return options.reading == FixityOptions::Reading::everything; }
  /// Whether the last check is not long enough ago for another one.
  [[nodiscard]] bool is_fresh(const FixityResult& last) const {
    const auto& since = options.unless_checked_since;
    return since && last.state == State::good && last.checked_at && *last.checked_at >= *since;
  }
  void took(std::uint64_t bytes) {
    report.bytes += static_cast<std::int64_t>(bytes);
    if (options.pace) options.pace(bytes);
  }
  [[nodiscard]] Result<void> unless_stopped() const {
    if (stop.stop_requested()) return fail(ErrorCode::unavailable, "the check was stopped");
    return {};
  }
};

Result<FixityReport> FixityCheck::check_slice(std::uint8_t slice, const FixityOptions& options,
                                              const std::stop_token& stop) const {
  Run run{slice, options, stop, {}, {}};
  const auto blobs = check_blobs(run);
  KHOCHUNG_CHECK(catalogue_.set_fixity(run.results));
  KHOCHUNG_CHECK(blobs);
  KHOCHUNG_CHECK(check_records(run));
  KHOCHUNG_CHECK(check_derivatives(run));
  return std::move(run.report);
}

Result<FixityResult> FixityCheck::check_blob(const Digest& sha256) const {
  auto result = KHOCHUNG_TRY(catalogue_.fixity(sha256));
  const auto found = reread(blobs_, sha256);
  if (!found && found.error().code != ErrorCode::not_found) return fail(found.error());
  result.checked_at = now();
  if (found && found->is_intact(sha256)) result.crc32 = found->crc32;
  result.state = !found ? State::missing : found->is_intact(sha256) ? State::good : State::damaged;
  KHOCHUNG_CHECK(catalogue_.set_fixity({result}));
  return result;
}

// -- blobs

Result<void> FixityCheck::check_blobs(Run& run) const {
  std::map<Digest, std::uint64_t> there;
  KHOCHUNG_CHECK(blobs_.for_each_in(run.slice, [&](const BlobInfo& blob) {
    there.emplace(blob.sha256, blob.size_bytes);
    return true;
  }));
  std::vector<FixityResult> to_read;
  for (const auto& expected : KHOCHUNG_TRY(catalogue_.fixity_in(run.slice))) {
    KHOCHUNG_CHECK(run.unless_stopped());
    ++run.report.checked;
    const auto found = there.extract(expected.sha256);
    if (!found) {
      KHOCHUNG_CHECK(note_missing(run, expected));
      continue;
    }
    const bool has_length = found.mapped() == expected.size_bytes;
    if (run.reads()) {
      if (!has_length || !run.is_fresh(expected)) to_read.push_back(expected);
    } else if (!has_length) {
      KHOCHUNG_CHECK(note_damaged(run, expected, ""));
    }
  }
  KHOCHUNG_CHECK(read_expected(run, to_read));
  run.report.checked += static_cast<std::int64_t>(there.size());
  if (!run.reads()) return {};
  const auto orphans = std::views::keys(there);
  return read_orphans(run, {orphans.begin(), orphans.end()});
}

Result<void> FixityCheck::read_expected(Run& run, const std::vector<FixityResult>& expected) const {
  std::vector<Digest> blobs;
  blobs.reserve(expected.size());
  for (const auto& one : expected) blobs.push_back(one.sha256);
  auto next = expected.begin();
  return read_blobs(run, blobs, [&](const Digest& sha256, const Result<Fixity>& found) {
    auto result = *next++;
    if (!found && found.error().code == ErrorCode::not_found) return note_missing(run, result);
    if (!found) return Result<void>(fail(found.error()));
    if (!found->is_intact(sha256)) return note_damaged(run, result, found->found.hex());
    result.crc32 = found->crc32;
    result.state = State::good;
    return note(run, std::move(result));
  });
}

/// Of uploads that nobody finished, or waiting for `gc`.
Result<void> FixityCheck::read_orphans(Run& run, const std::vector<Digest>& orphans) const {
  return read_blobs(
      run, orphans, [&](const Digest& sha256, const Result<Fixity>& found) -> Result<void> {
        if (!found && found.error().code == ErrorCode::not_found) return {};
        if (!found) return fail(found.error());
        if (found->is_intact(sha256)) return {};
        run.report.corrupt.push_back(
            {"blob", sha256.hex(), blobs_.location(sha256), sha256.hex(), found->found.hex()});
        return {};
      });
}

Result<void> FixityCheck::read_blobs(
    Run& run, const std::vector<Digest>& blobs,
    const std::function<Result<void>(const Digest&, const Result<Fixity>&)>& visit) const {
  Result<void> outcome;
  const auto pace = [&](std::uint64_t bytes) {
    run.took(bytes);
    outcome = run.unless_stopped();
    return outcome.has_value();
  };
  scrub(blobs_, blobs, pace, [&](const Digest& sha256, const Result<Fixity>& found) {
    outcome = visit(sha256, found);
    return outcome.has_value();
  });
  return outcome;
}

/// One that was destroyed since the catalogue was asked is not missed.
Result<void> FixityCheck::note_missing(Run& run, FixityResult expected) const {
  const auto still = catalogue_.fixity(expected.sha256);
  if (!still && still.error().code == ErrorCode::not_found) return {};
  expected.state = State::missing;
  const auto name = expected.sha256.hex();
  run.report.missing.push_back({"blob", name, blobs_.location(expected.sha256), name, ""});
  return note(run, std::move(expected));
}

/// `found`: the digest of what lies there; empty where it was not taken.
Result<void> FixityCheck::note_damaged(Run& run, FixityResult expected,
                                       const std::string& found) const {
  expected.state = State::damaged;
  const auto name = expected.sha256.hex();
  run.report.corrupt.push_back({"blob", name, blobs_.location(expected.sha256), name, found});
  return note(run, std::move(expected));
}

Result<void> FixityCheck::note(Run& run, FixityResult result) const {
  result.checked_at = now();
  run.results.push_back(std::move(result));
  if (run.results.size() < results_a_commit) return {};
  return catalogue_.set_fixity(std::exchange(run.results, {}));
}

// -- records and derivatives

Result<void> FixityCheck::check_records(Run& run) const {
  Result<void> outcome;
  const auto damaged = [&](const RecordStore::Found& found, const std::string& what) {
    run.report.corrupt.push_back(
        {"record", found.id.text(), found.path.string(), found.seal.hex(), what});
  };
  KHOCHUNG_CHECK(records_.for_each_id_in(run.slice, [&](const auto& revisions) {
    outcome = run.unless_stopped();
    std::optional<Digest> previous;
    int last = 0;
    if (starts_later(revisions)) {
      last = revisions.front().revision - 1;
      previous = RecordStore::read(revisions.front())->previous;
    }
    for (const auto& found : revisions) {
      ++run.report.checked;
      const auto record = RecordStore::read(found);
      const bool follows = found.revision == last + 1 && (!record || record->previous == previous);
      if (!record || !follows) damaged(found, "");
      previous = found.seal;
      last = found.revision;
    }
    return outcome.has_value();
  }));
  return outcome;
}

Result<void> FixityCheck::check_derivatives(Run& run) const {
  if (!run.reads()) return {};
  Result<void> outcome;
  KHOCHUNG_CHECK(derivatives_.for_each_in(run.slice, [&](const DerivativeStore::Found& found) {
    outcome = run.unless_stopped();
    const auto is_whole = DerivativeStore::is_whole(found);
    if (!is_whole) outcome = fail(is_whole.error());
    if (!outcome) return false;
    ++run.report.checked;
    run.took(found.size_bytes);
    if (!*is_whole)
      run.report.corrupt.push_back({looks_torn(found) ? "torn" : "derivative",
                                    found.source.hex() + "." + found.name, found.path.string(), "",
                                    ""});
    return true;
  }));
  return outcome;
}

}  // namespace khochung::storage
