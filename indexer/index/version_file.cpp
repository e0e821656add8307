#include "indexer/index/version_file.hpp"

#include <limits>

namespace khochung::index {
namespace {

constexpr std::string_view magic = "\x0f\x0dXapian Glass";
constexpr std::size_t format_and_uuid_bytes = 2 + 16;
/// Block sizes are written in units of 2 KiB, offsets in units of 4 bytes.
constexpr std::uint32_t units_a_block = 4;
constexpr std::uint32_t offset_unit = 4;

/// Takes numbers and strings off the front; once something is missing, only nothing comes.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}

  /// As Xapian writes numbers: seven bits a byte, the lowest first.
  std::uint32_t number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 35 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      number |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) != 0) continue;
      if (number > std::numeric_limits<std::uint32_t>::max()) break;
      return static_cast<std::uint32_t>(number);
    }
    is_good_ = false;
    bytes_ = {};
    return 0;
  }

  std::string_view string() {
    const auto length = number();
    if (length > bytes_.size()) is_good_ = false;
    const auto taken = bytes_.substr(0, length);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

  [[nodiscard]] bool is_good() const { return is_good_; }

 private:
  std::string_view bytes_;
  bool is_good_ = true;
};

FreeListPlace take_place(Taker& taker) {
  const auto block = taker.number();
  return {block, taker.number() * offset_unit};
}

/// Whether there was one.
bool take_table(Taker& taker, TableState& table) {
  table.root = taker.number();
  taker.number();  // levels
  taker.number();  // entries
  const auto units = taker.number();
  taker.number();  // from which length on values are compressed
  const auto list = taker.string();
  if (!taker.is_good() || units != units_a_block) return false;
  if (list.empty()) return true;
  Taker of_list(list);
  of_list.number();  // revision
  table.blocks = of_list.number();
  table.front = take_place(of_list);
  table.back = take_place(of_list);
  return of_list.is_good();
}

}  // namespace

std::optional<VersionFile> version_file_from(std::string_view bytes) {
  if (!bytes.starts_with(magic) || bytes.size() < magic.size() + format_and_uuid_bytes)
    return std::nullopt;
  Taker taker(bytes.substr(magic.size() + format_and_uuid_bytes));
  VersionFile version;
  version.revision = taker.number();
  for (auto& table : version.tables)
    if (!take_table(taker, table)) return std::nullopt;
  return version;
}

}  // namespace khochung::index
