#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "storage/blobs/blob_store.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::storage {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

inline std::vector<BlobInfo> all_of(const BlobStore& store) {
  std::vector<BlobInfo> found;
  BOOST_TEST(store
                 .for_each([&found](const BlobInfo& info) {
                   found.push_back(info);
                   return true;
                 })
                 .has_value());
  return found;
}

/// A descriptor that may change the file behind `reader`, as no program of ours does.
inline FileDescriptor writable(const BlobReader& reader) {
  ::fchmod(*reader.descriptor(), 0644);
  const auto name = "/proc/self/fd/" + std::to_string(*reader.descriptor());
  FileDescriptor file(::open(name.c_str(), O_RDWR | O_CLOEXEC));
  BOOST_TEST_REQUIRE(file.is_open());
  return file;
}

/// Flips one bit of the file behind a store's blob.
inline void flip_bit(const BlobStore& store, const Digest& sha256, std::uint64_t position = 0,
                     unsigned bit = 0) {
  const auto reader = store.open(sha256).value();
  const auto file = writable(reader);
  char byte = 0;
  BOOST_TEST_REQUIRE(::pread(file.get(), &byte, 1, static_cast<off_t>(position)) == 1);
  byte = static_cast<char>(byte ^ (1 << bit));
  BOOST_TEST_REQUIRE(::pwrite(file.get(), &byte, 1, static_cast<off_t>(position)) == 1);
}

}  // namespace khochung::storage
