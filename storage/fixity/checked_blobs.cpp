#include "storage/fixity/checked_blobs.hpp"

#include <utility>

#include "storage/blobs/verify.hpp"

namespace khochung::storage {
namespace {

/// 8 MiB of memory at most.
constexpr std::size_t most_remembered = 65'536;
/// Another server of the same catalogue may find damage meanwhile.
constexpr std::chrono::minutes longest_memory{10};

/// Reads a blob and takes its digest on the way, as long as it is read from its first byte on
/// without a gap. Threads: safe from many threads.
class ReadingAlong {
 public:
  using Ended = std::function<void(bool is_good)>;

  ReadingAlong(BlobReader reader, const Digest& sha256, Ended ended)
      : reader_(std::move(reader)), sha256_(sha256), ended_(std::move(ended)) {}

  Result<void> read(std::uint64_t offset, std::span<std::byte> into) {
    const auto count = KHOCHUNG_TRY(reader_.read(offset, into));
    if (count != into.size()) {
      ended_(false);
      return fail(ErrorCode::corrupt, "the blob " + sha256_.hex() + " has been cut short");
    }
    const std::lock_guard lock(mutex_);
    if (offset != next_) return {};
    hasher_.update(into);
    next_ += count;
    if (next_ < reader_.size_bytes()) return {};
    const bool is_good = hasher_.finish() == sha256_;
    ended_(is_good);
    if (is_good) return {};
    return fail(ErrorCode::corrupt, "the bytes of " + sha256_.hex() + " are not what it was named");
  }

