#pragma once

#include <boost/json/object.hpp>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "indexer/pipeline/bell.hpp"
#include "storage/audit/audit_chain.hpp"
#include "storage/catalogue/catalogue.hpp"

namespace khochung::pipeline {

/// The event as the catalogue owes it to the chain: its number comes with the transaction.
std::string owed_form(const storage::AuditEvent& event);
/// Errors: corrupt.
Result<storage::AuditEvent> event_from(const storage::OwedAudit& owed);

/// Brings what the catalogue owes into the audit chain, in order, and signs it from time to time.
/// An event is durable with the change that it tells of; a process that dies before the chain has
/// it offers it again. A chain that cannot be used stops no work: its entries stay owed, and every
/// start says so.
/// Threads: one of its own; the rest is safe from many threads.
class AuditTrail {
 public:
  AuditTrail(std::filesystem::path folder, std::filesystem::path private_key,
             storage::Catalogue& catalogue)
      : folder_(std::move(folder)), private_key_(std::move(private_key)), catalogue_(catalogue) {}
  ~AuditTrail() { stop(); }

  /// Opens the chain, and brings what is owed into it.
  /// Errors: those of the catalogue alone; a chain that is not sound is logged.
  Result<void> open();
  void start();
  /// Everything owed is in the chain and signed afterwards, as far as the disk allows.
  void stop();

  /// An event that belongs to no change of a material or unit. Durable when it returns.
  Result<void> note(storage::AuditEvent event);
  /// Entries from a number on; everything noted before is there. Errors: corrupt; unavailable.
  Result<std::vector<storage::AuditEntry>> entries(std::uint64_t from, std::size_t limit);
  /// The newest checkpoint, made now; empty for an empty chain.
  Result<std::string> checkpoint();
  /// Adds `key` and `signature` to a statement, so that it can be proved as a checkpoint is.
  /// Errors: corrupt when the chain is not open.
  Result<void> sign(boost::json::object& statement);
  /// Proves the chain, against the newest entry that the catalogue knows and, when there is one, a
  /// checkpoint that was kept elsewhere. Errors: bad_input; unavailable.
  Result<storage::AuditVerdict> verify(const std::string& kept_checkpoint) const;
  /// Makes a new key that signs from now on.
  Result<void> change_key(const std::string& by, const std::string& from);

 private:
  void run(const std::stop_token& stop);
  Result<void> flush();
  Result<storage::AuditChain*> chain();

  const std::filesystem::path folder_;
  const std::filesystem::path private_key_;
  storage::Catalogue& catalogue_;
  std::mutex flushing_;
  std::unique_ptr<storage::AuditChain> chain_;
  Bell bell_;
  std::jthread thread_;
};

}  // namespace khochung::pipeline
