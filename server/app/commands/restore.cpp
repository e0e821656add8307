#include "server/app/commands/restore.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/app/commands/print.hpp"
#include "server/app/commands/rebuild.hpp"
#include "server/app/commands/restore_work.hpp"
#include "server/app/commands/verify.hpp"
#include "server/app/connect.hpp"
#include "server/app/interrupt.hpp"
#include "server/app/progress.hpp"

namespace khochung::app {
namespace {

using boost::json::object;

/// Opens the archive that came back, proves it, and has it read.
Result<object> prove(const RestoreOptions& options) {
  const auto connection = KHOCHUNG_TRY(connect({options.paths, options.programs, "restore"}));
  auto report = KHOCHUNG_TRY(verification(connection.client(), {}));
  if (is_interrupted()) return fail(ErrorCode::unavailable, "interrupted before all was checked");
  report["all_read"] = options.waits && KHOCHUNG_TRY(wait_for_readers(connection.client()));
  return report;
}

Result<object> bring_back(const RestoreOptions& options) {
  const auto set =
      KHOCHUNG_TRY(storage::BackupSet::open(options.source, storage::BackupPlace::Use::reading));
  const auto id = KHOCHUNG_TRY(set.find(options.run));
  const auto run = KHOCHUNG_TRY(set.run(id));
  const auto outcome = KHOCHUNG_TRY(RestoreWork(set, run, options.paths).run());
  if (!outcome.fits) KHOCHUNG_TRY(rebuild_catalogue(options.paths));
  auto verified = KHOCHUNG_TRY(prove(options));
  const auto all_read = verified["all_read"].as_bool();
  verified.erase("all_read");
  return object{{"set", set.place().name()},
                {"run", id},
                {"at", to_rfc3339(run.at)},
                {"materials", run.materials},
                {"files", outcome.files},
                {"bytes", outcome.bytes},
                {"destroyed", outcome.destroyed},
                {"missing_in_backup", boost::json::array(run.missing.begin(), run.missing.end())},
                {"catalogue_rebuilt", !outcome.fits},
                {"to_read", outcome.to_read},
                {"all_read", all_read},
                {"verify", std::move(verified)}};
}

void print_report(const object& report) {
  fmt::print("Đã khôi phục {} tư liệu, {} tệp ({}), theo bản sao lưu lúc {}.\n",
             report.at("materials").as_int64(), report.at("files").as_int64(),
             size_in_words(static_cast<std::uint64_t>(report.at("bytes").as_int64())),
             std::string_view(report.at("at").as_string()));
  if (report.at("catalogue_rebuilt").as_bool()) {
    fmt::print(
        "Mục lục trong bản sao lưu không dùng được, đã dựng lại từ hồ sơ; biên nhận của tệp "
        "bị từ chối hoặc trùng không còn.\n");
  }
  if (const auto count = report.at("destroyed").as_int64(); count > 0)
    fmt::print("{} tệp đã được hủy theo quy định sau lần sao lưu này nên không trở lại.\n", count);
  for (const auto& name : report.at("missing_in_backup").as_array())
    fmt::print("  thiếu từ khi sao lưu: {}\n", std::string_view(name.as_string()));
  print_verification(report.at("verify").as_object());
}

}  // namespace

int restore(const RestoreOptions& options) {
  const auto report = bring_back(options);
  if (!report) return print_error(report.error(), options.prints_json);
  if (options.prints_json) {
    print_json(*report);
  } else {
    print_report(*report);
  }
  const bool is_whole = damages_in(report->at("verify").as_object()) == 0;
  return is_whole ? 0 : face_of(ErrorCode::corrupt).exit_code;
}

}  // namespace khochung::app
