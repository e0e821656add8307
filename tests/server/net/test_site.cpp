#include "test_site.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "server/http/file_answer.hpp"
#include "server/http/problem.hpp"

namespace khochung::test {
namespace {

using http::BodyKind;
using http::Method;
using http::Request;
using http::Response;

std::string one_mebibyte() {
  std::string block(std::size_t{1} << 20U, '\0');
  for (std::size_t i = 0; i < block.size(); ++i) {
    block[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  }
  return block;
}

class CountingSink final : public http::BodySink {
 public:
  explicit CountingSink(TestSite& site) : site_(site) {}
  CountingSink(const CountingSink&) = delete;
  CountingSink& operator=(const CountingSink&) = delete;
  ~CountingSink() override {
    if (!is_finished_) ++site_.sinks_dropped;
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    count_ += bytes.size();
    site_.streamed_bytes += bytes.size();
    return {};
  }

  Result<Response> finish() override {
    is_finished_ = true;
    return Response::text(201, "text/plain", std::to_string(count_));
  }

 private:
  TestSite& site_;
  std::uint64_t count_ = 0;
  bool is_finished_ = false;
};

/// Words, then a blob, then words; with `fails_at`, nothing from that byte on.
class SamplePieces final : public http::PieceSource {
 public:
  SamplePieces(std::shared_ptr<const storage::BlobReader> blob, std::uint64_t fails_at)
      : blob_(std::move(blob)), fails_at_(fails_at) {}

  [[nodiscard]] std::uint64_t size_bytes() const override {
    return head.size() + blob_->size_bytes() + tail.size();
  }
  [[nodiscard]] Result<Piece> piece_at(std::uint64_t offset) const override {
    if (offset >= fails_at_) return fail(ErrorCode::corrupt, "as the test wishes");
    if (offset < head.size()) return Piece(std::string(head.substr(offset)));
    offset -= head.size();
    if (offset < blob_->size_bytes())
      return Piece(http::BlobRange{blob_, offset, blob_->size_bytes() - offset});
    return Piece(std::string(tail.substr(offset - blob_->size_bytes())));
  }

 private:
  static constexpr std::string_view head = "head ";
  static constexpr std::string_view tail = " tail";
  std::shared_ptr<const storage::BlobReader> blob_;
  std::uint64_t fails_at_;
};

std::vector<http::Segment> sample_pieces(std::shared_ptr<const storage::BlobReader> blob,
                                         std::uint64_t fails_at = ~std::uint64_t{0}) {
  const auto source = std::make_shared<const SamplePieces>(std::move(blob), fails_at);
  return {http::PieceRange{source, 0, source->size_bytes()}};
}

class RefusingSink final : public http::BodySink {
 public:
  Result<void> write(std::span<const std::byte>) override {
    return fail(ErrorCode::disk_full, "as the test wishes");
  }
  Result<Response> finish() override { return Response::text(201, "text/plain", ""); }
};

}  // namespace

std::shared_ptr<const storage::BlobReader> sample_blob(std::uint64_t size_bytes) {
  const int file = ::memfd_create("sample", MFD_CLOEXEC);
  auto block = one_mebibyte();
  for (std::uint64_t at = 0; at < size_bytes;) {
    // Each block begins with its place.
    std::memcpy(block.data(), &at, sizeof(at));
    const auto count = std::min<std::uint64_t>(block.size(), size_bytes - at);
    const auto written = ::write(file, block.data(), count);
    if (written <= 0) throw std::runtime_error("no room for the sample");
    at += static_cast<std::uint64_t>(written);
  }
  return std::make_shared<const storage::BlobReader>(file, size_bytes);
}

std::shared_ptr<const storage::BlobReader> sample_from_elsewhere(std::uint64_t size_bytes,
                                                                 const Digest& sha256) {
  const auto source = [blob = sample_blob(size_bytes)](std::uint64_t offset,
                                                       std::span<std::byte> into) -> Result<void> {
    return blob->read(offset, into).map([](std::size_t) {});
  };
  return std::make_shared<const storage::BlobReader>(source, size_bytes, sha256);
}

TestSite::TestSite() {
  add_plain_routes();
  add_body_routes();
  add_file_routes();
}

void TestSite::add_plain_routes() {
  router.add({Method::get,
              "/hello",
              BodyKind::none,
              [](const Request& request) -> Result<Response> {
                return Response::text(200, "text/plain", "xin chào " + request.query_value("q"));
              },
              {}});
  router.add({Method::get,
              "/search",
              BodyKind::none,
              [](const Request&) -> Result<Response> {
                return Response::text(200, "text/plain", "found");
              },
              {},
              0,
              {},
              http::Load::search});
  router.add({Method::get,
              "/m/{id}",
              BodyKind::none,
              [](const Request& request) -> Result<Response> {
                return Response::text(200, "text/html", request.parameter("id"));
              },
              {}});
  router.add({Method::get,
              "/canary",
              BodyKind::none,
              [this](const Request&) -> Result<Response> {
                ++canary_runs;
                return Response::text(200, "text/plain", "canary");
              },
              {}});
  router.add({Method::get,
              "/throw",
              BodyKind::none,
              [](const Request&) -> Result<Response> { throw std::runtime_error("secret"); },
              {}});
  router.add({Method::get,
              "/at-once",
              BodyKind::none,
              [](const Request&) -> Result<Response> {
                return Response::text(200, "text/plain", "by the pool");
              },
              {},
              0,
              [](const Request& request) -> std::optional<Response> {
                if (request.query_value("throw") == "1") throw std::runtime_error("secret");
                if (request.query_value("wait") == "1") return std::nullopt;
                return Response::text(200, "text/plain", "at once");
              }});
  router.add({Method::get,
              "/wait",
              BodyKind::none,
              [this](const Request&) -> Result<Response> {
                on_wait();
                return Response::text(200, "text/plain", "waited");
              },
              {}});
  router.add({Method::get,
              "/split",
              BodyKind::none,
              [](const Request&) -> Result<Response> {
                return Response::redirect("/a\r\nSet-Cookie: stolen=1");
              },
              {}});
  router.add({Method::get,
              "/who",
              BodyKind::none,
              [](const Request& request) -> Result<Response> {
                return Response::text(
                    200, "text/plain",
                    request.client + (request.is_local_administrator ? " admin" : ""));
              },
              {}});
}

void TestSite::add_body_routes() {
  router.add({Method::post,
              "/small",
              BodyKind::small,
              [](const Request& request) -> Result<Response> {
                return Response::text(200, "text/plain", request.body);
              },
              {}});
  router.add({Method::post,
              "/none",
              BodyKind::none,
              [](const Request&) -> Result<Response> {
                return Response::text(200, "text/plain", "nothing needed");
              },
              {}});
  router.add({Method::post,
              "/stream",
              BodyKind::stream,
              {},
              [this](const Request&) -> Result<std::unique_ptr<http::BodySink>> {
                return std::make_unique<CountingSink>(*this);
              },
              std::uint64_t{1} << 30U});
  router.add({Method::post,
              "/stream-refused",
              BodyKind::stream,
              {},
              [](const Request&) -> Result<std::unique_ptr<http::BodySink>> {
                return fail(ErrorCode::forbidden, "not you");
              }});
  router.add({Method::post,
              "/stream-full",
              BodyKind::stream,
              {},
              [](const Request&) -> Result<std::unique_ptr<http::BodySink>> {
                return std::make_unique<RefusingSink>();
              }});
}

void TestSite::add_file_routes() {
  const auto add = [this](const std::string& path, std::vector<http::Segment> content) {
    router.add({Method::get,
                path,
                BodyKind::none,
                [content = std::move(content), path](const Request& request) -> Result<Response> {
                  http::FileToSend file;
                  file.content = content;
                  file.validators.etag = http::ETag{"v1"};
                  file.media_type = "application/pdf";
                  file.name = "Quyết định" + path.substr(1) + ".pdf";
                  return http::file_answer(request, std::move(file));
                },
                {}});
  };
  add("/bytes", {std::string("0123456789")});
  add("/blob", http::whole(sample_blob(300'000)));
  static const auto large = sample_blob(std::uint64_t{24} << 20U);
  add("/large", http::whole(large));
  const auto blob = sample_blob(100'000);
  add("/mixed", {std::string("head "), http::BlobRange{blob, 10, 70'000}, std::string(50'000, 'x'),
                 http::BlobRange{blob, 0, 5}});
  const auto digest = Digest::of(blob->read_all(100'000).value());
  const auto elsewhere = sample_from_elsewhere(100'000, digest);
  add("/elsewhere", http::whole(elsewhere));
  add("/mixed-elsewhere", {std::string("head "), http::BlobRange{elsewhere, 10, 70'000}});
  add("/pieces", sample_pieces(blob));
  add("/pieces-elsewhere", sample_pieces(elsewhere));
  add("/pieces-failing", sample_pieces(blob, 6));
  add("/damaged-elsewhere", http::whole(sample_from_elsewhere(1'000'000, digest)));
  add("/empty", {});
}

std::unique_ptr<net::HttpServer> TestSite::serve(net::ServerConfig config) {
  if (!config.listen && !config.control_socket) config.listen = net::ListenAddress{"127.0.0.1", 0};
  auto server = net::HttpServer::start(std::move(config), router, http::problem,
                                       [this](const net::AccessLogLine& line) {
                                         const std::lock_guard lock(mutex_);
                                         log_.push_back(line);
                                         logged_.notify_all();
                                       });
  if (!server) throw std::runtime_error(server.error().message);
  return *std::move(server);
}

std::vector<net::AccessLogLine> TestSite::wait_for_log(std::size_t lines) {
  std::unique_lock lock(mutex_);
  logged_.wait_for(lock, std::chrono::seconds(10), [&] { return log_.size() >= lines; });
  return log_;
}

}  // namespace khochung::test
