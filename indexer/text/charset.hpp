#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// One legacy character set, ready to decode. Only for the inside of this room.
namespace khochung::text {

class Charset {
 public:
  std::string_view name() const { return name_; }

  /// UTF-8 in NFC. Bytes without a meaning here become U+FFFD.
  std::string decode(std::string_view bytes) const;

  /// Every set that the detector tries, the more frequent first; windows-1258 among them,
  /// windows-1252 last.
  static const std::vector<Charset>& all();
  static const Charset* find(std::string_view name);

 private:
  static Charset from_table(std::size_t index);
  static Charset windows(bool vietnamese);
  void add_code(std::uint16_t code, char32_t letter);

  std::string_view name_;
  std::array<char32_t, 256> single_{};
  std::array<bool, 256> caseless_{};  ///< one code for the capital and the small letter
  std::unordered_map<std::uint16_t, char32_t> pairs_;
  bool combines_ = false;
};

}  // namespace khochung::text
