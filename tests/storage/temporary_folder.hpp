#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace khochung::storage {

/// A folder of a test, gone with it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "khochung-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Puts a file where a folder has to be.
inline void block(const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::ofstream(folder) << "no folder";
}

}  // namespace khochung::storage
