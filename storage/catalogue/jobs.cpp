#include "storage/catalogue/tables.hpp"

namespace khochung::storage::tables {

Result<void> add_job(Connection& connection, const Job& job) {
  const auto material = job.material.text();
  KHOCHUNG_TRY(
      connection.change("INSERT INTO job (lane, task, material, attempts, is_awaited, due) "
                        "VALUES (?, ?, ?, ?, ?, queue_time())",
                        {static_cast<std::int64_t>(job.lane), job.task, material,
                         std::int64_t{job.attempts}, std::int64_t{job.is_awaited ? 1 : 0}}));
  KHOCHUNG_TRY(add_to_counter(connection, "jobs", 1));
  return {};
}

Result<void> finish_job(Connection& connection, const Job& job) {
  const auto removed = KHOCHUNG_TRY(connection.change("DELETE FROM job WHERE id = ?", {job.id}));
  KHOCHUNG_TRY(add_to_counter(connection, "jobs", -removed));
  const auto marked = mark_for_index(connection, job.material);
  // A job whose material is not there ends all the same.
  return !marked && marked.error().code != ErrorCode::not_found ? marked : Result<void>{};
}

Result<void> put_back_job(Connection& connection, std::int64_t id, std::chrono::seconds delay) {
  KHOCHUNG_TRY(connection.change("UPDATE job SET due = queue_time() + ? WHERE id = ?",
                                 {milliseconds_of(delay), id}));
  return {};
}

Result<std::vector<Catalogue::QueueLength>> queue_lengths(Connection& connection) {
  std::vector<Catalogue::QueueLength> lengths;
  for (const auto lane : {Lane::quick, Lane::slow}) {
    const auto number = static_cast<std::int64_t>(lane);
    const auto due = KHOCHUNG_TRY(connection.number(
        "SELECT count(*) FROM job WHERE lane = ? AND due <= queue_time()", {number}));
    const auto later = KHOCHUNG_TRY(connection.number(
        "SELECT count(*) FROM job WHERE lane = ? AND due > queue_time()", {number}));
    lengths.push_back({lane, true, due.value_or(0)});
    lengths.push_back({lane, false, later.value_or(0)});
  }
  return lengths;
}

}  // namespace khochung::storage::tables
