#include "server/app/commands/ingest.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "schemas/guarded.hpp"
#include "schemas/json_reader.hpp"
#include "server/app/commands/calls.hpp"
#include "server/app/commands/multipart_form.hpp"
#include "server/app/interrupt.hpp"
#include "server/app/progress.hpp"
#include "storage/durable_file.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::app {
namespace {

using boost::json::array;
using boost::json::object;

/// As many requests at once as share one round of fsyncs well; more won nothing.
constexpr std::size_t senders = 8;
/// Files about which the archive is asked at once.
constexpr std::size_t largest_round = 64;
constexpr std::chrono::milliseconds between_looks{150};
constexpr std::chrono::seconds longest_trouble{10};

/// The SHA-256 of a file as it is now. Errors: not_found; forbidden; unavailable.
Result<Digest> digest_of(const std::filesystem::path& path) {
  constexpr std::size_t piece_bytes = 256 << 10;
  const storage::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return fail(storage::error_of_errno(errno, "read " + path.string()));
  Hasher hasher;
  std::vector<std::byte> piece(piece_bytes);
  while (true) {
    const auto count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0) return fail(storage::error_of_errno(errno, "read " + path.string()));
    if (count == 0) return hasher.finish();
    hasher.update(std::span(piece).first(static_cast<std::size_t>(count)));
  }
}

/// What became of one file, by its path.
struct Verdict {
  std::string id, sha256, state, error;
};

/// One run of the command.
class Ingestion {
 public:
  Ingestion(Client& client, const IngestOptions& options) : client_(client), options_(options) {}

  Result<void> run() {
    shipments_ = KHOCHUNG_TRY(list());
    for (const auto& shipment : shipments_) files_ += shipment.files.size();
    const auto batch = KHOCHUNG_TRY(json_of(client_, post("/api/v1/batches", object())));
    batch_ = JsonReader(batch).string("id");
    send_all();
    KHOCHUNG_CHECK(
        checked(client_.send({http::Method::post, batch_target() + "/close", {}, {"{}"}})));
    if (options_.waits) KHOCHUNG_CHECK(wait_until_searchable());
    return read_receipt();
  }

  int report() const;

 private:
  [[nodiscard]] std::string batch_target() const { return "/api/v1/batches/" + batch_; }

  Result<std::vector<Shipment>> list() const {
    KHOCHUNG_CHECK(check_fields(options_.fields));
    auto shipments = KHOCHUNG_TRY(collect(options_.paths, options_.group_by));
    if (!options_.manifest.empty()) {
      auto rows = KHOCHUNG_TRY(read_manifest(options_.manifest));
      std::ranges::move(rows, std::back_inserter(shipments));
    }
    for (auto& shipment : shipments) {
      for (const auto& [name, value] : options_.fields) shipment.fields.try_emplace(name, value);
    }
    return shipments;
  }

