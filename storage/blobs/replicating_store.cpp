#include "storage/blobs/replicating_store.hpp"

#include <algorithm>
#include <map>

#include "storage/blobs/verify.hpp"

namespace khochung::storage {

using State = ReplicatingBlobStore::Copy::State;

class ReplicatingBlobStore::Writer final : public BlobWriter {
 public:
  Writer(ReplicatingBlobStore& store, std::unique_ptr<BlobWriter> primary)
      : store_(store), primary_(std::move(primary)), copies_(store.stores_.size()) {
    for (std::size_t i = 1; i < copies_.size(); ++i) {
      if (!store_.is_up(i)) continue;
      auto copy = store_.stores_[i].get().begin();
      if (!copy) store_.note_failure(i, copy.error());
      if (copy) copies_[i] = *std::move(copy);
    }
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    KHOCHUNG_CHECK(primary_->write(bytes));
    for (std::size_t i = 1; i < copies_.size(); ++i) {
      if (copies_[i]) keep_or_drop(i, copies_[i]->write(bytes));
    }
    return {};
  }

  Result<BlobReader> preview() override { return primary_->preview(); }

  Result<BlobInfo> finish() override {
    const auto info = KHOCHUNG_TRY(primary_->finish());
    for (std::size_t i = 1; i < copies_.size(); ++i) {
      if (copies_[i]) keep_or_drop(i, copies_[i]->finish());
      if (!copies_[i]) store_.note_behind(i, info.sha256.bytes().front());
    }
    return info;
  }

 private:
  template <typename T>
  void keep_or_drop(std::size_t i, const Result<T>& done) {
    if (done) return;
    store_.note_failure(i, done.error());
    copies_[i].reset();
  }

