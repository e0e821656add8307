#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/audit/append_file.hpp"
#include "storage/audit/chain_files.hpp"
#include "storage/audit/checkpoint.hpp"
#include "storage/audit/event.hpp"
#include "storage/audit/verify.hpp"
#include "storage/rounds.hpp"

namespace khochung::storage {

/// Every change and every sensitive read, in a chain that can only grow: each entry names the
/// digest of the one before, and checkpoints sign the newest. Whoever makes events numbers them and
/// keeps them until append() has taken them; numbers that are there already are passed over, so all
/// that is kept may be offered again, at any time. Threads: safe from many threads; appends at the
/// same time share one fsync. Source: schemas/formats.md, "Audit chain".
class AuditChain {
 public:
  struct Options {
    std::uint64_t max_file_bytes = audit_file_bytes;  ///< others only in tests: part of the format
    AuditCalls calls = {};
  };

  /// Opens the chain in `folder` (made when it is not there) and the key that signs, made with mode
  /// 0600 at first use; its folder must exist, outside of the store. Reads the ends of the newest
  /// files alone, and changes nothing in them.
  /// Errors: corrupt, naming file and line, when the end of the chain or the newest checkpoint is
  /// not sound; disk_full; unavailable.
  static Result<std::unique_ptr<AuditChain>> open(std::filesystem::path folder,
                                                  std::filesystem::path private_key_file,
                                                  Options options);
  static Result<std::unique_ptr<AuditChain>> open(std::filesystem::path folder,
                                                  std::filesystem::path private_key_file) {
    return open(std::move(folder), std::move(private_key_file), Options{});
  }
  AuditChain(const AuditChain&) = delete;
  ~AuditChain();

  /// What opening found out and the chain has to tell, without numbers: a key that it does not name
  /// yet, a line that a crash cut. To be numbered and appended before everything else; the cut line
  /// is there until the first append.
  [[nodiscard]] const std::vector<AuditEvent>& owed() const { return owed_; }

  /// Adds the events that are new, durably; their numbers follow one another. Gives the newest
  /// entry. Events are kept as bounded() gives them.
  /// Errors: conflict when an entry before them is missing; corrupt when a number is taken by
  /// another event; bad_input as bounded(); disk_full; unavailable. On error none of them is there,
  /// unless it was before; after a failed fsync nothing is taken until the chain is opened anew.
  Result<AuditHead> append(std::span<const AuditEvent> events);

  /// Signs the newest entry, durably, unless that is done; gives the newest checkpoint, nothing for
  /// an empty chain. Meant for a timer, for the end and before exports.
  /// Errors: conflict when what is owed was not appended; disk_full; unavailable.
  Result<std::optional<AuditCheckpoint>> checkpoint(Instant at = now());

  /// Makes the key that takes over, and gives the event to be numbered and appended. The first
  /// checkpoint after that is signed by the old key, which ends there, and by the new one. Without
  /// both before the chain is closed, the new key is forgotten.
  /// Errors: disk_full; unavailable.
  Result<AuditEvent> new_key(Instant at = now());

  /// Adds `key` (its fingerprint) and `signature` (over the canonical JSON of all other members,
  /// the key's among them) to a statement.
  void sign(boost::json::object& statement);

  [[nodiscard]] AuditHead head() const;
  /// Up to `limit` entries, from the number `from_seq` on.
  /// Errors: corrupt, naming file and line; unavailable.
  [[nodiscard]] Result<std::vector<AuditEntry>> entries(std::uint64_t from_seq,
                                                        std::size_t limit) const;
  /// Gives `write` the lines of the entries from `first` to `last` (or the newest), as they stand.
  /// Errors: what `write` says; corrupt; unavailable.
  Result<void> export_to(std::uint64_t first, std::uint64_t last,
                         const std::function<Result<void>(std::string_view bytes)>& write) const;
  /// Proves the chain up to its newest entry while it is in use. `until` and `max_file_bytes` are
  /// set here.
  [[nodiscard]] Result<AuditVerdict> verify(AuditVerification how) const;

 private:
  struct Request;
  struct Round;
  /// What readers see: complete and durable.
  struct Published {
    std::vector<AuditFileName> files;
    AuditHead head;
  };
  /// What stands behind the last whole line of a file.
  struct Leftover {
    std::filesystem::path file;
    std::uint64_t whole_bytes = 0;
  };

  AuditChain(std::filesystem::path folder, std::filesystem::path private_key_file, Options options,
             SigningKey key);

  Result<void> find_end();
  Result<void> take_last_entry(const std::filesystem::path& file, const FileEnd& end);
  Result<void> find_checkpoint();
  Result<void> take_last_checkpoint(const FileEnd& end);
  Result<void> publish_key();
  void owe(std::string_view action, std::string object, boost::json::object detail);

  void run(Round& round);
  void plan(Round& round);
  Result<void> check_against(const Round& round, const AuditEvent& event) const;
  Result<void> write(Round& round);
  Result<void> open_newest_file(Round& round);
  Result<void> begin_file(Round& round, std::string_view month);
  Result<void> put_back(const Round& round);
  Result<void> settle(std::optional<Leftover>& leftover);
  Result<void> unless_failed(Result<void> synced);

  [[nodiscard]] Published published() const;
  [[nodiscard]] bool is_named(const SigningKey& key) const;
  Result<void> write_checkpoint(const AuditHead& head, Instant at);
  Result<void> hand_over();

  const std::filesystem::path folder_;
  const std::filesystem::path private_key_file_;
  const Options options_;
  std::vector<AuditEvent> owed_;

  Rounds<Request> rounds_;
  mutable std::mutex mutex_;
  Published published_;
  /// Keys of ours that the chain does not name yet.
  std::set<std::string> unnamed_keys_;

  /// Something on disk could not be put right: nothing more is taken.
  std::atomic<bool> is_stopped_ = false;

  /// Touched by the running round alone.
  std::optional<AppendFile> newest_file_;
  std::optional<Leftover> leftover_;

  /// Held by whoever writes checkpoints; everything below is under it.
  std::mutex checkpoint_mutex_;
  SigningKey key_;
  std::optional<SigningKey> next_key_;
  std::optional<AuditCheckpoint> newest_checkpoint_;
  std::optional<Digest> newest_checkpoint_hash_;
  std::optional<Leftover> checkpoint_leftover_;
};

}  // namespace khochung::storage
