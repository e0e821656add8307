#include "server/delivery/qr_code.hpp"

#include <qrencode.h>

#include <memory>
#include <sstream>
#include <vector>

#include "server/delivery/png.hpp"
#include "server/delivery/xml.hpp"

namespace khochung::delivery {
namespace {

constexpr std::size_t longest_address_bytes = 1'000;
constexpr int quiet_zone = 4;  // modules on each side
constexpr int dots_per_inch = 300;
constexpr int least_dots = 1'200;
/// Letters of a line in a drawing as wide as the code.
constexpr std::size_t letters_of_title = 30;
constexpr std::size_t letters_of_unit = 36;
constexpr std::size_t most_lines = 4;

using Code = std::unique_ptr<QRcode, decltype(&QRcode_free)>;

bool is_dark(const QRcode& code, int x, int y) {
  return (code.data[y * code.width + x] & 1U) != 0;
}

/// The dark modules, a rectangle for each run of them in a row.
std::string path_of(const QRcode& code) {
  std::string path;
  for (int y = 0; y < code.width; ++y) {
    for (int x = 0; x < code.width; ++x) {
      if (!is_dark(code, x, y)) continue;
      const int begin = x;
      while (x < code.width && is_dark(code, x, y)) ++x;
      const auto length = std::to_string(x - begin);
      path += "M" + std::to_string(begin + quiet_zone) + " " + std::to_string(y + quiet_zone) +
              "h" + length + "v1h-" + length + "z";
    }
  }
  return path;
}

std::size_t letters_in(std::string_view text) {
  std::size_t letters = 0;
  for (const char byte : text)
    letters += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80 ? 1 : 0;
  return letters;
}

/// Words on lines of so many letters; what is beyond the last line is left out.
std::vector<std::string> lines_of(const std::string& text, std::size_t letters) {
  std::vector<std::string> lines;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const bool fits = !lines.empty() && letters_in(lines.back()) + 1 + letters_in(word) <= letters;
    if (fits) {
      lines.back() += " " + word;
    } else if (lines.size() == most_lines) {
      lines.back() += "…";
      break;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

/// Writes lines of text beneath each other.
class Writing {
 public:
  Writing(pugi::xml_node drawing, int width, double begin)
      : drawing_(drawing), width_(width), next_(begin) {}

  /// `size` in modules.
  pugi::xml_node add(std::string_view text, double size) {
    next_ += size * 1.35;
    auto line = add_element(drawing_, "text", text);
    line.append_attribute("x") = width_ / 2.0;
    line.append_attribute("y") = next_;
    line.append_attribute("font-size") = size;
    line.append_attribute("text-anchor") = "middle";
    return line;
  }
  /// One word, as wide as there is room, however long it is.
  void add_across(std::string_view text, double size) {
    auto line = add(text, size);
    line.append_attribute("textLength") = width_ - quiet_zone;
    line.append_attribute("lengthAdjust") = "spacingAndGlyphs";
  }
  [[nodiscard]] double end() const { return next_; }

 private:
  pugi::xml_node drawing_;
  int width_;
  double next_;
};

double add_caption(pugi::xml_node drawing, int width, std::string_view address,
                   const QrCaption& caption) {
  Writing writing(drawing, width, width - quiet_zone / 2.0);
  for (const auto& line : lines_of(caption.title, letters_of_title))
    writing.add(line, width / 20.0).append_attribute("font-weight") = "bold";
  for (const auto& line : lines_of(caption.unit, letters_of_unit)) writing.add(line, width / 24.0);
  writing.add_across(address, width / 36.0);
  return writing.end() + quiet_zone / 2.0;
}

std::string drawing_of(const QRcode& code, std::string_view address, const QrCaption& caption) {
  const int width = code.width + 2 * quiet_zone;
  pugi::xml_document document;
  auto drawing = document.append_child("svg");
  drawing.append_attribute("xmlns") = "http://www.w3.org/2000/svg";
  auto view = drawing.append_attribute("viewBox");
  drawing.append_attribute("role") = "img";
  drawing.append_attribute("font-family") = "Noto Sans, Arial, sans-serif";
  add_element(drawing, "title", "QR: " + std::string(address));
  auto paper = drawing.append_child("rect");
  auto ink = drawing.append_child("path");
  add_attribute(ink, "d", path_of(code));
  ink.append_attribute("fill") = "#000";
  ink.append_attribute("shape-rendering") = "crispEdges";
  const double height =
      caption.title.empty() ? width : add_caption(drawing, width, address, caption);
  std::ostringstream size;
  size << "0 0 " << width << " " << height;
  view = size.str().c_str();
  paper.append_attribute("width") = width;
  paper.append_attribute("height") = height;
  paper.append_attribute("fill") = "#fff";
  std::ostringstream text;
  document.save(text, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  return text.str();
}

Result<Code> code_of(std::string_view address) {
  if (address.size() > longest_address_bytes)
    return fail(ErrorCode::bad_input, "an address too long for a QR code");
  Code code(QRcode_encodeString8bit(std::string(address).c_str(), 0, QR_ECLEVEL_M), QRcode_free);
  if (!code) return fail(ErrorCode::unavailable, "no memory for a QR code");
  return code;
}

Bitmap bitmap_of(const QRcode& code) {
  const int modules = code.width + 2 * quiet_zone;
  const int scale = (least_dots + modules - 1) / modules;
  const auto width = static_cast<std::size_t>(modules * scale);
  Bitmap picture(width, width);
  const auto module_at = [scale](std::size_t dot) {
    return static_cast<int>(dot) / scale - quiet_zone;
  };
  const auto is_inside = [&code](int module) { return module >= 0 && module < code.width; };
  for (std::size_t y = 0; y < width; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const int column = module_at(x);
      const int row = module_at(y);
      if (is_inside(column) && is_inside(row) && is_dark(code, column, row)) picture.blacken(x, y);
    }
  }
  return picture;
}

}  // namespace

Result<std::string> qr_code(std::string_view address, const QrCaption& caption) {
  const auto code = KHOCHUNG_TRY(code_of(address));
  return drawing_of(*code, address, caption);
}

Result<std::string> qr_code_png(std::string_view address) {
  const auto code = KHOCHUNG_TRY(code_of(address));
  return png_of(bitmap_of(*code), dots_per_inch);
}

}  // namespace khochung::delivery
