#include "storage/audit/audit_chain.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <utility>

#include "schemas/canonical_json.hpp"
#include "storage/audit/chain_search.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_key_file_bytes = 4096;
constexpr int owner_only = 0600;
constexpr std::size_t month_bytes = 7;

fs::path next_file_of(fs::path private_key_file) {
  return private_key_file += ".next";
}

/// The key in the file, which is made when it is not there.
Result<SigningKey> key_in(const fs::path& file, const AuditCalls& calls) {
  const auto pem = read_small_file(file, max_key_file_bytes);
  if (pem) {
    auto key = SigningKey::from_pem(*pem);
    if (!key) return fail(ErrorCode::corrupt, "audit_damaged", file.string() + ": no Ed25519 key");
    return key;
  }
  if (pem.error().code != ErrorCode::not_found) return fail(pem.error());
  auto key = SigningKey::make();
  KHOCHUNG_CHECK(write_new_file(file, key.pem(), owner_only, calls));
  return key;
}

Error damaged_end(const fs::path& file, const FileEnd& end, std::string_view what) {
  return damaged_line(file, line_number_at(file, end.whole - end.line.size() - 1), what);
}

}  // namespace

/// Events of one caller on their way into the chain.
struct AuditChain::Request {
  std::vector<AuditEvent> events;
  Result<void> outcome;
  bool is_ended = false;
};

/// Requests that share their fsync.
struct AuditChain::Round {
  std::vector<Request*> requests;
  Published before;
  Published after;
  /// Of the newest file before the round, once that is open.
  std::optional<std::uint64_t> newest_file_bytes;
  std::vector<const AuditEvent*> events;
  std::vector<std::string> named_keys;

  [[nodiscard]] std::uint64_t last_seq() const { return before.head.seq + events.size(); }
};

// -- opening

AuditChain::AuditChain(fs::path folder, fs::path private_key_file, Options options, SigningKey key)
    : folder_(std::move(folder)),
      private_key_file_(std::move(private_key_file)),
      options_(std::move(options)),
      key_(std::move(key)) {}
AuditChain::~AuditChain() = default;

Result<std::unique_ptr<AuditChain>> AuditChain::open(fs::path folder, fs::path private_key_file,
                                                     Options options) {
  SyncGroup folders({options.calls.sync, options.calls.sync});
  KHOCHUNG_CHECK(folders.make_folder(folder / "keys"));
  auto key = KHOCHUNG_TRY(key_in(private_key_file, options.calls));
  ::unlink(next_file_of(private_key_file).c_str());
  std::unique_ptr<AuditChain> chain(new AuditChain(std::move(folder), std::move(private_key_file),
                                                   std::move(options), std::move(key)));
  KHOCHUNG_CHECK(chain->find_end());
  KHOCHUNG_CHECK(chain->find_checkpoint());
  KHOCHUNG_CHECK(chain->publish_key());
  return chain;
}

void AuditChain::owe(std::string_view action, std::string object, boost::json::object detail) {
  owed_.push_back(
      {0, now(), "local", "worker", std::string(action), std::move(object), std::move(detail)});
}

Result<void> AuditChain::find_end() {
  auto listed = KHOCHUNG_TRY(list_audit_folder(folder_));
  auto& files = listed.files;
  if (files.empty()) return {};
  auto file = folder_ / files.back().text();
  auto end = KHOCHUNG_TRY(end_of_file(file));
  if (end.cut_bytes > 0 || end.whole == 0) {
    // A file that is there and empty, too: the entry that is owed takes it away.
    owe(audit_cut_action, files.back().text(),
        {{"bytes", end.cut_bytes}, {"file", files.back().text()}});
    leftover_ = Leftover{file, end.whole};
  }
  if (end.whole == 0) files.pop_back();
  if (end.whole == 0 && !files.empty()) {
    file = folder_ / files.back().text();
    end = KHOCHUNG_TRY(end_of_file(file));
    if (end.cut_bytes > 0 || end.whole == 0) {
      return fail(damaged_line(file, line_number_at(file, end.whole), "it is cut"));
    }
  }
  published_.files = files;
  return files.empty() ? Result<void>() : take_last_entry(file, end);
}

