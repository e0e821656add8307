// How fast files become durable blobs.
//     bench_put_blobs FOLDER STORE THREADS

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "storage/blobs/disk_store.hpp"

namespace {

namespace fs = std::filesystem;
using namespace khochung;

constexpr std::size_t step_bytes = 1U << 20U;

Result<void> put(storage::BlobStore& store, const fs::path& path) {
  const auto writer = KHOCHUNG_TRY(store.begin());
  std::ifstream file(path, std::ios::binary);
  std::vector<char> step(step_bytes);
  do {
    file.read(step.data(), static_cast<std::streamsize>(step.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    KHOCHUNG_CHECK(writer->write(std::as_bytes(std::span(step).first(count))));
  } while (file);
  KHOCHUNG_TRY(writer->finish());
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(arguments[1])) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  storage::SyncGroup sync;
  const auto store = storage::DiskBlobStore::open(arguments[2], sync);
  if (!store) return 1;
  std::atomic<std::size_t> next = 0;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < std::atoi(arguments[3]); ++i) {
      threads.emplace_back([&] {
        for (auto at = next++; at < files.size(); at = next++) {
          if (!put(**store, files[at])) ++failures;
        }
      });
    }
  }
  std::printf("%zu files, %d failures\n", files.size(), failures.load());
  return failures == 0 ? 0 : 1;
}
