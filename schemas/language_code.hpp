#pragma once

#include <string_view>

#include "schemas/error.hpp"

namespace khochung {

/// Source: ISO 639-1.
constexpr std::string_view code_of(Language language) {
  return language == Language::english ? "en" : "vi";
}

}  // namespace khochung
