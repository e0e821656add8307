#pragma once

#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace khochung::delivery {

/// What stands beneath a QR code, for whoever has no telephone at hand.
struct QrCaption {
  std::string title;
  std::string unit;
};

/// A QR code of an address as an SVG document: black on white, with the quiet zone that readers
/// need, and with a caption its words and the address beneath.
/// Shape:  `address` has at most 1,000 bytes. It prints at any size.
/// Errors: bad_input for a longer one; unavailable.
/// Source: ISO/IEC 18004; error correction level M.
Result<std::string> qr_code(std::string_view address, const QrCaption& caption = {});

/// The code alone as a PNG, for programs that take no drawing: black on white with its quiet zone,
/// some 10 cm wide at 300 dots an inch, each module a whole number of dots.
/// Errors: as qr_code().
Result<std::string> qr_code_png(std::string_view address);

}  // namespace khochung::delivery
