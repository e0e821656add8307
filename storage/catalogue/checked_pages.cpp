#include "storage/catalogue/checked_pages.hpp"

#include <libdeflate.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <string>

namespace khochung::storage::checked_pages {
namespace {

constexpr std::size_t header_bytes = 100;
constexpr std::size_t place_of_reserve = 20;
constexpr std::size_t place_of_first_trunk = 32;
constexpr std::size_t place_of_application_id = 68;
constexpr std::size_t slices = 256;
constexpr std::size_t pages_a_stretch = 64;
/// Before the sum, so that a page without one is told from a page with a wrong one by eye.
constexpr std::string_view sum_mark = "KCP1";
constexpr std::size_t summed_bytes = page_bytes - 4;
/// SQLite asks for parts of a page only where it looks at the header.
constexpr int smallest_page = 512;

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(at, 4))
    number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

std::array<char, 4> little_endian(std::uint32_t number) {
  std::array<char, 4> bytes{};
  for (auto& byte : bytes) {
    byte = static_cast<char>(number & 0xFFU);
    number >>= 8U;
  }
  return bytes;
}

// -- the layer

/// What SQLite holds of an open database file; the system's own follows in the same memory.
struct LayeredFile {
  sqlite3_file base;
  bool has_sums;
};

sqlite3_file* below(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<LayeredFile*>(file) + 1);
}

sqlite3_vfs* system_layer() {
  static sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
  return system;
}

std::uint32_t page_at(sqlite3_int64 offset) {
  return static_cast<std::uint32_t>(offset / static_cast<sqlite3_int64>(page_bytes)) + 1;
}

/// As the write-ahead log has it, and another program that emptied the log into the file.
bool is_without_sum(std::string_view page) {
  const auto last = page.find_last_not_of('\0');
  return last != std::string_view::npos && last < page_bytes - sum_bytes;
}

bool is_a_page(int amount, sqlite3_int64 offset) {
  return amount == static_cast<int>(page_bytes) && offset % amount == 0;
}

int read(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
  auto* system = below(file);
  const int result = system->pMethods->xRead(system, into, amount, offset);
  const bool has_sums = reinterpret_cast<LayeredFile*>(file)->has_sums;
  if (result != SQLITE_OK || !has_sums || amount < smallest_page) return result;
  // Another length is that of a page as a damaged header states it.
  if (!is_a_page(amount, offset)) return SQLITE_IOERR_DATA;
  auto* bytes = static_cast<char*>(into);
  const std::string_view page(bytes, page_bytes);
  if (!is_whole(page, page_at(offset)) && !is_without_sum(page)) return SQLITE_IOERR_DATA;
  // What goes into the write-ahead log has no sum, rather than a stale one.
  std::memset(bytes + page_bytes - sum_bytes, 0, sum_bytes);
  return SQLITE_OK;
}

int write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  auto* system = below(file);
  const bool has_sums = reinterpret_cast<LayeredFile*>(file)->has_sums;
  if (!has_sums || !is_a_page(amount, offset))
    return system->pMethods->xWrite(system, from, amount, offset);
  std::array<char, page_bytes> page{};
  std::memcpy(page.data(), from, page.size());
  std::ranges::copy(sum_mark, page.end() - sum_bytes);
  const auto sum = little_endian(sum_of({page.data(), page.size()}, page_at(offset)));
  std::ranges::copy(sum, page.data() + summed_bytes);
  return system->pMethods->xWrite(system, page.data(), amount, offset);
}

/// Passes a call on to the system's file.
template <auto Method, typename... Arguments>
int pass(sqlite3_file* file, Arguments... arguments) {
  auto* system = below(file);
  return (system->pMethods->*Method)(system, arguments...);
}

void barrier(sqlite3_file* file) {
  auto* system = below(file);
  system->pMethods->xShmBarrier(system);
}

