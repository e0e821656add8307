#include "storage/catalogue/tables.hpp"

// Who works on a job. The one place where the engines need statements of their own: on SQLite one
// connection writes and one process owns the file; on PostgreSQL many servers take jobs at once.

namespace khochung::storage::tables {
namespace {

#define KHOCHUNG_JOB_COLUMNS "id, lane, task, material, attempts, is_awaited"

constexpr std::string_view claim_on_sqlite =
    "UPDATE job SET due = queue_time() + ?, attempts = attempts + 1 WHERE id = (SELECT id FROM job "
    "WHERE lane = ? AND due <= queue_time() ORDER BY due, id LIMIT 1) "
    "RETURNING " KHOCHUNG_JOB_COLUMNS;

/// A row that another server is taking is passed over. The holder is the server process of the
/// connection that claims: PostgreSQL sees it go when the claimer does.
constexpr std::string_view claim_on_postgres =
    "UPDATE job SET due = queue_time() + ?, attempts = attempts + 1, holder = pg_backend_pid() "
    "WHERE id = (SELECT id FROM job WHERE lane = ? AND due <= queue_time() ORDER BY due, id LIMIT "
    "1 "
    "FOR UPDATE SKIP LOCKED) RETURNING " KHOCHUNG_JOB_COLUMNS;

constexpr std::string_view release_on_sqlite =
    "UPDATE job SET due = queue_time() WHERE due > queue_time()";

constexpr std::string_view release_on_postgres =
    "UPDATE job SET due = queue_time() WHERE due > queue_time() "
    "AND NOT EXISTS (SELECT 1 FROM pg_stat_activity s WHERE s.pid = job.holder)";

}  // namespace

Result<std::optional<Job>> claim_job(Connection& connection, Lane lane,
                                     std::chrono::seconds lease) {
  const bool is_shared = connection.engine() == Engine::postgres;
  auto rows =
      KHOCHUNG_TRY(connection.query(is_shared ? claim_on_postgres : claim_on_sqlite,
                                    {milliseconds_of(lease), static_cast<std::int64_t>(lane)}));
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

Result<void> release_claims(Connection& connection) {
  const bool is_shared = connection.engine() == Engine::postgres;
  KHOCHUNG_TRY(connection.change(is_shared ? release_on_postgres : release_on_sqlite));
  return {};
}

}  // namespace khochung::storage::tables
