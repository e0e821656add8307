#include "server/pages/texts.hpp"

#include <algorithm>
#include <vector>

#include "server/web/assets.hpp"

namespace khochung::pages {
namespace {

/// Reads "key = value" lines; empty lines and lines that begin with '#' are comments.
std::vector<Text> parse(std::string_view table) {
  constexpr std::string_view separator = " = ";
  std::vector<Text> found;
  while (!table.empty()) {
    const auto end = std::min(table.find('\n'), table.size());
    const auto line = table.substr(0, end);
    table.remove_prefix(std::min(end + 1, table.size()));
    const auto equals = line.find(separator);
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    found.push_back({line.substr(0, equals), line.substr(equals + separator.size())});
  }
  std::ranges::sort(found, {}, &Text::key);
  return found;
}

const Text* find(Language language, std::string_view key) {
  const auto table = texts(language);
  const auto found = std::ranges::lower_bound(table, key, {}, &Text::key);
  return found != table.end() && found->key == key ? &*found : nullptr;
}

}  // namespace

std::span<const Text> texts(Language language) {
  static const auto vietnamese = parse(web::asset("texts.vi").bytes);
  static const auto english = parse(web::asset("texts.en").bytes);
  return language == Language::vietnamese ? vietnamese : english;
}

std::string_view text(Language language, std::string_view key) {
  const auto* found = find(language, key);
  return found == nullptr ? key : found->value;
}

std::string text(Language language, std::string_view key,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::string result;
  auto rest = text(language, key);
  while (!rest.empty()) {
    const auto open = std::min(rest.find('{'), rest.size());
    result += rest.substr(0, open);
    rest.remove_prefix(open);
    const auto close = rest.find('}');
    if (close == std::string_view::npos) break;
    const auto name = rest.substr(1, close - 1);
    const auto* value =
        std::ranges::find(values, name, &std::pair<std::string_view, std::string_view>::first);
    result += value == values.end() ? rest.substr(0, close + 1) : value->second;
    rest.remove_prefix(close + 1);
  }
  return result + std::string(rest);
}

bool has_text(std::string_view key) {
  return find(Language::vietnamese, key) != nullptr && find(Language::english, key) != nullptr;
}

}  // namespace khochung::pages