Result<void> AuditChain::take_last_entry(const fs::path& file, const FileEnd& end) {
  const auto entry = entry_from_line(end.line);
  if (!entry) return fail(damaged_end(file, end, "this is no entry"));
  const bool is_linked = end.before.empty() ? entry->previous.has_value() == (entry->event.seq > 1)
                                            : entry->previous == Digest::of(end.before);
  if (!is_linked) return fail(damaged_end(file, end, "it does not name the entry before"));
  published_.head = {entry->event.seq, Digest::of(end.line)};
  return {};
}

Result<void> AuditChain::find_checkpoint() {
  const auto file = folder_ / checkpoints_name;
  const auto end = end_of_file(file);
  if (!end && end.error().code == ErrorCode::not_found) return {};
  if (!end) return fail(end.error());
  if (end->cut_bytes > 0) {
    owe(audit_cut_action, std::string(checkpoints_name),
        {{"bytes", end->cut_bytes}, {"file", checkpoints_name}});
    checkpoint_leftover_ = Leftover{file, end->whole};
  }
  return end->whole == 0 ? Result<void>() : take_last_checkpoint(*end);
}

Result<void> AuditChain::take_last_checkpoint(const FileEnd& end) {
  const auto file = folder_ / checkpoints_name;
  auto checkpoint = checkpoint_from_line(end.line);
  if (!checkpoint) return fail(damaged_end(file, end, "this is no checkpoint"));
  const auto key = KHOCHUNG_TRY(public_key_in(folder_ / "keys", checkpoint->key));
  if (!is_signed_by(*checkpoint, key)) {
    return fail(damaged_end(file, end, "its signature is not that of its key"));
  }
  const auto& [seq, hash] = checkpoint->head;
  if (seq > published_.head.seq) {
    return fail(damaged_end(file, end, "it signs an entry that is not there"));
  }
  KHOCHUNG_CHECK(for_each_line(
      folder_, published_.files, seq, seq, [&](std::string_view line) -> Result<void> {
        if (Digest::of(line) == hash) return {};
        return fail(damaged_end(file, end, "the entry that it signs is another"));
      }));
  newest_checkpoint_hash_ = Digest::of(end.line);
  newest_checkpoint_ = *std::move(checkpoint);
  return {};
}

/// A key that has signed is named in the chain. One that has not may not be, and is named again.
Result<void> AuditChain::publish_key() {
  if (newest_checkpoint_ && newest_checkpoint_->key == key_.fingerprint()) return {};
  const auto file = folder_ / "keys" / (key_.fingerprint() + ".pem");
  auto written = write_new_file(file, key_.public_half().pem(), 0644, options_.calls);
  if (!written && written.error().code != ErrorCode::conflict) return written;
  boost::json::object detail{{"algorithm", "Ed25519"}};
  if (newest_checkpoint_) detail["before"] = newest_checkpoint_->key;
  owe(audit_key_action, key_.fingerprint(), std::move(detail));
  unnamed_keys_.insert(key_.fingerprint());
  return {};
}

// -- appending

Result<AuditHead> AuditChain::append(std::span<const AuditEvent> events) {
  Request request;
  for (const auto& event : events) request.events.push_back(KHOCHUNG_TRY(bounded(event)));
  for (std::size_t i = 0; i < request.events.size(); ++i) {
    if (request.events[i].seq == 0 || request.events[i].seq != request.events[0].seq + i) {
      return fail(ErrorCode::bad_input, "the numbers of audit events follow one another from 1 on");
    }
  }
  if (request.events.empty()) return head();
  rounds_.join(request, [this](const std::vector<Request*>& requests) {
    Round round;
    round.requests = requests;
    round.before = published();
    run(round);
    const std::scoped_lock lock(mutex_);
    published_ = std::move(round.after);
    for (const auto& key : round.named_keys) unnamed_keys_.erase(key);
  });
  KHOCHUNG_CHECK(request.outcome);
  return head();
}

