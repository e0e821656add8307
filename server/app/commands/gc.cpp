#include "server/app/commands/gc.hpp"

#include <fmt/format.h>

#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/interrupt.hpp"
#include "server/app/progress.hpp"

namespace khochung::app {
namespace {

std::string target_of(const GcOptions& options, const std::string& after) {
  std::string target = "/api/v1/gc";
  add_parameter(target, "after", after);
  if (options.grace_days) add_parameter(target, "grace_days", std::to_string(*options.grace_days));
  if (options.only_tells) add_parameter(target, "only_tells", "1");
  return target;
}

}  // namespace

int collect_garbage(Client& client, const GcOptions& options) {
  std::int64_t removed = 0;
  std::int64_t bytes = 0;
  std::int64_t orphans = 0;
  {
    ProgressBar bar("Dọn kho");
    for (std::string after; !is_interrupted();) {
      const auto part = json_of(client, post(target_of(options, after), boost::json::object()));
      if (!part) return print_error(part.error(), options.prints_json);
      const JsonReader read(*part);
      removed += read.integer("removed");
      bytes += read.integer("bytes");
      orphans += read.integer("orphans");
      bar.show({static_cast<std::uint64_t>(read.integer("slice") + 1),
                static_cast<std::uint64_t>(read.integer("slices")), 0, 0});
      after = read.string("next");
      if (after.empty()) break;
    }
  }
  if (options.prints_json) {
    print_json(boost::json::object{{"removed", removed}, {"bytes", bytes}, {"orphans", orphans}});
  } else {
    fmt::print("{} {} tệp ({}).\n", options.only_tells ? "Sẽ hủy" : "Đã hủy", removed,
               size_in_words(static_cast<std::uint64_t>(bytes)));
    if (orphans > 0) fmt::print("{} tệp không tư liệu nào nhắc đến, được để nguyên.\n", orphans);
  }
  return 0;
}

}  // namespace khochung::app
