#include "server/app/commands/rebuild.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <future>
#include <thread>

#include "indexer/pipeline/adoption.hpp"
#include "indexer/pipeline/audit_trail.hpp"
#include "indexer/pipeline/catalogue_rebuild.hpp"
#include "indexer/pipeline/owed_records.hpp"
#include "schemas/json_reader.hpp"
#include "server/app/blob_stores.hpp"
#include "server/app/catalogue_swap.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/config.hpp"
#include "server/app/connect.hpp"
#include "server/app/interrupt.hpp"
#include "server/app/progress.hpp"
#include "storage/audit/audit_chain.hpp"
#include "storage/durable_file.hpp"

namespace khochung::app {
namespace {

namespace fs = std::filesystem;
using boost::json::object;
using pipeline::RebuildProgress;

constexpr std::chrono::milliseconds between_looks{200};

Result<void> settle(const DataPaths& paths, storage::RecordStore& records) {
  const auto catalogue = KHOCHUNG_TRY(storage::Catalogue::open(paths.catalogue()));
  KHOCHUNG_CHECK(pipeline::OwedRecords(*catalogue, records).settle());
  return pipeline::AuditTrail(paths.audit(), paths.audit_key(), *catalogue).open();
}

/// What only the old catalogue has of records and of the audit chain goes into the store first: a
/// rebuild reads nothing else. One that cannot be read stands in no rebuild's way.
Result<void> settle_old_catalogue(const DataPaths& paths, storage::RecordStore& records) {
  std::error_code error;
  if (!fs::exists(paths.catalogue(), error)) return {};
  auto settled = settle(paths, records);
  if (settled || settled.error().code == ErrorCode::disk_full) return settled;
  spdlog::error("what {} still owes to the store is not in the new catalogue: {}",
                paths.old_catalogue().string(), settled.error().message);
  return {};
}

std::uint64_t unsigned_of(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}

Result<RebuildProgress> fill(pipeline::CatalogueRebuild& work) {
  ProgressBar bar("Đọc hồ sơ");
  std::stop_source stop;
  return work.run(std::max(1U, std::thread::hardware_concurrency()), stop.get_token(),
                  [&](const RebuildProgress& now) {
                    if (is_interrupted()) stop.request_stop();
                    bar.show({unsigned_of(now.slices_done), 256, 0, 0});
                  });
}

/// Bytes that were destroyed are named by records still, and only the audit chain tells that nobody
/// expects them any more. Those that came again since are there. A chain that is not sound stands
/// in no rebuild's way: what was destroyed is called missing then.
Result<void> forget_destroyed(const DataPaths& paths, const Config& config,
                              storage::SyncGroup& sync, storage::Catalogue& catalogue) {
  constexpr std::size_t entries_at_once = 1'000;
  const auto stores = KHOCHUNG_TRY(BlobStores::open(paths, config, sync, {}));
  const auto chain = storage::AuditChain::open(paths.audit(), paths.audit_key());
  std::uint64_t next = 1;
  while (chain && next <= (*chain)->head().seq) {
    const auto entries = (*chain)->entries(next, entries_at_once);
    if (!entries || entries->empty()) break;
    for (const auto& [event, previous] : *entries) {
      next = event.seq + 1;
      const auto sha256 = KHOCHUNG_TRY(pipeline::destroyed_by(event));
      if (sha256 && !stores.blobs().contains(*sha256))
        KHOCHUNG_CHECK(catalogue.forget_blob(*sha256));
    }
  }
  return {};
}

/// The catalogue from the records, in a file beside the old one until it is whole.
Result<RebuildProgress> rebuild_file(const DataPaths& paths, const Config& config) {
  storage::SyncGroup sync;
  KHOCHUNG_CHECK(put_catalogue_in_place(paths, sync));
  storage::RecordStore records(paths.records(), sync);
  KHOCHUNG_CHECK(settle_old_catalogue(paths, records));
  const storage::DerivativeStore derivatives(paths.derived());
  RebuildProgress progress;
  {
    const auto catalogue = KHOCHUNG_TRY(storage::Catalogue::open(paths.unfinished_catalogue()));
    pipeline::CatalogueRebuild work(records, derivatives, *catalogue);
    progress = KHOCHUNG_TRY(fill(work));
    KHOCHUNG_CHECK(forget_destroyed(paths, config, sync, *catalogue));
  }
  KHOCHUNG_CHECK(finish_catalogue(paths, sync));
  KHOCHUNG_CHECK(put_catalogue_in_place(paths, sync));
  return progress;
}

/// The catalogue from the records, in the tables that are there: a second schema would take rights
/// that an account of one catalogue need not have. What they owe to the store goes there first;
/// until they are whole, no server starts on them.
Result<RebuildProgress> rebuild_in_place(const DataPaths& paths, const Config& config) {
  storage::SyncGroup sync;
  storage::RecordStore records(paths.records(), sync);
  const storage::DerivativeStore derivatives(paths.derived());
  const auto catalogue = KHOCHUNG_TRY(storage::Catalogue::open(config.catalogue));
  KHOCHUNG_CHECK(catalogue->own_index());
  KHOCHUNG_CHECK(pipeline::OwedRecords(*catalogue, records).settle());
  pipeline::CatalogueRebuild work(records, derivatives, *catalogue);
  KHOCHUNG_CHECK(work.begin());
  auto progress = KHOCHUNG_TRY(fill(work));
  KHOCHUNG_CHECK(forget_destroyed(paths, config, sync, *catalogue));
  return progress;
}

}  // namespace

Result<RebuildProgress> rebuild_catalogue(const DataPaths& paths) {
  const auto lock = KHOCHUNG_TRY(DataFolderLock::acquire(paths));
  const auto config = KHOCHUNG_TRY(Config::read(paths.config()));
  return config.catalogue.empty() ? rebuild_file(paths, config) : rebuild_in_place(paths, config);
}

namespace {

/// Sends the call that builds the index and shows how far it is until it answers.
Result<boost::json::value> build_index(Client& client) {
  auto answer = std::async(
      std::launch::async, [&] { return json_of(client, post("/api/v1/rebuild-index", object())); });
  ProgressBar bar("Dựng chỉ mục");
  while (answer.wait_for(between_looks) != std::future_status::ready) {
    const auto status = json_of(client, get("/api/v1/status"));
    if (!status) continue;
    const JsonReader read(*status);
    bar.show({unsigned_of(read.integer("indexed")), unsigned_of(read.integer("materials")), 0, 0});
  }
  return answer.get();
}

}  // namespace

Result<bool> wait_for_readers(Client& client) {
  ProgressBar bar("Đọc lại");
  std::int64_t most = 1;
  while (!is_interrupted()) {
    const auto status = KHOCHUNG_TRY(json_of(client, get("/api/v1/status")));
    const JsonReader read(status);
    const auto left = read.integer("queued_jobs");
    if (left == 0 && !read.boolean("has_more_to_index")) return true;
    if (read.boolean("is_stuck"))
      return fail(ErrorCode::unavailable, "neither the queue of jobs nor the index takes anything");
    most = std::max(most, left);
    bar.show({unsigned_of(most - left), unsigned_of(most), 0, 0});
    std::this_thread::sleep_for(between_looks);
  }
  return false;
}

namespace {

void print_report(const boost::json::value& report) {
  const JsonReader read(report);
  fmt::print("Đã dựng lại từ kho: {} tư liệu ({} lần sửa), {} đơn vị; chỉ mục có {} tư liệu.\n",
             read.integer("materials"), read.integer("revisions"), read.integer("units"),
             read.integer("indexed"));
  if (read.integer("to_read") > 0)
    fmt::print("{} tư liệu phải đọc lại.\n", read.integer("to_read"));
  for (const auto& damaged : report.at("damaged").as_array()) {
    fmt::print("  hồ sơ hỏng: {} ({})\n", JsonReader(damaged).string("path"),
               JsonReader(damaged).string("what"));
  }
  fmt::print(
      "Không nằm trong kho nên không dựng lại được: biên nhận của tệp bị từ chối hoặc trùng, "
      "kết quả kiểm tra định kỳ.\n");
}

Result<boost::json::value> rebuild_all(const RebuildOptions& options) {
  if (connect_to_owner(options.paths)) {
    return fail(ErrorCode::locked, "a rebuild needs the data folder for itself; stop the server");
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto progress = KHOCHUNG_TRY(rebuild_catalogue(options.paths));
  const bool has_accounts = fs::exists(options.paths.accounts());
  const auto connection = KHOCHUNG_TRY(connect({options.paths, options.programs, "rebuild"}));
  auto& client = connection.client();
  const auto index = KHOCHUNG_TRY(build_index(client));
  const bool is_read = !options.waits || KHOCHUNG_TRY(wait_for_readers(client));
  boost::json::array damaged;
  for (const auto& record : progress.damaged)
    damaged.push_back(object{{"path", record.path}, {"what", record.what}});
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin);
  return object{{"materials", progress.materials},
                {"revisions", progress.revisions},
                {"units", progress.units},
                {"to_read", progress.to_read},
                {"indexed", JsonReader(index).integer("materials")},
                {"damaged", std::move(damaged)},
                {"all_read", is_read},
                {"accounts_kept", has_accounts},
                {"took_ms", took.count()}};
}

}  // namespace

int rebuild_index(Client& client, bool prints_json) {
  const auto report = build_index(client);
  if (!report) return print_error(report.error(), prints_json);
  if (prints_json) {
    print_json(*report);
  } else {
    const JsonReader read(*report);
    fmt::print("Đã dựng lại chỉ mục: {} tư liệu trong {} ms.\n", read.integer("materials"),
               read.integer("took_ms"));
  }
  return 0;
}

int rebuild(const RebuildOptions& options) {
  const auto report = rebuild_all(options);
  if (!report) return print_error(report.error(), options.prints_json);
  if (options.prints_json) {
    print_json(*report);
  } else {
    print_report(*report);
    if (!JsonReader(*report).boolean("accounts_kept"))
      fmt::print("Tài khoản không nằm trong kho: hãy lấy lại từ bản sao lưu hoặc tạo mới.\n");
  }
  return report->at("damaged").as_array().empty() ? 0 : face_of(ErrorCode::corrupt).exit_code;
}

}  // namespace khochung::app
