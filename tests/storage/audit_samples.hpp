#pragma once

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "storage/audit/audit_chain.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {

/// An event that is the same for the same number; every `per_month` numbers a month ends.
inline AuditEvent sample_event(std::uint64_t seq, std::uint64_t per_month = 1000) {
  const auto month = static_cast<int>((seq - 1) / per_month);
  const std::chrono::year_month_day day{std::chrono::year(2026) / std::chrono::November / 1};
  const auto at = std::chrono::sys_days(day + std::chrono::months(month)) +
                  std::chrono::milliseconds(seq * 1001);
  AuditEvent event;
  event.seq = seq;
  event.at = at;
  event.by = seq % 3 == 0 ? "thư-ký" : "local";
  event.from = "web";
  event.action = seq % 2 == 0 ? "material.revise" : "file.read";
  event.object = "0190163d-5694-7000-8000-" + std::to_string(100'000'000'000 + seq);
  event.detail = {{"revision", seq % 7}, {"name", "Thỏa ước \"" + std::to_string(seq) + "\".pdf"}};
  return event;
}

inline std::vector<AuditEvent> sample_events(std::uint64_t from, std::uint64_t to,
                                             std::uint64_t per_month = 1000) {
  std::vector<AuditEvent> events;
  for (auto seq = from; seq <= to; ++seq) events.push_back(sample_event(seq, per_month));
  return events;
}

/// A chain in a folder of its own, which can be closed and opened again.
struct AuditHome {
  TemporaryFolder folder;
  AuditChain::Options options;
  std::unique_ptr<AuditChain> chain;

  explicit AuditHome(AuditChain::Options how = {}) : options(std::move(how)) { open(); }
  [[nodiscard]] std::filesystem::path path() const { return folder.path() / "audit"; }
  [[nodiscard]] std::filesystem::path key_file() const { return folder.path() / "audit-key.pem"; }
  [[nodiscard]] Result<std::unique_ptr<AuditChain>> try_open() const {
    return AuditChain::open(path(), key_file(), options);
  }
  void open() {
    chain.reset();
    auto opened = try_open();
    BOOST_TEST_REQUIRE(opened.has_value(), (opened ? "" : opened.error().message));
    chain = *std::move(opened);
  }
  /// Numbers and appends what the chain owes, as its owner does.
  void append_owed() const {
    auto events = chain->owed();
    for (std::size_t i = 0; i < events.size(); ++i) events[i].seq = chain->head().seq + 1 + i;
    // In the month of the samples, so that these can follow.
    for (auto& event : events) event.at = sample_event(1).at;
    BOOST_TEST_REQUIRE(chain->append(events).has_value());
  }
  [[nodiscard]] AuditVerdict verify(AuditVerification how = {}) const {
    how.max_file_bytes = options.max_file_bytes;
    return verify_audit(path(), how).value();
  }
};

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

}  // namespace khochung::storage
