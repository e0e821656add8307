#include "storage/blobs/replicating_store.hpp"

#include <algorithm>
#include <optional>

#include "storage/blobs/verify.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t step_bytes = 1U << 20U;

Result<void> copy(const BlobReader& whole, BlobStore& into) {
  const auto writer = KHOCHUNG_TRY(into.begin());
  std::vector<std::byte> buffer(std::min<std::uint64_t>(step_bytes, whole.size_bytes() + 1));
  for (std::uint64_t at = 0;;) {
    const auto count = KHOCHUNG_TRY(whole.read(at, buffer));
    KHOCHUNG_CHECK(writer->write(std::span(buffer).first(count)));
    at += count;
    if (count < buffer.size()) break;
  }
  KHOCHUNG_TRY(writer->finish());
  return {};
}

}  // namespace

/// Sends every piece to every store. A replica that fails is given up; the first store decides.
class ReplicatingBlobStore::Writer final : public BlobWriter {
 public:
  Writer(const ReplicatingBlobStore& store, std::unique_ptr<BlobWriter> first)
      : store_(store), first_(std::move(first)) {
    for (std::size_t i = 1; i < store_.stores_.size(); ++i) {
      auto writer = store_.stores_[i]->begin();
      if (!writer) store_.report_("a replica takes nothing", writer.error());
      if (writer) others_.push_back(*std::move(writer));
    }
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    KHOCHUNG_CHECK(first_->write(bytes));
    each_other([&](BlobWriter& other) { return other.write(bytes); });
    return {};
  }
  Result<BlobReader> preview() override { return first_->preview(); }
  Result<BlobInfo> finish() override {
    const auto info = KHOCHUNG_TRY(first_->finish());
    each_other([&](BlobWriter& other) { return other.finish().map([](const BlobInfo&) {}); });
    return info;
  }

 private:
  template <typename Step>
  void each_other(Step step) {
    std::erase_if(others_, [&](const std::unique_ptr<BlobWriter>& other) {
      const Result<void> done = step(*other);
      if (!done) store_.report_("a replica misses a blob", done.error());
      return !done;
    });
  }

  const ReplicatingBlobStore& store_;
  std::unique_ptr<BlobWriter> first_;
  std::vector<std::unique_ptr<BlobWriter>> others_;
};

Result<std::unique_ptr<BlobWriter>> ReplicatingBlobStore::begin() {
  return std::make_unique<Writer>(*this, KHOCHUNG_TRY(stores_.front()->begin()));
}

Result<BlobReader> ReplicatingBlobStore::open(const Digest& sha256) const {
  auto first = stores_.front()->open(sha256);
  for (std::size_t i = 1; i < stores_.size() && !first; ++i) {
    auto other = stores_[i]->open(sha256);
    if (!other) continue;
    report_("a blob is read from a replica: " + sha256.hex(), first.error());
    first = std::move(other);
  }
  return first;
}

bool ReplicatingBlobStore::contains(const Digest& sha256) const {
  return std::ranges::any_of(stores_,
                             [&](const BlobStore* store) { return store->contains(sha256); });
}

Result<void> ReplicatingBlobStore::for_each_in(
    std::uint8_t slice, const std::function<bool(const BlobInfo&)>& visit) const {
  return stores_.front()->for_each_in(slice, visit);
}

Result<void> ReplicatingBlobStore::set_aside(const Digest& sha256) {
  Result<void> outcome = fail(ErrorCode::not_found, "no blob " + sha256.hex());
  for (auto* store : stores_) {
    auto done = store->set_aside(sha256);
    if (!done && done.error().code != ErrorCode::not_found) return done;
    if (done) outcome = done;
  }
  return outcome;
}

/// The first store knows when the bytes came in; what it keeps, all keep.
Result<bool> ReplicatingBlobStore::remove(const Digest& sha256, Instant put_before) {
  auto removed = stores_.front()->remove(sha256, put_before);
  if (removed && !*removed) return false;
  if (!removed && removed.error().code != ErrorCode::not_found) return removed;
  for (std::size_t i = 1; i < stores_.size(); ++i) {
    const auto other = stores_[i]->remove(sha256, Instant::max());
    if (other) removed = true;
    if (!other && other.error().code != ErrorCode::not_found) return fail(other.error());
  }
  return removed;
}

std::string ReplicatingBlobStore::location(const Digest& sha256) const {
  return stores_.front()->location(sha256);
}

/// How each store's copy was found.
struct ReplicatingBlobStore::Copies {
  std::optional<BlobReader> whole;
  std::vector<BlobStore*> damaged, missing;
  int good = 0, silent = 0;
  std::optional<Error> error;  ///< the last one of a store that did not answer
};

ReplicatingBlobStore::Copies ReplicatingBlobStore::look_at(const Digest& sha256) const {
  Copies copies;
  for (auto* store : stores_) {
    auto reader = store->open(sha256);
    const auto fixity = reader ? reread(*reader) : Result<Fixity>(fail(reader.error()));
    if (fixity && fixity->is_intact(sha256)) {
      ++copies.good;
      if (!copies.whole) copies.whole = *std::move(reader);
    } else if (fixity) {
      copies.damaged.push_back(store);
    } else if (fixity.error().code == ErrorCode::not_found) {
      copies.missing.push_back(store);
    } else if (reader) {
      // It is there and cannot be read: as good as damaged.
      copies.damaged.push_back(store);
      copies.error = fixity.error();
    } else {
      ++copies.silent;
      copies.error = fixity.error();
    }
  }
  return copies;
}

Result<void> ReplicatingBlobStore::mend_one(const Digest& sha256, const BlobReader& whole,
                                            BlobStore& into, bool is_damaged) const {
  if (is_damaged) {
    const auto moved = into.set_aside(sha256);
    if (!moved && moved.error().code != ErrorCode::not_found) return moved;
  }
  return copy(whole, into);
}

Result<Mending> ReplicatingBlobStore::mend(const Digest& sha256) {
  const auto copies = look_at(sha256);
  Mending mending{copies.good, 0, copies.silent};
  if (!copies.whole) {
    if (!copies.damaged.empty())
      return fail(ErrorCode::corrupt, "no copy is whole: " + sha256.hex());
    if (copies.error) return fail(*copies.error);
    return fail(ErrorCode::not_found, "no blob " + sha256.hex());
  }
  const auto each = [&](const std::vector<BlobStore*>& stores, bool are_damaged) {
    for (auto* store : stores) {
      const auto mended = mend_one(sha256, *copies.whole, *store, are_damaged);
      if (!mended) report_("a copy cannot be mended: " + sha256.hex(), mended.error());
      ++(mended ? mending.mended : mending.left);
    }
  };
  each(copies.damaged, true);
  each(copies.missing, false);
  return mending;
}

Result<BlobReader> ReplicatingBlobStore::open_whole(const Digest& sha256) {
  auto first = stores_.front()->open(sha256);
  if (first) {
    const auto fixity = reread(*first);
    if (fixity && fixity->is_intact(sha256)) return first;
  }
  KHOCHUNG_TRY(mend(sha256));
  return open(sha256);
}

}  // namespace khochung::storage
