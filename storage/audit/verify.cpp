#include "storage/audit/verify.hpp"

#include <fmt/format.h>

#include <deque>

#include "storage/audit/chain_search.hpp"
#include "storage/audit/event.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t progress_step_bytes = 4 << 20;

/// A line of a file of entries.
struct Place {
  std::string_view file;
  std::uint64_t line = 0;
};

struct Fault {
  AuditFault fault;
  std::string file;
  std::uint64_t line = 0;
  std::uint64_t seq = 0;
};

Fault fault_at(AuditFault fault, const Place& place, std::uint64_t seq) {
  return {fault, std::string(place.file), place.line, seq};
}

/// Nothing wrong, or the first thing that is.
using Finding = std::optional<Fault>;

/// Which keys may sign, as the chain goes on. The chain names a key before it signs, and the key
/// before vouches for it by signing once behind that entry.
class Keys {
 public:
  void name(std::string_view fingerprint, std::uint64_t seq) {
    named_ = fingerprint;
    named_at_ = seq;
  }
  /// Whether a checkpoint of that key can stand here.
  bool may_sign(const std::string& fingerprint) {
    if (fingerprint != current_) {
      if (fingerprint != named_) return false;
      if (!current_.empty() && fingerprint != vouched_ && unvouched_at_ == 0) {
        unvouched_at_ = named_at_;
      }
      current_ = fingerprint;
    }
    vouched_ = named_;
    return true;
  }
  [[nodiscard]] std::uint64_t unvouched_at() const { return unvouched_at_; }

 private:
  std::string current_;
  std::string named_;
  std::uint64_t named_at_ = 0;
  std::string vouched_;
  std::uint64_t unvouched_at_ = 0;
};

/// The checkpoints in their order, each checked for itself when it comes to the front.
class Checkpoints {
 public:
  explicit Checkpoints(const fs::path& folder) : folder_(folder) {}

  /// Goes to the next one, if there is one left. A finding when it is not sound.
  Result<Finding> advance(bool may_be_cut) {
    has_next_ = false;
    if (line_ == 0) {
      auto opened = LineReader::open(folder_ / checkpoints_name);
      if (!opened && opened.error().code == ErrorCode::not_found) return Finding{};
      if (!opened) return fail(opened.error());
      reader_.emplace(*std::move(opened));
    }
    if (!reader_ || !KHOCHUNG_TRY(reader_->next())) return Finding{};
    ++line_;
    if (!reader_->is_whole()) return may_be_cut ? Finding{} : Finding(wrong(AuditFault::cut));
    auto checkpoint = checkpoint_from_line(reader_->line());
    if (!checkpoint) return Finding(wrong(AuditFault::checkpoint));
    auto finding = KHOCHUNG_TRY(check_signature(*checkpoint));
    if (finding) return finding;
    if (checkpoint->previous != previous_ || checkpoint->head.seq < next_.head.seq) {
      return Finding(wrong(AuditFault::checkpoint));
    }
    previous_ = Digest::of(reader_->line());
    next_ = *std::move(checkpoint);
    has_next_ = true;
    return Finding{};
  }
  [[nodiscard]] bool is_at(std::uint64_t seq) const { return has_next_ && next_.head.seq == seq; }
  [[nodiscard]] bool has_next() const { return has_next_; }
  [[nodiscard]] const AuditCheckpoint& next() const { return next_; }
  [[nodiscard]] Fault wrong(AuditFault fault) const {
    return {fault, std::string(checkpoints_name), line_, has_next_ ? next_.head.seq : 0};
  }

  Result<Finding> check_signature(const AuditCheckpoint& checkpoint) {
    if (!key_ || key_->fingerprint() != checkpoint.key) {
      auto key = public_key_in(folder_ / "keys", checkpoint.key);
      if (!key && key.error().code == ErrorCode::corrupt) {
        return Finding(Fault{AuditFault::key_file, "keys/" + checkpoint.key + ".pem", 1, 0});
      }
      if (!key) return fail(key.error());
      key_.emplace(*std::move(key));
    }
    if (!is_signed_by(checkpoint, *key_)) return Finding(wrong(AuditFault::checkpoint));
    return Finding{};
  }

 private:
  fs::path folder_;
  std::optional<LineReader> reader_;
  std::uint64_t line_ = 0;
  std::optional<Digest> previous_;
  std::optional<PublicKey> key_;
  AuditCheckpoint next_;
  bool has_next_ = false;
};

class Verification {
 public:
  Verification(const fs::path& folder, const AuditVerification& how)
      : folder_(folder), how_(how), checkpoints_(folder) {}

