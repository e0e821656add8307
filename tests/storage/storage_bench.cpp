// How many durable things the storage floor takes in a second:
//   bench_storage <folder> <blobs|materials|intake|readings|jobs|reads> <threads> <count>
//   [postgres]
// With `postgres` the catalogue is in a server of its own beneath $TMPDIR, which syncs as it
// should. `intake` is what one file costs: its blob, its catalogue entry with the owed record, its
// record.
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "storage/blobs/disk_store.hpp"
#include "storage/catalogue/catalogue.hpp"
#include "storage/derivatives/derivative_store.hpp"
#include "storage/records/record_store.hpp"
#include "tests/storage/postgres_server.hpp"
#include "tests/storage/samples.hpp"

namespace khochung::storage {
namespace {

constexpr std::size_t blob_bytes = 10 << 10;

struct Storage {
  Storage(const std::filesystem::path& folder, const std::string& location)
      : blobs(DiskBlobStore::open(folder / "store/blobs", sync).value()),
        records(folder / "store/records", sync),
        catalogue(Catalogue::open(location).value()),
        derivatives(folder / "derived") {}

  SyncGroup sync;
  std::unique_ptr<DiskBlobStore> blobs;
  RecordStore records;
  std::unique_ptr<Catalogue> catalogue;
  DerivativeStore derivatives;
  UnitId unit = UnitId::make();
};

void must(const Result<void>& done) {
  if (!done) std::abort();
}

/// Random enough that no two are alike.
std::string content_of(int number) {
  std::string bytes(blob_bytes, '\0');
  std::uint64_t state = static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15ULL + 1;
  for (auto& byte : bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    byte = static_cast<char>(state);
  }
  return bytes;
}

void put_blob(Storage& storage, int number) {
  const auto content = content_of(number);
  put(*storage.blobs, std::as_bytes(std::span(content))).value();
}

void put_material(Storage& storage, int number) {
  const auto material = sample_material(storage.unit, std::to_string(number));
  must(storage.catalogue->put_material(sample_entry(material)));
}

void take_in(Storage& storage, int number) {
  put_blob(storage, number);
  auto material = sample_material(storage.unit, std::to_string(number));
  Record record;
  record.id = material.id.uuid();
  record.at = material.created_at;
  record.by = "local";
  record.from = "cli";
  record.body = to_json(material);
  auto entry = sample_entry(material);
  entry.record = to_canonical_json(record);
  entry.seal = Digest::of(entry.record);
  must(storage.catalogue->put_material(entry));
  storage.records.append(record).value();
  must(storage.catalogue->forget_owed_record(material.id.uuid(), 1));
}

Digest source_of(int number) {
  return Digest::of("scan " + std::to_string(number));
}

void put_reading(Storage& storage, int number) {
  Reading reading;
  PageText page;
  for (int i = 0; i < 400; ++i) {
    page.text += "truyền thông ";
    page.words.push_back({"truyền", i, i, 60, 20, 95});
  }
  reading.pages.assign(2, page);
  must(storage.derivatives.put_reading(source_of(number), reading));
}

void read_texts(Storage& storage, int number) {
  if (storage.derivatives.page_texts(source_of(number)).value().size() != 2) std::abort();
}

void add_job(Storage& storage, int number) {
  Job job;
  job.task = std::to_string(number);
  job.material = MaterialId::make();
  must(storage.catalogue->add_job(job));
}

void claim_job(Storage& storage, int /*number*/) {
  if (!storage.catalogue->claim_job(Lane::quick, std::chrono::hours(1)).value()) std::abort();
}

void read_holders(Storage& storage, int /*number*/) {
  static const auto known = [&] {
    const auto material = sample_material(storage.unit, "read");
    must(storage.catalogue->put_material(sample_entry(material)));
    return material;
  }();
  if (storage.catalogue->with_blob(known.files[0].sha256).value().size() != 1) std::abort();
}

std::string location_of(const std::filesystem::path& folder, bool is_postgres) {
  if (!is_postgres) return (folder / "catalogue.sqlite").string();
  auto& server = PostgresServer::shared();
  server.stop();
  server.start(PostgresServer::Sync::on);
  return server.location(server.make_schema());
}

void measure(std::string_view name, int threads, int count,
             const std::function<void(int number)>& step) {
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < threads; ++worker) {
      workers.emplace_back([&, worker] {
        for (int number = worker; number < count; number += threads) step(number);
      });
    }
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  std::printf("%-10.*s %d threads: %d in %.2f s = %.0f/s\n", static_cast<int>(name.size()),
              name.data(), threads, count, time.count(), count / time.count());
}

}  // namespace
}  // namespace khochung::storage

int main(int argc, char** argv) {
  using namespace khochung::storage;
  if (argc != 5 && argc != 6) {
    std::puts(
        "bench_storage <folder> <blobs|materials|intake|readings|jobs|reads> <threads> <count> "
        "[postgres]");
    return 2;
  }
  Storage storage(argv[1], location_of(argv[1], argc == 6));
  const std::string what = argv[2];
  const int threads = std::atoi(argv[3]);
  const int count = std::atoi(argv[4]);
  const auto run = [&](std::string_view name, void (*step)(Storage&, int)) {
    measure(name, threads, count, [&](int number) { step(storage, number); });
  };
  if (what == "blobs") run("blobs", put_blob);
  if (what == "materials") run("materials", put_material);
  if (what == "intake") run("intake", take_in);
  if (what == "reads") run("reads", read_holders);
  if (what == "jobs") {
    run("added", add_job);
    run("claimed", claim_job);
  }
  if (what == "readings") {
    run("written", put_reading);
    run("read", read_texts);
  }
  return 0;
}
