#include "storage/blobs/s3_upload.hpp"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "storage/blobs/unnamed_file.hpp"
#include "storage/durable_file.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t step_bytes = std::size_t{1} << 20U;
constexpr std::size_t read_back_bytes = std::size_t{4} << 20U;

/// What ETags are made of. Against accidents, not against malice.
class Md5 {
 public:
  Md5() : context_(EVP_MD_CTX_new()) {
    is_usable_ = context_ != nullptr && EVP_DigestInit_ex(context_, EVP_md5(), nullptr) == 1;
  }
  Md5(const Md5&) = delete;
  Md5& operator=(const Md5&) = delete;
  ~Md5() { EVP_MD_CTX_free(context_); }

  void update(std::span<const std::byte> bytes) {
    if (is_usable_) EVP_DigestUpdate(context_, bytes.data(), bytes.size());
  }

  /// 16 bytes; none where the machine's rules forbid MD5.
  std::string finish() {
    std::string bytes(16, '\0');
    auto* into = static_cast<unsigned char*>(static_cast<void*>(bytes.data()));
    if (!is_usable_ || EVP_DigestFinal_ex(context_, into, nullptr) != 1) return {};
    return bytes;
  }

 private:
  EVP_MD_CTX* context_;
  bool is_usable_ = false;
};

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += {digits[byte >> 4U], digits[byte & 15U]};
  }
  return hex;
}

struct Sums {
  Digest sha256;
  std::string md5;
};

/// Reads a part of a file once for everything that is made of it; `whole` takes it in passing.
Result<Sums> sums_of(const FilePart& part, Hasher& whole) {
  Hasher sha256;
  Md5 md5;
  std::vector<std::byte> buffer(std::min<std::uint64_t>(step_bytes, part.size_bytes));
  for (std::uint64_t done = 0; done < part.size_bytes;) {
    const auto wanted = std::min<std::uint64_t>(buffer.size(), part.size_bytes - done);
    const auto count = uninterrupted([&] {
      return ::pread(part.descriptor, buffer.data(), wanted,
                     static_cast<off_t>(part.offset + done));
    });
    if (count < 0) return fail(error_of_errno(errno, "read what is to be uploaded"));
    if (count == 0) return fail(ErrorCode::corrupt, "what is to be uploaded has become shorter");
    const auto bytes = std::span<const std::byte>(buffer).first(static_cast<std::size_t>(count));
    sha256.update(bytes);
    md5.update(bytes);
    whole.update(bytes);
    done += static_cast<std::uint64_t>(count);
  }
  return Sums{sha256.finish(), md5.finish()};
}

Error changed_under_way() {
  return {ErrorCode::corrupt, "what is to be uploaded has changed since it came in"};
}

/// Gives the ETag that the object should have.
Result<std::string> upload_whole(const S3Bucket& bucket, const S3Upload& what) {
  const FilePart file{what.descriptor, 0, what.size_bytes};
  Hasher whole;
  const auto sums = KHOCHUNG_TRY(sums_of(file, whole));
  if (sums.sha256 != what.sha256) return fail(changed_under_way());
  KHOCHUNG_TRY(bucket.put(what.key, file, sums.sha256));
  return hex_of(sums.md5);
}

std::uint64_t part_bytes_for(std::uint64_t size_bytes, const S3PartSizes& sizes) {
  const auto needed = (size_bytes + S3Bucket::most_parts - 1) / S3Bucket::most_parts;
  return std::max({sizes.part_bytes, S3Bucket::least_part_bytes, needed});
}

/// The same for an object of several parts.
Result<std::string> send_parts(const S3Bucket& bucket, const S3Upload& what, const std::string& id,
                               std::uint64_t part_bytes) {
  Hasher whole;
  Md5 md5_of_md5s;
  std::vector<std::string> etags;
  for (std::uint64_t offset = 0; offset < what.size_bytes; offset += part_bytes) {
    const FilePart part{what.descriptor, offset, std::min(part_bytes, what.size_bytes - offset)};
    const auto sums = KHOCHUNG_TRY(sums_of(part, whole));
    md5_of_md5s.update(std::as_bytes(std::span(sums.md5)));
    etags.push_back(
        KHOCHUNG_TRY(bucket.put_part({what.key, id, etags.size() + 1}, part, sums.sha256)));
  }
  if (whole.finish() != what.sha256) return fail(changed_under_way());
  const auto completed = bucket.complete_upload(what.key, id, etags);
  // Asked a second time, because the first answer was lost, the service does not know the upload
  // any more. What it has is looked at in any case.
  if (!completed && completed.error().code != ErrorCode::not_found) return fail(completed.error());
  return hex_of(md5_of_md5s.finish()) + "-" + std::to_string(etags.size());
}

Result<std::string> upload_parts(const S3Bucket& bucket, const S3Upload& what,
                                 const S3PartSizes& sizes) {
  const auto id = KHOCHUNG_TRY(bucket.begin_upload(what.key));
  auto etag = send_parts(bucket, what, id, part_bytes_for(what.size_bytes, sizes));
  // The first error is the one to tell; what cannot be given up now is stale at the next start.
  if (!etag) static_cast<void>(bucket.give_up_upload(what.key, id));
  return etag;
}

