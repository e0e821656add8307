// What the storage floor does when the disk, the space or the process fails.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

#include "storage/blobs/disk_store.hpp"
#include "storage/blobs/verify.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"
#include "storage/records/record_store.hpp"
#include "tests/storage/samples.hpp"
#include "tests/storage/temporary_folder.hpp"

namespace khochung::storage {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

bool is_folder(int descriptor) {
  struct stat info{};
  return ::fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode);
}

std::size_t files_in(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) ++count;
  }
  return count;
}

/// Syncs that a test makes fail.
struct FaultyDisk {
  std::atomic<int> failures_left = 0;
  int number = EIO;

  int sync(int descriptor, int (*real)(int)) {
    if (failures_left > 0) {
      --failures_left;
      errno = number;
      return -1;
    }
    return real(descriptor);
  }
  SyncGroup::Calls calls() {
    return {[this](int descriptor) { return sync(descriptor, ::fsync); },
            [this](int descriptor) { return sync(descriptor, ::syncfs); }};
  }
};

struct FaultyHome {
  TemporaryFolder folder;
  FaultyDisk disk;
  SyncGroup sync{disk.calls()};
  std::unique_ptr<DiskBlobStore> blobs = DiskBlobStore::open(folder.path(), sync).value();
};

Record record_of(const Material& material) {
  Record record;
  record.id = material.id.uuid();
  record.at = material.created_at;
  record.by = "local";
  record.from = "cli";
  record.body = to_json(material);
  return record;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(storage_faults)

// -- the order of durable writes

BOOST_AUTO_TEST_CASE(a_file_is_synced_before_it_has_its_name_and_its_folders_after) {
  const TemporaryFolder folder;
  const auto target = folder.path() / "sha256/ba/78" / Digest::of("abc").hex();
  std::ostringstream order;
  const auto note = [&](int descriptor) {
    order << (is_folder(descriptor) ? "folder " : "file ")
          << (std::filesystem::exists(target) ? "named, " : "unnamed, ");
    return 0;
  };
  SyncGroup sync({note, note});
  const auto blobs = DiskBlobStore::open(folder.path(), sync).value();
  order.str("");
  BOOST_TEST(put(*blobs, bytes_of("abc")).has_value());
  // Three folders (sha256/ba/78, sha256/ba, sha256) go in one syncfs, on the file's descriptor.
  BOOST_TEST(order.str() == "file unnamed, file named, ");
  order.str("");
  BOOST_TEST(put(*blobs, bytes_of("abc")).has_value());
  BOOST_TEST(order.str() == "file named, folder named, ");
}

// -- a disk that fails

BOOST_AUTO_TEST_CASE(a_failed_sync_keeps_nothing_and_is_not_tried_again) {
  FaultyHome home;
  home.disk.failures_left = 1;
  BOOST_TEST((put(*home.blobs, bytes_of("thư")).error().code == ErrorCode::unavailable));
  BOOST_TEST(home.disk.failures_left == 0);
  BOOST_TEST(files_in(home.folder.path()) == 0U);
  BOOST_TEST(put(*home.blobs, bytes_of("thư")).has_value());
}

BOOST_AUTO_TEST_CASE(a_failed_sync_of_the_folder_takes_the_name_back) {
  const TemporaryFolder folder;
  std::atomic<int> calls = 0;
  SyncGroup sync({::fsync, [&calls](int) {
                    ++calls;
                    errno = EIO;
                    return -1;
                  }});
  const auto blobs = DiskBlobStore::open(folder.path(), sync).value();
  BOOST_TEST(!put(*blobs, bytes_of("thư")).has_value());
  BOOST_TEST(calls == 1);
  BOOST_TEST(files_in(folder.path()) == 0U);
}

BOOST_AUTO_TEST_CASE(after_the_second_failed_sync_nothing_more_is_taken) {
  FaultyHome home;
  for (int i = 0; i < 2; ++i) {
    home.disk.failures_left = 1;
    BOOST_TEST(!put(*home.blobs, bytes_of("thư")).has_value());
  }
  BOOST_TEST((put(*home.blobs, bytes_of("thư")).error().code == ErrorCode::unavailable));
  BOOST_TEST(files_in(home.folder.path()) == 0U);
}

BOOST_AUTO_TEST_CASE(no_space_found_out_at_the_sync_is_disk_full_and_can_pass) {
  FaultyHome home;
  home.disk.number = ENOSPC;
  for (int i = 0; i < 5; ++i) {
    home.disk.failures_left = 1;
    BOOST_TEST((put(*home.blobs, bytes_of("thư")).error().code == ErrorCode::disk_full));
  }
  BOOST_TEST(put(*home.blobs, bytes_of("thư")).has_value());
}

BOOST_AUTO_TEST_CASE(whoever_shares_a_failed_round_fails_and_nothing_of_it_stays) {
  FaultyHome home;
  home.disk.failures_left = 1;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 16; ++i) {
      writers.emplace_back(
          [&, i] { ++(put(*home.blobs, bytes_of(std::to_string(i))) ? good : bad); });
    }
  }
  BOOST_TEST(bad >= 1);
  BOOST_TEST(good + bad == 16);
  BOOST_TEST(files_in(home.folder.path()) == static_cast<std::size_t>(good));
}

