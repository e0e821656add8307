#include "server/app/commands/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>

#include "server/app/checkup.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/commands/print.hpp"
#include "server/app/connect.hpp"
#include "storage/durable_file.hpp"

namespace khochung::app {
namespace {

using boost::json::array;
using boost::json::object;
using Level = Finding::Level;

std::string_view mark_of(Level level) {
  switch (level) {
    case Level::good: return "  đạt";
    case Level::warning: return "  NÊN SỬA";
    case Level::bad: return "  PHẢI SỬA";
  }
  return {};
}

/// What the archive says of itself; a finding of its own where it does not open.
std::vector<Finding> ask_archive(const DataPaths& paths, const std::filesystem::path& programs) {
  std::error_code error;
  if (!std::filesystem::exists(paths.catalogue(), error)) return {};
  const auto connection = connect({paths, programs, "doctor"});
  const auto answer = connection ? json_of(connection->client(), get("/api/v1/preservation"))
                                 : fail(connection.error());
  if (answer) return check_archive(*answer, now());
  return {{"archive", Level::bad, "Kho không mở được: " + answer.error().message,
           std::string(sentence_for(answer.error(), Language::vietnamese))}};
}

object to_json(const Finding& finding) {
  return {{"check", finding.check},
          {"level", to_text(finding.level)},
          {"what", finding.what},
          {"fix", finding.fix}};
}

object to_json(const workers::WorkerProbe& reader) {
  array missing;
  for (const auto& what : reader.missing) missing.emplace_back(what);
  return {{"program", reader.program},
          {"usable", reader.is_usable},
          {"landlock", reader.landlock},
          {"namespaces", reader.has_namespaces},
          {"missing", std::move(missing)}};
}

}  // namespace

int doctor(const DataPaths& paths, const std::filesystem::path& programs, bool prints_json) {
  const auto config = Config::read(paths.config());
  if (!config) return print_error(config.error(), prints_json);
  std::error_code error;
  DataPaths present = paths;
  // Before the first start there is no folder yet: its disk is what counts.
  while (!std::filesystem::exists(present.root, error) && present.root.has_relative_path())
    present.root = present.root.parent_path();
  const auto scratch = std::filesystem::temp_directory_path() / "khochung-doctor";
  const auto readers = workers::WorkerHost(programs, scratch).probe();
  auto findings = check_machine(present, *config, readers);
  std::ranges::move(ask_archive(paths, programs), std::back_inserter(findings));

  const bool is_complete = std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.level == Level::bad; });
  if (prints_json) {
    array all;
    for (const auto& finding : findings) all.push_back(to_json(finding));
    array programs_found;
    for (const auto& reader : readers) programs_found.push_back(to_json(reader));
    print_json(object{{"complete", is_complete},
                      {"free_bytes", storage::free_bytes(present.root).value_or(0)},
                      {"readers", std::move(programs_found)},
                      {"findings", std::move(all)}});
  } else {
    for (const auto& finding : findings) {
      fmt::print("{:<10} {}\n", mark_of(finding.level), finding.what);
      if (!finding.fix.empty()) fmt::print("{:<10} → {}\n", "", finding.fix);
    }
  }
  return is_complete ? 0 : face_of(ErrorCode::unavailable).exit_code;
}

}  // namespace khochung::app