/// Reads a part of an object into a file of its own.
Result<UnnamedFile> fetch(const S3Bucket& bucket, const std::string& key, std::uint64_t offset,
                          std::uint64_t size_bytes) {
  auto file = KHOCHUNG_TRY(UnnamedFile::make());
  std::vector<std::byte> buffer(std::min<std::uint64_t>(read_back_bytes, size_bytes));
  while (file.size_bytes() < size_bytes) {
    const auto left = std::min<std::uint64_t>(buffer.size(), size_bytes - file.size_bytes());
    const auto bytes = std::span(buffer).first(static_cast<std::size_t>(left));
    KHOCHUNG_CHECK(bucket.read(key, offset + file.size_bytes(), bytes));
    KHOCHUNG_CHECK(file.write(bytes));
  }
  return file;
}

Result<void> copy_parts(const S3Bucket& bucket, const std::string& from, const S3Part& first,
                        std::uint64_t size_bytes, std::uint64_t part_bytes) {
  std::vector<std::string> etags;
  auto part = first;
  for (std::uint64_t offset = 0; offset < size_bytes; offset += part_bytes, ++part.number) {
    const auto count = std::min(part_bytes, size_bytes - offset);
    const auto file = KHOCHUNG_TRY(fetch(bucket, from, offset, count));
    const FilePart bytes{file.descriptor(), 0, count};
    Hasher ignored;
    const auto sums = KHOCHUNG_TRY(sums_of(bytes, ignored));
    etags.push_back(KHOCHUNG_TRY(bucket.put_part(part, bytes, sums.sha256)));
  }
  return bucket.complete_upload(first.key, first.upload, etags);
}

Result<void> copy_in_parts(const S3Bucket& bucket, const std::string& from, const std::string& to,
                           std::uint64_t size_bytes, std::uint64_t part_bytes) {
  const auto id = KHOCHUNG_TRY(bucket.begin_upload(to));
  auto copied = copy_parts(bucket, from, {to, id, 1}, size_bytes, part_bytes);
  if (!copied) static_cast<void>(bucket.give_up_upload(to, id));
  return copied;
}

}  // namespace

Result<void> copy(const S3Bucket& bucket, const std::string& from, const std::string& to,
                  std::uint64_t size_bytes, const S3PartSizes& sizes) {
  KHOCHUNG_CHECK(
      size_bytes <= sizes.copied_at_once_bytes
          ? bucket.copy(from, to)
          : copy_in_parts(bucket, from, to, size_bytes, part_bytes_for(size_bytes, sizes)));
  if (KHOCHUNG_TRY(bucket.head(to)).size_bytes == size_bytes) return {};
  return fail(ErrorCode::corrupt, "S3: " + to + " is not what was copied");
}

Result<void> upload(const S3Bucket& bucket, const S3Upload& what, const S3PartSizes& sizes) {
  const bool is_small = what.size_bytes < std::max(sizes.parts_from_bytes, std::uint64_t{1});
  const auto etag =
      KHOCHUNG_TRY(is_small ? upload_whole(bucket, what) : upload_parts(bucket, what, sizes));
  const auto kept = KHOCHUNG_TRY(bucket.head(what.key));
  if (kept.size_bytes == what.size_bytes) {
    if (kept.etag == etag) return {};
    const bool is_good = KHOCHUNG_TRY(has_digest(bucket, what.key, kept.size_bytes, what.sha256));
    if (is_good) return {};
  }
  KHOCHUNG_CHECK(bucket.remove(what.key));
  return fail(ErrorCode::corrupt, "S3: " + what.key + " was not kept as it was sent");
}

Result<bool> has_digest(const S3Bucket& bucket, const std::string& key, std::uint64_t size_bytes,
                        const Digest& sha256) {
  Hasher hasher;
  std::vector<std::byte> buffer(std::min<std::uint64_t>(read_back_bytes, size_bytes));
  for (std::uint64_t offset = 0; offset < size_bytes; offset += buffer.size()) {
    const auto count = std::min<std::uint64_t>(buffer.size(), size_bytes - offset);
    const auto bytes = std::span(buffer).first(static_cast<std::size_t>(count));
    KHOCHUNG_CHECK(bucket.read(key, offset, bytes));
    hasher.update(bytes);
  }
  return hasher.finish() == sha256;
}

Result<std::size_t> give_up_stale_uploads(const S3Bucket& bucket, const std::string& prefix,
                                          std::chrono::seconds age) {
  const auto newest = now() - age;
  std::size_t count = 0;
  S3Uploads page;
  do {
    page = KHOCHUNG_TRY(bucket.uploads(prefix, page));
    for (const auto& upload : page.uploads) {
      if (upload.begun > newest || !upload.key.starts_with(prefix)) continue;
      KHOCHUNG_CHECK(bucket.give_up_upload(upload.key, upload.id));
      ++count;
    }
  } while (!page.next_key.empty());
  return count;
}

}  // namespace khochung::storage
