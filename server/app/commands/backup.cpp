#include "server/app/commands/backup.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "schemas/json_reader.hpp"
#include "server/app/commands/backup_work.hpp"
#include "server/app/commands/print.hpp"
#include "server/app/progress.hpp"

namespace khochung::app {
namespace {

using boost::json::array;
using boost::json::object;
using storage::BackupPlace;
using storage::BackupSet;

Result<object> make_backup(Client& client, const BackupOptions& options) {
  auto set = KHOCHUNG_TRY(BackupSet::open(options.target, BackupPlace::Use::writing));
  return BackupWork(client, set, options).run();
}

Result<object> check(const BackupOptions& options) {
  const auto set = KHOCHUNG_TRY(BackupSet::open(options.target, BackupPlace::Use::reading));
  const auto id = KHOCHUNG_TRY(set.find(options.run));
  const auto run = KHOCHUNG_TRY(set.run(id));
  ProgressBar bar("Kiểm tra bản sao lưu");
  const auto report =
      KHOCHUNG_TRY(set.check(id, [&](std::size_t done, std::size_t of, std::int64_t bytes) {
        bar.show({done, of, 0, static_cast<std::uint64_t>(bytes)});
      }));
  return object{{"set", set.place().name()},
                {"run", id},
                {"at", to_rfc3339(run.at)},
                {"checked", report.checked},
                {"bytes", report.bytes},
                {"corrupt", array(report.corrupt.begin(), report.corrupt.end())},
                {"missing", array(report.missing.begin(), report.missing.end())}};
}

void print_names(const object& report, const char* list, const char* word) {
  for (const auto& name : report.at(list).as_array())
    fmt::print("  {}: {}\n", word, std::string_view(name.as_string()));
}

std::string size_of(const object& report, const char* member) {
  return size_in_words(static_cast<std::uint64_t>(report.at(member).as_int64()));
}

}  // namespace

int backup(Client& client, const BackupOptions& options) {
  const auto report = make_backup(client, options);
  if (!report) return print_error(report.error(), options.prints_json);
  const auto missing = report->at("missing").as_array().size();
  if (options.prints_json) {
    print_json(*report);
  } else {
    fmt::print("Đã sao lưu {} tư liệu ({}) vào {}, lần {}; mới: {} tệp ({}).\n",
               report->at("materials").as_int64(), size_of(*report, "bytes"),
               std::string_view(report->at("set").as_string()),
               std::string_view(report->at("run").as_string()), report->at("new").as_int64(),
               size_of(*report, "new_bytes"));
    if (missing > 0)
      fmt::print("Kho không còn bản tốt của {} thứ; bản sao lưu này không trọn vẹn.\n", missing);
    print_names(*report, "missing", "thiếu");
  }
  return missing == 0 ? 0 : face_of(ErrorCode::corrupt).exit_code;
}

int check_backup(const BackupOptions& options) {
  const auto report = check(options);
  if (!report) return print_error(report.error(), options.prints_json);
  const auto damages =
      report->at("corrupt").as_array().size() + report->at("missing").as_array().size();
  if (options.prints_json) {
    print_json(*report);
  } else {
    fmt::print(
        "Bản sao lưu {}: đã đọc {} tệp ({}): {}\n", std::string_view(report->at("run").as_string()),
        report->at("checked").as_int64(), size_of(*report, "bytes"),
        damages == 0 ? "tất cả nguyên vẹn." : fmt::format("{} tệp hỏng hoặc thiếu.", damages));
    print_names(*report, "corrupt", "hỏng");
    print_names(*report, "missing", "thiếu");
  }
  return damages == 0 ? 0 : face_of(ErrorCode::corrupt).exit_code;
}

}  // namespace khochung::app
