#include "storage/fixity/fixity_check.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>

#include "storage/blobs/verify.hpp"
#include "storage/derivatives/reading_file.hpp"

namespace khochung::storage {
namespace {

using State = FixityResult::State;

/// Results are noted so many at a time.
constexpr std::size_t results_a_commit = 256;

void pace(const FixityOptions& options, std::uint64_t bytes) {
  if (options.pace) options.pace(bytes);
}

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
  auto expected = KHOCHUNG_TRY(catalogue_.fixity(sha256));
  FixityReport report;
  auto result = read_blob(sha256, report, {});
  if (!result && result.error().code != ErrorCode::not_found) return result;
  if (!result) {
    expected.state = State::missing;
    expected.checked_at = now();
    result = std::move(expected);
  }
  KHOCHUNG_CHECK(catalogue_.set_fixity({*result}));
  return result;
}

Result<void> FixityCheck::check_blobs(Run& run) const {
  std::map<Digest, std::uint64_t> there;
  KHOCHUNG_CHECK(blobs_.for_each_in(run.slice, [&](const BlobInfo& blob) {
    there.emplace(blob.sha256, blob.size_bytes);
    return true;
  }));
  for (const auto& expected : KHOCHUNG_TRY(catalogue_.fixity_in(run.slice))) {
    const auto found = there.find(expected.sha256);
    const bool is_there = found != there.end();
    KHOCHUNG_CHECK(
        check_expected(run, expected, is_there ? std::optional(found->second) : std::nullopt));
    if (is_there) there.erase(found);
    if (run.results.size() < results_a_commit) continue;
    KHOCHUNG_CHECK(catalogue_.set_fixity(run.results));
    run.results.clear();
  }
  for (const auto& [sha256, size_bytes] : there)
    KHOCHUNG_CHECK(check_orphan(run, {sha256, size_bytes, true}));
  return {};
}

Result<void> FixityCheck::check_expected(Run& run, const FixityResult& expected,
                                         std::optional<std::uint64_t> size_bytes) const {
  KHOCHUNG_CHECK(run.unless_stopped());
  const auto path = blobs_.location(expected.sha256);
  auto result = expected;
  ++run.report.checked;
  if (!size_bytes) {
    result.state = State::missing;
    result.checked_at = now();
    run.results.push_back(result);
    run.report.missing.push_back({"blob", expected.sha256.hex(), path, expected.sha256.hex(), ""});
    return {};
  }
  const bool has_length = *size_bytes == expected.size_bytes;
  const auto& since = run.options.unless_checked_since;
  const bool is_fresh = since && expected.state == State::good && expected.checked_at &&
                        *expected.checked_at >= *since;
  if (has_length && (is_fresh || !run.reads())) return {};
  std::string found;
  if (run.reads()) {
    result = KHOCHUNG_TRY(read_blob(expected.sha256, run.report, run.options));
    if (result.state == State::good) {
      run.results.push_back(std::move(result));
      return {};
    }
    found = KHOCHUNG_TRY(reread(blobs_, expected.sha256)).found.hex();
  }
  result.state = State::damaged;
  result.checked_at = now();
  run.results.push_back(std::move(result));
  run.report.corrupt.push_back({"blob", expected.sha256.hex(), path, expected.sha256.hex(), found});
  return {};
}

/// A blob that nothing expects: of an upload that nobody finished, or waiting for `gc`.
Result<void> FixityCheck::check_orphan(Run& run, const BlobInfo& blob) const {
  KHOCHUNG_CHECK(run.unless_stopped());
  ++run.report.checked;
  if (!run.reads()) return {};
  const auto fixity = reread(blobs_, blob.sha256);
  if (!fixity && fixity.error().code == ErrorCode::not_found) return {};
  if (!fixity) return fail(fixity.error());
  run.report.bytes += static_cast<std::int64_t>(fixity->size_bytes);
  pace(run.options, fixity->size_bytes);
  if (fixity->is_intact(blob.sha256)) return {};
  run.report.corrupt.push_back({"blob", blob.sha256.hex(), blobs_.location(blob.sha256),
                                blob.sha256.hex(), fixity->found.hex()});
  return {};
}

Result<FixityResult> FixityCheck::read_blob(const Digest& sha256, FixityReport& report,
                                            const FixityOptions& options) const {
  const auto fixity = KHOCHUNG_TRY(reread(blobs_, sha256));
  report.bytes += static_cast<std::int64_t>(fixity.size_bytes);
  pace(options, fixity.size_bytes);
  FixityResult result{sha256, fixity.size_bytes, fixity.crc32, now(), State::good};
  if (!fixity.is_intact(sha256)) {
    result.state = State::damaged;
    result.crc32.reset();
  }
  return result;
}

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
    run.report.bytes += static_cast<std::int64_t>(found.size_bytes);
    pace(run.options, found.size_bytes);
    if (!*is_whole)
      run.report.corrupt.push_back({looks_torn(found) ? "torn" : "derivative",
                                    found.source.hex() + "." + found.name, found.path.string(), "",
                                    ""});
    return true;
  }));
  return outcome;
}

}  // namespace khochung::storage