  Result<AuditVerdict> run() {
    const auto finding = KHOCHUNG_TRY(look());
    if (finding) {
      verdict_.fault = finding->fault;
      verdict_.file = finding->file;
      verdict_.line = finding->line;
      verdict_.seq = finding->seq;
    }
    verdict_.head = last_.head;
    verdict_.unvouched_key_at = keys_.unvouched_at();
    if (how_.progress) how_.progress(verdict_.bytes, total_bytes_);
    return verdict_;
  }

 private:
  /// An entry that was read.
  struct Seen {
    AuditHead head;
    Place place;
    bool is_proven = false;
  };

  Result<Finding> look() {
    KHOCHUNG_CHECK(take_known());
    const auto listed = KHOCHUNG_TRY(list_audit_folder(folder_));
    if (kept_) {
      auto finding = KHOCHUNG_TRY(checkpoints_.check_signature(*kept_));
      if (finding && finding->fault == AuditFault::key_file) return finding;
      if (finding) return fail(ErrorCode::bad_input, "the checkpoint that was kept is not signed");
    }
    if (!listed.stray.empty()) return Finding(Fault{AuditFault::stray_file, listed.stray, 1, 0});
    for (const auto& name : listed.files) {
      std::error_code error;
      const auto size_bytes = fs::file_size(folder_ / name.text(), error);
      if (!error) total_bytes_ += size_bytes;
    }
    auto finding = KHOCHUNG_TRY(checkpoints_.advance(how_.until.has_value()));
    for (std::size_t i = 0; i < listed.files.size() && !finding && !is_at_end(); ++i) {
      finding = KHOCHUNG_TRY(look_at_file(listed.files[i]));
    }
    if (finding) return finding;
    if (doubted_) return changed(*doubted_);
    return look_behind();
  }

  Result<void> take_known() {
    if (!how_.kept_checkpoint.empty()) {
      auto kept = checkpoint_from_line(how_.kept_checkpoint);
      if (!kept) return fail(ErrorCode::bad_input, "the checkpoint that was kept is none");
      kept_ = *std::move(kept);
    }
    return {};
  }

  [[nodiscard]] bool is_at_end() const { return how_.until && last_.head.seq >= *how_.until; }

  Result<Finding> look_at_file(const AuditFileName& name) {
    file_names_.push_back(name.text());
    auto reader = KHOCHUNG_TRY(LineReader::open(folder_ / name.text()));
    Place place{file_names_.back(), 0};
    Finding finding;
    while (!finding && !is_at_end() && KHOCHUNG_TRY(reader.next())) {
      ++place.line;
      finding = KHOCHUNG_TRY(look_at_line(reader, name, place));
    }
    if (!finding && place.line == 0) {
      return Finding(fault_at(AuditFault::cut, {place.file, 1}, last_.head.seq + 1));
    }
    file_ = name;
    file_bytes_ = reader.end();
    return finding;
  }

  Result<Finding> look_at_line(const LineReader& reader, const AuditFileName& name,
                               const Place& place) {
    const auto here = [&](AuditFault fault) {
      return Finding(fault_at(fault, place, last_.head.seq + 1));
    };
    const auto link = checked_link_of(reader.line());
    const bool is_entry = reader.is_whole() && link;
    if (doubted_ && !is_entry) return changed(*doubted_);
    if (!reader.is_whole()) return here(AuditFault::cut);
    if (!is_entry) return here(AuditFault::no_entry);
    const Seen seen{{link->seq, Digest::of(reader.line())}, place, false};
    if (doubted_) return changed(link->previous == last_.head.hash ? *doubted_ : last_);
    if (link->seq != last_.head.seq + 1) return here(AuditFault::out_of_order);
    if (!stands_right(name, *link, reader)) return here(AuditFault::misplaced);
    const auto before = last_.head.seq == 0 ? std::nullopt : std::optional(last_.head.hash);
    const bool fits = link->previous == before;
    if (!fits && (last_.is_proven || last_.head.seq == 0)) return changed(seen);
    if (!fits) doubted_ = last_;
    last_ = seen;
    note(reader, *link);
    return look_at_proofs();
  }

  /// Whether the line is in the file where the rule puts it.
  [[nodiscard]] bool stands_right(const AuditFileName& name, const AuditLink& link,
                                  const LineReader& reader) const {
    const auto line_bytes = reader.line().size() + 1;
    const auto begins = [&](const AuditFileName& file, std::uint64_t size_bytes) {
      return begins_new_file(file, size_bytes, link.month, line_bytes, how_.max_file_bytes);
    };
    if (reader.begin() > 0) return !begins(name, reader.begin());
    return name == name_after(file_, link.month) && (!file_ || begins(*file_, file_bytes_));
  }