void AuditChain::run(Round& round) {
  round.after = round.before;
  plan(round);
  if (round.events.empty()) return;
  const auto written = write(round);
  if (written) return;
  if (!put_back(round)) is_stopped_ = true;
  round.after = round.before;
  round.named_keys.clear();
  for (auto* request : round.requests) {
    if (request->outcome && request->events.back().seq > round.before.head.seq) {
      request->outcome = fail(written.error());
    }
  }
}

/// Decides what is new, in the order of the numbers, and who offers what cannot be taken.
void AuditChain::plan(Round& round) {
  std::ranges::sort(round.requests, {}, [](const auto* request) { return request->events[0].seq; });
  for (auto* request : round.requests) {
    if (request->events[0].seq > round.last_seq() + 1) {
      request->outcome = fail(ErrorCode::conflict, "the next audit entry has the number " +
                                                       std::to_string(round.last_seq() + 1));
      continue;
    }
    for (const auto& event : request->events) {
      if (event.seq > round.last_seq()) {
        round.events.push_back(&event);
      } else if (auto same = check_against(round, event); !same) {
        request->outcome = std::move(same);
        break;
      }
    }
  }
}

/// Whether the event is the one that has its number already.
Result<void> AuditChain::check_against(const Round& round, const AuditEvent& event) const {
  const auto other = [&event] {
    return fail(ErrorCode::corrupt, "audit_damaged",
                "another audit event has the number " + std::to_string(event.seq));
  };
  const auto before = round.before.head.seq;
  if (event.seq > before) {
    return *round.events[event.seq - before - 1] == event ? Result<void>() : other();
  }
  return for_each_line(folder_, round.before.files, event.seq, event.seq,
                       [&](std::string_view line) -> Result<void> {
                         const auto entry = entry_from_line(line);
                         if (entry && line_of({event, entry->previous}) == line) return {};
                         return other();
                       });
}

/// Takes away what a crash left behind the last whole line.
Result<void> AuditChain::settle(std::optional<Leftover>& leftover) {
  if (!leftover) return {};
  if (leftover->whole_bytes == 0) {
    if (::unlink(leftover->file.c_str()) != 0 && errno != ENOENT) {
      return fail(error_of_errno(errno, "remove " + leftover->file.string()));
    }
    KHOCHUNG_CHECK(sync_folder(folder_, options_.calls));
  } else {
    auto file = KHOCHUNG_TRY(AppendFile::open(leftover->file, options_.calls));
    KHOCHUNG_CHECK(file.cut(leftover->whole_bytes));
    KHOCHUNG_CHECK(file.sync());
  }
  leftover.reset();
  return {};
}

Result<void> AuditChain::write(Round& round) {
  if (is_stopped_) return fail(ErrorCode::unavailable, "audit_stopped", "the audit chain failed");
  KHOCHUNG_CHECK(open_newest_file(round));
  auto& [files, head] = round.after;
  std::string block;
  for (const auto* event : round.events) {
    const auto before = head.seq == 0 ? std::nullopt : std::optional(head.hash);
    const auto line = line_of({*event, before});
    const auto month = to_rfc3339(event->at).substr(0, month_bytes);
    if (!newest_file_ || begins_new_file(files.back(), newest_file_->size_bytes() + block.size(),
                                         month, line.size() + 1, options_.max_file_bytes)) {
      if (newest_file_) KHOCHUNG_CHECK(newest_file_->append(std::exchange(block, {})));
      KHOCHUNG_CHECK(begin_file(round, month));
    }
    block += line;
    block += '\n';
    head = {event->seq, Digest::of(line)};
    if (event->action == audit_key_action) round.named_keys.push_back(event->object);
  }
  if (!newest_file_) return {};
  KHOCHUNG_CHECK(newest_file_->append(block));
  return unless_failed(newest_file_->sync());
}

