#pragma once

#include <set>
#include <string>
#include <string_view>

namespace khochung::storage {

/// What a name is on a disk that knows neither case nor normal forms: equal results would be one
/// file there. Text that is not UTF-8 stays as it is.
std::string folded_name(std::string_view name);

/// A name that every common file system takes, that `sha256sum -c` reads from a manifest and that
/// still reads as `name`: NFC, no control characters, none of / \ < > : " | ? *, a full-width % for
/// %, no blank or dot at the end, no device of Windows, at most 200 bytes, the extension kept.
std::string safe_file_name(std::string_view name);

/// Gives each name of a folder once.
class NamesOfFolder {
 public:
  /// `name` made safe; where it is taken already, with ` (label)` before its extension, and a
  /// number where that is taken, too.
  std::string place(std::string_view name, std::string_view label);

 private:
  bool take(const std::string& name) { return taken_.insert(folded_name(name)).second; }
  std::set<std::string> taken_;
};

}  // namespace khochung::storage