  void note(const LineReader& reader, const AuditLink& link) {
    if (link.action == audit_key_action) {
      if (const auto entry = entry_from_line(reader.line())) {
        keys_.name(entry->event.object, link.seq);
      }
    }
    ++verdict_.entries;
    verdict_.bytes += reader.end() - reader.begin();
    if (how_.progress && verdict_.bytes - told_bytes_ >= progress_step_bytes) {
      told_bytes_ = verdict_.bytes;
      how_.progress(told_bytes_, total_bytes_);
    }
  }

  /// What others know of the entry that was just read.
  Result<Finding> look_at_proofs() {
    if (how_.known && how_.known->seq == last_.head.seq) {
      if (auto finding = prove(*how_.known)) return finding;
    }
    if (kept_ && kept_->head.seq == last_.head.seq) {
      if (auto finding = prove(kept_->head)) return finding;
    }
    while (checkpoints_.is_at(last_.head.seq)) {
      if (auto finding = prove(checkpoints_.next().head)) return finding;
      if (!keys_.may_sign(checkpoints_.next().key)) {
        return Finding(checkpoints_.wrong(AuditFault::unknown_key));
      }
      ++verdict_.checkpoints;
      auto finding = KHOCHUNG_TRY(checkpoints_.advance(how_.until.has_value()));
      if (finding) return finding;
    }
    return Finding{};
  }

  Finding prove(const AuditHead& known) {
    const bool is_so = known.hash == last_.head.hash;
    if (doubted_) return changed(is_so ? *doubted_ : last_);
    if (!is_so) return changed(last_);
    last_.is_proven = true;
    verdict_.proven_until = last_.head.seq;
    return {};
  }

  static Finding changed(const Seen& seen) {
    return fault_at(AuditFault::changed, seen.place, seen.head.seq);
  }

  /// What is known of entries behind the last one.
  Finding look_behind() {
    const auto seq = last_.head.seq;
    const bool tail_is_missing = (how_.known && how_.known->seq > seq) ||
                                 (kept_ && kept_->head.seq > seq) ||
                                 (how_.until && *how_.until > seq);
    const bool has_checkpoint = !how_.until && checkpoints_.has_next();
    if (tail_is_missing || (has_checkpoint && checkpoints_.next().head.seq > seq)) {
      return fault_at(AuditFault::tail_missing, {last_.place.file, last_.place.line + 1}, seq + 1);
    }
    if (has_checkpoint) return checkpoints_.wrong(AuditFault::checkpoint);
    return {};
  }

  const fs::path& folder_;
  const AuditVerification& how_;
  std::optional<AuditCheckpoint> kept_;
  Checkpoints checkpoints_;
  Keys keys_;
  AuditVerdict verdict_;
  std::uint64_t total_bytes_ = 0;
  std::uint64_t told_bytes_ = 0;
  /// Places point at them.
  std::deque<std::string> file_names_;
  /// The file before the one that is being read, and its size.
  std::optional<AuditFileName> file_;
  std::uint64_t file_bytes_ = 0;
  Seen last_;
  /// The entry before last_, when last_ names another digest than it has: one of the two was
  /// touched, and what follows tells which.
  std::optional<Seen> doubted_;
};

constexpr std::string_view key_of(AuditFault fault) {
  switch (fault) {
    case AuditFault::none: return "audit_intact";
    case AuditFault::cut: return "audit_cut";
    case AuditFault::no_entry: return "audit_no_entry";
    case AuditFault::out_of_order: return "audit_out_of_order";
    case AuditFault::changed: return "audit_changed";
    case AuditFault::misplaced: return "audit_misplaced";
    case AuditFault::stray_file: return "audit_stray_file";
    case AuditFault::tail_missing: return "audit_tail_missing";
    case AuditFault::checkpoint: return "audit_checkpoint";
    case AuditFault::unknown_key: return "audit_unknown_key";
    case AuditFault::key_file: return "audit_key_file";
  }
  return {};
}

}  // namespace

std::string sentence_of(const AuditVerdict& verdict, Language language) {
  const auto filled = [&](std::string_view key) {
    return fmt::format(fmt::runtime(sentence(key, language)), fmt::arg("entries", verdict.entries),
                       fmt::arg("file", verdict.file), fmt::arg("line", verdict.line),
                       fmt::arg("seq", verdict.seq), fmt::arg("proven", verdict.proven_until),
                       fmt::arg("key_at", verdict.unvouched_key_at));
  };
  auto text = filled(key_of(verdict.fault));
  text += ' ';
  text += filled(verdict.proven_until > 0 ? "audit_proven" : "audit_unproven");
  if (verdict.unvouched_key_at > 0) text += ' ' + filled("audit_key_unvouched");
  return text;
}

Result<AuditVerdict> verify_audit(const fs::path& folder, const AuditVerification& how) {
  return Verification(folder, how).run();
}

}  // namespace khochung::storage