BOOST_AUTO_TEST_CASE(a_record_whose_sync_failed_can_be_appended_again) {
  const TemporaryFolder folder;
  FaultyDisk disk;
  SyncGroup sync(disk.calls());
  RecordStore records(folder.path() / "records", sync);
  const auto record = record_of(sample_material(UnitId::make(), "một"));
  BOOST_TEST(records.append(record_of(sample_material(UnitId::make(), "hai"))).has_value());
  disk.failures_left = 1;
  BOOST_TEST((records.append(record).error().code == ErrorCode::unavailable));
  BOOST_TEST((records.newest(record.id).error().code == ErrorCode::not_found));
  BOOST_TEST(records.append(record).has_value());
}

// -- a full disk

/// A small file system of its own; absent where mounting is not allowed.
struct SmallDisk {
  TemporaryFolder folder;
  bool is_mounted = ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=2m") == 0;

  SmallDisk() {
    if (!is_mounted) BOOST_TEST_MESSAGE("skipped: this user may not mount a tmpfs");
  }
  ~SmallDisk() {
    if (is_mounted) ::umount2(folder.path().c_str(), MNT_DETACH);
  }
  void fill() const {
    const FileDescriptor file(
        ::open((folder.path() / "filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string block(4096, 'x');
    while (::write(file.get(), block.data(), block.size()) > 0) {
    }
  }
  void empty() const { std::filesystem::remove(folder.path() / "filler"); }
};

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_a_blob_and_keeps_nothing_of_it) {
  const SmallDisk disk;
  if (!disk.is_mounted) return;
  SyncGroup sync;
  const auto folder = disk.folder.path() / "blobs";
  const auto blobs = DiskBlobStore::open(folder, sync, {.head_room_bytes = 0}).value();
  BOOST_TEST(put(*blobs, bytes_of("có trước")).has_value());
  BOOST_TEST(
      (put(*blobs, bytes_of(std::string(4 << 20, 'x'))).error().code == ErrorCode::disk_full));
  BOOST_TEST(files_in(folder) == 1U);
  BOOST_TEST(put(*blobs, bytes_of("có sau")).has_value());
  BOOST_TEST(verify(*blobs, Digest::of("có trước")).value());
}

BOOST_AUTO_TEST_CASE(on_a_full_disk_the_catalogue_says_so_and_goes_on_when_there_is_room) {
  const SmallDisk disk;
  if (!disk.is_mounted) return;
  const auto catalogue = Catalogue::open(disk.folder.path() / "catalogue.sqlite").value();
  const auto unit = UnitId::make();
  const auto before = sample_material(unit, "trước");
  BOOST_TEST(catalogue->put_material(sample_entry(before)).has_value());
  disk.fill();
  std::optional<Error> refusal;
  for (int i = 0; i < 200 && !refusal; ++i) {
    auto entry = sample_entry(sample_material(unit, std::to_string(i)));
    entry.record = std::string(20'000, 'r');
    if (const auto put = catalogue->put_material(entry); !put) refusal = put.error();
  }
  BOOST_TEST_REQUIRE(refusal.has_value());
  BOOST_TEST((refusal->code == ErrorCode::disk_full), refusal->message);
  BOOST_TEST((catalogue->material(before.id).value().material == before));
  disk.empty();
  BOOST_TEST(catalogue->put_material(sample_entry(sample_material(unit, "sau"))).has_value());
}

/// While it lives, SQLite finds no room for the index of a log, and opens it once only.
class NoRoomForIndexOfLog {
 public:
  NoRoomForIndexOfLog() {
    opened = 0;
    set("ftruncate", reinterpret_cast<sqlite3_syscall_ptr>(refuse_length));
    set("open", reinterpret_cast<sqlite3_syscall_ptr>(open_once));
  }
  ~NoRoomForIndexOfLog() {
    set("ftruncate", nullptr);
    set("open", nullptr);
  }
  NoRoomForIndexOfLog(const NoRoomForIndexOfLog&) = delete;

 private:
  static void set(const char* call, sqlite3_syscall_ptr to) {
    auto* system = sqlite3_vfs_find("unix");
    BOOST_TEST_REQUIRE(system->xSetSystemCall(system, call, to) == SQLITE_OK);
  }
  static int refuse_length(int, off_t) {
    errno = ENOSPC;
    return -1;
  }
  static int open_once(const char* path, int flags, int mode) {
    const bool is_index = std::string_view(path).ends_with("-shm") && (flags & O_CREAT) != 0;
    if (!is_index || ++opened == 1) return ::open(path, flags, mode);
    errno = ENOSPC;
    return -1;
  }
  static inline int opened = 0;
};

/// SQLite 3.40.1 deletes a log that it could not read, with all that was committed there.
BOOST_AUTO_TEST_CASE(a_start_that_finds_no_room_leaves_the_log_of_a_process_that_died) {
  const TemporaryFolder folder;
  const auto place = (folder.path() / "catalogue.sqlite").string();
  const auto material = sample_material(UnitId::make(), "trước khi chết");
  {
    const auto catalogue = Catalogue::open((folder.path() / "living.sqlite").string()).value();
    BOOST_TEST_REQUIRE(catalogue->put_material(sample_entry(material)).has_value());
    for (const auto* part : {"", "-wal"})
      std::filesystem::copy_file(folder.path() / (std::string("living.sqlite") + part),
                                 place + part);
  }
  {
    const NoRoomForIndexOfLog no_room;
    BOOST_TEST(!Catalogue::open(place).has_value());
  }
  BOOST_TEST((Catalogue::open(place).value()->material(material.id).value().material == material));
  BOOST_TEST(!std::filesystem::exists(place + "-wal"));
}

BOOST_AUTO_TEST_CASE(a_reading_that_finds_no_space_leaves_the_one_before) {
  const SmallDisk disk;
  if (!disk.is_mounted) return;
  DerivativeStore derivatives(disk.folder.path() / "derived");
  const auto source = Digest::of("a scan");
  Reading reading;
  reading.pages.resize(1);
  BOOST_TEST(derivatives.put_reading(source, reading).has_value());
  reading.pages[0].text = std::string(4 << 20, 'x');
  BOOST_TEST((derivatives.put_reading(source, reading).error().code == ErrorCode::disk_full));
  BOOST_TEST(derivatives.page_texts(source).value().at(0).empty());
  BOOST_TEST(files_in(disk.folder.path()) == 1U);
}

// -- a process that is killed

/// What the child promised, as it wrote it to the pipe the moment the promise was made.
struct Promises {
  std::vector<Digest> blobs;
  std::vector<Uuid> records;
  std::vector<MaterialId> materials;
  [[nodiscard]] std::size_t count() const {
    return blobs.size() + records.size() + materials.size();
  }
  void take(const std::string& line) {
    const auto value = std::string_view(line).substr(2);
    if (line[0] == 'B') blobs.push_back(Digest::parse(value).value());
    if (line[0] == 'R') records.push_back(Uuid::parse(value).value());
    if (line[0] == 'M') materials.push_back(MaterialId::parse(value).value());
  }
};

/// Everything of a data folder.
struct Data {
  explicit Data(const std::filesystem::path& folder)
      : blobs(DiskBlobStore::open(folder / "blobs", sync).value()),
        records(folder / "records", sync),
        catalogue(Catalogue::open(folder / "catalogue.sqlite").value()) {}
  SyncGroup sync;
  std::unique_ptr<DiskBlobStore> blobs;
  RecordStore records;
  std::unique_ptr<Catalogue> catalogue;
};

void promise(int pipe, char kind, const std::string& what) {
  const auto line = std::string(1, kind) + " " + what + "\n";
  if (::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(1);
}

/// The child: takes things in with four threads until it is killed.
[[noreturn]] void take_in_for_ever(const std::filesystem::path& folder, int pipe) {
  Data data(folder);
  const auto unit = UnitId::make();
  const auto work = [&](int thread) {
    for (int number = 0;; ++number) {
      const auto content = std::to_string(::getpid()) + "-" + std::to_string(thread) + "-" +
                           std::string(static_cast<std::size_t>(number) * 997 % 30'000, 'x') +
                           std::to_string(number);
      const auto blob = put(*data.blobs, bytes_of(content));
      if (!blob) ::_exit(2);
      promise(pipe, 'B', blob->sha256.hex());
      const auto material = sample_material(unit, content);
      if (!data.catalogue->put_material(sample_entry(material))) ::_exit(3);
      promise(pipe, 'M', material.id.text());
      if (!data.records.append(record_of(material))) ::_exit(4);
      promise(pipe, 'R', material.id.text());
    }
  };
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) threads.emplace_back(work, thread);
  threads.clear();
  ::_exit(5);
}

/// Starts a child, kills it after `kill_after` promises, and adds all it promised.
void run_and_kill(const std::filesystem::path& folder, std::size_t kill_after, Promises& promises) {
  std::array<int, 2> pipe{};
  BOOST_TEST_REQUIRE(::pipe(pipe.data()) == 0);
  const auto child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    take_in_for_ever(folder, pipe[1]);
  }
  ::close(pipe[1]);
  const FileDescriptor in(pipe[0]);
  const auto wanted = promises.count() + kill_after;
  std::string unread;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = ::read(in.get(), buffer.data(), buffer.size())) > 0;) {
    unread.append(buffer.data(), static_cast<std::size_t>(count));
    for (auto end = unread.find('\n'); end != std::string::npos; end = unread.find('\n')) {
      promises.take(unread.substr(0, end));
      unread.erase(0, end + 1);
    }
    if (promises.count() >= wanted) ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  BOOST_TEST(WIFSIGNALED(status));
}

void check_promises(const Data& data, const Promises& promises) {
  for (const auto& digest : promises.blobs) {
    BOOST_REQUIRE(verify(*data.blobs, digest).value_or(false));
  }
  for (const auto& id : promises.records) BOOST_REQUIRE(data.records.history(id).has_value());
  for (const auto id : promises.materials) {
    BOOST_REQUIRE(data.catalogue->material(id).has_value());
  }
}

void check_that_nothing_is_torn(const Data& data) {
  bool is_whole = true;
  const auto blobs = data.blobs->for_each([&](const BlobInfo& info) {
    is_whole = is_whole && verify(*data.blobs, info.sha256).value_or(false);
    return is_whole;
  });
  const auto records = data.records.for_each([&](const RecordStore::Found& found) {
    is_whole = is_whole && RecordStore::read(found).has_value();
    return is_whole;
  });
  BOOST_TEST((blobs && records));
  BOOST_TEST(is_whole);
}

BOOST_AUTO_TEST_CASE(what_was_acknowledged_outlives_twenty_kills) {
  const TemporaryFolder folder;
  Promises promises;
  std::mt19937 random(20261123);
  for (int kill = 0; kill < 20; ++kill) {
    run_and_kill(folder.path(), 1 + random() % 40, promises);
    const Data data(folder.path());
    check_promises(data, promises);
    BOOST_TEST(std::filesystem::is_empty(folder.path() / "blobs/tmp"));
  }
  check_that_nothing_is_torn(Data(folder.path()));
  BOOST_TEST_MESSAGE("kept " << promises.count() << " promises");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace khochung::storage
