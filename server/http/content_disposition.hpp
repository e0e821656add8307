#pragma once

#include <string>
#include <string_view>

namespace khochung::http {

enum class Disposition {
  attachment,  ///< kept as a file
  in_page,     ///< shown in the browser
};

/// A Content-Disposition that every browser and download tool reads: a plain ASCII name (marks
/// dropped, "Quyết định.pdf" → "Quyet dinh.pdf") and, where it differs, the real one in filename*.
/// Path separators, control characters and broken UTF-8 do not survive.
/// Source: RFC 6266, RFC 8187.
std::string content_disposition(Disposition disposition, std::string_view name);

/// The plain ASCII name of a file.
std::string ascii_file_name(std::string_view name);

}  // namespace khochung::http
