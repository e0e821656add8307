// khochung-worker-markup: the text of office files and web pages, by libarchive and libxml2.
#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "indexer/workers/markup_text.hpp"
#include "indexer/workers/page_body.hpp"
#include "indexer/workers/sheet_rows.hpp"
#include "indexer/workers/worker_main.hpp"

namespace khochung::workers {
namespace {

constexpr std::size_t longest_property = 2000;

SandboxProfile profile() {
  SandboxProfile profile;
  // Encodings of old web pages are loaded by iconv when they are needed.
  profile.readable = {"/usr/lib", "/lib", "/etc/ld.so.cache"};
  return profile;
}

Result<MarkupText> read_markup(std::string_view media_type, std::string_view bytes) {
  constexpr std::string_view office = "application/vnd.openxmlformats-officedocument.";
  if (media_type == "text/html") return read_html(bytes);
  if (media_type.starts_with("application/vnd.oasis.opendocument.")) {
    return read_opendocument(bytes);
  }
  if (media_type.starts_with(office)) {
    const auto kind = media_type.substr(office.size());
    if (kind.starts_with("wordprocessingml")) return read_word(bytes);
    if (kind.starts_with("spreadsheetml")) return read_excel(bytes);
    if (kind.starts_with("presentationml")) return read_powerpoint(bytes);
  }
  return fail(ErrorCode::bad_input, "media_type");
}

/// So many rows at a time.
Result<void> write_rows(std::string_view bytes, FrameWriter& output) {
  constexpr std::size_t rows_at_once = 500;
  const auto rows = KHOCHUNG_TRY(read_first_sheet(bytes));
  for (std::size_t begin = 0; begin < rows.size(); begin += rows_at_once) {
    boost::json::array part;
    for (auto at = begin; at < std::min(rows.size(), begin + rows_at_once); ++at) {
      boost::json::array cells{rows[at].number};
      for (const auto& cell : rows[at].cells) cells.emplace_back(repaired_utf8(cell));
      part.push_back(std::move(cells));
    }
    output.write({{"kind", "rows"}}, boost::json::serialize(part));
  }
  return {};
}

Result<void> work(const JsonReader& request, FrameWriter& output) {
  const auto bytes = KHOCHUNG_TRY(map_input());
  if (request.string("task") == "rows") return write_rows(bytes, output);
  const auto text = KHOCHUNG_TRY(read_markup(request.string("media_type"), bytes));
  output.write({{"kind", "document"},
                {"title", repaired_utf8(text.title.substr(0, longest_property))},
                {"author", repaired_utf8(text.author.substr(0, longest_property))},
                {"has_pages", text.has_pages}});
  int number = 0;
  for (const auto& page : text.pages) {
    output.write({{"kind", "page"}, {"number", ++number}}, encode_page(repaired_utf8(page), {}));
  }
  return {};
}

}  // namespace
}  // namespace khochung::workers

int main(int argc, char** argv) {
  khochung::workers::run_worker(argc, argv, khochung::workers::profile(), khochung::workers::work);
}
