#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"
#include "storage/blobs/blob_store.hpp"

namespace khochung::storage {

/// Whether we can take digests by this name, as OCFL and BagIt spell it: md5, sha1, sha256, sha512,
/// sha512/256, blake2b-512.
bool can_digest(std::string_view algorithm);

/// Takes digests of several kinds of the same bytes in one pass.
/// Threads: one at a time.
class Digests {
 public:
  /// Every name is one of can_digest().
  explicit Digests(const std::vector<std::string>& algorithms);
  ~Digests();
  Digests(Digests&&) noexcept;
  Digests& operator=(Digests&&) = delete;

  void update(std::span<const std::byte> bytes);
  /// Lower-case hexadecimal digits by the algorithm's name; the object is used up.
  std::map<std::string, std::string> finish();

 private:
  struct One;
  std::vector<One> running_;
};

/// All asked-for digests of a file. Errors: unavailable.
Result<std::map<std::string, std::string>> digests_of(const BlobReader& reader,
                                                      const std::vector<std::string>& algorithms);
/// One digest of a text.
std::string digest_of(std::string_view text, const std::string& algorithm);

/// The same with A-F as a-f.
std::string lower_hex(std::string_view hex);

}  // namespace khochung::storage
