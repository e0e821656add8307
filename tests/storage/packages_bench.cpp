// How long a package of N materials takes out, in and as OCFL, and how much memory:
//   bench_packages [materials] [folder]
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "storage/blobs/memory_store.hpp"
#include "storage/packages/ocfl_validate.hpp"
#include "storage/packages/package_history.hpp"
#include "storage/packages/package_reader.hpp"
#include "storage/packages/package_writer.hpp"

namespace khochung::storage {
namespace {

template <typename T>
T checked(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

/// As many materials as are asked for, made as they are asked for: a record and a file of 10 KB
/// each.
class ManyMaterials final : public PackageSource {
 public:
  explicit ManyMaterials(std::size_t count) {
    unit_.id = UnitId::make();
    unit_.number = 1;
    unit_.code = "tldld";
    unit_.name_vi = "Tổng Liên đoàn Lao động Việt Nam";
    for (std::size_t i = 0; i < count; ++i) {
      const auto id = Uuid::make();
      ids_.insert({package_order(id), id});
    }
  }

  Result<void> for_each_unit(const Visit& visit) override {
    return visit({{record(RecordKind::unit, unit_.id.uuid(), to_json(unit_))}, {}});
  }

  Result<void> for_each_material(const Visit& visit) override {
    for (const auto& [order, id] : ids_) {
      const auto text = content_of(id);
      Material material;
      material.id = MaterialId(id);
      material.title = "Kế hoạch tuyên truyền " + order;
      material.unit = unit_.id;
      material.files = {
          {"Kế hoạch.pdf", "original", Digest::of(text), text.size(), "application/pdf"}};
      now_ = id;
      KHOCHUNG_CHECK(visit({{record(RecordKind::material, id, to_json(material))}, {}}));
    }
    return {};
  }

  Result<BlobReader> open_blob(const Digest&) override {
    MemoryBlobStore store;
    const auto text = content_of(now_);
    return store.open(KHOCHUNG_TRY(put(store, std::as_bytes(std::span(text)))).sha256);
  }

 private:
  static std::string content_of(const Uuid& id) {
    std::string text;
    while (text.size() < 10'000) text += id.text();
    return text;
  }
  static std::string record(RecordKind kind, const Uuid& id, boost::json::value body) {
    return to_canonical_json(
        Record{kind, id, 1, {}, Instant{}, "local", "cli", "", std::move(body)});
  }

  Unit unit_;
  std::set<std::pair<std::string, Uuid>> ids_;
  Uuid now_;
};

void say(const char* what, std::size_t count, std::chrono::steady_clock::time_point since) {
  const auto seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("%-22s %8.2f s %8.0f materials/s %6ld MB at most so far\n", what, seconds,
              static_cast<double>(count) / seconds, usage.ru_maxrss / 1024);
  std::fflush(stdout);
}

void run(std::size_t count, const std::filesystem::path& folder) {
  ManyMaterials source(count);
  auto since = std::chrono::steady_clock::now();
  checked(write_bag(source, folder / "bag", {}));
  say("bag written", count, since);
  since = std::chrono::steady_clock::now();
  auto package = checked(PackageReader::open(folder / "bag"));
  if (!checked(package.check()).is_valid()) std::abort();
  say("package checked", count, since);
  since = std::chrono::steady_clock::now();
  checked(write_bag(package, folder / "again", {}));
  say("written again from it", count, since);
  since = std::chrono::steady_clock::now();
  checked(write_ocfl(package, folder / "ocfl"));
  say("OCFL written", count, since);
  since = std::chrono::steady_clock::now();
  if (!checked(validate_ocfl_root(folder / "ocfl")).findings().empty()) std::abort();
  say("OCFL validated", count, since);
}

}  // namespace
}  // namespace khochung::storage

int main(int argc, char** argv) {
  const auto count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000UL;
  khochung::storage::run(count, argc > 2 ? argv[2] : std::filesystem::temp_directory_path());
}