  void send_all() {
    ProgressBar bar("Nạp");
    const auto round =
        std::clamp(shipments_.size() / (std::size_t{4} * senders), std::size_t{1}, largest_round);
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < senders; ++i) {
      threads.emplace_back([this, round] {
        for (auto first = next_.fetch_add(round); first < shipments_.size() && !is_interrupted();
             first = next_.fetch_add(round)) {
          send_round(
              std::span(shipments_).subspan(first, std::min(round, shipments_.size() - first)));
        }
      });
    }
    while (sent_ < shipments_.size() && !is_interrupted()) {
      bar.show({sent_, shipments_.size(), 0, bytes_});
      std::this_thread::sleep_for(between_looks);
    }
    threads.clear();
    bar.show({sent_, shipments_.size(), 0, bytes_});
  }

  /// Sends what the archive does not have. Where it has the first of a round, it is asked for all.
  void send_round(std::span<const Shipment> round) {
    std::vector<bool> known(round.size());
    if (recognise(round.first(1), known) && round.size() > 1) {
      std::vector<bool> others(round.size() - 1);
      recognise(round.subspan(1), others);
      std::copy(others.begin(), others.end(), known.begin() + 1);
    }
    for (std::size_t i = 0; i < round.size() && !is_interrupted(); ++i) {
      if (!known[i]) send(round[i]);
      ++sent_;
    }
  }

  /// Marks the single files that the archive has, by their digests; true: one of them at least.
  /// Whatever goes wrong here shows again when the file is sent.
  bool recognise(std::span<const Shipment> round, std::vector<bool>& known) {
    array files;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < round.size() && !is_interrupted(); ++i) {
      if (round[i].files.size() != 1) continue;
      const auto sha256 = digest_of(round[i].files.front());
      if (!sha256) continue;
      object file{{"path", shown_path(round[i].files.front())}, {"sha256", sha256->hex()}};
      if (const auto unit = round[i].fields.find("unit"); unit != round[i].fields.end())
        file["unit"] = unit->second;
      files.push_back(std::move(file));
      places.push_back(i);
    }
    if (files.empty()) return false;
    const auto answer =
        json_of(client_, post(batch_target() + "/known", object{{"files", std::move(files)}}));
    const auto* ids = answer ? JsonReader(*answer).find("known") : nullptr;
    if (ids == nullptr || !ids->is_array()) return false;
    bool has_any = false;
    for (std::size_t i = 0; i < std::min(places.size(), ids->get_array().size()); ++i) {
      known[places[i]] = ids->get_array()[i].is_string();
      has_any = has_any || known[places[i]];
    }
    return has_any;
  }

  void send(const Shipment& shipment) {
    auto outcome = try_to_send(shipment);
    if (outcome) return;
    const auto text = std::string(sentence_for(outcome.error(), Language::vietnamese));
    for (const auto& file : shipment.files) note(shown_path(file), {"", "", "failed", text});
  }

  Result<void> try_to_send(const Shipment& shipment) {
    auto fields = shipment.fields;
    fields["batch"] = batch_;
    fields.try_emplace("state", "published");
    fields.try_emplace("visibility", "unit");
    const auto form = KHOCHUNG_TRY(MultipartForm::open(fields, shipment.files));
    Call call{http::Method::post, "/api/v1/materials", {}, form.pieces()};
    call.fields.set("Content-Type", form.content_type());
    KHOCHUNG_CHECK(checked(client_.send(call)));
    bytes_ += form.file_bytes();
    return {};
  }

  Result<void> wait_until_searchable() {
    ProgressBar bar("Đọc");
    auto trouble_since = std::chrono::steady_clock::now();
    while (!is_interrupted()) {
      const auto answer =
          checked(client_.send({http::Method::get, batch_target() + "/progress", {}, {}}));
      const auto now = std::chrono::steady_clock::now();
      // A queue that takes nothing, such as while its database starts again, is given a while.
      const bool may_pass = !answer && answer.error().code == ErrorCode::unavailable;
      if (may_pass && now - trouble_since < longest_trouble) {
        std::this_thread::sleep_for(between_looks);
        continue;
      }
      if (!answer) return fail(answer.error());
      trouble_since = now;
      const auto json = boost::json::parse(answer->body);
      const JsonReader counts(json);
      const auto waiting = counts.integer("queued") + counts.integer("reading");
      const auto total = counts.integer("files");
      bar.show({static_cast<std::uint64_t>(total - waiting), static_cast<std::uint64_t>(total),
                static_cast<std::uint64_t>(counts.integer("pages")), 0});
      if (waiting == 0) return {};
      std::this_thread::sleep_for(between_looks);
    }
    return {};
  }

  Result<void> read_receipt() {
    const auto answer =
        KHOCHUNG_TRY(checked(client_.send({http::Method::get, batch_target(), {}, {}})));
    const auto json = boost::json::parse(answer.body);
    const auto* items = JsonReader(json).find("items");
    if (items == nullptr || !items->is_array()) return {};
    for (const auto& item : items->get_array()) {
      const JsonReader read(item);
      const auto state = read.string("state");
      const bool has_failed = state == "failed" || state == "quarantined";
      note(read.string("path"), {read.string("id"), read.string("sha256"), state,
                                 has_failed ? read.string("message") : ""});
    }
    return {};
  }

  void note(const std::string& path, Verdict verdict) {
    verdicts_.with([&](auto& verdicts) { verdicts[path] = std::move(verdict); });
  }

  Client& client_;
  const IngestOptions& options_;
  std::vector<Shipment> shipments_;
  std::string batch_;
  std::size_t files_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> sent_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  Guarded<std::map<std::string, Verdict>> verdicts_;
};

int Ingestion::report() const {
  const auto verdicts = verdicts_.with([](const auto& all) { return all; });
  std::size_t duplicates = 0;
  std::size_t failed = 0;
  array materials;
  for (const auto& [path, verdict] : verdicts) {
    duplicates += verdict.state == "duplicate" ? 1 : 0;
    const bool has_failed = verdict.state == "failed" || verdict.state == "quarantined";
    failed += has_failed ? 1 : 0;
    object line{{"path", path}, {"state", verdict.state}};
    line["id"] = verdict.id.empty() ? boost::json::value(nullptr) : boost::json::value(verdict.id);
    line["sha256"] =
        verdict.sha256.empty() ? boost::json::value(nullptr) : boost::json::value(verdict.sha256);
    line["error"] =
        verdict.error.empty() ? boost::json::value(nullptr) : boost::json::value(verdict.error);
    materials.push_back(std::move(line));
    if (has_failed && !options_.prints_json) fmt::print(stderr, "  {}: {}\n", path, verdict.error);
  }
  const auto accepted = verdicts.size() - duplicates - failed;
  if (options_.prints_json) {
    print_json(object{{"batch", batch_},
                      {"accepted", accepted},
                      {"duplicates", duplicates},
                      {"failed", failed},
                      {"bytes", bytes_.load()},
                      {"materials", std::move(materials)}});
  } else {
    fmt::print(
        "Đã nhận {}/{} tệp ({}), {} tệp đã có sẵn, {} tệp chưa nhận được. Biên nhận: /batches/{}\n",
        accepted, verdicts.size(), size_in_words(bytes_), duplicates, failed, batch_);
    if (is_interrupted())
      fmt::print("Đã dừng theo yêu cầu. Chạy lại lệnh này để nạp tiếp phần còn lại.\n");
  }
  return failed > 0 || is_interrupted() ? 1 : 0;
}

}  // namespace

int ingest(Client& client, const IngestOptions& options) {
  Ingestion ingestion(client, options);
  if (const auto done = ingestion.run(); !done)
    return print_error(done.error(), options.prints_json);
  return ingestion.report();
}

}  // namespace khochung::app
