#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "server/http/byte_range.hpp"
#include "server/http/content_disposition.hpp"
#include "server/http/encoding.hpp"
#include "server/http/etag.hpp"
#include "server/http/framing.hpp"
#include "server/http/multipart.hpp"
#include "server/http/target.hpp"

// One harness for all that server/http reads from the network: the first byte chooses the reader,
// the second where its input is cut. Beside crashes it looks for answers that depend on the cut and
// for values that break their promises.

namespace {

using namespace khochung;

void require(bool holds) {
  if (!holds) std::abort();
}

void frame(std::string_view text, std::size_t cut) {
  const http::FramingLimits limits;
  const auto whole = http::find_head_end(text, 0, limits);
  const auto first = http::find_head_end(text.substr(0, cut), 0, limits);
  const bool goes_on = first && *first == 0;
  const auto pieces = goes_on ? http::find_head_end(text, cut, limits) : first;
  require(whole.has_value() == pieces.has_value() && whole.value_or(0) == pieces.value_or(0));
  if (!whole || *whole == 0) return;
  const auto head = text.substr(0, *whole);
  const auto framing = http::check_framing(head, limits);
  if (!framing) return;
  const auto lowered = http::lower_case(head);
  require(lowered.find("\r\ntransfer-encoding:") == std::string::npos);
  require(lowered.find("\r\nhost:") == lowered.rfind("\r\nhost:"));
  require(lowered.find("\r\ncontent-length:") == lowered.rfind("\r\ncontent-length:"));
  require(head.find("\r\n ") == std::string_view::npos);
  require(head.find("\r\n\t") == std::string_view::npos);
}

void target(std::string_view text) {
  const auto parsed = http::parse_target(text, "a");
  if (!parsed) return;
  require(parsed->path.starts_with('/') && http::is_utf8(parsed->path));
  require(!http::has_control(parsed->path));
  require((parsed->path + "/").find("/../") == std::string::npos);
  for (const auto& [name, value] : parsed->query) {
    require(http::is_utf8(name) && http::is_utf8(value));
  }
}

class NotingSink final : public http::PartSink {
 public:
  explicit NotingSink(std::string& notes) : notes_(notes) {}
  Result<void> write(std::span<const std::byte> bytes) override {
    notes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  Result<void> finish() override {
    notes_ += "|end";
    return {};
  }

 private:
  std::string& notes_;
};

/// What a reader tells of `text` when it comes in two pieces.
std::string notes_of(std::string_view text, std::size_t cut) {
  std::string notes;
  http::FormEvents events{[&](std::string name, std::string value) -> Result<void> {
                            notes += "|" + name + "=" + value;
                            return {};
                          },
                          [&](std::string name, std::string file,
                              std::string type) -> Result<std::unique_ptr<http::PartSink>> {
                            require(http::is_utf8(file) && !http::has_control(file));
                            notes += "|" + name + ":" + file + ":" + type;
                            return std::make_unique<NotingSink>(notes);
                          }};
  auto reader = http::MultipartReader::begin("multipart/form-data; boundary=b", std::move(events));
  for (const auto piece : {text.substr(0, cut), text.substr(cut)}) {
    if (!reader->write(std::as_bytes(std::span(piece)))) return notes + "|bad";
  }
  return notes + (reader->finish() ? "|whole" : "|cut");
}

void form(std::string_view text, std::size_t cut) {
  const auto whole = notes_of(text, text.size());
  const auto pieces = notes_of(text, cut);
  // After an error the bytes told so far may differ; the verdict may not.
  require(whole.ends_with("|bad") == pieces.ends_with("|bad"));
  if (!whole.ends_with("|bad")) require(whole == pieces);
}

void fields(std::string_view text) {
  const auto selection = http::select_ranges(text, 1'000);
  std::uint64_t behind = 0;
  for (const auto& range : selection.ranges) {
    require(range.length > 0 && range.first >= behind && range.first + range.length <= 1'000);
    behind = range.first + range.length + 1;
  }
  require(selection.ranges.size() <= http::max_ranges);
  const auto disposition = http::content_disposition(http::Disposition::attachment, text);
  for (const char c : disposition) require(c >= 0x20 && c < 0x7F);
  (void)http::ETag::parse(text);
  (void)http::field_parameter(text, "name");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = text.empty() ? 0 : data[1] * text.size() / 256;
  switch (data[0] % 4) {
    case 0: frame(text, cut); break;
    case 1: target(text); break;
    case 2: form(text, cut); break;
    default: fields(text); break;
  }
  return 0;
}
