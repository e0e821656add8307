#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "schemas/error.hpp"

/// The words of the pages in each language: server/web/texts.vi and texts.en.
namespace khochung::pages {

/// One line of a table of texts.
struct Text {
  std::string_view key;
  std::string_view value;
};

/// All texts of a language, sorted by key.
std::span<const Text> texts(Language language);

/// The text of `key`; the key itself when there is none (a test holds that none is missing).
std::string_view text(Language language, std::string_view key);

/// The same with each "{name}" in it replaced by a value.
std::string text(Language language, std::string_view key,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> values);

/// Whether the tables know the key.
bool has_text(std::string_view key);

}  // namespace khochung::pages