Result<void> AuditChain::open_newest_file(Round& round) {
  KHOCHUNG_CHECK(settle(leftover_));
  const auto& files = round.before.files;
  if (files.empty()) return {};
  if (!newest_file_) {
    newest_file_ = KHOCHUNG_TRY(AppendFile::open(folder_ / files.back().text(), options_.calls));
  }
  round.newest_file_bytes = newest_file_->size_bytes();
  return {};
}

/// What stands in the file before is durable before the new one is there: no crash can leave a gap.
Result<void> AuditChain::begin_file(Round& round, std::string_view month) {
  if (newest_file_) KHOCHUNG_CHECK(unless_failed(newest_file_->sync()));
  auto& files = round.after.files;
  const auto name = name_after(files.empty() ? std::nullopt : std::optional(files.back()), month);
  files.push_back(name);
  newest_file_ = KHOCHUNG_TRY(AppendFile::open(folder_ / name.text(), options_.calls));
  return unless_failed(sync_folder(folder_, options_.calls));
}

/// After a failed fsync nobody knows what the disk has: it is not tried again.
Result<void> AuditChain::unless_failed(Result<void> synced) {
  if (!synced && synced.error().code != ErrorCode::disk_full) is_stopped_ = true;
  return synced;
}

/// Takes away whatever a round that failed has written.
Result<void> AuditChain::put_back(const Round& round) {
  const auto& files = round.after.files;
  for (auto i = round.before.files.size(); i < files.size(); ++i) {
    newest_file_.reset();
    const auto path = folder_ / files[i].text();
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      return fail(error_of_errno(errno, "remove " + path.string()));
    }
    KHOCHUNG_CHECK(sync_folder(folder_, options_.calls));
  }
  if (!round.newest_file_bytes) return {};
  if (!newest_file_) {
    const auto path = folder_ / round.before.files.back().text();
    newest_file_ = KHOCHUNG_TRY(AppendFile::open(path, options_.calls));
  }
  return newest_file_->cut(*round.newest_file_bytes);
}

// -- checkpoints and keys

Result<std::optional<AuditCheckpoint>> AuditChain::checkpoint(Instant at) {
  const std::scoped_lock lock(checkpoint_mutex_);
  // Before the head is read: it lies behind the entries that name the keys.
  const bool hands_over = next_key_ && is_named(*next_key_);
  const bool may_sign = is_named(key_);
  const auto newest = head();
  if (newest.seq == 0) return std::nullopt;
  if (!may_sign) {
    return fail(ErrorCode::conflict, "the audit chain does not name its key: append what is owed");
  }
  const bool is_signed = newest_checkpoint_ && newest_checkpoint_->head == newest &&
                         newest_checkpoint_->key == key_.fingerprint();
  if (!is_signed) KHOCHUNG_CHECK(write_checkpoint(newest, at));
  if (hands_over) {
    KHOCHUNG_CHECK(hand_over());
    KHOCHUNG_CHECK(write_checkpoint(newest, at));
  }
  return newest_checkpoint_;
}

Result<void> AuditChain::write_checkpoint(const AuditHead& head, Instant at) {
  if (is_stopped_) return fail(ErrorCode::unavailable, "audit_stopped", "the audit chain failed");
  KHOCHUNG_CHECK(settle(checkpoint_leftover_));
  const auto checkpoint = signed_checkpoint(head, at, newest_checkpoint_hash_, key_);
  const auto line = line_of(checkpoint);
  auto file = KHOCHUNG_TRY(AppendFile::open(folder_ / checkpoints_name, options_.calls));
  const auto before = file.size_bytes();
  auto written = file.append(line + "\n");
  if (written) written = unless_failed(file.sync());
  if (written && before == 0) written = unless_failed(sync_folder(folder_, options_.calls));
  if (!written) {
    if (!file.cut(before)) is_stopped_ = true;
    return written;
  }
  newest_checkpoint_ = checkpoint;
  newest_checkpoint_hash_ = Digest::of(line);
  return {};
}