using Methods = sqlite3_io_methods;
/// Version 2: with shared memory for the write-ahead log, without reading by mmap.
const Methods layered_methods = {2,
                                 pass<&Methods::xClose>,
                                 read,
                                 write,
                                 pass<&Methods::xTruncate, sqlite3_int64>,
                                 pass<&Methods::xSync, int>,
                                 pass<&Methods::xFileSize, sqlite3_int64*>,
                                 pass<&Methods::xLock, int>,
                                 pass<&Methods::xUnlock, int>,
                                 pass<&Methods::xCheckReservedLock, int*>,
                                 pass<&Methods::xFileControl, int, void*>,
                                 pass<&Methods::xSectorSize>,
                                 pass<&Methods::xDeviceCharacteristics>,
                                 pass<&Methods::xShmMap, int, int, int, volatile void**>,
                                 pass<&Methods::xShmLock, int, int, int>,
                                 barrier,
                                 pass<&Methods::xShmUnmap, int>,
                                 nullptr,
                                 nullptr};

/// No single bit makes a file with sums look like one without: both the free bytes and the
/// application's number would have to be 0. A new file gets sums.
int find_out_about_sums(LayeredFile& file) {
  auto* system = below(&file.base);
  std::array<char, header_bytes> header{};
  const int result = system->pMethods->xRead(system, header.data(), header.size(), 0);
  const std::string_view bytes(header.data(), header.size());
  file.has_sums = result == SQLITE_IOERR_SHORT_READ || bytes[place_of_reserve] != 0 ||
                  big_endian(bytes, place_of_application_id) != 0;
  return result == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : result;
}

int open(sqlite3_vfs* /*layer*/, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* system = system_layer();
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0)
    return system->xOpen(system, name, file, flags, out_flags);
  auto& layered = *reinterpret_cast<LayeredFile*>(file);
  layered.base.pMethods = nullptr;
  int result = system->xOpen(system, name, below(file), flags, out_flags);
  if (below(file)->pMethods == nullptr) return result;
  layered.base.pMethods = &layered_methods;
  if (result == SQLITE_OK) result = find_out_about_sums(layered);
  return result;
}

/// Passes a call on to the system's layer.
template <auto Method, typename Outcome, typename... Arguments>
Outcome pass_on(sqlite3_vfs* /*layer*/, Arguments... arguments) {
  auto* system = system_layer();
  return (system->*Method)(system, arguments...);
}

using Layer = sqlite3_vfs;

Layer make_layer() {
  Layer layer{};
  layer.iVersion = 2;
  layer.szOsFile = static_cast<int>(sizeof(LayeredFile)) + system_layer()->szOsFile;
  layer.mxPathname = system_layer()->mxPathname;
  layer.zName = "khochung";
  layer.xOpen = open;
  layer.xDelete = pass_on<&Layer::xDelete, int, const char*, int>;
  layer.xAccess = pass_on<&Layer::xAccess, int, const char*, int, int*>;
  layer.xFullPathname = pass_on<&Layer::xFullPathname, int, const char*, int, char*>;
  layer.xDlOpen = pass_on<&Layer::xDlOpen, void*, const char*>;
  layer.xDlError = pass_on<&Layer::xDlError, void, int, char*>;
  layer.xDlClose = pass_on<&Layer::xDlClose, void, void*>;
  layer.xRandomness = pass_on<&Layer::xRandomness, int, int, char*>;
  layer.xSleep = pass_on<&Layer::xSleep, int, int>;
  layer.xCurrentTime = pass_on<&Layer::xCurrentTime, int, double*>;
  layer.xGetLastError = pass_on<&Layer::xGetLastError, int, int, char*>;
  layer.xCurrentTimeInt64 = pass_on<&Layer::xCurrentTimeInt64, int, sqlite3_int64*>;
  // SQLite looks for loaded functions here, which no file of ours has.
  layer.xDlSym = [](sqlite3_vfs*, void*, const char*) -> void (*)() { return nullptr; };
  return layer;
}

// -- files that are open

LayeredFile* file_of(sqlite3* connection) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  const bool is_ours = file != nullptr && file->pMethods == &layered_methods;
  return is_ours ? reinterpret_cast<LayeredFile*>(file) : nullptr;
}

