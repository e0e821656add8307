// khochung-worker-caption: writes caption, credit and rights into a copy of a picture, by Exiv2.
#include <exiv2/exiv2.hpp>
#include <string>

#include "indexer/workers/worker_main.hpp"
#include "schemas/utf8.hpp"

namespace khochung::workers {
namespace {

constexpr std::size_t frame_bytes = std::size_t{8} << 20U;

/// The whole file is in memory, and once more as it is written.
SandboxProfile profile() {
  SandboxProfile profile;
  profile.address_space_bytes = std::uint64_t{1} << 30U;
  profile.cpu = std::chrono::seconds(30);
  return profile;
}

/// Lengths as the standard bounds them. Source: IPTC-NAA Information Interchange Model 4.2, record
/// 2; its 1:90 says that the texts are UTF-8.
void write_iptc(Exiv2::IptcData& iptc, const JsonReader& words) {
  iptc["Iptc.Envelope.CharacterSet"] = std::string("\x1b%G");
  const auto set = [&](const char* field, std::string_view name, std::size_t limit) {
    const auto text = words.string(name);
    if (!text.empty()) iptc[field] = std::string(first_bytes(text, limit));
  };
  set("Iptc.Application2.Headline", "title", 256);
  set("Iptc.Application2.Caption", "caption", 2'000);
  set("Iptc.Application2.Credit", "credit", 32);
  set("Iptc.Application2.Copyright", "terms", 128);
}

/// Source: IPTC Photo Metadata Standard 2023.1, IPTC Core; ISO 16684-1 (XMP).
void write_xmp(Exiv2::XmpData& xmp, const JsonReader& words) {
  const auto in_any_language = [&](const char* field, std::string_view name) {
    const auto text = words.string(name);
    if (text.empty()) return;
    Exiv2::LangAltValue value;
    value.value_["x-default"] = text;
    const Exiv2::XmpKey key(field);
    if (const auto before = xmp.findKey(key); before != xmp.end()) xmp.erase(before);
    xmp.add(key, &value);
  };
  in_any_language("Xmp.dc.description", "caption");
  in_any_language("Xmp.dc.rights", "terms");
  in_any_language("Xmp.xmpRights.UsageTerms", "terms");
  const auto set = [&](const char* field, std::string_view name) {
    if (const auto text = words.string(name); !text.empty()) xmp[field] = text;
  };
  set("Xmp.photoshop.Headline", "title");
  set("Xmp.photoshop.Credit", "credit");
}

Result<void> work(const JsonReader& request, FrameWriter& output) {
  const auto bytes = KHOCHUNG_TRY(map_input());
  // Warnings name offsets in hostile files, which nobody reads.
  Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
  Exiv2::XmpParser::initialize();
  const auto picture = Exiv2::ImageFactory::open(reinterpret_cast<const Exiv2::byte*>(bytes.data()),
                                                 static_cast<long>(bytes.size()));
  picture->readMetadata();
  const auto takes = [&](Exiv2::MetadataId what) {
    return (picture->checkMode(what) & Exiv2::amWrite) != 0;
  };
  if (!takes(Exiv2::mdXmp)) return bad_file("unsupported", "no words can be written into it");
  write_xmp(picture->xmpData(), request);
  if (takes(Exiv2::mdIptc)) write_iptc(picture->iptcData(), request);
  picture->writeMetadata();
  auto& written = picture->io();
  if (written.open() != 0) return bad_file("damaged_file", "the copy cannot be read");
  const std::string_view copy(reinterpret_cast<const char*>(written.mmap()),
                              static_cast<std::size_t>(written.size()));
  for (std::size_t at = 0; at < copy.size(); at += frame_bytes)
    output.write({{"kind", "bytes"}}, copy.substr(at, frame_bytes));
  return {};
}

}  // namespace
}  // namespace khochung::workers

int main(int argc, char** argv) {
  khochung::workers::run_worker(argc, argv, khochung::workers::profile(), khochung::workers::work);
}
