// How well and how fast scans are read: the text of each page picture (PNG, TIFF, JPEG, PNM) goes
// to FOLDER/<name>.txt, and a line says how it was come by.
//     bench_reading FOLDER PICTURE…
// tests/bench/reading/score holds the texts against the true ones.
#include <allheaders.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "indexer/workers/page_reader.hpp"

namespace {

namespace fs = std::filesystem;
using namespace khochung::workers;

Raster read(const fs::path& path) {
  const PixPointer picture(pixRead(path.c_str()));
  if (!picture) return {};
  const bool is_coloured =
      pixGetDepth(picture.get()) == 32 || pixGetColormap(picture.get()) != nullptr;
  const PixPointer pix(is_coloured ? pixConvertTo32(picture.get())
                                   : pixConvertTo8(picture.get(), 0));
  return without_needless_colour(raster_of(pix.get()));
}

/// Of the processor: other work on the machine does not count.
double processor_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

int main(int count, char** arguments) {
  auto reader = PageReader::make();
  if (!reader || count < 3) {
    std::fprintf(stderr, "usage: bench_reading FOLDER PICTURE...; needs tesseract-ocr-vie\n");
    return 2;
  }
  const fs::path folder = arguments[1];
  fs::create_directories(folder);
  for (int i = 2; i < count; ++i) {
    const fs::path picture = arguments[i];
    auto raster = read(picture);
    const double start = processor_seconds();
    const auto reading = reader->read(std::move(raster));
    std::printf("%-24s %-8s %d readings, trust %3d, %-2s %.2f s\n", picture.stem().c_str(),
                std::string(name_of(reading.preparation)).c_str(), reading.readings,
                reading.page.trust, reading.language.c_str(), processor_seconds() - start);
    std::fflush(stdout);
    std::ofstream(folder / (picture.stem().string() + ".txt")) << reading.page.text << '\n';
  }
}