/// One page as it stands in the file. Errors: unavailable.
Result<std::string> page_of(LayeredFile& file, std::uint32_t number) {
  auto* system = below(&file.base);
  std::string page(page_bytes, '\0');
  const auto offset =
      static_cast<sqlite3_int64>(number - 1) * static_cast<sqlite3_int64>(page_bytes);
  const int result = system->pMethods->xRead(system, page.data(), page_bytes, offset);
  if (result != SQLITE_OK && result != SQLITE_IOERR_SHORT_READ)
    return fail(ErrorCode::unavailable, "a page is not read: " + std::to_string(result));
  return page;
}

/// The pages of the file that nothing uses and that SQLite may never have written. Ends where the
/// list is damaged: its page is named for itself.
Result<std::set<std::uint32_t>> unused_pages(LayeredFile& file) {
  std::set<std::uint32_t> unused;
  auto trunk = big_endian(KHOCHUNG_TRY(page_of(file, 1)), place_of_first_trunk);
  std::set<std::uint32_t> seen;
  while (trunk != 0 && seen.insert(trunk).second) {
    const auto page = KHOCHUNG_TRY(page_of(file, trunk));
    if (!is_whole(page, trunk) && !is_without_sum(page)) break;
    const auto leaves = std::min<std::size_t>(big_endian(page, 4), page_bytes / 4 - 2);
    for (std::size_t leaf = 0; leaf < leaves; ++leaf) unused.insert(big_endian(page, 8 + leaf * 4));
    trunk = big_endian(page, 0);
  }
  return unused;
}

}  // namespace

Result<const char*> layer() {
  static Layer layer = make_layer();
  static const int registered = sqlite3_vfs_register(&layer, 0);
  if (registered != SQLITE_OK) return fail(ErrorCode::internal, "SQLite takes no layer");
  return layer.zName;
}

std::uint32_t sum_of(std::string_view page, std::uint32_t number) {
  const auto prefix = little_endian(number);
  const auto begun = libdeflate_crc32(0, prefix.data(), prefix.size());
  return libdeflate_crc32(begun, page.data(), summed_bytes);
}

bool is_whole(std::string_view page, std::uint32_t number) {
  const auto sum = little_endian(sum_of(page, number));
  return page.size() == page_bytes && page.substr(page_bytes - sum_bytes, 4) == sum_mark &&
         page.substr(summed_bytes) == std::string_view(sum.data(), sum.size());
}

bool has_sums(sqlite3* connection) {
  const auto* file = file_of(connection);
  return file != nullptr && file->has_sums;
}

Result<void> leave_room(sqlite3* connection) {
  int bytes = sum_bytes;
  const int result = sqlite3_file_control(connection, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
  if (result != SQLITE_OK)
    return fail(ErrorCode::unavailable, "SQLite leaves no room: " + std::to_string(result));
  return {};
}

Result<CheckedPages> check(sqlite3* connection, std::uint8_t slice) {
  CheckedPages checked;
  auto* file = file_of(connection);
  if (file == nullptr || !file->has_sums) return checked;
  sqlite3_int64 length = 0;
  auto* system = below(&file->base);
  if (system->pMethods->xFileSize(system, &length) != SQLITE_OK)
    return fail(ErrorCode::unavailable, "the length of a database is not known");
  const auto pages = (static_cast<std::uint64_t>(length) + page_bytes - 1) / page_bytes;
  std::optional<std::set<std::uint32_t>> unused;
  for (std::uint64_t at = 0; at < pages; ++at) {
    // By stretches, so that a file that grows meanwhile moves none into another slice.
    if (at / pages_a_stretch % slices != slice) continue;
    const auto number = static_cast<std::uint32_t>(at + 1);
    const auto page = KHOCHUNG_TRY(page_of(*file, number));
    ++checked.pages;
    if (is_whole(page, number) || is_without_sum(page)) continue;
    // A page that was given back before it was ever written is a hole in the file.
    if (page.find_first_not_of('\0') == std::string::npos) {
      if (!unused) unused = KHOCHUNG_TRY(unused_pages(*file));
      if (unused->contains(number)) continue;
    }
    checked.damaged.push_back(number);
  }
  return checked;
}

}  // namespace khochung::storage::checked_pages
