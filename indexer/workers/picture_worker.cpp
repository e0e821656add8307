// khochung-worker-picture: facts, copies and pages of scans and photos, by libjpeg and ImageMagick.
#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "indexer/workers/jpeg_writer.hpp"
#include "indexer/workers/picture_reader.hpp"
#include "indexer/workers/worker_main.hpp"

namespace khochung::workers {
namespace {

constexpr std::size_t most_copies = 16;

/// 128 million pixels take ImageMagick 1 GB (8 bytes each), so this worker may have more than the
/// usual 512 MB.
SandboxProfile profile() {
  SandboxProfile profile;
  profile.address_space_bytes = std::uint64_t{1792} << 20;
  profile.cpu = std::chrono::seconds(60);
  // ImageMagick loads its coders when it needs them. Debian's policy.xml stays out of sight: it
  // allows 512 MB, 67 million pixels; our limits are those of prepare_picture_library().
  profile.readable = {"/usr/lib", "/lib", "/etc/ld.so.cache", "/etc/ImageMagick-6/colors.xml",
                      "/usr/share/ImageMagick-6"};
  return profile;
}

int side_of(const JsonReader& request, std::string_view name) {
  return static_cast<int>(std::clamp<std::int64_t>(request.integer(name), 0, 20'000));
}

void write_facts(const PictureHead& head, FrameWriter& output) {
  output.write({{"kind", "facts"},
                {"width", head.width},
                {"height", head.height},
                {"frames", head.frames},
                {"format", head.format}});
}

std::string encode(const Raster& raster, const JsonReader& request) {
  const auto quality =
      static_cast<int>(std::clamp<std::int64_t>(request.integer("quality"), 1, 95));
  const auto format = request.string("format");
  if (format == "webp") return to_webp(raster, quality);
  return format == "pnm" ? to_pnm(raster) : to_jpeg(raster, quality);
}

/// Each copy is made of the one before it, which is larger: the file is decoded once, at the size
/// of the largest.
Result<void> write_copies(std::string_view bytes, const PictureHead& head,
                          const JsonReader& request, int frame, FrameWriter& output) {
  const auto* wanted = request.find("copies");
  if (wanted == nullptr || !wanted->is_array() || wanted->get_array().size() > most_copies) {
    return fail(ErrorCode::bad_input, "copies");
  }
  PictureBox largest{1, 1};
  std::vector<PictureBox> sizes;
  for (const auto& copy : wanted->get_array()) {
    const JsonReader reader(copy);
    sizes.push_back(
        fitted(head.width, head.height, {side_of(reader, "width"), side_of(reader, "height")}));
    largest.width = std::max(largest.width, sizes.back().width);
    largest.height = std::max(largest.height, sizes.back().height);
  }
  auto raster = KHOCHUNG_TRY(read_picture(bytes, head, frame, largest));
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    auto copy = resized(raster, sizes[i]);
    output.write({{"kind", "picture"}, {"width", copy.width}, {"height", copy.height}},
                 encode(copy, JsonReader(wanted->get_array()[i])));
    if (i + 1 < sizes.size() && sizes[i + 1].width * 2 <= copy.width) raster = std::move(copy);
  }
  return {};
}

Result<void> write_page(std::string_view bytes, const PictureHead& head, const JsonReader& request,
                        int frame, FrameWriter& output) {
  const int side = side_of(request, "max_side");
  auto page = KHOCHUNG_TRY(read_picture(bytes, head, frame, {side, side}));
  const auto size = fitted(page.width, page.height, {side, side});
  const int dpi = head.dpi * size.width / std::max(1, head.width);
  page = resized(page, size);
  output.write({{"kind", "picture"}, {"width", page.width}, {"height", page.height}, {"dpi", dpi}},
               to_pnm(page));
  return {};
}

Result<void> work(const JsonReader& request, FrameWriter& output) {
  prepare_picture_library();
  const auto bytes = KHOCHUNG_TRY(map_input());
  const int frame = side_of(request, "frame");
  const auto head = KHOCHUNG_TRY(read_picture_head(bytes, frame));
  const auto task = request.string("task");
  if (task == "page") return write_page(bytes, head, request, frame, output);
  write_facts(head, output);
  if (task == "copies") return write_copies(bytes, head, request, frame, output);
  return {};
}

}  // namespace
}  // namespace khochung::workers

int main(int argc, char** argv) {
  khochung::workers::run_worker(argc, argv, khochung::workers::profile(), khochung::workers::work);
}
