#include "storage/backups/places.hpp"
#include "storage/blobs/s3_address.hpp"
#include "storage/blobs/s3_upload.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

class S3Place final : public BackupPlace {
 public:
  S3Place(const S3Address& address, const S3Credentials& credentials)
      : address_(address), client_(address, credentials, {}), bucket_(client_) {}
  ~S3Place() override {
    std::error_code ignored;
    if (!spool_.empty()) fs::remove_all(spool_, ignored);
  }
  S3Place(const S3Place&) = delete;

  Result<void> start(Use use) {
    KHOCHUNG_TRY(bucket_.list(address_.prefix, "", 1));
    if (use == Use::reading) return {};
    // Only its owner may look into it.
    auto name = (fs::temp_directory_path() / "khochung-backup-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return fail(error_of_errno(errno, "make " + name));
    spool_ = name;
    return {};
  }

  Result<TemporaryFile> begin() override { return TemporaryFile::make(spool_); }

  Result<void> keep(TemporaryFile file, const BackupFile& as) override {
    return upload(bucket_, {key_of(as.path), file.descriptor(), as.size_bytes, as.sha256}, {});
  }

  [[nodiscard]] Result<BlobReader> open(const std::string& path) const override {
    const auto key = key_of(path);
    const auto object = KHOCHUNG_TRY(bucket_.head(key));
    auto source = [this, key](std::uint64_t offset, std::span<std::byte> into) {
      return bucket_.read(key, offset, into);
    };
    return BlobReader(std::move(source), object.size_bytes, std::nullopt);
  }

  Result<void> remove(const std::string& path) override { return bucket_.remove(key_of(path)); }

  Result<void> for_each_in(const std::string& folder, const Visit& visit) const override {
    std::string from;
    do {
      auto page = KHOCHUNG_TRY(bucket_.list(key_of(folder) + "/", from));
      for (const auto& object : page.objects) {
        if (!visit(object.key.substr(address_.prefix.size()), object.size_bytes)) return {};
      }
      from = std::move(page.next);
    } while (!from.empty());
    return {};
  }

  /// The service answers only when it has it.
  Result<void> sync() override { return {}; }
  [[nodiscard]] bool is_to_be_reread() const override { return false; }
  [[nodiscard]] std::string name() const override { return address_.location(address_.prefix); }

 private:
  [[nodiscard]] std::string key_of(const std::string& path) const { return address_.prefix + path; }

  S3Address address_;
  S3Client client_;
  S3Bucket bucket_;
  fs::path spool_;
};

}  // namespace

Result<std::unique_ptr<BackupPlace>> open_s3_place(const std::string& address,
                                                   BackupPlace::Use use) {
  auto text = address;
  if (text.find("credentials=") == std::string::npos)
    text +=
        (text.find('?') == std::string::npos ? "?" : "&") + std::string("credentials=environment");
  const auto parsed = KHOCHUNG_TRY(S3Address::parse(text));
  const auto credentials = KHOCHUNG_TRY(S3Credentials::read(parsed.credentials));
  auto place = std::make_unique<S3Place>(parsed, credentials);
  KHOCHUNG_CHECK(place->start(use));
  return place;
}

}  // namespace khochung::storage
