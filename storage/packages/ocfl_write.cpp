#include "storage/packages/ocfl_write.hpp"

#include <boost/json.hpp>

#include "schemas/canonical_json.hpp"
#include "storage/packages/foreign_folder.hpp"

namespace khochung::storage {
namespace {

namespace json = boost::json;

const std::vector<std::string> content_digests{"sha512", "sha256"};
constexpr std::string_view layout = "0004-hashed-n-tuple-storage-layout";
constexpr std::size_t tuple_size = 3;
constexpr std::size_t tuples = 3;

void append(json::object& block, const std::string& digest, const std::string& path) {
  auto& paths = block[digest];
  if (!paths.is_array()) paths.emplace_array();
  paths.get_array().emplace_back(path);
}

}  // namespace

Result<OcflRootWriter> OcflRootWriter::begin(std::filesystem::path target) {
  auto folder =
      KHOCHUNG_TRY(BuildingFolder::begin(std::move(target), BuildingFolder::Earlier::goes));
  KHOCHUNG_TRY(folder.add("0=ocfl_1.1", "ocfl_1.1\n", {}));
  const json::object root{
      {"extension", layout},
      {"description",
       "An object lies under the SHA-256 of its id, in three folders of three digits."}};
  KHOCHUNG_TRY(folder.add("ocfl_layout.json", canonical_json(root) + "\n", {}));
  const json::object config{{"extensionName", layout},
                            {"digestAlgorithm", "sha256"},
                            {"tupleSize", tuple_size},
                            {"numberOfTuples", tuples},
                            {"shortObjectRoot", false}};
  KHOCHUNG_TRY(folder.add("extensions/" + std::string(layout) + "/config.json",
                          canonical_json(config) + "\n", {}));
  return OcflRootWriter(std::move(folder));
}

std::string OcflRootWriter::path_of(std::string_view id) {
  const auto hex = Digest::of(id).hex();
  std::string path;
  for (std::size_t i = 0; i < tuples; ++i) path += hex.substr(i * tuple_size, tuple_size) + "/";
  return path + hex;
}

OcflObjectWriter::OcflObjectWriter(OcflRootWriter& root, std::string id)
    : root_(root), id_(std::move(id)), at_(OcflRootWriter::path_of(id_)) {}

bool OcflObjectWriter::add_known(const std::string& path, const Digest& sha256) {
  const auto known = sha512_of_.find(sha256);
  if (known == sha512_of_.end()) return false;
  append(state_, known->second, path);
  return true;
}

Result<PackageFile> OcflObjectWriter::begin_content(const std::string& path) {
  return root_.folder_.create(at_ + "/" + version() + "/content/" + path, content_digests);
}

Result<void> OcflObjectWriter::end_content(const std::string& path, PackageFile& file,
                                           const Digest& sha256) {
  const auto written = KHOCHUNG_TRY(file.finish());
  if (written.digests.at("sha256") != sha256.hex()) {
    return fail(ErrorCode::corrupt, "the bytes of " + path + " are not those of " + sha256.hex());
  }
  const auto& sha512 = written.digests.at("sha512");
  const auto content = version() + "/content/" + path;
  append(manifest_, sha512, content);
  append(fixity_, sha256.hex(), content);
  append(state_, sha512, path);
  sha512_of_[sha256] = sha512;
  return {};
}

Result<void> OcflObjectWriter::add(const std::string& path, const BlobReader& bytes,
                                   const Digest& sha256) {
  if (add_known(path, sha256)) return {};
  auto file = KHOCHUNG_TRY(begin_content(path));
  KHOCHUNG_TRY(for_each_step(bytes, [&](auto step) { return file.write(step); }));
  return end_content(path, file, sha256);
}

Result<void> OcflObjectWriter::add(const std::string& path, std::string_view text) {
  const auto sha256 = Digest::of(text);
  if (add_known(path, sha256)) return {};
  auto file = KHOCHUNG_TRY(begin_content(path));
  KHOCHUNG_CHECK(file.write(text));
  return end_content(path, file, sha256);
}

Result<void> OcflObjectWriter::end_version(const VersionNote& note) {
  versions_[version()] =
      json::object{{"created", to_rfc3339(note.created)},
                   {"message", note.message},
                   {"user", {{"name", note.user_name}, {"address", note.user_address}}},
                   {"state", std::exchange(state_, {})}};
  const json::object inventory{{"id", id_},
                               {"type", "https://ocfl.io/1.1/spec/#inventory"},
                               {"digestAlgorithm", "sha512"},
                               {"head", version()},
                               {"manifest", manifest_},
                               {"versions", versions_},
                               {"fixity", {{"sha256", fixity_}}}};
  inventory_ = canonical_json(inventory) + "\n";
  KHOCHUNG_CHECK(write_inventory(at_ + "/" + version()));
  ++version_;
  return {};
}

Result<void> OcflObjectWriter::write_inventory(const std::string& folder) {
  const auto written =
      KHOCHUNG_TRY(root_.folder_.add(folder + "/inventory.json", inventory_, {"sha512"}));
  KHOCHUNG_TRY(root_.folder_.add(folder + "/inventory.json.sha512",
                                 written.digests.at("sha512") + "  inventory.json\n", {}));
  return {};
}

Result<void> OcflObjectWriter::finish() {
  KHOCHUNG_TRY(root_.folder_.add(at_ + "/0=ocfl_object_1.1", "ocfl_object_1.1\n", {}));
  return write_inventory(at_);
}

}  // namespace khochung::storage