  ReplicatingBlobStore& store_;
  std::unique_ptr<BlobWriter> primary_;
  /// One for each store; none for the primary and for replicas that do without this blob.
  std::vector<std::unique_ptr<BlobWriter>> copies_;
};

ReplicatingBlobStore::ReplicatingBlobStore(Stores stores, Report report)
    : stores_(std::move(stores)),
      report_(std::move(report)),
      replicas_(std::vector<Replica>(stores_.size())) {}

Result<std::unique_ptr<BlobWriter>> ReplicatingBlobStore::begin() {
  return std::make_unique<Writer>(*this, KHOCHUNG_TRY(stores_.front().get().begin()));
}

Result<BlobReader> ReplicatingBlobStore::open(const Digest& sha256) const {
  auto primary = stores_.front().get().open(sha256);
  for (std::size_t i = 1; i < stores_.size() && !primary; ++i) {
    auto copy = stores_[i].get().open(sha256);
    if (copy) report_(0, primary.error());
    if (copy) return copy;
  }
  return primary;
}

Result<std::shared_ptr<const BlobReader>> ReplicatingBlobStore::open_shared(
    const Digest& sha256) const {
  if (auto primary = stores_.front().get().open_shared(sha256)) return primary;
  return BlobStore::open_shared(sha256);
}

bool ReplicatingBlobStore::contains(const Digest& sha256) const {
  return std::ranges::any_of(stores_,
                             [&](const BlobStore& store) { return store.contains(sha256); });
}

Result<void> ReplicatingBlobStore::for_each_in(
    std::uint8_t slice, const std::function<bool(const BlobInfo&)>& visit) const {
  return stores_.front().get().for_each_in(slice, visit);
}

std::string ReplicatingBlobStore::location(const Digest& sha256) const {
  return stores_.front().get().location(sha256);
}

Result<void> ReplicatingBlobStore::set_aside(const Digest& sha256) {
  return with_each([&](BlobStore& store) { return store.set_aside(sha256); });
}

Result<void> ReplicatingBlobStore::remove(const Digest& sha256) {
  return with_each([&](BlobStore& store) { return store.remove(sha256); });
}

/// The replicas first: when the primary fails, the same call does the rest later.
Result<void> ReplicatingBlobStore::with_each(const std::function<Result<void>(BlobStore&)>& act) {
  bool is_done = false;
  for (std::size_t i = 1; i < stores_.size(); ++i) {
    const auto done = act(stores_[i]);
    if (done) is_done = true;
    if (!done && done.error().code != ErrorCode::not_found) note_failure(i, done.error());
  }
  auto done = act(stores_.front());
  if (!done && done.error().code == ErrorCode::not_found && is_done) return {};
  return done;
}

// -- mending

struct ReplicatingBlobStore::Examined {
  std::vector<Copy> copies;
  /// The first good copy.
  std::optional<BlobReader> good;
};

/// All copies of a blob after mending, and one that is good.
struct ReplicatingBlobStore::Mended {
  std::vector<Copy> copies;
  BlobReader good;
};

ReplicatingBlobStore::Examined ReplicatingBlobStore::examine(const Digest& sha256) const {
  Examined examined;
  for (const BlobStore& store : stores_) {
    auto& copy = examined.copies.emplace_back();
    auto reader = store.open(sha256);
    const auto fixity = reader.and_then([](const BlobReader& blob) { return reread(blob); });
    if (!fixity) {
      const bool is_missing = fixity.error().code == ErrorCode::not_found;
      copy.state = is_missing ? State::missing : State::unreadable;
      if (!is_missing) copy.error = fixity.error();
    } else if (!fixity->is_intact(sha256)) {
      copy.state = State::damaged;
    } else if (!examined.good) {
      examined.good = *std::move(reader);
    }
  }
  return examined;
}

Result<void> ReplicatingBlobStore::mend(std::size_t store, const Digest& sha256, const Copy& copy,
                                        const BlobReader& good) {
  BlobStore& damaged = stores_[store];
  if (copy.state != State::missing) KHOCHUNG_CHECK(damaged.set_aside(sha256));
  KHOCHUNG_TRY(copy_blob(good, sha256, damaged));
  return {};
}

Result<ReplicatingBlobStore::Mended> ReplicatingBlobStore::examine_and_mend(const Digest& sha256) {
  const std::lock_guard lock(mending_[sha256.bytes().front()]);
  auto examined = examine(sha256);
  auto& copies = examined.copies;
  if (!examined.good) {
    const bool is_nowhere =
        std::ranges::all_of(copies, [](const Copy& copy) { return copy.state == State::missing; });
    return fail(is_nowhere ? ErrorCode::not_found : ErrorCode::corrupt,
                "no store has a good copy of " + sha256.hex());
  }
  for (std::size_t i = 0; i < copies.size(); ++i) {
    if (copies[i].state == State::good) continue;
    const auto mended = mend(i, sha256, copies[i], *examined.good);
    copies[i].is_mended = mended.has_value();
    if (mended) continue;
    copies[i].error = mended.error();
    note_behind(i, sha256.bytes().front());
  }
  return Mended{std::move(copies), *std::move(examined.good)};
}

Result<std::vector<ReplicatingBlobStore::Copy>> ReplicatingBlobStore::verify_and_mend(
    const Digest& sha256) {
  return KHOCHUNG_TRY(examine_and_mend(sha256)).copies;
}

Result<ReplicatingBlobStore::Intact> ReplicatingBlobStore::open_intact(const Digest& sha256) {
  if (auto primary = stores_.front().get().open(sha256)) {
    const auto fixity = reread(*primary);
    if (fixity && fixity->is_intact(sha256)) return Intact{*std::move(primary)};
  }
  auto mended = KHOCHUNG_TRY(examine_and_mend(sha256));
  const auto& primary = mended.copies.front();
  if (primary.state != State::good)
    report_(0, Error{ErrorCode::corrupt, "served " + sha256.hex() + " from another copy"});
  return Intact{std::move(mended.good), primary.is_mended};
}

// -- replicas that were down

std::bitset<ReplicatingBlobStore::slices> ReplicatingBlobStore::behind() const {
  return replicas_.with([](const std::vector<Replica>& replicas) {
    std::bitset<slices> all;
    for (std::size_t i = 1; i < replicas.size(); ++i) all |= replicas[i].behind;
    return all;
  });
}

Result<std::uint64_t> ReplicatingBlobStore::catch_up(std::uint8_t slice) {
  // Before the listing: what fails to reach a replica from here on marks the slice again.
  replicas_.with([slice](std::vector<Replica>& replicas) {
    for (auto& replica : replicas) replica.behind.reset(slice);
  });
  std::vector<BlobInfo> wanted;
  const auto want = [&wanted](const BlobInfo& info) {
    wanted.push_back(info);
    return true;
  };
  const auto listed = for_each_in(slice, want);
  std::uint64_t copied = 0;
  for (std::size_t i = 1; i < stores_.size(); ++i) {
    const auto done = listed.and_then([&] { return catch_up(i, wanted, slice); });
    if (done) copied += *done;
    if (!done) note_behind(i, slice);
    if (!done && listed) note_failure(i, done.error());
  }
  KHOCHUNG_CHECK(listed);
  return copied;
}

Result<std::uint64_t> ReplicatingBlobStore::catch_up(std::size_t store,
                                                     const std::vector<BlobInfo>& wanted,
                                                     std::uint8_t slice) {
  BlobStore& replica = stores_[store];
  std::map<Digest, std::uint64_t> there;
  KHOCHUNG_CHECK(replica.for_each_in(slice, [&there](const BlobInfo& info) {
    there.emplace(info.sha256, info.size_bytes);
    return true;
  }));
  replicas_.with([store](std::vector<Replica>& replicas) { replicas[store].is_up = true; });
  std::uint64_t copied = 0;
  for (const auto& info : wanted) {
    const auto found = there.find(info.sha256);
    if (found != there.end() && found->second == info.size_bytes) continue;
    const auto source = stores_.front().get().open(info.sha256);
    const auto copy = source.and_then(
        [&](const BlobReader& blob) { return copy_blob(blob, info.sha256, replica); });
    if (copy) {
      ++copied;
      continue;
    }
    // A blob that the primary cannot give keeps the others from nobody, and is no replica's
    // failure.
    const auto fixity = source.and_then([](const BlobReader& blob) { return reread(blob); });
    if (fixity && fixity->is_intact(info.sha256)) return fail(copy.error());
    report_(0, copy.error());
  }
  return copied;
}

bool ReplicatingBlobStore::is_up(std::size_t store) const {
  return replicas_.with(
      [store](const std::vector<Replica>& replicas) { return replicas[store].is_up; });
}

void ReplicatingBlobStore::note_failure(std::size_t store, const Error& error) const {
  replicas_.with([store](std::vector<Replica>& replicas) { replicas[store].is_up = false; });
  report_(store, error);
}

void ReplicatingBlobStore::note_behind(std::size_t store, std::uint8_t slice) {
  replicas_.with(
      [store, slice](std::vector<Replica>& replicas) { replicas[store].behind.set(slice); });
}

}  // namespace khochung::storage
