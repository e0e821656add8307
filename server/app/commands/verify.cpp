#include "server/app/commands/verify.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/interrupt.hpp"
#include "server/app/progress.hpp"

namespace khochung::app {

using boost::json::object;

namespace {

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

}  // namespace

Result<object> verification(Client& client, const VerifyOptions& options) {
  object report{{"checked", 0},
                {"bytes", 0},
                {"corrupt", boost::json::array()},
                {"missing", boost::json::array()},
                {"mended", boost::json::array()},
                {"made_again", boost::json::array()}};
  ProgressBar bar("Kiểm tra");
  std::string after;
  while (true) {
    std::string target = "/api/v1/verify";
    add_parameter(target, "after", after);
    if (options.is_fast) add_parameter(target, "fast", "1");
    add_parameter(target, "since", options.since);
    const auto part = KHOCHUNG_TRY(json_of(client, post(target, object())));
    const JsonReader read(part);
    report["checked"] = report["checked"].as_int64() + read.integer("checked");
    report["bytes"] = report["bytes"].as_int64() + read.integer("bytes");
    for (const auto* list : {"corrupt", "missing", "mended", "made_again"}) {
      for (const auto& entry : part.at(list).as_array()) add_once(report[list].as_array(), entry);
    }
    bar.show({static_cast<std::uint64_t>(read.integer("slice") + 1),
              static_cast<std::uint64_t>(read.integer("slices")), 0,
              static_cast<std::uint64_t>(report["bytes"].as_int64())});
    after = read.string("next");
    if (after.empty() || is_interrupted()) break;
  }
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
