#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "storage/blobs/memory_store.hpp"

namespace khochung::storage {

/// A store in memory that fails as a test wishes: at which step, how, and how often.
/// Threads: safe from many threads while nobody plans a failure.
class FailingBlobStore final : public BlobStore {
 public:
  enum class Step { begin, write, preview, finish, open, read, list, set_aside, remove };
  static constexpr int for_ever = std::numeric_limits<int>::max();

  void fail_at(Step step, ErrorCode code, int times = for_ever) { failures_[step] = {code, times}; }
  /// Its bytes cannot be read, whatever becomes of those of other blobs.
  void make_unreadable(const Digest& sha256) { unreadable_ = sha256; }
  void work_again() {
    failures_.clear();
    unreadable_.reset();
  }

  Result<std::unique_ptr<BlobWriter>> begin() override {
    KHOCHUNG_CHECK(outcome_of(Step::begin));
    return std::make_unique<Writer>(*this);
  }

  Result<BlobReader> open(const Digest& sha256) const override {
    KHOCHUNG_CHECK(outcome_of(Step::open));
    const auto reader = std::make_shared<BlobReader>(KHOCHUNG_TRY(kept.open(sha256)));
    return BlobReader(
        [this, reader, sha256](std::uint64_t offset, std::span<std::byte> into) -> Result<void> {
          KHOCHUNG_CHECK(outcome_of(Step::read));
          if (unreadable_ == sha256) return fail(ErrorCode::unavailable, "a bad sector");
          KHOCHUNG_TRY(reader->read(offset, into));
          return {};
        },
        reader->size_bytes(), sha256);
  }

  [[nodiscard]] bool contains(const Digest& sha256) const override { return kept.contains(sha256); }

  Result<void> for_each_in(std::uint8_t slice,
                           const std::function<bool(const BlobInfo&)>& visit) const override {
    KHOCHUNG_CHECK(outcome_of(Step::list));
    return kept.for_each_in(slice, visit);
  }

  Result<void> set_aside(const Digest& sha256) override {
    KHOCHUNG_CHECK(outcome_of(Step::set_aside));
    return kept.set_aside(sha256);
  }

  Result<void> remove(const Digest& sha256) override {
    KHOCHUNG_CHECK(outcome_of(Step::remove));
    return kept.remove(sha256);
  }

  [[nodiscard]] std::string location(const Digest& sha256) const override {
    return kept.location(sha256);
  }

  /// What it has, whatever fails.
  MemoryBlobStore kept;

 private:
  struct Failure {
    ErrorCode code = ErrorCode::unavailable;
    int times = 0;
  };

  /// Holds the bytes itself until the end, so that no limit on files meets them.
  class Writer final : public BlobWriter {
   public:
    explicit Writer(FailingBlobStore& store) : store_(store) {}

    Result<void> write(std::span<const std::byte> bytes) override {
      KHOCHUNG_CHECK(store_.outcome_of(Step::write));
      bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
      return {};
    }
    Result<BlobReader> preview() override {
      KHOCHUNG_CHECK(store_.outcome_of(Step::preview));
      return BlobReader(
          [bytes = bytes_](std::uint64_t offset, std::span<std::byte> into) -> Result<void> {
            std::ranges::copy(std::span(bytes).subspan(offset, into.size()), into.begin());
            return {};
          },
          bytes_.size());
    }
    Result<BlobInfo> finish() override {
      KHOCHUNG_CHECK(store_.outcome_of(Step::finish));
      return put(store_.kept, bytes_);
    }

   private:
    FailingBlobStore& store_;
    std::vector<std::byte> bytes_;
  };

  Result<void> outcome_of(Step step) const {
    const auto planned = failures_.find(step);
    if (planned == failures_.end() || planned->second.times == 0) return {};
    --planned->second.times;
    return fail(planned->second.code, "as the test wishes");
  }

  mutable std::map<Step, Failure> failures_;
  std::optional<Digest> unreadable_;
};

}  // namespace khochung::storage
