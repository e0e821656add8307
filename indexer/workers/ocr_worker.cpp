// khochung-worker-ocr: the text of page pictures, by Tesseract.
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "indexer/workers/page_body.hpp"
#include "indexer/workers/page_reader.hpp"
#include "indexer/workers/worker_main.hpp"

namespace khochung::workers {
namespace {

constexpr int most_pages = 16;

SandboxProfile profile() {
  SandboxProfile profile;
  profile.cpu = std::chrono::seconds(90 * most_pages);
  profile.readable = {"/usr/share/tesseract-ocr"};
  return profile;
}

Result<void> work(const JsonReader& request, FrameWriter& output) {
  auto bytes = KHOCHUNG_TRY(map_input());
  auto reader = KHOCHUNG_TRY(PageReader::make());
  const auto pages = request.integer("pages");
  if (pages < 1 || pages > most_pages) return bad_file("too_many_parts", "pages");
  for (int number = 1; number <= pages; ++number) {
    auto picture = take_pnm(bytes);
    if (!picture) return bad_file("damaged_file", "no PNM picture");
    const auto reading = reader.read(std::move(*picture));
    output.write({{"kind", "page"},
                  {"number", number},
                  {"width", reading.page.width},
                  {"height", reading.page.height},
                  {"trust", reading.page.trust},
                  {"language", reading.language},
                  {"models", reading.models},
                  {"preparation", name_of(reading.preparation)}},
                 encode_page(reading.page.text, reading.page.words));
  }
  return {};
}

}  // namespace
}  // namespace khochung::workers

int main(int argc, char** argv) {
  // Tesseract's own threads make it six times slower (measured 2026-11-22). WorkerHost starts each
  // worker with OMP_THREAD_LIMIT=1; set here, it would come too late to be read.
  khochung::workers::run_worker(argc, argv, khochung::workers::profile(), khochung::workers::work);
}