 private:
  BlobReader reader_;
  Digest sha256_;
  Ended ended_;
  std::mutex mutex_;
  Hasher hasher_;
  /// The first byte that has not gone into the digest.
  std::uint64_t next_ = 0;
};

}  // namespace

std::optional<VerifyOnRead> verify_on_read_from(std::string_view text) {
  if (text == "always") return VerifyOnRead::always;
  if (text == "fresh") return VerifyOnRead::fresh;
  if (text == "never") return VerifyOnRead::never;
  return std::nullopt;
}

CheckedBlobs::CheckedBlobs(const BlobStore& blobs, ReplicatingBlobStore* copies,
                           Catalogue& catalogue, Settings settings, Report report)
    : blobs_(blobs),
      copies_(copies),
      catalogue_(catalogue),
      settings_(settings),
      report_(std::move(report)) {}

Result<BlobReader> CheckedBlobs::open(const Digest& sha256, Extent extent) {
  const auto last = last_check(sha256);
  if (!last && last.error().code == ErrorCode::not_found) return fail(last.error());
  // A catalogue that cannot be asked keeps nobody from reading: the bytes are checked then.
  const auto check = last.value_or(LastCheck());
  if (check.state != State::good) {
    if (copies_ != nullptr) return open_from_copies(sha256);
    return fail(ErrorCode::corrupt, "the last check found " + sha256.hex() + " damaged");
  }
  const auto policy = settings_.verify_on_read;
  if (policy == VerifyOnRead::never || extent == Extent::part) return blobs_.open(sha256);
  if (policy == VerifyOnRead::fresh && is_fresh(check)) return blobs_.open(sha256);
  auto reader = copies_ != nullptr ? KHOCHUNG_TRY(open_from_copies(sha256))
                                   : KHOCHUNG_TRY(blobs_.open(sha256));
  // Read whole a moment ago; "always" does not rely even on that.
  if (copies_ != nullptr && policy == VerifyOnRead::fresh) return reader;
  return checked_on_its_way(std::move(reader), sha256);
}

std::shared_ptr<const BlobReader> CheckedBlobs::open_at_once(const Digest& sha256, Extent extent) {
  if (!blobs_.is_local()) return nullptr;
  const auto check = recall(sha256);
  if (!check || check->state != State::good) return nullptr;
  const bool may_be_unread = settings_.verify_on_read == VerifyOnRead::never ||
                             extent == Extent::part ||
                             (settings_.verify_on_read == VerifyOnRead::fresh && is_fresh(*check));
  return may_be_unread ? blobs_.open_shared(sha256).value_or(nullptr) : nullptr;
}

bool CheckedBlobs::is_fresh(const Digest& sha256) {
  const auto check = last_check(sha256);
  return check && is_fresh(*check);
}

Result<bool> CheckedBlobs::mend(const Digest& sha256) {
  last_checks_.with([&](auto& checks) { checks.erase(sha256); });
  const auto reader = copies_ == nullptr ? fail(ErrorCode::not_found, "there is no other copy")
                                         : open_from_copies(sha256);
  if (reader) return true;
  report_(sha256, false);
  if (reader.error().code == ErrorCode::corrupt || reader.error().code == ErrorCode::not_found)
    return false;
  return fail(reader.error());
}

bool CheckedBlobs::is_fresh(const LastCheck& check) const {
  return check.state == State::good && now() - check.at < settings_.period;
}

std::optional<CheckedBlobs::LastCheck> CheckedBlobs::recall(const Digest& sha256) const {
  return last_checks_.with([&](const auto& checks) -> std::optional<LastCheck> {
    const auto found = checks.find(sha256);
    if (found == checks.end()) return std::nullopt;
    const auto age = std::chrono::steady_clock::now() - found->second.known_since;
    return age < longest_memory ? std::optional(found->second) : std::nullopt;
  });
}

Result<CheckedBlobs::LastCheck> CheckedBlobs::last_check(const Digest& sha256) {
  // Damage is asked for each time: it may have been mended meanwhile.
  if (const auto known = recall(sha256); known && known->state == State::good) return *known;
  const auto result = KHOCHUNG_TRY(catalogue_.fixity(sha256));
  const LastCheck check{result.state, result.checked_at.value_or(Instant{}),
                        std::chrono::steady_clock::now()};
  remember(sha256, check);
  return check;
}

void CheckedBlobs::remember(const Digest& sha256, LastCheck check) {
  last_checks_.with([&](auto& checks) {
    if (checks.size() >= most_remembered) checks.clear();
    checks.insert_or_assign(sha256, check);
  });
}

/// That a result cannot be noted keeps nobody from reading: the next check finds the same.
void CheckedBlobs::note(const FixityResult& result) {
  static_cast<void>(catalogue_.set_fixity({result}));
  remember(result.sha256,
           {result.state, result.checked_at.value_or(Instant{}), std::chrono::steady_clock::now()});
}

Result<BlobReader> CheckedBlobs::open_from_copies(const Digest& sha256) {
  const auto before = last_check(sha256);
  auto intact = copies_->open_intact(sha256);
  if (intact) {
    if (intact->is_mended) report_(sha256, true);
    note({sha256, intact->reader.size_bytes(), {}, now(), State::good});
    return std::move(intact->reader);
  }
  const auto code = intact.error().code;
  if (code != ErrorCode::corrupt && code != ErrorCode::not_found) return fail(intact.error());
  // Told once, not to each who asks for it.
  if (before && before->state == State::good) report_(sha256, false);
  if (auto known = catalogue_.fixity(sha256)) {
    known->state = code == ErrorCode::corrupt ? State::damaged : State::missing;
    known->checked_at = now();
    note(*known);
  }
  return fail(intact.error());
}

BlobReader CheckedBlobs::checked_on_its_way(BlobReader reader, const Digest& sha256) {
  const auto size_bytes = reader.size_bytes();
  const auto reading = std::make_shared<ReadingAlong>(
      std::move(reader), sha256, [this, sha256, size_bytes](bool is_good) {
        if (!is_good) report_(sha256, false);
        note({sha256, size_bytes, {}, now(), is_good ? State::good : State::damaged});
      });
  return {[reading](std::uint64_t offset, std::span<std::byte> into) {
            return reading->read(offset, into);
          },
          size_bytes};
}

}  // namespace khochung::storage
