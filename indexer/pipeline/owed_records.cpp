#include "indexer/pipeline/owed_records.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace khochung::pipeline {
namespace {

constexpr int records_settled_at_once = 500;
constexpr std::chrono::milliseconds pause_after_trouble{1'000};
constexpr std::chrono::hours longest_nap{1};

}  // namespace

void OwedRecords::write(const Record& record) {
  auto written = append(record);
  // An earlier revision is owed, too: the catalogue has them in order.
  if (!written && written.error().code == ErrorCode::conflict) written = settle();
  if (written || written.error().code == ErrorCode::conflict) return;  // settle() has named it
  spdlog::error("the record of {} revision {} stays owed: {}", record.id.text(), record.revision,
                written.error().message);
  bell_.ring();
}

Result<void> OwedRecords::append(const Record& record) {
  const std::shared_lock one_of_many(writing_);
  KHOCHUNG_CHECK(records_.append(record));
  return catalogue_.forget_owed_record(record.id, record.revision);
}

Result<void> OwedRecords::settle() {
  const std::unique_lock alone(writing_);
  while (true) {
    const auto owed = KHOCHUNG_TRY(catalogue_.owed_records(records_settled_at_once));
    Result<void> outcome;
    std::size_t kept = 0;
    for (const auto& bytes : owed) {
      const auto record = KHOCHUNG_TRY(record_from_json(bytes));
      const auto written = records_.append(record);
      if (written) {
        KHOCHUNG_CHECK(catalogue_.forget_owed_record(record.id, record.revision));
        continue;
      }
      // One thing whose history is not what the catalogue takes it for keeps no other waiting.
      if (written.error().code != ErrorCode::conflict) return fail(written.error());
      spdlog::error("the record of {} revision {} stays owed: {}", record.id.text(),
                    record.revision, written.error().message);
      outcome = fail(written.error());
      ++kept;
    }
    if (owed.size() < records_settled_at_once || kept == owed.size()) return outcome;
  }
}

void OwedRecords::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void OwedRecords::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void OwedRecords::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bell_.wait(stop, longest_nap);
    while (!stop.stop_requested()) {
      const auto settled = settle();
      if (settled || settled.error().code == ErrorCode::conflict) break;
      bell_.rest(stop, pause_after_trouble);
    }
  }
}

}  // namespace khochung::pipeline
