#include "storage/packages/bag_writer.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "schemas/utf8.hpp"
#include "storage/packages/bag_format.hpp"
#include "storage/packages/foreign_folder.hpp"
#include "storage/packages/path_set.hpp"

namespace khochung::storage {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> sha256_only{"sha256"};
constexpr std::string_view declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A value of bag-info.txt on its one line.
std::string one_line(std::string_view value) {
  std::string out(value);
  std::ranges::replace_if(out, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return out;
}

}  // namespace

Result<BagWriter> BagWriter::begin(fs::path target) {
  auto folder =
      KHOCHUNG_TRY(BuildingFolder::begin(std::move(target), BuildingFolder::Earlier::stays));
  auto manifest = KHOCHUNG_TRY(folder.create("manifest-sha256.txt", sha256_only));
  // A bag has a payload folder even when it has no payload.
  std::error_code error;
  fs::create_directory(folder.path() / "data", error);
  return BagWriter(std::move(folder), std::move(manifest));
}

Result<void> BagWriter::add(const std::string& path, const BlobReader& bytes,
                            const Digest& sha256) {
  if (folder_.goes_on() && KHOCHUNG_TRY(is_there(path, bytes.size_bytes(), sha256))) {
    return list(path, sha256, bytes.size_bytes());
  }
  auto file = KHOCHUNG_TRY(open(path));
  KHOCHUNG_TRY(for_each_step(bytes, [&](auto step) { return file.write(step); }));
  const auto written = KHOCHUNG_TRY(file.finish());
  if (written.digests.at("sha256") != sha256.hex()) {
    return fail(ErrorCode::corrupt, "the bytes of " + path + " are not those of " + sha256.hex());
  }
  return list(path, sha256, written.size_bytes);
}

Result<Digest> BagWriter::add(const std::string& path, std::string_view text) {
  auto file = KHOCHUNG_TRY(open(path));
  KHOCHUNG_CHECK(file.write(text));
  const auto written = KHOCHUNG_TRY(file.finish());
  const auto sha256 = KHOCHUNG_TRY(Digest::parse(written.digests.at("sha256")));
  KHOCHUNG_CHECK(list(path, sha256, written.size_bytes));
  return sha256;
}

Result<PackageFile> BagWriter::open(const std::string& path) {
  if (!is_utf8(path)) return fail(ErrorCode::bad_input, "a path in a bag is UTF-8");
  return folder_.create("data/" + path, sha256_only);
}

Result<void> BagWriter::close(const std::string& path, PackageFile& file) {
  const auto written = KHOCHUNG_TRY(file.finish());
  const auto sha256 = KHOCHUNG_TRY(Digest::parse(written.digests.at("sha256")));
  return list(path, sha256, written.size_bytes);
}

/// Whether an earlier attempt has written these bytes; they are read again.
Result<bool> BagWriter::is_there(const std::string& path, std::uint64_t size_bytes,
                                 const Digest& sha256) const {
  const auto folder = KHOCHUNG_TRY(ForeignFolder::open(folder_.path()));
  const auto file = folder.open_file("data/" + path);
  if (!file || file->size_bytes() != size_bytes) return false;
  return KHOCHUNG_TRY(digests_of(*file, sha256_only)).at("sha256") == sha256.hex();
}

Result<void> BagWriter::list(const std::string& path, const Digest& sha256,
                             std::uint64_t size_bytes) {
  ++files_;
  size_bytes_ += size_bytes;
  return manifest_.write(sha256.hex() + "  data/" + bag_encoded(path) + "\n");
}

Result<void> BagWriter::finish(const BagInfo& info) {
  const auto manifest = KHOCHUNG_TRY(manifest_.finish());
  if (folder_.goes_on()) KHOCHUNG_CHECK(remove_what_is_not_listed());
  std::string lines;
  for (const auto& [label, value] : info) lines += label + ": " + one_line(value) + "\n";
  lines += "Payload-Oxum: " + std::to_string(size_bytes_) + "." + std::to_string(files_) + "\n";
  const auto bag_info = KHOCHUNG_TRY(folder_.add("bag-info.txt", lines, sha256_only));
  const auto bagit = KHOCHUNG_TRY(folder_.add("bagit.txt", declaration, sha256_only));
  std::string tags;
  const std::array<std::pair<std::string_view, const PackageFile::Written*>, 3> tag_files{
      {{"bag-info.txt", &bag_info}, {"bagit.txt", &bagit}, {"manifest-sha256.txt", &manifest}}};
  for (const auto& [name, written] : tag_files) {
    tags += written->digests.at("sha256") + "  " + std::string(name) + "\n";
  }
  KHOCHUNG_TRY(folder_.add("tagmanifest-sha256.txt", tags, sha256_only));
  return folder_.finish();
}

/// What an earlier attempt wrote and this one did not.
Result<void> BagWriter::remove_what_is_not_listed() {
  PathSet listed;
  {
    std::ifstream lines(folder_.path() / "manifest-sha256.txt");
    for (std::string line; std::getline(lines, line);) {
      if (const auto read = bag_line(line, BagVersion::v1_0)) listed.add(read->path);
    }
    listed.sort();
  }
  const auto folder = KHOCHUNG_TRY(ForeignFolder::open(folder_.path()));
  std::vector<std::string> extra;
  KHOCHUNG_CHECK(folder.walk("", [&](const std::string& path, FolderEntry::Kind kind) {
    const bool is_ours = path == "manifest-sha256.txt" || listed.contains(path);
    if (kind != FolderEntry::Kind::folder && !is_ours) extra.push_back(path);
    return Result<void>();
  }));
  std::error_code error;
  for (const auto& path : extra) {
    fs::remove(folder_.path() / path, error);
    // And the folders that it leaves empty.
    for (auto above = fs::path(path).parent_path(); above.has_parent_path();
         above = above.parent_path()) {
      if (!fs::remove(folder_.path() / above, error)) break;
    }
  }
  return {};
}

}  // namespace khochung::storage
