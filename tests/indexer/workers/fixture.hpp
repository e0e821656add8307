#pragma once

#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "indexer/workers/child_process.hpp"
#include "indexer/workers/worker_host.hpp"

namespace khochung::workers {

inline std::filesystem::path folder_of(const char* variable) {
  const char* value = std::getenv(variable);
  BOOST_REQUIRE_MESSAGE(value != nullptr, variable);
  return value;
}

/// A temporary folder, the programs that were built, and the files of tests/corpus.
struct Workshop {
  Workshop() {
    auto name = (std::filesystem::temp_directory_path() / "khochung-workers-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
  }
  ~Workshop() { std::filesystem::remove_all(folder); }

  [[nodiscard]] std::filesystem::path scratch() const { return folder / "scratch"; }
  [[nodiscard]] WorkerHost host() const { return {folder_of("KHOCHUNG_BUILD_DIR"), scratch()}; }
  [[nodiscard]] Descriptor open(const std::filesystem::path& path) const {
    Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    BOOST_REQUIRE_MESSAGE(opened.is_open(), path);
    return opened;
  }
  [[nodiscard]] Descriptor sample(const char* name) const {
    return open(folder_of("KHOCHUNG_SOURCE_DIR") / "tests/corpus" / name);
  }
  /// A file of the test's own.
  [[nodiscard]] Descriptor made(const std::string& name, std::string_view bytes) const {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return open(folder / name);
  }
  /// Whether every run has taken its scratch folder away.
  [[nodiscard]] bool is_clean() const {
    return !std::filesystem::exists(scratch()) || std::filesystem::is_empty(scratch());
  }

  std::filesystem::path folder;
};

inline bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace khochung::workers
