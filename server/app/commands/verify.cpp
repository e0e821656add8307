#include "server/app/commands/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/interrupt.hpp"
#include "server/app/progress.hpp"
#include "storage/backups/in_parallel.hpp"

namespace khochung::app {

using boost::json::object;

namespace {

/// The parts of a store that are checked a request each. Source: schemas/openapi.yaml, verify.
constexpr std::size_t slices = 256;
constexpr std::size_t slices_at_once = 2;

/// The audit chain is one thing more that was checked; where it was touched, it is corrupt.
void add_verdict(object& report, const boost::json::value& verdict) {
  const JsonReader read(verdict);
  report["checked"] = report["checked"].as_int64() + 1;
  report["bytes"] = report["bytes"].as_int64() + read.integer("bytes");
  if (read.boolean("intact")) return;
  report["corrupt"].as_array().push_back(object{{"kind", "audit"},
                                                {"id", std::to_string(read.integer("seq"))},
                                                {"path", "store/audit/" + read.string("file")},
                                                {"expected", nullptr},
                                                {"found", nullptr}});
}

/// A catalogue that cannot be read is in the way of every slice, and named by each.
void add_once(boost::json::array& list, const boost::json::value& entry) {
  const bool is_known =
      JsonReader(entry).string("id").empty() && std::ranges::find(list, entry) != list.end();
  if (!is_known) list.push_back(entry);
}

/// What the slices have shown, in their order; those that nobody came to are null.
object joined(const std::vector<boost::json::value>& parts) {
  object report{{"checked", 0},
                {"bytes", 0},
                {"corrupt", boost::json::array()},
                {"missing", boost::json::array()},
                {"mended", boost::json::array()},
                {"made_again", boost::json::array()}};
  for (const auto& part : parts) {
    if (part.is_null()) continue;
    for (const auto* count : {"checked", "bytes"})
      report[count] = report[count].as_int64() + JsonReader(part).integer(count);
    for (const auto* list : {"corrupt", "missing", "mended", "made_again"}) {
      for (const auto& entry : part.at(list).as_array()) add_once(report[list].as_array(), entry);
    }
  }
  return report;
}

}  // namespace

Result<object> verification(Client& client, const VerifyOptions& options) {
  ProgressBar bar("Kiểm tra");
  std::mutex mutex;
  std::vector<boost::json::value> parts(slices);
  std::uint64_t slices_done = 0;
  std::uint64_t bytes = 0;
  const auto check = [&](std::size_t slice) -> Result<void> {
    if (is_interrupted()) return {};
    std::string target = "/api/v1/verify";
    add_parameter(target, "after", slice == 0 ? "" : std::to_string(slice - 1));
    if (options.is_fast) add_parameter(target, "fast", "1");
    add_parameter(target, "since", options.since);
    parts[slice] = KHOCHUNG_TRY(json_of(client, post(target, object())));
    const std::scoped_lock lock(mutex);
    bytes += static_cast<std::uint64_t>(JsonReader(parts[slice]).integer("bytes"));
    bar.show({++slices_done, slices, 0, bytes});
    return {};
  };
  // While one slice's records and pages are looked at, the disk reads the blobs of another.
  KHOCHUNG_CHECK(storage::in_parallel(slices, slices_at_once, check));
  auto report = joined(parts);
  if (!options.is_fast && !is_interrupted()) {
    const auto verdict = KHOCHUNG_TRY(json_of(client, post("/api/v1/audit/verify", object())));
    add_verdict(report, verdict);
  }
  return report;
}

std::size_t damages_in(const object& report) {
  return report.at("corrupt").as_array().size() + report.at("missing").as_array().size();
}

void print_verification(const object& report) {
  const auto damaged = damages_in(report);
  fmt::print("Đã kiểm tra {} tệp ({}): {}\n", report.at("checked").as_int64(),
             size_in_words(static_cast<std::uint64_t>(report.at("bytes").as_int64())),
             damaged == 0 ? "tất cả nguyên vẹn." : fmt::format("{} tệp hỏng hoặc thiếu.", damaged));
  for (const auto& [list, word] :
       {std::pair("corrupt", "hỏng"), {"missing", "thiếu"}, {"mended", "đã phục hồi từ bản sao"}}) {
    for (const auto& entry : report.at(list).as_array())
      fmt::print("  {}: {}\n", word, JsonReader(entry).string("path"));
  }
}

int verify(Client& client, const VerifyOptions& options) {
  const auto report = verification(client, options);
  if (!report) return print_error(report.error(), options.prints_json);
  if (options.prints_json) {
    print_json(*report);
  } else {
    print_verification(*report);
  }
  return damages_in(*report) == 0 ? 0 : face_of(ErrorCode::corrupt).exit_code;
}

}  // namespace khochung::app