Result<AuditEvent> AuditChain::new_key(Instant at) {
  const std::scoped_lock lock(checkpoint_mutex_);
  auto key = SigningKey::make();
  const auto fingerprint = key.fingerprint();
  const auto private_file = next_file_of(private_key_file_);
  ::unlink(private_file.c_str());
  next_key_.reset();
  KHOCHUNG_CHECK(write_new_file(folder_ / "keys" / (fingerprint + ".pem"), key.public_half().pem(),
                                0644, options_.calls));
  KHOCHUNG_CHECK(write_new_file(private_file, key.pem(), owner_only, options_.calls));
  next_key_ = std::move(key);
  const std::scoped_lock state(mutex_);
  unnamed_keys_.insert(fingerprint);
  return AuditEvent{0,
                    at,
                    "local",
                    "worker",
                    std::string(audit_key_action),
                    fingerprint,
                    {{"algorithm", "Ed25519"}, {"before", key_.fingerprint()}}};
}

/// The old key has signed an entry behind the one that names the new key: it goes.
Result<void> AuditChain::hand_over() {
  if (!next_key_) return {};
  const auto next_file = next_file_of(private_key_file_);
  if (::rename(next_file.c_str(), private_key_file_.c_str()) != 0) {
    return fail(error_of_errno(errno, "rename " + next_file.string()));
  }
  key_ = *std::move(next_key_);
  next_key_.reset();
  return sync_folder(private_key_file_.parent_path(), options_.calls);
}

bool AuditChain::is_named(const SigningKey& key) const {
  const std::scoped_lock lock(mutex_);
  return !unnamed_keys_.contains(key.fingerprint());
}

// -- reading

AuditChain::Published AuditChain::published() const {
  const std::scoped_lock lock(mutex_);
  return published_;
}

void AuditChain::sign(boost::json::object& statement) {
  const std::scoped_lock lock(checkpoint_mutex_);
  statement["key"] = key_.fingerprint();
  statement["signature"] = key_.sign(canonical_json(statement));
}

AuditHead AuditChain::head() const {
  const std::scoped_lock lock(mutex_);
  return published_.head;
}

Result<std::vector<AuditEntry>> AuditChain::entries(std::uint64_t from_seq,
                                                    std::size_t limit) const {
  std::vector<AuditEntry> found;
  const auto [files, head] = published();
  const auto first = std::max<std::uint64_t>(from_seq, 1);
  if (first > head.seq || limit == 0) return found;
  const auto last = limit - 1 < head.seq - first ? first + limit - 1 : head.seq;
  const auto take = [&found](std::string_view line) -> Result<void> {
    found.push_back(KHOCHUNG_TRY(entry_from_line(line)));
    return {};
  };
  KHOCHUNG_CHECK(for_each_line(folder_, files, first, last, take));
  return found;
}

Result<void> AuditChain::export_to(
    std::uint64_t first, std::uint64_t last,
    const std::function<Result<void>(std::string_view bytes)>& write) const {
  const auto [files, head] = published();
  return for_each_line(folder_, files, std::max<std::uint64_t>(first, 1), std::min(last, head.seq),
                       [&](std::string_view line) { return write(std::string(line) + "\n"); });
}

Result<AuditVerdict> AuditChain::verify(AuditVerification how) const {
  how.until = head().seq;
  how.max_file_bytes = options_.max_file_bytes;
  return verify_audit(folder_, how);
}

}  // namespace khochung::storage
