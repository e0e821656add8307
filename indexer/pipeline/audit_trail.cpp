#include "indexer/pipeline/audit_trail.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <iterator>
#include <utility>

#include "schemas/canonical_json.hpp"
#include "schemas/json_reader.hpp"

namespace khochung::pipeline {
namespace {

using storage::AuditEvent;

constexpr int entries_at_once = 1'000;
constexpr std::string_view head_name = "audit_head";
constexpr std::chrono::milliseconds between_flushes{500};
constexpr std::chrono::minutes between_checkpoints{60};

std::string head_json(const storage::AuditHead& head) {
  return boost::json::serialize(
      boost::json::object{{"seq", head.seq}, {"sha256", head.hash.hex()}});
}

Result<std::optional<storage::AuditHead>> head_from(std::string_view text) {
  if (text.empty()) return std::nullopt;
  boost::json::error_code error;
  const auto json = boost::json::parse(text, error);
  const JsonReader read(json);
  return storage::AuditHead{static_cast<std::uint64_t>(read.integer("seq")),
                            KHOCHUNG_TRY(Digest::parse(read.string("sha256")))};
}

}  // namespace

std::string owed_form(const AuditEvent& event) {
  return canonical_json(boost::json::object{{"at", to_rfc3339(event.at)},
                                            {"by", event.by},
                                            {"from", event.from},
                                            {"action", event.action},
                                            {"object", event.object},
                                            {"detail", event.detail}});
}

Result<AuditEvent> event_from(const storage::OwedAudit& owed) {
  boost::json::error_code error;
  const auto json = boost::json::parse(owed.body, error);
  if (error) return fail(ErrorCode::corrupt, "an owed entry of the audit chain is not JSON");
  const JsonReader read(json);
  AuditEvent event;
  event.seq = static_cast<std::uint64_t>(owed.seq);
  event.at = KHOCHUNG_TRY(instant_from_rfc3339(read.string("at")));
  event.by = read.string("by");
  event.from = read.string("from");
  event.action = read.string("action");
  event.object = read.string("object");
  if (const auto* detail = read.find("detail"); detail != nullptr && detail->is_object())
    event.detail = detail->get_object();
  return event;
}

Result<void> AuditTrail::open() {
  auto opened = storage::AuditChain::open(folder_, private_key_);
  if (!opened) {
    spdlog::critical("the audit chain cannot be used, its entries wait: {}",
                     opened.error().message);
    return {};
  }
  chain_ = *std::move(opened);
  // A catalogue that was brought back, or an older one, counts on where the chain ends.
  const auto last = static_cast<std::int64_t>(chain_->head().seq);
  if (KHOCHUNG_TRY(catalogue_.audit_seq()) < last) KHOCHUNG_CHECK(catalogue_.set_audit_seq(last));
  for (const auto& event : chain_->owed()) KHOCHUNG_CHECK(catalogue_.owe_audit(owed_form(event)));
  const std::scoped_lock lock(flushing_);
  if (const auto flushed = flush(); !flushed)
    spdlog::critical("the audit chain takes nothing: {}", flushed.error().message);
  return {};
}

void AuditTrail::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void AuditTrail::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  bell_.ring();
  thread_.join();
  if (const auto signed_end = checkpoint(); !signed_end && chain_)
    spdlog::error("the audit chain's end is not signed: {}", signed_end.error().message);
  chain_.reset();
}

void AuditTrail::run(const std::stop_token& stop) {
  auto signed_at = std::chrono::steady_clock::now();
  bool was_well = true;
  while (!stop.stop_requested()) {
    bell_.rest(stop, between_flushes);
    Result<void> outcome;
    {
      const std::scoped_lock lock(flushing_);
      outcome = flush();
    }
    const auto moment = std::chrono::steady_clock::now();
    if (outcome && moment - signed_at > between_checkpoints) {
      signed_at = moment;
      outcome = checkpoint().map([](const std::string&) {});
    }
    if (!outcome && was_well)
      spdlog::critical("the audit chain takes nothing: {}", outcome.error().message);
    was_well = outcome.has_value();
  }
}

/// With the lock. The head is noted before the entries are forgotten: it is what a cut chain is
/// held against.
Result<void> AuditTrail::flush() {
  if (!chain_) return {};
  while (true) {
    const auto owed = KHOCHUNG_TRY(catalogue_.owed_audit(entries_at_once));
    if (owed.empty()) return {};
    std::vector<AuditEvent> events;
    for (const auto& one : owed) {
      // A catalogue that was brought back may owe what the chain has, and then what comes after it.
      if (!events.empty() && one.seq != owed.front().seq + std::ssize(events)) break;
      events.push_back(KHOCHUNG_TRY(event_from(one)));
    }
    const auto head = KHOCHUNG_TRY(chain_->append(events));
    KHOCHUNG_CHECK(catalogue_.set_upkeep(head_name, head_json(head)));
    KHOCHUNG_CHECK(catalogue_.forget_owed_audit(owed.at(events.size() - 1).seq));
  }
}

Result<storage::AuditChain*> AuditTrail::chain() {
  if (!chain_) return fail(ErrorCode::corrupt, "audit_damaged", "the audit chain is not open");
  return chain_.get();
}

Result<void> AuditTrail::note(AuditEvent event) {
  event.at = now();
  return catalogue_.owe_audit(owed_form(KHOCHUNG_TRY(storage::bounded(std::move(event)))));
}

Result<std::vector<storage::AuditEntry>> AuditTrail::entries(std::uint64_t from,
                                                             std::size_t limit) {
  const std::scoped_lock lock(flushing_);
  auto* open_chain = KHOCHUNG_TRY(chain());
  KHOCHUNG_CHECK(flush());
  return open_chain->entries(from, limit);
}

Result<std::string> AuditTrail::checkpoint() {
  const std::scoped_lock lock(flushing_);
  auto* open_chain = KHOCHUNG_TRY(chain());
  KHOCHUNG_CHECK(flush());
  const auto made = KHOCHUNG_TRY(open_chain->checkpoint());
  return made ? storage::line_of(*made) : std::string();
}

Result<void> AuditTrail::sign(boost::json::object& statement) {
  KHOCHUNG_TRY(chain())->sign(statement);
  return {};
}

Result<storage::AuditVerdict> AuditTrail::verify(const std::string& kept_checkpoint) const {
  storage::AuditVerification how;
  how.kept_checkpoint = kept_checkpoint;
  const auto head = KHOCHUNG_TRY(catalogue_.upkeep(head_name));
  how.known = KHOCHUNG_TRY(head_from(head));
  return chain_ ? chain_->verify(std::move(how)) : storage::verify_audit(folder_, how);
}

Result<void> AuditTrail::change_key(const std::string& by, const std::string& from) {
  {
    const std::scoped_lock lock(flushing_);
    auto* open_chain = KHOCHUNG_TRY(chain());
    auto event = KHOCHUNG_TRY(open_chain->new_key());
    event.by = by;
    event.from = from;
    KHOCHUNG_CHECK(catalogue_.owe_audit(owed_form(event)));
  }
  return checkpoint().map([](const std::string&) {});
}

}  // namespace khochung::pipeline
