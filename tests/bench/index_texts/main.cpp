// How fast texts become an index, as a rebuild makes it.
//     bench_index_texts FOLDER_OF_TXT INDEX_FOLDER [WRITERS [DOCUMENTS_A_SHARD]]
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "indexer/index/rebuild.hpp"

namespace {

namespace fs = std::filesystem;
using namespace khochung;

class Folder : public index::RebuildSource {
 public:
  explicit Folder(const fs::path& folder) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".txt") paths.push_back(entry.path());
    }
    for (auto& path : paths) {
      const auto id = MaterialId::make();
      ids_.push_back(id);
      paths_.emplace(id, std::move(path));
    }
  }
  Result<std::vector<MaterialId>> next(std::size_t limit) override {
    const auto count = std::min(limit, ids_.size() - at_);
    const auto from = ids_.begin() + static_cast<std::ptrdiff_t>(at_);
    at_ += count;
    return std::vector<MaterialId>(from, from + static_cast<std::ptrdiff_t>(count));
  }
  Result<std::optional<index::IndexDocument>> load(MaterialId id) override {
    const auto& path = paths_.at(id);
    std::ifstream file(path, std::ios::binary);
    index::IndexDocument document;
    document.material.id = id;
    document.material.title = path.stem().string();
    document.material.created_at = now();
    document.material.state = State::published;
    document.standing = {1, Visibility::public_, State::published, Sensitivity::open, {}, "an", {}};
    document.page_texts.emplace_back(std::istreambuf_iterator<char>(file),
                                     std::istreambuf_iterator<char>());
    return document;
  }

 private:
  std::vector<MaterialId> ids_;
  std::map<MaterialId, fs::path> paths_;
  std::size_t at_ = 0;
};

std::uintmax_t bytes_in(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    bytes += entry.is_regular_file() ? entry.file_size() : 0;
  return bytes;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr,
                 "bench_index_texts FOLDER_OF_TXT INDEX_FOLDER [WRITERS [DOCUMENTS_A_SHARD]]\n");
    return 2;
  }
  Folder folder{fs::path(arguments[1])};
  index::RebuildOptions options;
  if (count > 3) options.writers = static_cast<unsigned>(std::atoi(arguments[3]));
  if (count > 4) options.documents_a_shard = static_cast<std::size_t>(std::atoi(arguments[4]));
  const auto start = std::chrono::steady_clock::now();
  const auto totals = index::rebuild(arguments[2], folder, options);
  const auto seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!totals) {
    std::fprintf(stderr, "%s\n", totals.error().message.c_str());
    return 1;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "%lld documents, %.1f MB of text, %.2f s: %.0f documents/s; index %.1f MB; "
      "memory %.0f MB; processor %.1f s\n",
      static_cast<long long>(totals->documents), static_cast<double>(totals->bytes) / 1e6, seconds,
      static_cast<double>(totals->documents) / seconds,
      static_cast<double>(bytes_in(arguments[2])) / 1e6,
      static_cast<double>(usage.ru_maxrss) / 1024,
      static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
          static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}
