#include "server/app/commands/doctor.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "indexer/workers/worker_host.hpp"
#include "server/app/commands/print.hpp"
#include "server/app/progress.hpp"
#include "storage/durable_file.hpp"

namespace khochung::app {

int doctor(const DataPaths& paths, const std::filesystem::path& programs, bool prints_json) {
  boost::json::array readers;
  bool is_complete = true;
  const auto scratch = std::filesystem::temp_directory_path() / "khochung-doctor";
  for (const auto& probe : workers::WorkerHost(programs, scratch).probe()) {
    is_complete = is_complete && probe.is_usable;
    boost::json::array missing;
    for (const auto& what : probe.missing) missing.emplace_back(what);
    readers.push_back(boost::json::object{{"program", probe.program},
                                          {"usable", probe.is_usable},
                                          {"landlock", probe.landlock},
                                          {"namespaces", probe.has_namespaces},
                                          {"missing", std::move(missing)}});
  }
  const auto free = storage::free_bytes(
      std::filesystem::exists(paths.root) ? paths.root : std::filesystem::current_path());
  const boost::json::object report{
      {"complete", is_complete}, {"free_bytes", free.value_or(0)}, {"readers", readers}};
  if (prints_json) {
    print_json(report);
  } else {
    fmt::print("Ổ đĩa còn trống {}\n", size_in_words(free.value_or(0)));
    for (const auto& reader : readers) {
      const auto& line = reader.as_object();
      fmt::print("{:<10} {}{}\n", line.at("program").as_string().c_str(),
                 line.at("usable").as_bool() ? "dùng được" : "KHÔNG dùng được",
                 line.at("missing").as_array().empty()
                     ? ""
                     : "; thiếu: " + boost::json::serialize(line.at("missing")));
    }
  }
  return is_complete ? 0 : face_of(ErrorCode::unavailable).exit_code;
}

}  // namespace khochung::app
