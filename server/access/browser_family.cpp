#include "server/access/browser_family.hpp"

#include <array>
#include <span>
#include <utility>

namespace khochung::access {
namespace {

using Family = std::pair<std::string_view, std::string_view>;

/// What stands in the field, and the name; the first that is found, as most say that they are
/// others, too.
constexpr auto browsers = std::to_array<Family>({{"Zalo", "Zalo"},
                                                 {"FBAN", "Facebook"},
                                                 {"coc_coc", "Cốc Cốc"},
                                                 {"SamsungBrowser", "Samsung Internet"},
                                                 {"Edg", "Edge"},
                                                 {"OPR/", "Opera"},
                                                 {"Firefox/", "Firefox"},
                                                 {"FxiOS", "Firefox"},
                                                 {"CriOS", "Chrome"},
                                                 {"Chrome/", "Chrome"},
                                                 {"Safari/", "Safari"},
                                                 {"curl/", "curl"},
                                                 {"Python", "Python"}});
constexpr auto systems = std::to_array<Family>({{"iPhone", "iPhone"},
                                                {"iPad", "iPad"},
                                                {"Android", "Android"},
                                                {"Windows", "Windows"},
                                                {"Mac OS X", "macOS"},
                                                {"Linux", "Linux"}});

std::string_view first_of(std::span<const Family> families, std::string_view field) {
  for (const auto& [mark, name] : families) {
    if (field.find(mark) != std::string_view::npos) return name;
  }
  return {};
}

}  // namespace

std::string browser_family(std::string_view user_agent) {
  std::string family(first_of(browsers, user_agent));
  const auto system = first_of(systems, user_agent);
  if (!family.empty() && !system.empty()) family += ", ";
  return family.append(system);
}

}  // namespace khochung::access
