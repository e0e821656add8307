#include "storage/catalogue/tables.hpp"

namespace khochung::storage::tables {

Result<void> add_job(Connection& connection, const Job& job, Instant due) {
  const auto material = job.material.text();
  KHOCHUNG_TRY(connection.change(
      "INSERT INTO job (lane, task, material, attempts, is_awaited, due) VALUES (?, ?, ?, ?, ?, ?)",
      {static_cast<std::int64_t>(job.lane), job.task, material, std::int64_t{job.attempts},
       std::int64_t{job.is_awaited ? 1 : 0}, milliseconds_of(due)}));
  KHOCHUNG_TRY(add_to_counter(connection, "jobs", 1));
  return {};
}

// On PostgreSQL the inner SELECT takes FOR UPDATE SKIP LOCKED; here one connection writes.
Result<std::optional<Job>> claim_job(Connection& connection, Lane lane, Instant at, Instant until) {
  auto rows = KHOCHUNG_TRY(connection.query(
      "UPDATE job SET due = ?, attempts = attempts + 1 WHERE id = (SELECT id FROM job "
      "WHERE lane = ? AND due <= ? ORDER BY due, id LIMIT 1) "
      "RETURNING id, lane, task, material, attempts, is_awaited",
      {milliseconds_of(until), static_cast<std::int64_t>(lane), milliseconds_of(at)}));
  if (!KHOCHUNG_TRY(rows.next())) return std::nullopt;
  Job job;
  job.id = rows.integer(0);
  job.lane = static_cast<Lane>(rows.integer(1));
  job.task = rows.text(2);
  job.material = KHOCHUNG_TRY(MaterialId::parse(rows.text(3)));
  job.attempts = rows.small(4);
  job.is_awaited = rows.integer(5) != 0;
  return job;
}

Result<void> finish_job(Connection& connection, std::int64_t id) {
  const auto removed = KHOCHUNG_TRY(connection.change("DELETE FROM job WHERE id = ?", {id}));
  KHOCHUNG_TRY(add_to_counter(connection, "jobs", -removed));
  return {};
}

Result<void> put_back_job(Connection& connection, std::int64_t id, Instant due) {
  KHOCHUNG_TRY(
      connection.change("UPDATE job SET due = ? WHERE id = ?", {milliseconds_of(due), id}));
  return {};
}

Result<void> release_claims(Connection& connection, Instant at) {
  KHOCHUNG_TRY(connection.change("UPDATE job SET due = ? WHERE due > ?",
                                 {milliseconds_of(at), milliseconds_of(at)}));
  return {};
}

}  // namespace khochung::storage::tables
